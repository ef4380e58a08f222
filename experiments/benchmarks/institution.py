"""The institution that everything is timed on: simulated, in a temporary folder, gone at the end."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from riskscore import Portfolio
from riskscore.simulator import simulate

#: Any seed does: the times do not depend on it.
SEED = 11


def institution(folder: Path, members: int) -> Portfolio:
    return simulate(folder, members=members, seed=SEED)


def moments(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return every moment at which a member asked for a loan: member_id, as_of."""
    return con.sql(
        "SELECT DISTINCT member_id, known_at AS as_of FROM applications WHERE ledger = 'internal' ORDER BY ALL"
    ).pl()
