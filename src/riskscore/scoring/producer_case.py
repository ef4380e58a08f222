"""One producer association's request: what is read of it, and what may be said of it.

The answer is that of `riskscore.scoring.producers.score_producers`, for a request that is asked now rather than one on
record, explained, and from values that can be kept: the same case always gives the same answer, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from riskscore.catalog import values
from riskscore.dataset.request import monthly_instalments
from riskscore.errors import InvalidInput
from riskscore.modelling.artefact import Champion
from riskscore.modelling.expert.conflict import Conflict
from riskscore.modelling.expert.conformal import open_outcomes
from riskscore.modelling.expert.interval import LEVEL, told
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.expert.pools import levels_of
from riskscore.portfolio import Portfolio
from riskscore.scoring.points import Points, points_of
from riskscore.scoring.producers import latest_of_producers
from riskscore.scoring.products import Product, products
from riskscore.scoring.reasons import ReasonGiven, Reasons

#: What a pool's points are called among an association's: they are no indicator's.
POOL = "pool"


@dataclass(frozen=True, slots=True)
class ProducerCase:
    """What the answer rests on.

    Parameters
    ----------
    row : mapping of str to float or None
        Each indicator, and what the entry gates look at.
    levels : mapping of str to str
        Its level of each pool.
    """

    row: Mapping[str, float | None]
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dimension:
    """The expert's points of one dimension, of at most so many."""

    name: str
    points: float
    of: float
    es: str
    en: str


@dataclass(frozen=True, slots=True)
class Gate:
    """An entry gate and its answer: ``"passed"``, ``"failed"`` or ``"unknown"``. It is no part of the PD."""

    name: str
    answer: str
    es: str
    en: str


@dataclass(frozen=True, slots=True)
class ProducerAnswer:
    """What is said of a case.

    Parameters
    ----------
    pd, low, high : float
        PD, and the 90 % interval of that of this loan in a season that is not known.
    score : float
    grade : str
    points : Points
        By indicator, and by pool under ``pool.<name>``; families are the dimensions, and `POOL`.
    dimensions : tuple of Dimension
    effective_n : float
        Cases that would say as much.
    prior_share : float
        How much of it is the expert's word, in (0, 1].
    open_outcomes : tuple of str
        What so few cases leave open: ``good``, ``bad``, or both.
    conflict : Conflict
        Of judgement and record.
    gates : tuple of Gate
    reasons : tuple of ReasonGiven
    missing : tuple of str
        Indicators without a value.
    """

    pd: float
    low: float
    high: float
    score: float
    grade: str
    points: Points
    dimensions: tuple[Dimension, ...]
    effective_n: float
    prior_share: float
    open_outcomes: tuple[str, ...]
    conflict: Conflict
    gates: tuple[Gate, ...]
    reasons: tuple[ReasonGiven, ...]
    missing: tuple[str, ...]

    @property
    def level(self) -> float:
        """Coverage of the interval."""
        return LEVEL


def expert_of(champion: Champion) -> ExpertMargin:
    """Return the expert's scorecard of a champion.

    Raises
    ------
    InvalidInput
        The champion is of another kind.
    """
    margin = champion.model.margin
    if not isinstance(margin, ExpertMargin):
        raise InvalidInput.of("champion", f"It is a {margin.kind}.", "Score producer associations by an expert_prior.")
    return margin


def offered_to_producers(portfolio: Portfolio, moment: datetime) -> tuple[Product, ...]:
    """Return the products that producer associations ask for; every external one where none has asked yet."""
    every = products(portfolio, moment, ledger="external")
    theirs = set(latest_of_producers(portfolio, moment)["product_id"].to_list())
    return tuple(one for one in every if one.id in theirs) or every


def producer_case(
    champion: Champion,
    portfolio: Portfolio,
    moment: datetime,
    *,
    organisation: str,
    product: Product,
    amount: float,
    term_days: int,
    frequency: str,
    purpose: str,
    other_active_loans: int,
) -> ProducerCase:
    """Return the case of a request made at `moment` (local, exclusive)."""
    margin = expert_of(champion)
    asked = pl.DataFrame(
        {
            "group_id": [organisation],
            "product_id": [product.id],
            "currency": [portfolio.manifest.currency],
            "frequency": [frequency],
            "purpose": [purpose],
            "amount": [float(amount)],
            "term_days": [float(term_days)],
            "other_active_loans": [float(other_active_loans)],
            "application_id": ["asked"],
        }
    ).with_columns(
        as_of=pl.lit(moment, dtype=pl.Datetime("us")),
        member_id=pl.lit(None, dtype=pl.String),
    )
    found = values(portfolio, champion.lock, monthly_instalments(asked, portfolio.table("products")))
    read = dict.fromkeys([*margin.features, *(gate.feature for gate in margin.scorecard.entry)])
    return ProducerCase(
        row=found.select(pl.col(list(read)).cast(pl.Float64)).row(0, named=True),
        levels={pool: own[0] for pool, own in levels_of(portfolio, asked).items()},
    )


def answer_of(champion: Champion, case: ProducerCase) -> ProducerAnswer:
    """Return what is said of a case."""
    margin, model = expert_of(champion), champion.model
    card = margin.scorecard
    own = [case.row[name] for name in margin.features]
    X = np.array([[np.nan if value is None else value for value in own]], dtype=np.float64)
    answer = told(margin.belief, margin.z(X), {pool: [level] for pool, level in case.levels.items()})
    pd, log_odds = float(answer.pd[0]), float(answer.log_odds[0])
    phi = dict(zip(margin.features, model.explain(X).phi[0].tolist(), strict=True))
    families = {one.feature: one.dimension for one in card.indicators}
    for pool in card.pools:  # in the recipe's order: a sum of doubles depends on it
        level = case.levels[pool]
        phi[f"{POOL}.{pool}"] = float(margin.belief.effect(pool, level))
        families[f"{POOL}.{pool}"] = POOL
    points = points_of(margin.base, phi, families, model.scale)
    of_each = margin.points(X)[0].tolist()
    exact = np.array([points.features[name] for name in margin.features])
    return ProducerAnswer(
        pd=pd,
        low=float(answer.low[0]),
        high=float(answer.high[0]),
        score=float(model.scale.score(log_odds)),
        grade=champion.grade(pd),
        points=points,
        dimensions=tuple(
            Dimension(one.name, given, one.points, one.title["es"], one.title["en"])
            for one, given in zip(card.dimensions, of_each, strict=True)
        ),
        effective_n=float(answer.effective_n[0]),
        prior_share=float(answer.prior_share[0]),
        open_outcomes=open_outcomes(pd, champion.metrics["conformal"]),
        conflict=Conflict.from_dict(champion.metrics["conflict"]),
        gates=tuple(
            Gate(one.name, one.answer(case.row[one.feature]), one.title["es"], one.title["en"]) for one in card.entry
        ),
        reasons=Reasons(champion.lock, margin.features, champion.support).of_row(exact, X[0]),
        missing=tuple(name for name, value in zip(margin.features, own, strict=True) if value is None),
    )
