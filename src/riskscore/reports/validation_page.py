"""The validation report: what a model may be used for first, then every figure that says so, and its card."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from riskscore.evaluation import Figure
from riskscore.modelling.validation.findings import Validation
from riskscore.modelling.validation.segments import LEVEL
from riskscore.portfolio.cells import MINIMUM_BANKS, MINIMUM_BORROWERS
from riskscore.portfolio.manifest import Manifest
from riskscore.reports.card import card_markup
from riskscore.reports.grounds import GroundsTables
from riskscore.reports.measures import NONE
from riskscore.reports.model_page import ModelHead
from riskscore.reports.page import Reports
from riskscore.reports.validation_level import LevelTables
from riskscore.reports.validation_parts import PartTables
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
    def levels(self) -> LevelTables:
        """The tables of the level of the PDs."""
        return LevelTables(self.found, self.measures)

    @property
    def cuts(self) -> PartTables:
        """The tables by part."""
        return PartTables(self.found, self.measures)

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


def _decimals(value: float) -> int:
    return 0 if float(value).is_integer() else 3
