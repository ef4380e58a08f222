"""How easily a Spanish text is read: the scale of Fernández Huerta, 100 easiest, and words per sentence."""

from __future__ import annotations

import re

#: Vowels that make a syllable of their own whatever stands beside them; accents break a diphthong of a closed vowel.
_NUCLEUS = re.compile(r"[iuü]?[aeoáéó][iuüy]?(?![áéíóú])|[iuü]?[aeoáéó]|[íú]|[iuü]{1,2}|y(?![a-záéíóúñ])")


def syllables(word: str) -> int:
    """Return the syllables of a Spanish word.

    Examples
    --------
    >>> [syllables(word) for word in ("pago", "cuota", "ciclo", "día", "solicitud", "reunión", "hay", "lee", "quien")]
    [2, 2, 2, 2, 4, 2, 1, 2, 1]
    """
    plain = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.lower())
    return max(1, len(_NUCLEUS.findall(plain)))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; a colon ends one, as what follows is read by itself."""
    parts = re.split(r"[.:?!](?:\s|$)", text)
    return [part for part in parts if re.search(r"[^\W\d_]", part)]


def fernandez_huerta(text: str) -> float:
    """Return ``206.84 − 60 · syllables per word − 1.02 · words per sentence`` of running text."""
    words = re.findall(r"[^\W\d_]+", text)
    each = sum(syllables(word) for word in words) / len(words)
    return 206.84 - 60.0 * each - 1.02 * len(words) / len(sentences(text))
