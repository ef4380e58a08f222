"""The policy report: what a board gets for each cut-off, who is left out, and what a changed policy would change.

Its reader decides on rules, not on people: nobody is named, and a segment with few requests or communal banks has no
figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from riskscore.evaluation.cutoffs import Cut, Let
from riskscore.portfolio.manifest import Manifest
from riskscore.reports.json_file import plain
from riskscore.reports.measures import NONE, Measures
from riskscore.reports.page import Reports
from riskscore.reports.plots import Scale, Series, line_plot
from riskscore.scoring.policy_review import LEAST, LEAST_BANKS, PolicyReview
from riskscore.words import Format, Words

Row = tuple[str, ...]

#: Fewest requests of a cell whose rates are told.
LEAST_CELL = LEAST


def policy_report(found: PolicyReview, manifest: Manifest, *, folder: Path, language: str) -> str:
    """Return the policy report as one HTML document without scripts or external assets.

    Parameters
    ----------
    found : PolicyReview
    manifest : Manifest
    folder : Path
        ``serving/reports`` of a project.
    language : {"es", "en"}
    """
    reports = Reports(folder, language)
    page = PolicyPage(found, reports.words, Format(language, manifest.country, manifest.currency))
    return reports.render("policy.html", page=page, portfolio_hash=manifest.content_hash[:12])


def policy_json(found: PolicyReview) -> Mapping[str, Any]:
    """Return every figure as plain values; a segment that is too small has its name alone."""
    champion = found.past.judging.champion
    return {
        "recipe": champion.recipe.name,
        "model_version": champion.version,
        "policy_version": found.past.policy.version,
        "against_version": None if found.against is None else found.against.policy.version,
        "first_test": found.past.judging.first_test.isoformat(),
        "asked": found.asked,
        "judged": len(found.past),
        "now": found.now,
        "everybody": found.everybody,
        "cuts": [
            {**plain(cut), "in": moved[0], "out": moved[1]}
            for cut, moved in zip(found.cuts, found.cut_swaps, strict=True)
        ],
        "swap": found.swap,
        "parts": [part if part.told else {"name": part.name, "told": False} for part in found.parts],
        "rules": {code: {"asked": asked, "only": only} for code, (asked, only) in found.rules.items()},
        "group_record": found.group_record,
        "ceilings": found.ceilings,
        "matrix": found.matrix,
        "overrides": found.overrides,
    }


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """What ``policy.html`` shows, ready to be written out."""

    found: PolicyReview
    words: Words
    form: Format

    @property
    def measures(self) -> Measures:
        """How figures are written."""
        return Measures(self.words, self.form)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What was reviewed."""
        past, found = self.found.past, self.found
        champion = past.judging.champion
        rows = [
            (self.words("judged.model"), f"{champion.recipe.name} {champion.version}"),
            (self.words("judged.policy"), f"{past.policy.name} {past.policy.version}"),
            (self.words("judged.since"), self.form.day(past.judging.first_test.isoformat())),
            (self.words("judged.asked"), self.form.number(found.asked)),
            (self.words("judged.ended"), self.form.number(len(past))),
            (self.words("judged.ready"), self.measures.percent(found.now.share.rate)),
        ]
        if found.against is not None:
            other = found.against.policy
            rows.insert(2, (self.words("policy.against"), f"{other.name} {other.version}"))
        return tuple(rows)

    @property
    def sentence(self) -> str:
        """How many are ready, and what became of them beside all."""
        now, everybody = self.found.now, self.found.everybody
        return self.words(
            "policy.sentence",
            ready=self.form.number(100 * now.share.rate, 0),
            bad=self.measures.percent(now.bad.rate),
            all=self.measures.percent(everybody.bad.rate),
        )

    @property
    def over_says(self) -> str:
        """How many the risk alone would let through although the loan does not fit the household."""
        cut = self._in_force
        if cut is None or not cut.alone.n:
            return ""
        return self.words(
            "policy.over_says",
            below=self.measures.percent(cut.below),
            over=self.measures.percent(cut.alone.over_indebted.rate, 0),
        )

    @property
    def plot(self) -> Markup:
        """Bad rate and over-indebtedness of who is let through, by cut-off."""
        cuts = self.found.cuts
        series = (
            Series(self.words("policy.line_bad"), tuple(self._hundred(one.alone.bad.rate) for one in cuts), 0),
            Series(
                self.words("policy.line_over"), tuple(self._hundred(one.alone.over_indebted.rate) for one in cuts), 1
            ),
            Series(self.words("policy.line_rules"), tuple(self._hundred(one.with_rules.bad.rate) for one in cuts), 2),
        )
        labels = [(place, self.form.number(100 * one.alone.share.rate, 0)) for place, one in enumerate(cuts)]
        return line_plot(
            "cuts",
            self.words("policy.plot"),
            self.words("policy.plot_says"),
            series,
            Scale(
                self.words("policy.plot_unit"),
                lambda value: self.form.number(value, 0),
                labels,
                self.words("policy.plot_below"),
            ),
        )

    @property
    def cuts(self) -> tuple[Row, ...]:
        """Each cut-off: by the risk alone, with all rules, and who would come in and go out."""
        return tuple(
            (
                self.words("policy.below", below=self.measures.percent(cut.below))
                + (f" ({self.words('policy.in_force')})" if cut is self._in_force else ""),
                self.measures.percent(cut.alone.share.rate),
                self.measures.rate(cut.alone.bad),
                self.measures.rate(cut.alone.over_indebted),
                self.measures.percent(cut.with_rules.share.rate),
                self.measures.rate(cut.with_rules.bad),
                " / ".join(f"{sign}{self.form.number(n)}" if n else "0" for sign, n in (("+", came), ("−", went))),
            )
            for cut, (came, went) in zip(self.found.cuts, self.found.cut_swaps, strict=True)
        )

    @property
    def swap(self) -> tuple[Row, ...]:
        """The swap set against another policy; empty where none was given."""
        if self.found.swap is None:
            return ()
        cells = ("both", "only_first", "only_second", "neither")
        return tuple(self._cell(self.words(f"policy.{name}"), getattr(self.found.swap, name)) for name in cells)

    @property
    def parts(self) -> tuple[Row, ...]:
        """Each segment: requests, share ready, bad rate of the ready and of all, over-indebtedness of all."""
        rows = []
        for part in self.found.parts:
            name = self.words(f"segment.{part.name}")
            if not part.told:
                few = self.words("policy.few", least=LEAST, banks=LEAST_BANKS) if part.n else self.form.number(0)
                rows.append((name, few, *[NONE] * 4))
                continue
            rows.append(
                (
                    name,
                    self.form.number(part.n),
                    self.measures.rate(part.ready.share),
                    self.measures.rate(part.ready.bad),
                    self.measures.rate(part.everybody.bad),
                    self.measures.percent(part.everybody.over_indebted.rate),
                )
            )
        return tuple(rows)

    @property
    def rules(self) -> tuple[Row, ...]:
        """Each rule: whom it asks to talk first, and whom no other rule does."""
        n = len(self.found.past)
        return tuple(
            (
                self.words(f"rule.{code}"),
                self.form.number(asked),
                self.measures.percent(asked / n),
                self.form.number(only),
            )
            for code, (asked, only) in self.found.rules.items()
        )

    @property
    def ceilings(self) -> tuple[Row, ...]:
        """How the ceiling compares with the amount asked."""
        n = len(self.found.past)
        return tuple(
            (self.words(f"ceiling.{name}"), self.form.number(count), self.measures.percent(count / n))
            for name, count in plain(self.found.ceilings).items()
        )

    @property
    def group_says(self) -> str:
        """How many states change because of the neighbours' record."""
        one = self.found.group_record
        return self.words(
            "policy.group_says",
            changed=self.form.number(one.changed),
            came=self.form.number(one.in_capped),
            went=self.form.number(one.out_capped),
            uncapped=self.form.number(one.out_uncapped),
        )

    @property
    def matrix(self) -> tuple[Row, ...]:
        """Probability against indebtedness."""
        return tuple(
            (
                f"{self.words(f'matrix.{cell.state}')}, {self.words(f'level.{cell.level}')}",
                *(
                    (
                        self.form.number(cell.n),
                        self.form.number(cell.ready),
                        self.measures.rate(cell.bad.bad),
                    )
                    if cell.n >= LEAST_CELL
                    else (self.words("fairness.under", least=LEAST_CELL), NONE, NONE)
                ),
            )
            for cell in self.found.matrix
        )

    @property
    def overrides(self) -> tuple[Row, ...]:
        """Who decided: how many, agreed, stricter, looser."""
        return tuple(
            (
                self.words(f"override.{who}"),
                self.form.number(one.decisions),
                self.measures.percent(one.rate),
                self.form.number(one.stricter),
                self.form.number(one.looser),
            )
            for who, one in self.found.overrides.by.items()
            if one.decisions
        )

    @property
    def followed(self) -> tuple[Row, ...]:
        """What became of loans people agreed on, were stricter on, or looser."""
        return tuple(
            (
                self.words(f"override.{one.kind}"),
                self.form.number(one.n),
                self.form.number(one.ended),
                self.measures.rate(one.became.bad) if one.ended >= LEAST_CELL else NONE,
            )
            for one in self.found.overrides.followed
        )

    @property
    def stamp_warnings(self) -> tuple[str, ...]:
        """A warning for everyone whose agreement is too complete."""
        return tuple(
            self.words("override.stamp", who=self.words(f"override.{who}"), rate=self.measures.percent(one.rate))
            for who, one in self.found.overrides.by.items()
            if one.rubber_stamp
        )

    @property
    def unverified(self) -> str:
        """Numbers of the policy that nobody checked; empty where all were."""
        names = self.found.past.policy.unverified
        return self.words("policy.unverified", names=", ".join(names)) if names else ""

    @property
    def _in_force(self) -> Cut | None:
        policy = self.found.past.policy
        edge = max((band.pd_below for band in policy.bands if band.state == "ready"), default=0.0)
        return next((cut for cut in self.found.cuts if cut.below == edge), None)

    def _cell(self, name: str, cell: Let) -> Row:
        if cell.n < LEAST_CELL:
            few = self.words("fairness.under", least=LEAST_CELL) if cell.n else self.form.number(0)
            return (name, few, NONE, NONE)
        return (
            name,
            self.form.number(cell.n),
            self.measures.rate(cell.bad),
            self.measures.rate(cell.over_indebted),
        )

    def _hundred(self, rate: float) -> float | None:
        return None if rate != rate else 100 * rate
