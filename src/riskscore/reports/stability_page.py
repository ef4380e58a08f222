"""The stability report: who applies now, how the level held, how vintages age, what refits agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from riskscore.evaluation import Drift
from riskscore.modelling.kinds import kind_of
from riskscore.modelling.validation.segments import Segment
from riskscore.modelling.validation.stability import WEEKS, ColumnDrift, Stability
from riskscore.portfolio.manifest import Manifest
from riskscore.reports.measures import NONE
from riskscore.reports.model_page import ModelHead
from riskscore.reports.page import Reports
from riskscore.reports.plots import Scale, Series, line_plot
from riskscore.reports.portfolio_page import PortfolioPage
from riskscore.reports.portfolio_plots import PortfolioPlots
from riskscore.reports.validation_plots import level_plot
from riskscore.words import Format

Row = tuple[Any, ...]

#: A share missing that moved by less is not shown.
MISSING_MOVED = 0.01


def stability_report(found: Stability, manifest: Manifest, *, folder: Path, language: str) -> str:
    """Return the stability report as one HTML document without scripts or external assets.

    Parameters
    ----------
    found : Stability
    manifest : Manifest
        Of the portfolio: its country decides on points and commas.
    folder : Path
        ``serving/reports`` of a project.
    language : {"es", "en"}
    """
    reports = Reports(folder, language)
    page = StabilityPage(found, reports.words, Format(language, manifest.country, manifest.currency))
    return reports.render("stability.html", page=page)


@dataclass(frozen=True, slots=True)
class StabilityPage(ModelHead):
    """What ``stability.html`` shows, ready to be written out."""

    found: Stability

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Which model, which rows."""
        found, t = self.found, self.words
        since = self.form.number(found.since)
        return (
            self.model,
            (t("stability.development"), self.form.number(found.development)),
            (
                f"{t('stability.since')} {self.form.day(found.first_test.isoformat())}",
                t("stability.since_value", count=since),
            ),
            self.portfolio,
        )

    @property
    def lead(self) -> str:
        """Whether the score has moved, in one sentence."""
        latest = self.found.score.latest
        if latest.verdict == "too_few":
            return self.words("stability.lead_too_few")
        return self.words(
            f"stability.lead_{latest.verdict}", psi=self._index(latest.psi), critical=self._index(latest.critical)
        )

    @property
    def held(self) -> str:
        """Whether the level held: a score may be spread as before while what it promises is off."""
        ratio, span = self.found.later.observed_expected, self.found.champion.recipe.gates.observed_expected
        if ratio is None:
            return self.words("stability.level_few")
        off = ratio.low > span[1] or ratio.high < span[0]
        return self.words(f"stability.level_{'off' if off else 'held'}", figure=self.measures.figure(ratio))

    @property
    def moved(self) -> str:
        """Which features moved."""
        names = ", ".join(self.feature(one.name) for one in self.found.moved)
        return self.words("stability.moved", names=names) if names else self.words("stability.moved_none")

    @property
    def level(self) -> str:
        """Where the portfolio comes from."""
        return self.words(f"validation.{'same' if self.found.same_portfolio else 'other'}")

    @property
    def season(self) -> str:
        """Whether seasons matter here."""
        return self.words("stability.seasonal" if self.found.seasonal else "stability.not_seasonal")

    @property
    def quarters(self) -> tuple[str, ...]:
        """The quarters of application."""
        return tuple(self.measures.part("quarter", one) for one in self.found.quarters)

    @property
    def drawn(self) -> bool:
        """Whether two quarters have an index to draw a line between."""
        return sum(one.verdict != "too_few" for one in self.found.score.quarters) > 1

    def psi_plot(self) -> Markup:
        """Draw the score's PSI by quarter, with what chance reaches."""
        t, score = self.words, self.found.score
        season = tuple(None if one is None else one.psi for one in score.season)
        series = [
            Series(t("stability.psi_line"), tuple(_known(one.psi, one) for one in score.quarters), 0),
            Series(t("stability.psi_critical"), tuple(_known(one.critical, one) for one in score.quarters), 5),
        ]
        if any(one is not None for one in season):
            series.append(Series(t("stability.psi_season"), season, 1))
        last = len(self.quarters) - 1
        every = max(1, round(last / 3))
        first = [self.measures.part("quarter", one.split("\n")[0]) for one in self.found.quarters]
        steps = [(number, first[number]) for number in range(last, -1, -every)]
        return line_plot(
            "psi",
            t("stability.psi_plot"),
            t("stability.psi_says"),
            series,
            Scale(t("stability.psi_unit"), lambda value: self.form.number(value, 2), steps),
            highest=max([0.1, *(value for one in series for value in one.values if value is not None)]),
        )

    @property
    def score(self) -> tuple[Row, ...]:
        """The score by quarter."""
        score = self.found.score
        return tuple(
            (
                quarter,
                self.form.number(count),
                *self._drift(now),
                *self._season(season),
            )
            for quarter, count, now, season in zip(
                self.quarters, self.found.counts, score.quarters, score.season, strict=True
            )
        )

    @property
    def features(self) -> tuple[Row, ...]:
        """Each feature since the first test day, most moved first."""
        ordered = sorted(self.found.columns, key=lambda one: -_number(one.latest))
        return tuple((self.feature(one.name), *self._drift(one.latest)) for one in ordered)

    @property
    def by_quarter(self) -> tuple[Row, ...]:
        """Each feature's CSI by quarter."""
        ordered = sorted(self.found.columns, key=lambda one: -_number(one.latest))
        return tuple((self.feature(one.name), *self._row(one)) for one in ordered)

    @property
    def calibration(self) -> tuple[Row, ...]:
        """Level by quarter of application."""
        of = self.measures
        return tuple(
            (
                of.part("quarter", one.name),
                of.count(one.evaluation.n),
                of.count(one.evaluation.bads),
                self.form.number(one.evaluation.n * one.evaluation.mean_pd, 1),
                of.share(one.evaluation.bad_rate),
                of.figure(one.auc),
                of.figure(one.observed_expected) if one.observed_expected else self.words("validation.few"),
            )
            for one in self.found.calibration
        )

    def calibration_plot(self) -> Markup:
        """Draw observed over expected by quarter."""
        parts: Sequence[Segment] = self.found.calibration
        return level_plot(
            "level-by-quarter",
            self.words("stability.calibration_plot"),
            "quarter",
            parts,
            self.measures,
            self.found.champion.recipe.gates.observed_expected,
        )

    @property
    def weeks(self) -> Row:
        """Weeks on book."""
        return tuple(self.words("stability.week", week=week) for week in WEEKS)

    @property
    def vintages(self) -> tuple[Row, ...]:
        """Each vintage by weeks on book."""
        return tuple(
            (
                self.words("unit.quarter", number=(quarter.month + 2) // 3, year=quarter.year),
                *(NONE if share is None else self.form.percent(share, 1) for share in shares),
            )
            for quarter, shares in self.found.maturation()
            if any(share is not None for share in shares)
        )

    def calendar(self) -> Markup:
        """Draw the vintages over the calendar."""
        overview = self.found.overview
        return Markup("") if overview is None else PortfolioPlots(overview, self.words, self.form).calendar()

    @property
    def shocks(self) -> tuple[tuple[str, str], ...]:
        """The letters of the map's shocks."""
        if self.found.overview is None:
            return ()
        return PortfolioPage(self.found.overview, self.words, self.form).shocks

    @property
    def ages(self) -> tuple[Row, ...]:
        """Median age of facts in development and by quarter."""
        return tuple(
            (self.feature(one.name), *map(self._days, (one.development, *one.quarters))) for one in self.found.ages
        )

    @property
    def missing(self) -> tuple[Row, ...]:
        """Features that are missing more or less than in development, by quarter."""
        return tuple(
            (
                self.feature(one.name),
                self.form.percent(one.latest.missing_development, 1),
                *(self.form.percent(quarter.missing, 1) for quarter in one.quarters),
            )
            for one in self.found.columns
            if abs(one.latest.missing - one.latest.missing_development) >= MISSING_MOVED
        )

    @property
    def refits(self) -> tuple[str, ...]:
        """What the refits agree on, in words."""
        found, t, number = self.found.refits, self.words, self.form.number
        if found is None:
            return (t("stability.refits_none"),)
        return (
            t("stability.refits_explained", drawn=found.drawn, rows=number(found.rows)),
            t("stability.refits_points", points=number(found.points, 1), regraded=self.form.percent(found.regraded, 0)),
            t(
                "stability.refits_agree",
                agreement=number(found.agreement, 2),
                low=number(found.slope_low, 2),
                high=number(found.slope_high, 2),
            ),
        )

    @property
    def weights(self) -> tuple[Row, ...]:
        """Each feature over the refits."""
        found = self.found.refits
        if found is None:
            return ()
        return tuple(
            (
                self.feature(one.name),
                *(self.form.number(value, 1) for value in (one.champion, one.low, one.middle, one.high)),
                self.form.percent(one.used, 0),
                self.form.percent(one.leading, 0),
            )
            for one in found.weights
        )

    def feature(self, name: str) -> str:
        """Return what a feature is called."""
        if name == "score":
            return self.words("stability.score")
        champion = self.found.champion
        titles = {one.name: one.title for one in (*champion.lock.features, *kind_of(champion).features(champion))}
        return titles[name][self.words.language]

    def _drift(self, one: Drift) -> Row:
        return (
            self._index(one.psi),
            self._index(one.critical),
            self.words(f"stability.{one.verdict}"),
            self.form.percent(one.missing_development, 1),
            self.form.percent(one.missing, 1),
        )

    def _season(self, one: Drift | None) -> Row:
        if one is None:
            return (NONE, NONE)
        return self._index(one.psi), self._index(one.critical)

    def _row(self, one: ColumnDrift) -> Row:
        return tuple(self._index(quarter.psi) for quarter in one.quarters)

    def _index(self, value: float) -> str:
        return self.form.number(value, 3) if value == value else NONE

    def _days(self, value: float | None) -> str:
        return NONE if value is None else self.form.number(value)


def _known(value: float, one: Drift) -> float | None:
    return None if one.verdict == "too_few" else value


def _number(one: Drift) -> float:
    return one.psi if one.psi == one.psi else -1.0
