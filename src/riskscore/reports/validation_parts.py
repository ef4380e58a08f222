"""What the validation report says part by part: segments, regimes, half-years, groups, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from riskscore.evaluation import Evaluation
from riskscore.modelling.validation.findings import Validation
from riskscore.modelling.validation.segments import Segment
from riskscore.modelling.validation.validation import SEGMENTS
from riskscore.reports.measures import NONE, Measures

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PartTables:
    """Tables of parts of the later loans."""

    found: Validation
    measures: Measures

    @property
    def segments(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Each variable with its parts."""
        return tuple(
            (self.measures.words(f"validation_part.{name}"), self.parts(name, self.found.segments[name]))
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
        t = self.measures.words
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
                of.figure(one.observed_expected) if one.observed_expected else self.measures.words("validation.few"),
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
                    of.figure(one.auc) if not one.refused else self.measures.words("validation.left_refused"),
                    of.figure(seen[one.name].auc),
                    self._level(one.evaluation),
                    self._level(seen[one.name].evaluation),
                )
                for one in parts
            )
            there = found.parts_there[variable]
            key = "validation.left_all" if len(parts) == there else "validation.left_most"
            words = self.measures.words(key, count=len(parts), all=there)
            told.append((self.measures.words(f"validation_part.{variable}"), words, rows))
        return tuple(told)

    def _counts(self, one: Evaluation) -> Row:
        of = self.measures
        expected = self.measures.form.number(one.n * one.mean_pd, 1)
        return of.count(one.n), of.count(one.bads), expected, of.share(one.bad_rate)

    def _level(self, one: Evaluation | None) -> str:
        if one is None:
            return NONE
        if "observed_expected" not in one.figures:
            return self.measures.words("validation.few")
        return self.measures.figure(one.figures["observed_expected"])
