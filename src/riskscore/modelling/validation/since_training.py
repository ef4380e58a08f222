"""How a champion's chances came out in the loans whose end became known after its training.

Training judged it on rows that were final by its portfolio's last day. What became final later was in no fit and in no
gate, whenever it was asked for: the question that a model in service must go on answering. The recipe's rule says which
loans are final, and outcomes are told as known at the portfolio's last moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskscore.dataset import TrainingSet
from riskscore.errors import Refused
from riskscore.evaluation import Figure, GradeTest, evaluate, grade_tests
from riskscore.modelling.artefact import Champion
from riskscore.modelling.judging import answered_rows, arrays_of
from riskscore.modelling.kinds import kind_of
from riskscore.modelling.validation.parts import Part, parts_in_order, shown_name
from riskscore.modelling.validation.segments import LEVEL, REPLICATES
from riskscore.portfolio.cells import few

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio

#: What the later loans say: none is over, too few people or banks to be told, too few bads to say, or that the level
#: held, that there were more bads than the recipe allows for, or fewer, each beyond chance.
Answer = Literal["none", "withheld", "too_few", "held", "more", "fewer"]


@dataclass(frozen=True, slots=True)
class SinceTraining:
    """Expected and observed bads since training.

    Parameters
    ----------
    answer : Answer
    trained_to, data_date : date
        Last day of the portfolio of its training, and of this one.
    minimum_bads : int
        Fewest bads that the recipe lets a level be judged by (``gates.min_bads``).
    matured, clusters, observed : int
        Loans that became final, in how many clusters, and how many of them were bad; 0 where nothing may be told.
    expected : float
        Sum of the PDs that the champion gives them as of their requests.
    low, high : float
        Clustered interval (`riskscore.modelling.validation.segments.LEVEL`) of the observed bads; NaN where nothing
        may be told.
    ratio : Figure or None
        Observed over expected with its clustered interval; None where there are too few bads.
    grades : tuple of GradeTest
        Where there are bads enough; names joined as in `riskscore.modelling.validation.parts`.
    """

    answer: Answer
    trained_to: date
    data_date: date
    minimum_bads: int
    matured: int = 0
    clusters: int = 0
    observed: int = 0
    expected: float = 0.0
    low: float = math.nan
    high: float = math.nan
    ratio: Figure | None = None
    grades: tuple[GradeTest, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        told = not math.isnan(self.low)
        return {
            "answer": self.answer,
            "trained_to": self.trained_to.isoformat(),
            "data_date": self.data_date.isoformat(),
            "minimum_bads": self.minimum_bads,
            "matured": self.matured if told or self.answer == "none" else None,
            "clusters": self.clusters if told else None,
            "expected": self.expected if told else None,
            "observed": self.observed if told else None,
            "low": self.low if told else None,
            "high": self.high if told else None,
            "level": LEVEL,
            "observed_expected": None if self.ratio is None else self.ratio.to_dict(),
            "grades": [
                {
                    "name": shown_name(one.name),
                    "matured": one.n,
                    "expected": one.n * one.pd,
                    "observed": one.bads,
                    "light": one.light,
                }
                for one in self.grades
            ],
        }


def since_training(champion: Champion, portfolio: Portfolio, *, seed: int = 0) -> SinceTraining:
    """Compare the bads that a champion expected with those there were, of loans that matured since its training.

    Parameters
    ----------
    champion : Champion
    portfolio : Portfolio
        What became final in it after the last day of the champion's own is counted.
    """
    trained_to = date.fromisoformat(champion.metrics["data"]["data_date"])
    nothing = SinceTraining("none", trained_to, portfolio.manifest.data_date, champion.recipe.gates.min_bads)
    if portfolio.manifest.data_date <= trained_to:
        return nothing
    kind, recipe, after = kind_of(champion), champion.recipe, portfolio.moment(_day_after(trained_to))
    try:
        # What answered day by day has to be asked again from its first day on.
        rows = TrainingSet.build(
            portfolio,
            champion.lock,
            recipe.outcome,
            recipe.rule,
            final_after=None if kind.of_the_day else after,
        )
    except Refused:
        return nothing
    rows = replace(rows, frame=kind.valued(champion, portfolio, rows.frame))
    matured = answered_rows(kind, rows.with_rows(rows.final_at > np.datetime64(after)))
    if not len(matured):
        return nothing
    people = matured.frame.select("member_id", "bank_id")
    if few(people):
        return replace(nothing, answer="withheld")
    arrays = arrays_of(champion, matured)
    pd = np.asarray(kind.pd(champion, portfolio, rows, matured, arrays))
    found = evaluate(
        arrays.y,
        pd,
        clusters=arrays.clusters,
        level=LEVEL,
        replicates=REPLICATES,
        seed=seed,
        minimum_bads=nothing.minimum_bads,
    )
    ratio = found.figures.get("observed_expected")
    counted = replace(
        nothing,
        matured=len(matured),
        clusters=found.clusters,
        observed=int(found.bads),
        expected=float(pd.sum()),
        low=len(matured) * found.bad_rate.low,
        high=len(matured) * found.bad_rate.high,
    )
    if ratio is None:
        return replace(counted, answer="too_few")
    parts = parts_in_order([champion.grade(one) for one in pd.tolist()], [one.name for one in champion.grades], people)
    return replace(
        counted,
        answer=_level(ratio, recipe.gates.observed_expected),
        ratio=ratio,
        grades=grade_tests(
            arrays.y,
            pd,
            _names(parts, len(matured)),
            names=[part.name for part in parts],
            clusters=arrays.clusters,
            seed=seed,
        ),
    )


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _level(ratio: Figure, span: tuple[float, float]) -> Answer:
    """Say whether the level is off beyond chance, as the stability report does."""
    return "more" if ratio.low > span[1] else "fewer" if ratio.high < span[0] else "held"


def _names(parts: Sequence[Part], rows: int) -> np.ndarray[Any, Any]:
    named = np.empty(rows, dtype=object)
    for part in parts:
        named[part.rows] = part.name
    return named
