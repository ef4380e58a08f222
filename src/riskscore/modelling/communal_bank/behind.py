"""Which members stand behind a communal bank's request, and what cover each brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.frequency import DAYS_PER_MONTH
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.margin import Floats

#: Facts of the lock that cover rests on; a lock without one of them knows no such cover.
SURPLUS, SERVICE_AFTER, SAVINGS = "surplus", "service_after", "group_savings"


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The members behind one request, in the order of their ids. It never leaves the computation of an outlook.

    Parameters
    ----------
    pd : ndarray (members,)
    group : ndarray of int (members,)
        Solidarity groups, numbered from 0.
    loan, savings, spare : ndarray (members,)
        In currency; what no record tells of savings and spare capacity is not counted on.
    savings_untold, spare_untold : int
        How many members that concerns.
    """

    pd: Floats
    group: NDArray[np.int64]
    loan: Floats
    savings: Floats
    spare: Floats
    savings_untold: int
    spare_untold: int


def members_behind(banks: pl.DataFrame, members: pl.DataFrame, *, window_days: int) -> pl.DataFrame:
    """Return the members' requests behind each request of a communal bank, one row a member and request.

    Parameters
    ----------
    banks : DataFrame
        ``application_id, bank_id, as_of`` of the banks' requests.
    members : DataFrame
        Members' requests, with ``bank_id``, ``as_of`` and whatever else is wanted.
    window_days : int
        A member's request up to so many days before her bank's next one stands behind that one.

    Returns
    -------
    DataFrame
        `members` with ``request_id``, ordered by request and member; her last request where there are several.
    """
    asked = banks.select("bank_id", "as_of", request_id="application_id").sort("as_of", "request_id")
    return (
        members.sort("as_of", "application_id")
        .join_asof(
            asked,
            on="as_of",
            by="bank_id",
            strategy="forward",
            tolerance=timedelta(days=window_days),
            check_sortedness=False,
        )
        .filter(pl.col("request_id").is_not_null())
        .unique(["request_id", "member_id"], keep="last", maintain_order=True)
        .sort("request_id", "member_id")
    )


def standings(behind: pl.DataFrame, pd: Floats, settings: LiabilitySettings) -> Iterator[tuple[str, Standing]]:
    """Yield each request of `members_behind` with the members behind it as arrays.

    Spare capacity is ``min(headroom x months of help, willingness x loan)``, headroom being what the cap leaves of the
    month's surplus after all instalments, the loan asked for included.

    Parameters
    ----------
    behind : DataFrame
        Ordered by request.
    pd : ndarray (n,)
        Of each row.
    """
    loan = behind["amount"].to_numpy().astype(np.float64)
    months = behind["term_days"].to_numpy().astype(np.float64) / DAYS_PER_MONTH * settings.value("horizon")
    savings = _fact(behind, SAVINGS)
    headroom = np.maximum(settings.value("cap") * _fact(behind, SURPLUS) - _fact(behind, SERVICE_AFTER), 0.0)
    spare = np.minimum(headroom * months, settings.value("willingness") * loan)
    groups = np.unique(behind["group_id"].to_numpy().astype(str), return_inverse=True)[1]
    requests = behind["request_id"].to_numpy().astype(str)
    starts = [0, *(np.flatnonzero(requests[1:] != requests[:-1]) + 1).tolist(), len(requests)]
    for first, last in pairwise(starts if len(requests) else ()):
        own = slice(first, last)
        yield (
            str(requests[first]),
            Standing(
                pd=pd[own],
                group=np.unique(groups[own], return_inverse=True)[1].astype(np.int64),
                loan=loan[own],
                savings=np.maximum(np.nan_to_num(savings[own]), 0.0),
                spare=np.nan_to_num(spare[own]),
                savings_untold=int(np.isnan(savings[own]).sum()),
                spare_untold=int(np.isnan(spare[own]).sum()),
            ),
        )


def _fact(frame: pl.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
