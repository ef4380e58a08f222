"""Members' PDs behind a communal bank's loan, none of which saw the outcome it is used to predict.

The scorecard that serves learns from member loans that were final before the first test moment, of banks that were not
held out; so what it says of later loans is out of time. Where the same loans have to be described (how strongly members
fell together beyond their PDs), their PDs come from a fit without their own bank.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from riskscore.modelling.calibrated import CalibratedModel, calibrated_log_odds, shift_of
from riskscore.modelling.calibration import fit_line
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.development import Fitting, develop, out_of_fold
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import FeatureChoice, Recipe, ScorecardCandidate
from riskscore.modelling.rows import columns_of, rows_of
from riskscore.modelling.woe import fit_scorecard

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import TrainingSet
    from riskscore.portfolio import Portfolio


@dataclass(frozen=True, eq=False)
class MemberPDs:
    """The member model, and PDs of the loans it learnt from that did not learn from them.

    Parameters
    ----------
    model : CalibratedModel
    training : DataFrame
        The training rows of `member_requests`, with ``pd`` from a fit without their own cluster.
    """

    model: CalibratedModel
    training: pl.DataFrame

    def pd(self, frame: pl.DataFrame) -> Floats:
        """Return the model's PD of rows of `member_requests`."""
        return self.model.pd(matrix_of(frame, self.model.features))


def matrix_of(frame: pl.DataFrame, features: tuple[str, ...]) -> Floats:
    """Return the features' columns as a matrix, NaN being missing."""
    values = frame.select(features).fill_null(np.nan).to_numpy().astype(np.float64)
    return np.ascontiguousarray(values.reshape(frame.height, len(features)))


def member_recipe(recipe: Recipe, settings: LiabilitySettings) -> Recipe:
    """Return the recipe by which the members' scorecard is developed."""
    members = settings.members
    return replace(
        recipe,
        subject="member",
        ledger="internal",
        outcome="member_internal",
        maturity=members.maturity,
        min_bads=members.min_bads,
        first_cycle=members.first_cycle,
        features=FeatureChoice(members.families, members.exclude),
        caps={},
        offsets=members.offsets,
        places={
            **{f"features.{name}": f"liability.members.{name}" for name in ("families", "exclude")},
            "calibration.offsets": "liability.members.offsets",
            **{name: f"liability.members.{name}" for name in ("first_cycle", "min_bads")},
        },
    )


def member_requests(portfolio: Portfolio, lock: Lock, settings: LiabilitySettings) -> pl.DataFrame:
    """Return every member's request with its features, final or not, its outcome by the section's maturity rule.

    Returns
    -------
    DataFrame
        The member spine and every feature, ``label``, ``bad`` and ``final_at`` (missing where the outcome is not
        final), ``cluster``, and ``period``: quarter and region.
    """
    from riskscore import catalog
    from riskscore.dataset import spine
    from riskscore.dataset.clusters import cluster_names
    from riskscore.dataset.spine import applications
    from riskscore.portfolio.outcomes import member_outcomes

    asked = spine(portfolio)
    told = member_outcomes(portfolio, settings.members.maturity).filter(pl.col("application_id").is_not_null())
    code = pl.col("label").replace_strict({"good": 0, "bad": 1, "indeterminate": None}, return_dtype=pl.Int8)
    return (
        catalog.values(portfolio, lock, asked)
        .join(told.select("application_id", "label", "final_at"), on="application_id", how="left")
        .join(cluster_names(applications(portfolio)), on="bank_id", how="left")
        .join(_regions(portfolio), on="bank_id", how="left")
        .with_columns(bad=code, period=pl.concat_str(pl.col("as_of").dt.truncate("1q"), pl.col("region").fill_null("")))
        .sort("as_of", "application_id")
    )


def learn_members(
    recipe: Recipe,
    lock: Lock,
    requests: pl.DataFrame,
    *,
    before: datetime,
    held_out: tuple[str, ...],
    like: TrainingSet,
    seed: int,
) -> MemberPDs:
    """Fit and calibrate the members' scorecard.

    Parameters
    ----------
    recipe : Recipe
        The communal banks'.
    requests : DataFrame
        `member_requests`.
    before : datetime
        Only outcomes that were final before it teach.
    held_out : tuple of str
        Clusters that do not.
    like : TrainingSet
        Of the communal banks: content hash and lock.

    Raises
    ------
    Refused
        Too few members' bads, or no feature tells good from bad.
    """
    if recipe.liability is None:
        raise ValueError("a recipe without [liability] has no members to learn")
    own = member_recipe(recipe, recipe.liability)
    columns = columns_of(own, lock)
    known = requests.filter(
        pl.col("final_at") < before, ~pl.col("cluster").is_in(list(held_out)), pl.col("label").is_not_null()
    )
    rows = rows_of(replace(like, frame=known, outcome=own.outcome), columns.names, own.first_cycle)
    members = recipe.liability.members
    candidate = ScorecardCandidate(members.max_bins, members.min_iv, members.ridge)
    developed = develop(own, candidate, columns, rows, seed=seed)

    def fitting(X: Floats, bad: Floats) -> tuple[object, object]:
        fitted = fit_scorecard(X, bad, columns.names, columns.risks, candidate)
        return fitted.scorecard, fitted.left_out

    apart: Fitting = fitting  # type: ignore[assignment]
    parts = out_of_fold(apart, rows, (), own.calibration_folds, seed=seed)
    flags = rows.X[:, [columns.names.index(name) for name in own.offsets]]
    line = fit_line(parts, rows.y, (), flags - flags.mean(axis=0))
    log_odds = calibrated_log_odds(parts, line.a, line.b, ())
    for flag, offset in zip(flags.T, developed.model.offsets.values(), strict=True):
        log_odds += shift_of(flag, offset)
    return MemberPDs(developed.model, known.with_columns(pd=pl.Series(expit(log_odds))))


def _regions(portfolio: Portfolio) -> pl.DataFrame:
    """The region of each communal bank, by its branch as first recorded."""
    banks = portfolio.table("groups").sort("known_at").unique("id", keep="first").select("branch_id", bank_id="id")
    branches = portfolio.table("branches").sort("known_at").unique("id", keep="first")
    return banks.join(branches.select("region", branch_id="id"), on="branch_id", how="left").select("bank_id", "region")
