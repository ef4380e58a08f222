"""What a validation found: everything its page and its JSON are written from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from riskscore.evaluation import CalibrationTest, Discrimination, Evaluation, Figure, GradeTest, LeftOut
from riskscore.modelling.artefact import Champion
from riskscore.modelling.kind import Grounds
from riskscore.modelling.margin import Floats
from riskscore.modelling.validation.parts import shown_name
from riskscore.modelling.validation.segments import LEVEL, Segment
from riskscore.modelling.validation.verdict import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """A champion judged on the rows after its first test moment.

    Parameters
    ----------
    champion : Champion
    content_hash : str
        Of the portfolio it is judged on.
    data_date : date
    same_portfolio : bool
        Whether it was trained on this portfolio. If not, `train` counts rows that would have been free to train here.
    of_the_day : bool
        Whether the later rows taught it too, so that it is judged by what it would have answered on each day.
    unanswered : int
        Later rows left out, as it has no answer to them.
    grounds : Grounds or None
        What it rests on beside its rows.
    answers : mapping of str to Figure
        What its answers have beside a PD: by name the median, the least and the most over the later rows.
    first_test, last_test : datetime
    train : Mapping of str to int
        ``rows, bads, clusters``.
    y, pd : ndarray (n,)
        Of the later rows.
    later : Evaluation
    order : Discrimination
    tests : tuple of CalibrationTest
        Hosmer–Lemeshow and Spiegelhalter; empty where there are too few bads.
    ici_by_chance : float
        What honest PDs exceed in 5 of 100.
    groups : mapping of str to Segment
        ``"known"`` and ``"new"`` groups; empty on another portfolio.
    grades : tuple of GradeTest
        Names that were joined, because one is too small to be shown, are parted by a line break.
    segments : mapping of str to tuple of Segment
        By `SEGMENTS`; regions only where they part the rows otherwise than branches.
    regimes, periods : tuple of Segment
        By shock that struck the loan (a loan may be in two), and by half-year.
    left_out : mapping of str to tuple of LeftOut
        ``"branch"``, and ``"region"`` where it parts the rows otherwise.
    not_refitted : str
        Why nothing was left out; empty where it was.
    parts_there : mapping of str to int
        How many branches and regions may be shown.
    gain : Figure or None
        AUC less the scorecard's on the same rows; None where there is no other scorecard.
    withheld : bool
        Whether small parts were pooled.
    verdict : Verdict
    """

    champion: Champion
    content_hash: str
    data_date: date
    same_portfolio: bool
    of_the_day: bool
    unanswered: int
    grounds: Grounds | None
    answers: Mapping[str, Figure]
    first_test: datetime
    last_test: datetime
    train: Mapping[str, int]
    y: Floats
    pd: Floats
    later: Evaluation
    order: Discrimination
    tests: tuple[CalibrationTest, ...]
    ici_by_chance: float
    groups: Mapping[str, Segment]
    grades: tuple[GradeTest, ...]
    segments: Mapping[str, tuple[Segment, ...]]
    regimes: tuple[Segment, ...]
    periods: tuple[Segment, ...]
    left_out: Mapping[str, tuple[LeftOut, ...]]
    not_refitted: str
    parts_there: Mapping[str, int]
    gain: Figure | None
    withheld: bool
    verdict: Verdict

    @property
    def gates(self) -> Sequence[Mapping[str, Any]]:
        """The gates of its training: name, passed, value, words."""
        found: Sequence[Mapping[str, Any]] = self.champion.metrics.get("gates", ())
        return found

    @property
    def optimism(self) -> Mapping[str, Any] | None:
        """By how much a random split would have flattered, where training measured it."""
        found: Mapping[str, Any] | None = self.champion.metrics.get("findings", {}).get("optimism")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return every figure as plain values, None for what cannot be said."""
        champion = self.champion
        return {
            "recipe": champion.recipe.name,
            "version": champion.version,
            "kind": champion.model.kind,
            "manifest_sha256": champion.manifest_sha256,
            "portfolio": self.content_hash,
            "data_date": self.data_date.isoformat(),
            "same_portfolio": self.same_portfolio,
            "of_the_day": self.of_the_day,
            "unanswered": self.unanswered,
            "grounds": None if self.grounds is None else self.grounds.to_dict(),
            "answers": {name: one.to_dict() for name, one in self.answers.items()},
            "first_test": self.first_test.isoformat(),
            "last_test": self.last_test.isoformat(),
            "train": dict(self.train),
            "level": LEVEL,
            "verdict": self.verdict.to_dict(),
            "later": self.later.to_dict(),
            "discrimination": self.order.to_dict(),
            "calibration_tests": [one.to_dict() for one in self.tests],
            "ici_by_chance": None if math.isnan(self.ici_by_chance) else self.ici_by_chance,
            "groups": {name: one.to_dict() for name, one in self.groups.items()},
            "grades": [{**one.to_dict(), "name": shown_name(one.name)} for one in self.grades],
            "segments": {name: [one.to_dict() for one in parts] for name, parts in self.segments.items()},
            "regimes": [one.to_dict() for one in self.regimes],
            "periods": [one.to_dict() for one in self.periods],
            "left_out": {name: [one.to_dict() for one in parts] for name, parts in self.left_out.items()},
            "not_refitted": self.not_refitted,
            "gain_over_scorecard": None if self.gain is None else self.gain.to_dict(),
            "gates": [dict(one) for one in self.gates],
            "optimism": self.optimism,
        }
