"""The words of a feature, in Spanish and in English: a short title, and the sentence that gives a reason.

Words are kept apart from definitions: they have their own hash in the lock and may be improved without a new model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Language = Literal["es", "en"]
Unit = Literal["number", "percent", "of_100", "times", "fall", "fall_of_100"]

LANGUAGES: tuple[Language, ...] = ("es", "en")
UNITS: tuple[Unit, ...] = ("number", "percent", "of_100", "times", "fall", "fall_of_100")

#: More than none of a hundred, and fewer than one.
_FEWER = {"es": "menos de 1", "en": "fewer than 1"}

_PLURAL = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
_PLACE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Words:
    """One short text in both languages, such as a row's title in the waterfall."""

    es: str = ""
    en: str = ""

    def __getitem__(self, language: str) -> str:
        if language not in LANGUAGES:
            raise KeyError(language)
        return self.es if language == "es" else self.en


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a feature lowers a score, in one plain sentence that is true of every value within its bounds.

    Parameters
    ----------
    code : str
        ``"R01"`` to ``"R99"``: the same code on pages, in answers and in logs. Features of one concept share one.
    es, en : str
        At most 20 words. ``{value}`` stands for the value; ``{día|días}`` for one form at 1 and another elsewhere.
    unit : {"number", "percent", "of_100", "times", "fall", "fall_of_100"}
        How `sentence` writes the value: a whole number; a share of one as whole percent, or as how many of a hundred,
        which is what people read and what the starter uses; with one decimal; or a change below 0 as what it fell by,
        in percent or of a hundred. The sentence itself says of what hundred: ``{value} de cada 100 reuniones``.
    at_least, at_most : float, optional
        Bounds of the values for which the sentence is true, inclusive: beyond them it is no reason.

    Examples
    --------
    >>> worst = Reason("R01", es="Su peor atraso fue de {value} {día|días}.", en="Her worst delay: {value} {day|days}.")
    >>> worst.sentence("es", 1.0)
    'Su peor atraso fue de 1 día.'
    >>> worst.sentence("en", 16.0)
    'Her worst delay: 16 days.'
    """

    code: str = ""
    es: str = ""
    en: str = ""
    unit: Unit = "number"
    at_least: float | None = None
    at_most: float | None = None

    def sentence(self, language: Language, value: float | None) -> str:
        """Write the sentence for a value; a missing value is written as a dash."""
        shown = "–" if value is None else written(value, self.unit, language)
        one = shown in ("1", _FEWER[language])
        text = _PLURAL.sub(lambda match: match[1] if one else match[2], self.es if language == "es" else self.en)
        return text.replace("{value}", shown)


def written(value: float, unit: Unit, language: Language = "es") -> str:
    """Write a value as people read it; halves round up, and less than one of a hundred is not rounded to none."""
    if unit == "times":
        return f"{value:.1f}"
    scaled = value if unit == "number" else -value * 100 if unit in ("fall", "fall_of_100") else value * 100
    whole = int(scaled + 0.5) if scaled >= 0 else -int(0.5 - scaled)
    if unit in ("of_100", "fall_of_100") and 0 < scaled < 1:
        return _FEWER[language]
    return f"{whole} %" if unit in ("percent", "fall") else str(whole)


def stray_places(text: str) -> list[str]:
    """Return the braces of a sentence that stand for nothing: neither ``{value}`` nor ``{one|many}``."""
    return [place for place in _PLACE.findall(text) if place != "{value}" and not _PLURAL.fullmatch(place)]
