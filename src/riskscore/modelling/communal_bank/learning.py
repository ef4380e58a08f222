"""Learning a structure: members' PDs, how they fall together, what a fall costs, and the level of the banks' loans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from riskscore.errors import Refused
from riskscore.evaluation import calibration
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.communal_bank.behind import members_behind
from riskscore.modelling.communal_bank.ledger import falls, payers_told
from riskscore.modelling.communal_bank.level import Belief, corrected_level, seasons
from riskscore.modelling.communal_bank.members import learn_members, member_requests
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import COLUMN, FAMILY, Structural
from riskscore.modelling.communal_bank.structure import estimate, structural_log_odds
from riskscore.modelling.development import Developed
from riskscore.modelling.gates import CERTAIN, Doubt
from riskscore.modelling.margin import Floats, Margin
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import Rows, rows_of

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import Split, TrainingSet
    from riskscore.portfolio import Portfolio

Told = Callable[[str], None]


def learn_structure(
    recipe: Recipe,
    settings: LiabilitySettings,
    lock: Lock,
    portfolio: Portfolio,
    rows: TrainingSet,
    split: Split,
    *,
    seed: int,
    tell: Told,
) -> tuple[Structural, dict[str, float]]:
    """Return the margin, and the structure's log-odds of every request that members stand behind."""
    requests = member_requests(portfolio, lock, settings)
    learnt = learn_members(
        recipe, lock, requests, before=split.first_test, held_out=split.held_out, like=rows, seed=seed
    )
    behind = members_behind(rows.frame, requests, window_days=settings.request_window_days)
    if behind.is_empty():
        raise Refused.of(
            "applications",
            f"No member's request stands within {settings.request_window_days} days before one of her bank's.",
            "Raise request_window_days, or bring the members' requests.",
        )
    tell("structural: correlation, contagion, severity")
    known = learnt.training.join(behind.select("application_id", "request_id"), on="application_id", how="inner")
    fallen = falls(portfolio, split.first_test, days=settings.severity_after_days, rule=settings.members.maturity)
    structure = estimate(settings, known, fallen, payers_told(portfolio, split.first_test))
    tell("structural: worlds")
    # What a member's own outcome taught her PD is not in it: of a loan that taught, the fit without her bank speaks.
    apart = behind.join(
        learnt.training.select("application_id", "pd"), on="application_id", how="left", maintain_order="left"
    )["pd"]
    behind = behind.with_columns(pd=apart.fill_null(pl.Series(learnt.pd(behind))))
    values = structural_log_odds(structure, settings, behind)
    train = split.train.frame.filter(pl.col("application_id").is_in(list(values)))
    column = np.array([values[name] for name in train["application_id"].to_list()])
    bad = train["bad"].fill_null(0).to_numpy().astype(np.float64)
    banks, season = train["cluster"].to_numpy().astype(str), seasons(train["as_of"])
    level = corrected_level(column, bad, banks, season, Belief.of(settings))
    return Structural(learnt.model, structure, level, float(column.mean())), values


def structural_rows(recipe: Recipe, split: Mapping[str, TrainingSet], values: Mapping[str, float]) -> dict[str, Rows]:
    """Return the structural column of each part; requests that no member stands behind have none and are left out."""
    found = {}
    for name, part in split.items():
        known = part.with_rows(part.frame["application_id"].is_in(list(values)).to_numpy())
        column = pl.Series(COLUMN, [values[one] for one in known.frame["application_id"].to_list()], dtype=pl.Float64)
        found[name] = rows_of(
            type(known)(
                known.frame.with_columns(column), (COLUMN,), known.outcome, known.content_hash, known.lock_sha256
            ),
            (COLUMN,),
            recipe.first_cycle,
        )
    return found


def developed(margin: Structural, recipe: Recipe, settings: LiabilitySettings, training: Rows) -> Developed:
    """Return the structure as a developed candidate; its doubt is what training knew of its level and slope."""
    model = CalibratedModel(margin, {COLUMN: FAMILY}, 1.0, margin.level.shift, {}, recipe.scale)
    found = calibration(training.y, model.pd(training.X), clusters=training.clusters) if training.y.any() else None
    structure = margin.structure
    said = {
        "draws": float(settings.draws),
        "credibility_cases": settings.credibility_cases,
        "infection": structure.infection.value,
        "severity": structure.severity.value,
        "paid_by_savings": structure.by_savings.value,
        "paid_by_group": structure.by_group.value,
        "share_of_all": structure.shares.of_all,
        "share_in_bank": structure.shares.in_bank,
        "share_in_group": structure.shares.in_group,
        "default_correlation_in_group": structure.correlations.in_group.value,
        "default_correlation_in_bank": structure.correlations.in_bank.value,
        "structural_level": margin.level.structural,
        "prior_share": margin.level.prior_share,
    }

    def as_it_is(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
        return margin, {}

    doubt = CERTAIN if found is None else Doubt(found.in_the_large_se, found.slope_se)
    return Developed(model, said, {}, doubt, as_it_is)
