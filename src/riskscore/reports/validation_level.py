"""What the validation report says of the level of the PDs: calibration, reliability, tests, and grade by grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskscore.evaluation import MINIMUM_BADS
from riskscore.modelling.validation.findings import Validation
from riskscore.reports.measures import NONE, Measures

Row = tuple[Any, ...]

CALIBRATION = (
    "observed_expected",
    "slope",
    "intercept",
    "in_the_large",
    "ici",
    "ece",
    "brier",
    "brier_skill",
    "log_loss",
)


@dataclass(frozen=True, slots=True)
class LevelTables:
    """Tables and sentences about the level."""

    found: Validation
    measures: Measures

    @property
    def calibration(self) -> tuple[Row, ...]:
        """The calibration figures; empty where there are too few bads."""
        figures = self.found.later.figures
        return tuple(
            (self.measures.words(f"validation_measure.{name}"), self.measures.named(name, figures[name]))
            for name in CALIBRATION
            if name in figures
        )

    @property
    def level_words(self) -> str:
        """What the calibration figures mean, or that there are too few bads."""
        if self.found.later.too_few is not None:
            return self.few_words
        chance = self.measures.form.number(self.found.ici_by_chance, 4)
        return self.measures.words("validation.level_explained", chance=chance)

    @property
    def minimum(self) -> int:
        """Fewest bads for which more than an AUC is given."""
        return MINIMUM_BADS

    @property
    def few_words(self) -> str:
        """Why nothing is said."""
        told = self.measures.words("validation.segments_explained", minimum=MINIMUM_BADS)
        return f"{self.measures.words('validation_use.too_few')} {told}"

    @property
    def reliability(self) -> tuple[Row, ...]:
        """The reliability table."""
        of = self.measures
        return tuple(
            (
                one.name,
                of.count(one.n),
                of.count(one.bads),
                self.measures.form.percent(one.mean_pd, 1),
                self.measures.form.percent(one.rate, 1),
                self._span(one.low, one.high),
                self._span(one.jeffreys_low, one.jeffreys_high),
            )
            for one in self.found.later.reliability
        )

    @property
    def tests(self) -> tuple[Row, ...]:
        """The tests of the PDs as a whole."""
        of = self.measures
        return tuple(
            (
                self.measures.words(f"validation.{one.name}"),
                self.measures.form.number(one.statistic, 2),
                str(one.degrees) if one.degrees else NONE,
                of.probability(one.p_independent),
                of.probability(one.p_clustered),
            )
            for one in self.found.tests
        )

    @property
    def tests_words(self) -> str:
        """How the tests are read."""
        one = self.found.tests[0]
        return self.measures.words(
            "validation.tests_explained",
            draws=self.measures.form.number(one.draws),
            icc=self.measures.form.number(one.icc, 3),
        )

    @property
    def grades(self) -> tuple[tuple[str, str, Row], ...]:
        """Each grade: its light as registered, the light in words, and its row."""
        of = self.measures
        return tuple(
            (
                one.light,
                self.measures.words(f"validation_light.{one.light}"),
                (
                    of.part("grade", one.name),
                    of.count(one.n),
                    of.count(one.bads),
                    self.measures.form.number(one.n * one.pd, 1),
                    self.measures.form.percent(one.pd, 1),
                    self.measures.form.percent(one.rate, 1),
                    of.count(one.yellow_from),
                    of.count(one.red_from),
                    of.probability(one.clustered),
                    of.probability(one.binomial),
                    of.probability(one.jeffreys),
                    self.measures.words(f"validation_light.{one.plain_light}"),
                    *((of.probability(one.vasicek),) if one.vasicek is not None else ()),
                ),
            )
            for one in self.found.grades
        )

    @property
    def with_vasicek(self) -> bool:
        """Whether a default correlation was given."""
        return any(one.vasicek is not None for one in self.found.grades)

    def _span(self, low: float, high: float) -> str:
        return f"{self.measures.form.number(100 * low, 1)}–{self.measures.form.percent(high, 1)}"
