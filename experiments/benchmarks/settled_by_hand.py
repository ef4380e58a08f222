"""Settlement without versions: what each instalment's date of payment is by the latest knowledge.

The least that settlement could be, and not a feature's source: it would tell the past what became known later.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

_STATEMENT = """
WITH due AS (
    SELECT id, loan_id, due_on, amount,
           sum(amount) OVER (PARTITION BY loan_id ORDER BY due_on, number, id) AS need
    FROM instalments WHERE known_until IS NULL
), paid AS (
    SELECT loan_id, event_at, sum(amount) OVER (PARTITION BY loan_id ORDER BY event_at, known_at, id) AS paid
    FROM payments WHERE known_until IS NULL AND NOT reversed
)
SELECT due.*, paid.event_at AS settled_at, loan.member_id, loan.group_id, loan.ledger, loan.disbursed_on
FROM due ASOF LEFT JOIN paid ON paid.loan_id = due.loan_id AND due.need <= paid.paid
JOIN (FROM loans WHERE known_until IS NULL) AS loan ON loan.id = due.loan_id
"""


def settle_by_hand(con: duckdb.DuckDBPyConnection, into: Path) -> None:
    """Write one row an instalment to the Parquet file `into`."""
    con.execute(f"COPY ({_STATEMENT}) TO '{into}' (FORMAT parquet)")
