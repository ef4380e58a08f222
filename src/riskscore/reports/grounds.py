"""What a model rests on beside its rows, as tables: estimated, believed before, assumed, set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskscore.evaluation import Figure
from riskscore.reports.measures import NONE, Measures

Row = tuple[str, ...]

#: What is written as a percentage.
SHARES = ("external_level", "base_rate", "prior_share", "interval_low", "interval_high", "interval_width", "anchor")

#: What is counted.
COUNTS = (
    "external_bads",
    "effective_loans",
    "cover_falls",
    "credibility_cases",
    "draws",
    "request_window_days",
    "infection_window",
    "severity_after_days",
    "cases",
    "case_bads",
    "worth_cases",
    "foretold",
)


@dataclass(frozen=True, slots=True)
class GroundsTables:
    """Writes `riskscore.modelling.kind.Grounds`, given as its plain values.

    Parameters
    ----------
    grounds : mapping
    answers : mapping of str to mapping
        Figures of what the answers have beside a PD; empty where they have nothing.
    measures : Measures
    """

    grounds: Mapping[str, Any]
    answers: Mapping[str, Any]
    measures: Measures

    @property
    def parameters(self) -> tuple[Row, ...]:
        """Each number: before any case, after them, and what it rests on."""
        return tuple(
            (
                self._name(one),
                NONE if one["before"] is None else self._figure(one["name"], one["before"]),
                self._figure(one["name"], one["after"]),
                self._rests_on(one["cases"]),
            )
            for one in self.grounds["parameters"]
        )

    @property
    def assumed(self) -> tuple[Row, ...]:
        """What no record gave, whether anybody has checked it, and where it comes from."""
        words = self.measures.words
        return tuple(
            (
                self._name(one),
                self._figure(one["name"], {"value": one["value"], "low": None, "high": None}),
                words("register.yes" if one["verified"] else "register.no"),
                one["source"] or words("grounds.judgement"),
            )
            for one in self.grounds["assumed"]
        )

    @property
    def settings(self) -> tuple[Row, ...]:
        """How it computes."""
        return self._named(self.grounds["settings"])

    @property
    def told(self) -> tuple[Row, ...]:
        """What its answers have beside a PD."""
        return self._named(self.answers)

    @property
    def said(self) -> str:
        """What must be said of it; empty where nothing must."""
        return str(self.grounds["said"].get(self.measures.words.language, ""))

    @property
    def outlook(self) -> str:
        """Where a learnt model of communal banks has its outlooks from; empty for every other."""
        found = self.grounds["outlook"]
        return self.measures.words(f"grounds.outlook_{found}") if found else ""

    def _named(self, figures: Mapping[str, Any]) -> tuple[Row, ...]:
        return tuple(
            (self.measures.words(f"grounds_name.{name}"), self._figure(name, one)) for name, one in figures.items()
        )

    def _name(self, one: Mapping[str, Any]) -> str:
        words = self.measures.words
        return one["title"][words.language] if one["title"] else words(f"grounds_name.{one['name']}")

    def _figure(self, name: str, content: Mapping[str, Any]) -> str:
        figure = Figure(*(math.nan if content[end] is None else content[end] for end in ("value", "low", "high")))
        if name in SHARES:
            return self.measures.share(figure)
        return self.measures.figure(figure, 0 if name in COUNTS else 2 if abs(figure.value) >= 0.1 else 3)

    def _rests_on(self, cases: int | None) -> str:
        words = self.measures.words
        if cases is None:
            return words("grounds.follows")
        return words("grounds.cases", count=self.measures.count(cases)) if cases else words("grounds.assumed_here")
