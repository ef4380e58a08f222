"""A member's last loans of the internal ledger, one row a cycle, as they stood at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskscore.portfolio.folder import Portfolio

#: Cycles kept of each member.
LAST = 6

_CYCLES = """
WITH seen AS (
    SELECT loan_id, due_on, settled_at,
           greatest(0, date_diff('day', due_on, least(coalesce(settled_at, $moment), $moment)::DATE)) AS late
    FROM settled_instalments
    WHERE ledger = 'internal'
      AND event_at < $moment AND known_at <= $moment AND (known_until IS NULL OR known_until > $moment)
), paid AS (
    SELECT loan_id, max(late) AS worst_delay, count(*) FILTER (WHERE due_on < $moment::DATE) AS due,
           count(*) FILTER (WHERE due_on < $moment::DATE AND late > 0) AS late, bool_or(settled_at IS NULL) AS owing
    FROM seen GROUP BY loan_id
)
SELECT member_id, cycle_no, amount, disbursed_on, worst_delay, due, paid.late AS late, owing
FROM loan_histories AS l JOIN paid ON paid.loan_id = l.id
WHERE member_id IS NOT NULL
  AND event_at < $moment AND known_at <= $moment AND (known_until IS NULL OR known_until > $moment) {which}
QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY disbursed_on DESC, cycle_no DESC, l.id DESC) <= {last}
ORDER BY member_id, disbursed_on, cycle_no, l.id
"""


def member_cycles(
    portfolio: Portfolio, moment: datetime, *, members: Iterable[str] | None = None, last: int = LAST, threads: int = 2
) -> pl.DataFrame:
    """Return the last cycles of members, the oldest first.

    Parameters
    ----------
    portfolio : Portfolio
    moment : datetime
        Local, exclusive. An instalment's lateness is what it was then: paid afterwards, it was still open.
    members : iterable of str, optional
        Only these.
    last : int
        Cycles of each.
    threads : int

    Returns
    -------
    DataFrame
        ``member_id``, ``cycle_no``, ``amount`` (portfolio currency), ``disbursed_on``, ``worst_delay`` (days),
        ``due`` and ``late`` (instalments fallen due, and those of them paid late or late still), ``owing``.
    """
    chosen = None if members is None else sorted(set(members))
    which = "" if chosen is None else "AND member_id IN (SELECT unnest($members::VARCHAR[]))"
    asked = {"moment": moment} | ({} if chosen is None else {"members": chosen})
    with portfolio.connect(threads=threads) as con:
        found: pl.DataFrame = con.sql(_CYCLES.format(which=which, last=int(last)), params=asked).pl()
    return found.with_columns(pl.col("amount").cast(pl.Float64))
