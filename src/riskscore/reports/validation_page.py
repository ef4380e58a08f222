"""The validation report: what a model may be used for first, then every figure that says so, and its card."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from riskscore.evaluation import MINIMUM_BADS, Evaluation, Figure
from riskscore.modelling.validation.findings import Validation
from riskscore.modelling.validation.segments import LEVEL, Segment
from riskscore.modelling.validation.validation import SEGMENTS
from riskscore.portfolio.cells import MINIMUM_BANKS, MINIMUM_BORROWERS
from riskscore.portfolio.manifest import Manifest
from riskscore.reports.card import card_markup
from riskscore.reports.grounds import GroundsTables
from riskscore.reports.measures import NONE
from riskscore.reports.model_page import ModelHead
from riskscore.reports.page import Reports
from riskscore.reports.validation_plots import ValidationPlots
from riskscore.reports.validation_words import cautions_told, gate_told
from riskscore.words import Format

Row = tuple[Any, ...]

ORDER = (
    "gini",
    "accuracy_ratio",
    "ks",
    "pr_auc",
    "h_measure",
    "capture_05",
    "capture_10",
    "capture_20",
    "lift_05",
    "lift_10",
    "lift_20",
)
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


def validation_report(found: Validation, manifest: Manifest, *, folder: Path, language: str) -> str:
    """Return the validation report as one HTML document without scripts or external assets.

    Parameters
    ----------
    found : Validation
    manifest : Manifest
        Of the portfolio: its country decides on points and commas.
    folder : Path
        ``serving/reports`` of a project.
    language : {"es", "en"}
    """
    reports = Reports(folder, language)
    page = ValidationPage(found, reports.words, Format(language, manifest.country, manifest.currency))
    return reports.render("validation.html", page=page, plots=page.plots)


@dataclass(frozen=True, slots=True)
class ValidationPage(ModelHead):
    """What ``validation.html`` shows, ready to be written out."""

    found: Validation

    @property
    def plots(self) -> ValidationPlots:
        """The drawings."""
        return ValidationPlots(self.found, self.measures)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Which model, on which rows."""
        found, t = self.found, self.words
        first, last = (self.form.day(one.isoformat()) for one in (found.first_test, found.last_test))
        return (
            self.model,
            (t("validation.judged"), t("validation.span", start=first, end=last)),
            (t("validation.rows"), self.form.number(found.later.n)),
            (t("validation.bads"), self.form.number(found.later.bads)),
            (t("validation.clusters"), self.form.number(found.later.clusters)),
            (
                t("validation.trained"),
                t(
                    "validation.trained_rows",
                    rows=self.form.number(found.train["rows"]),
                    bads=self.form.number(found.train["bads"]),
                ),
            ),
            self.portfolio,
        )

    @property
    def level(self) -> str:
        """What the intervals cover."""
        return self.words("validation.level", level=self.form.percent(LEVEL, 0))

    @property
    def lead(self) -> str:
        """What it may be used for, in one sentence."""
        return self.words(f"validation_use.{self.found.verdict.use}")

    @property
    def uses(self) -> str:
        """What it may be used for, plainly."""
        use = self.found.verdict.use
        return self.words(f"validation_use.yes_{use if use in ('probability', 'order', 'too_few') else 'none'}")

    @property
    def cautions(self) -> tuple[str, ...]:
        """What the figures do not support, in words."""
        return cautions_told(self.found.verdict.cautions, self.measures)

    @property
    def judged_on(self) -> str:
        """Whether it is the portfolio of its training, and whether the later rows taught it too."""
        if self.found.of_the_day:
            return self.words("validation.of_the_day")
        return self.words("validation.same" if self.found.same_portfolio else "validation.other")

    @property
    def unanswered(self) -> str:
        """How many later requests the model has no answer to; empty where none."""
        count = self.found.unanswered
        return self.words("validation.unanswered", count=self.form.number(count)) if count else ""

    @property
    def grounds(self) -> GroundsTables | None:
        """What it rests on beside its rows."""
        if self.found.grounds is None:
            return None
        content = self.found.to_dict()
        return GroundsTables(content["grounds"], content["answers"], self.measures)

    @property
    def order_words(self) -> str:
        """What the ranking figures mean, or that there are too few bads."""
        order = self.found.order
        if not order.too_few:
            return self.words(
                "validation.order_explained",
                rate=self.form.percent(self.found.later.bad_rate.value, 1),
                convention=self.words("validation.h_convention"),
            )
        key = "validation.order_none" if math.isnan(order.auc.value) else "validation.order_few"
        shown = {} if math.isnan(order.auc.value) else {"auc": self.measures.figure(order.auc)}
        return self.words(key, bads=order.bads, minimum=order.minimum, **shown)

    @property
    def order(self) -> tuple[Row, ...]:
        """The ranking figures."""
        order = self.found.order
        if order.too_few:
            return ()
        rows = [("auc", order.auc), *((name, order.figures[name]) for name in ORDER)]
        return tuple((self.words(f"validation_measure.{name}"), self.measures.named(name, one)) for name, one in rows)

    @property
    def calibration(self) -> tuple[Row, ...]:
        """The calibration figures; empty where there are too few bads."""
        figures = self.found.later.figures
        return tuple(
            (self.words(f"validation_measure.{name}"), self.measures.named(name, figures[name]))
            for name in CALIBRATION
            if name in figures
        )

    @property
    def level_words(self) -> str:
        """What the calibration figures mean, or that there are too few bads."""
        if self.found.later.too_few is not None:
            return self.few_words
        chance = self.form.number(self.found.ici_by_chance, 4)
        return self.words("validation.level_explained", chance=chance)

    @property
    def minimum(self) -> int:
        """Fewest bads for which more than an AUC is given."""
        return MINIMUM_BADS

    @property
    def few_words(self) -> str:
        """Why nothing is said."""
        told = self.words("validation.segments_explained", minimum=MINIMUM_BADS)
        return f"{self.words('validation_use.too_few')} {told}"

    @property
    def reliability(self) -> tuple[Row, ...]:
        """The reliability table."""
        of = self.measures
        return tuple(
            (
                one.name,
                of.count(one.n),
                of.count(one.bads),
                self.form.percent(one.mean_pd, 1),
                self.form.percent(one.rate, 1),
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
                self.words(f"validation.{one.name}"),
                self.form.number(one.statistic, 2),
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
        return self.words(
            "validation.tests_explained", draws=self.form.number(one.draws), icc=self.form.number(one.icc, 3)
        )

    @property
    def grades(self) -> tuple[tuple[str, str, Row], ...]:
        """Each grade: its light as registered, the light in words, and its row."""
        of = self.measures
        return tuple(
            (
                one.light,
                self.words(f"validation_light.{one.light}"),
                (
                    of.part("grade", one.name),
                    of.count(one.n),
                    of.count(one.bads),
                    self.form.number(one.n * one.pd, 1),
                    self.form.percent(one.pd, 1),
                    self.form.percent(one.rate, 1),
                    of.count(one.yellow_from),
                    of.count(one.red_from),
                    of.probability(one.clustered),
                    of.probability(one.binomial),
                    of.probability(one.jeffreys),
                    self.words(f"validation_light.{one.plain_light}"),
                    *((of.probability(one.vasicek),) if one.vasicek is not None else ()),
                ),
            )
            for one in self.found.grades
        )

    @property
    def with_vasicek(self) -> bool:
        """Whether a default correlation was given."""
        return any(one.vasicek is not None for one in self.found.grades)

    @property
    def segments(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Each variable with its parts."""
        return tuple(
            (self.words(f"validation_part.{name}"), self.parts(name, self.found.segments[name]))
            for name in SEGMENTS
            if len(self.found.segments.get(name, ())) > 1
        )

    @property
    def regimes(self) -> tuple[Row, ...]:
        """Loans that a shock struck, and those that none did."""
        return self.parts("regime", self.found.regimes)

    @property
    def periods(self) -> tuple[Row, ...]:
        """By half-year."""
        return self.parts("period", self.found.periods)

    @property
    def groups(self) -> tuple[Row, ...]:
        """Groups that trained and groups that did not."""
        return self.parts("groups", tuple(self.found.groups.values()))

    @property
    def part_heads(self) -> Row:
        """Heads of a table of parts, but the first."""
        t = self.words
        return (
            t("validation.n"),
            t("validation.n_bads"),
            t("validation.expected"),
            t("validation.rate"),
            t("validation_measure.auc"),
            t("validation_measure.observed_expected"),
        )

    def parts(self, variable: str, parts: Iterable[Segment]) -> tuple[Row, ...]:
        """Return a row for each part: counts, rate, AUC, observed over expected or that there are too few bads."""
        of = self.measures
        return tuple(
            (
                of.part(variable, one.name),
                *self._counts(one.evaluation),
                of.figure(one.auc),
                of.figure(one.observed_expected) if one.observed_expected else self.words("validation.few"),
            )
            for one in parts
        )

    @property
    def left_out(self) -> tuple[tuple[str, str, tuple[Row, ...]], ...]:
        """Each variable: its name, how many parts were left out, and their rows."""
        found, of = self.found, self.measures
        told = []
        for variable, parts in found.left_out.items():
            seen = {one.name: one for one in found.segments[variable]}
            rows = tuple(
                (
                    of.part(variable, one.name),
                    of.count(one.n),
                    of.count(one.bads),
                    of.count(one.train_n),
                    of.figure(one.auc) if not one.refused else self.words("validation.left_refused"),
                    of.figure(seen[one.name].auc),
                    self._level(one.evaluation),
                    self._level(seen[one.name].evaluation),
                )
                for one in parts
            )
            there = found.parts_there[variable]
            key = "validation.left_all" if len(parts) == there else "validation.left_most"
            words = self.words(key, count=len(parts), all=there)
            told.append((self.words(f"validation_part.{variable}"), words, rows))
        return tuple(told)

    @property
    def questions(self) -> tuple[str, ...]:
        """The scorecard beside it, and a random split's optimism."""
        found, t = self.found, self.words
        told = []
        if found.gain is not None:
            told.append(t("validation.gain", gain=self.measures.figure(found.gain, 4)))
            if found.gain.low <= 0 <= found.gain.high:
                told[-1] += " " + t("validation.gain_noise")
        else:
            card = found.champion.model.kind == "woe_scorecard"
            told.append(t("validation.gain_none" if card else "validation.gain_unknown"))
        tests = (found.optimism or {}).get("tests", {})
        for name, key in (("later", "validation.optimism"), ("other_groups", "validation.optimism_other")):
            if name in tests:
                one = tests[name]
                gap = Figure(*(one["optimism"][end] for end in ("value", "low", "high")))
                honest, random = (self.form.number(one[side], 3) for side in ("honest", "random"))
                told.append(t(key, honest=honest, random=random, gap=self.measures.figure(gap, 3)))
        if not tests:
            told.append(t("validation.optimism_unknown"))
        return tuple(told)

    @property
    def gates(self) -> tuple[Row, ...]:
        """The gates of its training."""
        return tuple(
            (
                gate_told(str(one["name"]), self.measures),
                self.words("validation.passed" if one["passed"] else "validation.failed"),
                NONE if one["value"] is None else self.form.number(one["value"], _decimals(one["value"])),
            )
            for one in self.found.gates
        )

    @property
    def card(self) -> Markup:
        """The model card."""
        return card_markup(self.found.champion.card, self.words("validation.card_heading"))

    @property
    def withheld(self) -> str:
        """The rule for small parts; empty where none was joined."""
        if not self.found.withheld:
            return ""
        return self.words("validation.withheld", borrowers=MINIMUM_BORROWERS, banks=MINIMUM_BANKS)

    def _counts(self, one: Evaluation) -> Row:
        of = self.measures
        expected = self.form.number(one.n * one.mean_pd, 1)
        return of.count(one.n), of.count(one.bads), expected, of.share(one.bad_rate)

    def _level(self, one: Evaluation | None) -> str:
        if one is None:
            return NONE
        if "observed_expected" not in one.figures:
            return self.words("validation.few")
        return self.measures.figure(one.figures["observed_expected"])

    def _span(self, low: float, high: float) -> str:
        return f"{self.form.number(100 * low, 1)}–{self.form.percent(high, 1)}"


def _decimals(value: float) -> int:
    return 0 if float(value).is_integer() else 3
