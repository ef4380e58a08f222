"""How hard a Spanish text is to read: the length of sentences, and Fernández-Huerta's measure (1959)."""

from __future__ import annotations

import re
from itertools import pairwise

_VOWELS = "aeiouáéíóúü"
_GROUP = re.compile(f"[{_VOWELS}]+")
_STRONG = "aeoáéíóú"


def sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence."""
    parts = (re.findall(r"[^\W_]+", part) for part in re.split(r"[.:?!](?:\s|$)", text))
    return [words for words in parts if words]


def syllables(word: str) -> int:
    """Return the syllables of a Spanish word; of a number as many as it has digits."""
    if word.isdigit():
        return len(word)
    letters = re.sub(r"(?<=[gq])u(?=[eéií])", "", word.lower())
    count = 0
    for group in _GROUP.findall(letters):
        # Two strong vowels, or a stressed weak one beside a strong one, are two syllables.
        count += 1 + sum(one in _STRONG and two in _STRONG and one != two for one, two in pairwise(group))
    return max(count, 1)


def fernandez_huerta(texts: list[str]) -> float:
    """Return 206.84 - 0.60 P - 1.02 F: P syllables of 100 words, F words of a sentence; 65 and more is easy.

    The measure is printed with F as sentences of 100 words as well; with that reading short sentences would count
    against a text, so the one that Flesch's has is taken.
    """
    every = [words for text in texts for words in sentences(text)]
    words = [word for one in every for word in one]
    spoken = 100 * sum(map(syllables, words)) / len(words)
    return 206.84 - 0.60 * spoken - 1.02 * len(words) / len(every)
