"""What was sent of a household and would count for nothing, as it was told too long ago: it is refused.

How long anything counts, the features say, each by its window; so it is their values that are asked. What is loaded of
her already is her history, and may be as old as it is: only what is new in the request has to count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.overlay_faults import pointer

#: The facts that are made of what she tells, by table: where no row counts all of them are missing, months told are 0.
_FACTS = {
    "budgets": ("business_revenue", "business_costs", "other_income", "household_costs", "accessible_savings"),
    "obligations": ("declared_count",),
    "budget_months": ("months_told",),
}

_WHAT = "This was told too long before the moment asked for, and nothing newer was: it would count for nothing."
_REMEDY = "Ask her again and send what she says now, with its day; or leave this row out."


def uncounted(
    sent: Mapping[str, pl.DataFrame],
    loaded: Callable[[Collection[str]], Mapping[str, pl.DataFrame]],
    values: Mapping[str, float | None],
    as_of: datetime,
) -> list[Fault]:
    """Return a fault for each new row of every table of which nothing counts although it tells something.

    Parameters
    ----------
    sent : mapping of str to DataFrame
        Her record by table, as it was sent.
    loaded : callable
        Gives what the portfolio holds of her in some tables.
    values : mapping of str to float or None
        Her values at the moment, of what was sent.
    as_of : datetime
    """
    silent = {
        name: told
        for name in _FACTS
        if name in sent and _counts(name, values) is False and (told := _telling(name, sent[name], as_of)).height
    }
    if not silent:
        return []
    before = loaded(silent)
    return sorted(
        Fault(pointer(name, row, "event_at"), _WHAT, _REMEDY)
        for name, told in silent.items()
        for row in told.join(before[name], on=before[name].columns, how="anti", nulls_equal=True)["row"]
    )


def _counts(name: str, values: Mapping[str, float | None]) -> bool | None:
    """Tell whether any row of a table counts; None where a catalogue does not have these facts."""
    if not values.keys() >= set(_FACTS[name]):
        return None
    found = {values[fact] for fact in _FACTS[name]}
    return bool(found - ({None, 0.0} if name == "budget_months" else {None}))


def _telling(name: str, rows: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return the rows that tell something of the moment, as each was last known, with their places."""
    day = as_of.date()
    tells = {
        "budgets": pl.any_horizontal(pl.col(*_FACTS["budgets"]).is_not_null()),
        "obligations": (pl.col("source") == "declared") & (pl.col("ends_on").is_null() | (pl.col("ends_on") >= day)),
        "budget_months": pl.col("month").is_between(day, day + timedelta(days=365), closed="left"),
    }[name]
    known = rows.with_row_index("row").filter(pl.col("event_at") < as_of, pl.col("known_at") <= as_of)
    return known.sort("known_at").unique("id", keep="last", maintain_order=True).filter(tells)
