"""The structural model's one column: its log-odds of every request of a communal bank that members stand behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
from scipy.special import logit

from riskscore.modelling.communal_bank.behind import members_behind, standing
from riskscore.modelling.communal_bank.members import matrix_of, member_requests
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import COLUMN, Structural
from riskscore.modelling.communal_bank.structure import Structure, course

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import TrainingSet
    from riskscore.portfolio import Portfolio


def structural_log_odds(structure: Structure, settings: LiabilitySettings, behind: pl.DataFrame) -> dict[str, float]:
    """Return the structure's log-odds of an external default by request; `behind` holds members with their ``pd``."""
    return {
        str(name): float(logit(course(structure, settings, standing(own, own["pd"].to_numpy(), settings)).pd))
        for (name,), own in behind.group_by("request_id", maintain_order=True)
    }


def with_structure(rows: TrainingSet, values: Mapping[str, float]) -> TrainingSet:
    """Return the requests that have a value, with it as their one column; nobody stands behind the others."""
    known = rows.with_rows(rows.frame["application_id"].is_in(list(values)).to_numpy())
    column = pl.Series(COLUMN, [values[one] for one in known.frame["application_id"].to_list()], dtype=pl.Float64)
    return replace(known, frame=known.frame.with_columns(column), features=(COLUMN,))


def of_portfolio(
    margin: Structural, settings: LiabilitySettings, lock: Lock, portfolio: Portfolio, rows: TrainingSet
) -> dict[str, float]:
    """Return a trained structure's log-odds of the rows of a portfolio, by request."""
    behind = members_behind(rows.frame, member_requests(portfolio, lock), window_days=settings.request_window_days)
    behind = behind.with_columns(pd=pl.Series(margin.member.pd(matrix_of(behind, margin.member.features))))
    return structural_log_odds(margin.structure, settings, behind)
