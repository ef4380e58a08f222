"""Scores of producer associations: one row each, with the interval and whose word it is.

A file for the fund's analysts and officers; a board is shown its own row. People decide.
"""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl

from riskscore.catalog import values
from riskscore.dataset.request import monthly_instalments
from riskscore.errors import InvalidInput
from riskscore.modelling import Champion
from riskscore.modelling.expert.card import shared_words
from riskscore.modelling.expert.conflict import Conflict
from riskscore.modelling.expert.conformal import open_outcomes
from riskscore.modelling.expert.interval import told
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.expert.pools import levels_of
from riskscore.portfolio import Portfolio
from riskscore.scoring.products import known


def latest_of_producers(portfolio: Portfolio, as_of: datetime) -> pl.DataFrame:
    """Return each producer association's latest request known at `as_of`, by association.

    Columns: ``application_id, group_id, product_id, as_of`` (the moment asked about)``, amount, currency, term_days,
    frequency, purpose, other_active_loans``.
    """
    kinds = portfolio.table("groups").sort("known_at").unique("id", keep="first", maintain_order=True)
    producers = kinds.filter(pl.col("kind") == "producer_association").select(group_id="id")
    return (
        known(portfolio.table("applications"), as_of)
        .filter(pl.col("ledger") == "external", pl.col("member_id").is_null())
        .join(producers, on="group_id", how="semi")
        .sort("group_id", "event_at", "known_at", "id")
        .unique("group_id", keep="last", maintain_order=True)
        .select(
            "group_id",
            "product_id",
            "currency",
            "frequency",
            "purpose",
            pl.col("amount", "term_days", "other_active_loans").cast(pl.Float64),
            application_id="id",
            as_of=pl.lit(as_of, dtype=pl.Datetime("us")),
            member_id=pl.lit(None, dtype=pl.String),
        )
    )


def score_producers(
    champion: Champion, portfolio: Portfolio, as_of: str | date | datetime | None = None, *, explain: bool = False
) -> pl.DataFrame:
    """Score the latest request of every producer association.

    Parameters
    ----------
    champion : Champion
        Of an expert's scorecard.
    portfolio : Portfolio
    as_of : str, date or datetime, optional
        The portfolio's last moment where left out.
    explain : bool
        Add the score's points by indicator and by pool; with ``points_base`` they add up to the score.

    Returns
    -------
    DataFrame
        ``application_id, group_id, as_of``; ``pd`` in (0, 1) with ``low`` and ``high``, the 90 % interval of the PD of
        this loan in a season that is not known; ``score, grade``; ``expert_points`` (of 100) and those of each
        dimension; ``effective_n`` (cases), ``prior_share`` in (0, 1] and ``whose_word`` (Spanish); ``open_outcomes``
        (what so few cases leave open: good, bad, or both); ``conflict`` of judgement and record with ``conflict_p`` and
        its words, ``conflict_es`` and ``conflict_en``; ``gates_failed`` and ``gates_unknown``, names of entry gates;
        ``missing``, how many indicators had no value.

    Raises
    ------
    InvalidInput
        The champion is of another kind.
    """
    margin = champion.model.margin
    if not isinstance(margin, ExpertMargin):
        raise InvalidInput.of("champion", f"It is a {margin.kind}.", "Score producer associations by an expert_prior.")
    asked = latest_of_producers(portfolio, portfolio.moment(as_of))
    found = values(portfolio, champion.lock, monthly_instalments(asked, portfolio.table("products")))
    X = _matrix(found, margin.features)
    levels = levels_of(portfolio, asked)
    answer = told(margin.belief, margin.z(X), levels)
    scale = champion.model.scale
    card, points = margin.scorecard, margin.points(X)
    conflict, calibration = Conflict.from_dict(champion.metrics["conflict"]), champion.metrics["conformal"]
    columns: dict[str, object] = {
        "pd": answer.pd,
        "low": answer.low,
        "high": answer.high,
        "score": scale.score(answer.log_odds),
        "grade": [champion.grade(one) for one in answer.pd.tolist()],
        "expert_points": points.sum(axis=1),
        **{f"expert_points.{one.name}": points[:, place] for place, one in enumerate(card.dimensions)},
        "effective_n": answer.effective_n,
        "prior_share": answer.prior_share,
        "whose_word": [shared_words(one, "es") for one in answer.prior_share.tolist()],
        "open_outcomes": [" or ".join(open_outcomes(one, calibration)) for one in answer.pd.tolist()],
        "conflict": [conflict.found] * len(asked),
        "conflict_p": [conflict.p] * len(asked),
        **{f"conflict_{language}": [conflict.words(language)] * len(asked) for language in ("es", "en")},
        **{f"gates_{answered}": _gates(margin, found, answered) for answered in ("failed", "unknown")},
        "missing": np.isnan(X).sum(axis=1),
    }
    if explain:
        phi = champion.model.explain(X).phi
        columns["points_base"] = np.full(len(asked), scale.score(margin.base))
        shown = scale.points(phi)
        columns |= {f"points.{name}": shown[:, place] for place, name in enumerate(margin.features)}
        for pool, own in levels.items():
            effects = np.array([margin.belief.effect(pool, one) for one in own])
            columns[f"points.pool_{pool}"] = scale.points(effects)
    told_of = asked.select("application_id", "group_id", "as_of", "amount", "currency", "term_days", "purpose")
    return pl.concat([told_of, pl.DataFrame(columns)], how="horizontal")


def _matrix(found: pl.DataFrame, features: tuple[str, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    values_of = found.select(pl.col(features).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    return np.ascontiguousarray(values_of.reshape(found.height, len(features)), dtype=np.float64)


def _gates(margin: ExpertMargin, found: pl.DataFrame, answered: str) -> list[str]:
    """Return for each row the names of the entry gates with that answer, joined by commas."""
    gates = margin.scorecard.entry
    return [
        ", ".join(gate.name for gate in gates if gate.answer(row[gate.feature]) == answered)
        for row in found.select({gate.feature for gate in gates}).iter_rows(named=True)
    ]
