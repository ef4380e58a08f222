"""What she owes to others, from two views of the same debts: what she declares, and what a bureau published."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def owed_elsewhere(
    declared_service: ArrayLike,
    declared_count: ArrayLike,
    bureau_service: ArrayLike,
    bureau_count: ArrayLike,
    *,
    declared_loans: ArrayLike,
) -> Floats:
    """Return the larger view of the monthly service of debts elsewhere; NaN is unknown.

    It is unknown where a view holds a debt whose instalment cannot be told, where she declares more loans than any view
    shows, and where she was not asked how many she has. No view and no loan declared: nothing is owed. The starter's
    feature ``outside_service`` says the same in SQL.

    Parameters
    ----------
    declared_service, bureau_service : array_like
        Currency a month; NaN without a view, or where a debt of it cannot be told.
    declared_count, bureau_count : array_like
        Debts of the view that still run; NaN without a view.
    declared_loans : array_like
        Loans elsewhere that she names in the request.
    """
    loans = np.asarray(declared_loans, dtype=np.float64)
    services = [np.asarray(one, dtype=np.float64) for one in (declared_service, bureau_service)]
    counts = [np.nan_to_num(np.asarray(one, dtype=np.float64)) for one in (declared_count, bureau_count)]
    untold = [(count > 0) & np.isnan(service) for count, service in zip(counts, services, strict=True)]
    larger = np.fmax(*services)
    told = np.where(np.isnan(larger) & (loans == 0), 0.0, larger)
    unknown = untold[0] | untold[1] | (loans > np.maximum(*counts)) | np.isnan(loans)
    return np.asarray(np.where(unknown, np.nan, told))
