"""What a household owes and has left, from the facts of the catalogue: one reading for labels and for scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.indebtedness import Columns, owed_elsewhere

Floats = NDArray[np.float64]
#: Gives a fact's column by name; NaN is missing.
Fact = Callable[[str], Floats]

#: The facts without which nothing can be said of a household.
FACTS = (
    "business_revenue",
    "business_costs",
    "other_income",
    "household_costs",
    "own_service_now",
    "own_service_after",
    "declared_service",
    "declared_count",
    "bureau_service",
    "bureau_count",
)


def household(
    fact: Fact,
    *,
    amount: ArrayLike,
    other_active_loans: ArrayLike,
    cover: ArrayLike = 0.0,
    cover_one_stops: ArrayLike = 0.0,
) -> Columns:
    """Return the columns that `riskscore.indebtedness.assess_columns` weighs.

    The institution's own books are whole, so nothing on them is nothing owed; a missing budget, or a debt elsewhere
    that cannot be told, stays missing. The group's fund counts with the institution's own loans.

    Parameters
    ----------
    fact : callable
    amount : array_like (n,)
        Asked for, in currency.
    other_active_loans : array_like (n,)
        Loans elsewhere that the request names.
    cover, cover_one_stops : array_like (n,)
        What neighbours may ask of her, in currency a month.
    """
    views = ("declared_service", "declared_count", "bureau_service", "bureau_count")
    fund = np.nan_to_num(fact("fund_service"))
    return Columns(
        business_revenue=fact("business_revenue"),
        business_costs=fact("business_costs"),
        other_income=fact("other_income"),
        household_costs=fact("household_costs"),
        own_now=np.nan_to_num(fact("own_service_now")) + fund,
        own_after=np.nan_to_num(fact("own_service_after")) + fund,
        outside=owed_elsewhere(*(fact(name) for name in views), declared_loans=other_active_loans),
        amount=np.asarray(amount, dtype=np.float64),
        cover=np.asarray(cover, dtype=np.float64),
        cover_one_stops=np.asarray(cover_one_stops, dtype=np.float64),
    )
