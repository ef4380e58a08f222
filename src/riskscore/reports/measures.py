"""How figures are written: with their interval, and in words where there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

from riskscore.evaluation import Figure, Rate
from riskscore.modelling.validation.parts import POOL, UNRECORDED
from riskscore.words import Format, Words

#: What stands where there is no figure.
NONE = "–"

#: Figures that are written with more or fewer decimals than three.
DECIMALS = {
    "auc": 3,
    "observed_expected": 2,
    "slope": 2,
    "intercept": 2,
    "in_the_large": 2,
    "ici": 4,
    "ece": 4,
    "brier": 4,
    "log_loss": 4,
    "lift_05": 1,
    "lift_10": 1,
    "lift_20": 1,
}

_PARTS = {
    ("cycle", "first"): "first",
    ("cycle", "repeat"): "repeat",
    ("rural", "rural"): "is_rural",
    ("rural", "urban"): "is_urban",
    ("groups", "known"): "known",
    ("groups", "new"): "new",
    ("regime", "none"): "calm",
}


@dataclass(frozen=True, slots=True)
class Measures:
    """Writes figures and the names of parts in one language."""

    words: Words
    form: Format

    def figure(self, figure: Figure | None, decimals: int = 2) -> str:
        """Return a figure with its interval; a dash where it cannot be said."""
        if figure is None or math.isnan(figure.value):
            return NONE
        value = self.form.number(figure.value, decimals)
        if math.isnan(figure.low) or math.isnan(figure.high):
            return value
        low, high = self.form.number(figure.low, decimals), self.form.number(figure.high, decimals)
        return self.words("figure.interval", value=value, low=low, high=high)

    def share(self, figure: Figure, decimals: int = 1) -> str:
        """Return a share as a percentage with its interval."""
        if math.isnan(figure.value):
            return NONE
        if math.isnan(figure.low):
            return self.form.percent(figure.value, decimals)
        low, high = (self.form.number(100 * one, decimals) for one in (figure.low, figure.high))
        return self.words("figure.interval", value=self.form.percent(figure.value, decimals), low=low, high=high)

    def rate(self, rate: Rate) -> str:
        """Return a rate in percent with its clustered interval, under a head that says so."""
        return self.figure(Figure(100 * rate.rate, 100 * rate.low, 100 * rate.high), 1)

    def percent(self, value: float, decimals: int = 1) -> str:
        """Return a share as a percentage."""
        return NONE if math.isnan(value) else self.form.percent(value, decimals)

    def named(self, name: str, figure: Figure | None) -> str:
        """Return a figure with the decimals of its name; captures as percentages."""
        if name.startswith("capture_") and figure is not None:
            return self.share(figure)
        return self.figure(figure, DECIMALS.get(name, 3))

    def probability(self, p: float | None) -> str:
        """Return a p-value; what is smaller than the thousandth is told as that."""
        if p is None or math.isnan(p):
            return NONE
        return f"<\xa0{self.form.number(0.001, 3)}" if p < 0.001 else self.form.number(p, 3)

    def count(self, value: float) -> str:
        """Return a whole number."""
        return self.form.number(round(value))

    def part(self, variable: str, name: str) -> str:
        """Return what a part is called."""
        if name == POOL:
            return self.words("validation_part.pool")
        if name == UNRECORDED:
            return self.words("validation_part.unrecorded")
        if (variable, name) in _PARTS:
            return self.words(f"validation_part.{_PARTS[variable, name]}")
        if variable == "regime" and f"shock.{name}" in self.words.texts:
            return self.words(f"shock.{name}")
        told = name.split("\n")
        if variable in ("period", "quarter"):
            key = "validation_part.half" if variable == "period" else "unit.quarter"
            told = [self.words(key, number=one[5:], year=one[:4]) for one in told]
        return told[0] if len(told) == 1 else f"{told[0]}–{told[-1]}"
