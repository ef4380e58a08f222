"""The fairness report: what a champion and its policy do to each watched trait, in words, tables and one drawing.

Its reader manages, validates or audits. Nobody is named, and a group under the smallest cell has neither figure nor
count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from riskscore.evaluation.fairness import AttributeFindings, GroupFindings, ProxySearch
from riskscore.portfolio.manifest import Manifest
from riskscore.reports.curves import Interval, interval_plot
from riskscore.reports.measures import NONE, Measures
from riskscore.reports.page import Reports
from riskscore.scoring.fairness import FairnessAudit
from riskscore.words import Format, Words

Row = tuple[str, ...]

#: Rows of a list of proxies.
SHOWN = 5

#: A reason's share that differs by this much from the reference's is listed.
UNEVEN = 0.05


def fairness_report(found: FairnessAudit, manifest: Manifest, *, folder: Path, language: str) -> str:
    """Return the fairness report as one HTML document without scripts or external assets.

    Parameters
    ----------
    found : FairnessAudit
        Made with the same language.
    manifest : Manifest
    folder : Path
        ``serving/reports`` of a project.
    language : {"es", "en"}
    """
    reports = Reports(folder, language)
    page = FairnessPage(found, reports.words, Format(language, manifest.country, manifest.currency))
    return reports.render("fairness.html", page=page, portfolio_hash=manifest.content_hash[:12])


@dataclass(frozen=True, slots=True)
class FairnessPage:
    """What ``fairness.html`` shows, ready to be written out."""

    found: FairnessAudit
    words: Words
    form: Format

    @property
    def measures(self) -> Measures:
        """How figures are written."""
        return Measures(self.words, self.form)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What was audited: model, policy, since when, how many requests, and the share ready."""
        past, judged = self.found.past, self.found.judged
        champion = past.judging.champion
        return (
            (self.words("judged.model"), f"{champion.recipe.name} {champion.version}"),
            (self.words("judged.policy"), f"{past.policy.name} {past.policy.version}"),
            (self.words("judged.since"), self.form.day(past.judging.first_test.isoformat())),
            (self.words("judged.asked"), self.form.number(self.found.asked)),
            (self.words("judged.ended"), self.form.number(len(past))),
            (self.words("judged.bads"), self.form.number(float(judged.y.sum()))),
            (self.words("judged.ready"), self.measures.percent(float(judged.ready.mean()))),
        )

    @property
    def sentence(self) -> str:
        """Which groups fall under the line beyond chance, and of which nothing can be said."""
        line = self.form.number(self.found.watched.standard.line, 2)
        failing, unsaid = (
            "; ".join(
                f"{one.name} ({self.form.number(one.ratio.value.value, 3)})" for one in self.found.judged_as(word)
            )
            for word in ("fails", "too few to say")
        )
        told = [self.words("fairness.fails" if failing else "fairness.none_fails", groups=failing, line=line)]
        if unsaid:
            told.append(self.words("fairness.unsaid", groups=unsaid, line=line))
        return " ".join(told)

    @property
    def not_computable(self) -> tuple[str, ...]:
        """Traits by which all are alike, in words."""
        return tuple(
            self.words("fairness.all_alike", trait=self.title(trait.name))
            for trait in self.found.traits
            if not trait.computable
        )

    def title(self, feature: str) -> str:
        """Return a feature in the page's language."""
        return self.found.past.judging.champion.lock.feature(feature).title[self.words.language] or feature

    @property
    def plot(self) -> Markup:
        """The ratios of all groups beside the line."""
        found = [one for trait in self.found.traits for one in trait.groups if not math.isnan(one.ratio.value.value)]
        if not found:
            return Markup("")
        line = self.found.watched.standard.line
        return interval_plot(
            "ratios",
            self.words("fairness.plot"),
            self.words("fairness.plot_says"),
            [
                Interval.of(self._marked(one), one.ratio.value, self.measures.figure(one.ratio.value, 3))
                for one in found
            ],
            centre=1.0,
            span=(line, 1.0 / line),
            value=lambda at: self.form.number(at, 2),
            names=(self.words("fairness.plot_equal"), self.words("fairness.plot_line")),
        )

    @property
    def traits(self) -> tuple[AttributeFindings, ...]:
        """Every trait that is watched."""
        return self.found.traits

    def by_trait(self, rows: Callable[[AttributeFindings], tuple[Row, ...]]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Return each trait's title with its rows, where it has any."""
        found = ((self.title(trait.name), rows(trait)) for trait in self.found.traits)
        return tuple((title, some) for title, some in found if some)

    @property
    def even(self) -> tuple[str, ...]:
        """Traits by which reasons do not differ, among those that can be compared."""
        return tuple(self.title(one.name) for one in self.found.traits if one.computable and not self.reasons(one))

    def selection(self, trait: AttributeFindings) -> tuple[Row, ...]:
        """Group, requests, share ready, ratio with interval, p and verdict."""
        return tuple(
            (
                one.name,
                self._count(one),
                self.measures.rate(one.ready),
                self.measures.figure(one.ratio.value, 3),
                self.measures.probability(one.ratio.p),
                self.words(f"verdict.{one.ratio.verdict.replace(' ', '_')}"),
            )
            for one in trait.groups
        )

    def outcomes(self, trait: AttributeFindings) -> tuple[Row, ...]:
        """Group, ready among good and bad with the gaps, observed over expected, score gap and AUC."""
        return tuple(
            (
                one.name,
                self.measures.rate(one.ready_when_good),
                self._points(one.opportunity_gap.value),
                self.measures.rate(one.ready_when_bad),
                self._points(one.false_ready_gap.value),
                self.measures.figure(one.observed_expected),
                self.measures.figure(one.score_gap),
                self.measures.figure(one.auc),
            )
            for one in trait.groups
            if one.told
        )

    def rules(self, trait: AttributeFindings) -> tuple[Row, ...]:
        """Group, and the share that each rule asks to talk first."""
        return tuple(
            (one.name, *(self.measures.percent(one.rules[code]) for code in self.rule_codes))
            for one in trait.groups
            if one.told
        )

    @property
    def rule_codes(self) -> tuple[str, ...]:
        """Rules that ask anybody."""
        return tuple(code for code, asked in self.found.judged.rules.items() if asked.any())

    def reasons(self, trait: AttributeFindings) -> tuple[Row, ...]:
        """Reasons given to a group notably more or less often than to the reference."""
        base = trait.group(trait.reference)
        if not base.told:
            return ()
        rows = [
            (abs(one.reasons[code] - base.reasons[code]), code, one)
            for one in trait.groups
            if one.told and one is not base
            for code in one.reasons
            if abs(one.reasons[code] - base.reasons[code]) >= UNEVEN
        ]
        return tuple(
            (
                one.name,
                f"{code} {self._concept(code)}",
                self.measures.percent(one.reasons[code], 0),
                self.measures.percent(base.reasons[code], 0),
            )
            for _, code, one in sorted(rows, key=lambda row: (-row[0], row[1]))
        )

    @property
    def crossings(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Traits taken together, cell by cell."""
        least = self.found.watched.standard.minimum_cell
        return tuple(
            (
                " × ".join(self.title(name) for name in names),
                tuple(
                    (
                        ", ".join(cell.groups),
                        self.form.number(cell.n) if cell.told else self.words("fairness.under", least=least),
                        self.measures.percent(cell.ready),
                        self.measures.percent(cell.ready_when_good),
                        self.measures.percent(cell.bad_rate),
                        self.measures.figure(cell.ratio.value, 3),
                        self.words(f"verdict.{cell.ratio.verdict.replace(' ', '_')}"),
                    )
                    for cell in cells
                ),
            )
            for names, cells in self.found.crossings.items()
        )

    @property
    def searches(self) -> tuple[ProxySearch, ...]:
        """What gives each trait away."""
        return self.found.proxies

    def search_says(self, search: ProxySearch) -> str:
        """How well all the model's features tell the trait together; or why nothing was searched."""
        if not search.searched:
            return self.words("proxy.not_searched")
        return self.words(
            "proxy.together",
            told=search.told,
            auc=self.measures.figure(search.together),
            people=self.form.number(search.n),
        )

    def proxies(self, search: ProxySearch) -> tuple[Row, ...]:
        """The most telling columns, those of the model first."""
        inside = [one for one in search.proxies if one.standing == "in the model"][:SHOWN]
        outside = [one for one in search.proxies if one.standing != "in the model"][:SHOWN]
        return tuple(
            (
                self.title(one.feature),
                self.words(f"proxy.{one.standing.replace(' ', '_')}"),
                self.measures.figure(one.auc),
                self.words("proxy.suspect") if one.suspect else "",
            )
            for one in (*inside, *outside)
        )

    @property
    def compared(self) -> tuple[tuple[str, str], ...]:
        """Trait and group of each column of ratios: those of the champion under 0.95, at most four, worst first."""
        ratios = self.found.alternatives[0].ratios
        known = [(one.value.value, key) for key, one in ratios.items() if not math.isnan(one.value.value)]
        return tuple(key for _, key in sorted(known)[:4])

    @property
    def alternatives(self) -> tuple[Row, ...]:
        """The champion and each refit: AUC, loss with its interval, share ready, and the ratios."""
        base = "alternative.champion" if self.found.past.judging.same_portfolio else "alternative.fitted_here"
        return tuple(
            (
                self.words("alternative.without", names=", ".join(self.title(name) for name in one.without))
                if one.without
                else self.words(base),
                self.form.number(one.auc, 3),
                NONE if not one.without else self.measures.figure(one.loss, 4),
                self.measures.percent(one.ready),
                *(self.measures.figure(one.ratios[key].value, 3) for key in self.compared),
            )
            for one in self.found.alternatives
        )

    @property
    def alternatives_say(self) -> str:
        """Whether leaving a proxy out costs anything beyond chance, and mends any ratio that fails."""
        champion, *refits = self.found.alternatives
        failing = [key for key, one in champion.ratios.items() if one.verdict == "fails"]
        mended = [one for one in refits if failing and all(one.ratios[key].verdict == "passes" for key in failing)]
        if not refits:
            return self.words("alternative.none")
        free = [one for one in refits if not one.loss.low > 0]
        told_free = self.words("alternative.free", count=len(free), of=len(refits))
        if not failing:
            return told_free
        return told_free + " " + self.words("alternative.mends" if mended else "alternative.mends_nothing")

    @property
    def not_watched(self) -> str:
        """Protected features that nobody watches; empty where there is none."""
        names = ", ".join(self.title(name) for name in self.found.not_watched)
        return self.words("fairness.not_watched", names=names) if names else ""

    def _marked(self, one: GroupFindings) -> str:
        return f"■ {one.name}" if one.ratio.verdict == "fails" else one.name

    def _count(self, one: GroupFindings) -> str:
        least = self.found.watched.standard.minimum_cell
        return self.form.number(one.n) if one.told or one.n == 0 else self.words("fairness.under", least=least)

    def _points(self, gap: float) -> str:
        return NONE if math.isnan(gap) else f"{'+' if gap > 0 else ''}{self.form.number(100 * gap, 1)}"

    def _concept(self, code: str) -> str:
        """The title of the first feature of the model that speaks with a code."""
        lock = self.found.past.judging.champion.lock
        for name in self.found.past.judging.champion.model.features:
            reason = lock.feature(name).reason
            if reason is not None and reason.code == code:
                return self.title(name)
        return ""
