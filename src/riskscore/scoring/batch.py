"""Scores of many requests as one frame."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from riskscore.indebtedness import LEVELS
from riskscore.portfolio import Portfolio
from riskscore.scoring.cases import Cases, Engine
from riskscore.scoring.products import known
from riskscore.scoring.reasons import Reasons
from riskscore.scoring.snapshot import Snapshot


def latest_applications(portfolio: Portfolio, as_of: datetime, *, ledger: str = "internal") -> pl.DataFrame:
    """Return each member's latest application known at `as_of`, by member.

    Columns: ``application_id, member_id, product_id, amount`` (Float64)``, term_days, frequency, purpose,
    other_active_loans``.
    """
    return (
        known(portfolio.table("applications"), as_of)
        .filter(pl.col("ledger") == ledger, pl.col("member_id").is_not_null())
        .sort("member_id", "event_at", "known_at", "id")
        .unique("member_id", keep="last", maintain_order=True)
        .select(
            "member_id",
            "product_id",
            "term_days",
            "frequency",
            "purpose",
            "other_active_loans",
            application_id="id",
            amount=pl.col("amount").cast(pl.Float64),
        )
    )


def score_frame(engine: Engine, reasons: Reasons, snapshot: Snapshot, cases: Cases, *, explain: bool) -> pl.DataFrame:
    """Return one row a case: score, state and indebtedness; with `explain` points and reasons too.

    Columns: ``pd, pd_low, pd_high, off_support, score, grade, state, ceiling, level, nii_now, nii_post, nii_stress,
    headroom, largest_amount``: 90 % of the score band, missing for who is off the support; with `explain`
    ``points_base``, ``points.<feature>``, ``points.<family>`` as ``family_points.<family>``, and ``reason_1`` to
    ``reason_4`` (codes) with ``reason_feature_1`` to ``reason_feature_4``.
    """
    champion, model = engine.champion, engine.champion.model
    computed = engine.compute(snapshot, cases, explain=explain, in_bulk=True)
    bounds = [grade.below for grade in champion.grades[:-1]]
    grades, levels = (pl.Series(names) for names in ([grade.name for grade in champion.grades], LEVELS))
    states = ["talk_first" if whys else "ready" for whys in engine.whys(computed, cases, snapshot)]
    assessed = computed.assessed
    score = model.scale.score(computed.log_odds)
    spans = champion.intervals(computed.X, score)
    columns: dict[str, object] = {
        "pd": computed.pd,
        "pd_low": spans[:, 0],
        "pd_high": spans[:, 1],
        "off_support": ~champion.supports(computed.X),
        "score": score,
        "grade": grades.gather(np.searchsorted(bounds, computed.pd, side="right")),
        "state": pl.Series(states, dtype=pl.String),
        "ceiling": engine.ceilings(computed, cases, snapshot),
        "level": levels.gather(assessed.level),
        **{
            name: getattr(assessed, name)
            for name in ("nii_now", "nii_post", "nii_stress", "headroom", "largest_amount")
        },
    }
    if computed.explanation is not None:
        points = model.scale.points(computed.explanation.phi)
        columns["points_base"] = np.full(len(points), model.scale.score(computed.explanation.base))
        columns |= {f"points.{name}": points[:, place] for place, name in enumerate(model.features)}
        for family in _families(engine):
            own = [place for place, name in enumerate(model.features) if model.families[name] == family]
            columns[f"family_points.{family}"] = points[:, own].sum(axis=1)
        columns |= _reasons(engine, reasons, points, computed.X)
    return pl.DataFrame(columns, nan_to_null=True)


def _families(engine: Engine) -> tuple[str, ...]:
    model = engine.champion.model
    return tuple(dict.fromkeys(model.families[name] for name in model.features))


def _reasons(
    engine: Engine,
    reasons: Reasons,
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    X: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> dict[str, object]:
    features = engine.champion.model.features
    words = [engine.champion.lock.feature(name).reason for name in features]
    # The last text of each is none, which is where a place of -1 leads.
    codes = pl.Series([*(None if one is None else one.code for one in words), None], dtype=pl.String)
    names = pl.Series([*features, None], dtype=pl.String)
    columns: dict[str, object] = {}
    for number, places in enumerate(reasons.places(points, X).T, start=1):
        columns[f"reason_{number}"] = codes.gather(places)
        columns[f"reason_feature_{number}"] = names.gather(places)
    return columns
