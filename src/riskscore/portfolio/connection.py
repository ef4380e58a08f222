"""A portfolio in DuckDB: a view of every table, and the sources that are derived from them.

Every table has, beyond its columns, ``known_until``: the first moment the next version of the same fact can be seen,
missing while there is none. A version can be seen from the later of its ``known_at`` and one microsecond after its
``event_at``, as a feature needs ``event_at < as_of`` and ``known_at <= as_of``. Derived are

``loan_histories``
    Loans with ``bank_id``: the communal bank her solidarity group belongs to, or the borrowing group itself.
``loan_payments``
    Payments that stand (no reversals) with what they need to know of their loan.
``settled_instalments``
    See `riskscore.portfolio.settlement`.
``loan_outcomes``
    See `riskscore.portfolio.outcomes`; ``known_at`` is the moment the outcome was final. By the standing figures: a
    feature has one meaning, whatever maturity rule the recipe states that reads it.
``bank_outcomes``
    Members' outcomes that became known together in one communal bank: how many were ``judged`` and how many ``bad``,
    with the officer and the branch that the bank had when the loans were disbursed.

The views read the files when they are asked: after the folder was replaced, open the portfolio again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from riskscore.portfolio import cache, spill
from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.tables import TABLES

if TYPE_CHECKING:
    from riskscore.portfolio.folder import Portfolio

#: The first moment at which a row `t` can be seen.
SEEN = "greatest({t}.known_at, {t}.event_at + INTERVAL 1 MICROSECOND)"

LOAN_HISTORIES = """
CREATE VIEW loan_histories AS
WITH parents AS (
    SELECT id, coalesce(parent_id, id) AS bank_id, greatest(known_at, event_at + INTERVAL 1 MICROSECOND) AS seen
    FROM groups
), changes AS (
    SELECT id, bank_id, seen, lag(bank_id) OVER known AS bank_before, row_number() OVER known AS version
    FROM parents WINDOW known AS (PARTITION BY id ORDER BY seen)
), banks AS (
    -- A loan names its group, so the group's first known place holds from ever.
    SELECT id, bank_id, CASE WHEN version = 1 THEN '-infinity'::TIMESTAMP ELSE seen END AS known_from,
           lead(seen) OVER (PARTITION BY id ORDER BY seen) AS known_until
    FROM changes WHERE version = 1 OR bank_id <> bank_before
)
SELECT loans.* EXCLUDE (known_at, known_until), banks.bank_id,
       greatest(loans.known_at, banks.known_from) AS known_at,
       least(loans.known_until, banks.known_until) AS known_until
FROM loans LEFT JOIN banks
  ON banks.id = loans.group_id
 AND (loans.known_until IS NULL OR banks.known_from < loans.known_until)
 AND (banks.known_until IS NULL OR banks.known_until > loans.known_at)
"""

LOAN_PAYMENTS = """
CREATE VIEW loan_payments AS
SELECT payments.* EXCLUDE (reversed, known_at, known_until),
       loan.member_id, loan.group_id, loan.bank_id, loan.ledger, loan.cycle_no,
       loan.disbursed_on AS loan_disbursed_on,
       greatest(payments.known_at, loan.known_at) AS known_at,
       least(payments.known_until, loan.known_until) AS known_until
FROM payments JOIN loan_histories AS loan
  ON loan.id = payments.loan_id
 AND (payments.known_until IS NULL OR loan.known_at < payments.known_until)
 AND (loan.known_until IS NULL OR loan.known_until > payments.known_at)
WHERE NOT payments.reversed
"""


def since(table: str) -> str:
    """Return a table with ``since``: from when each version can be seen, a fact's first version from ever.

    For rows that name the fact: what names it vouches that it was there.
    """
    return (
        f"(SELECT *, CASE WHEN row_number() OVER (PARTITION BY id ORDER BY known_at) = 1 THEN '-infinity'::TIMESTAMP "
        f"ELSE {SEEN.format(t=table)} END AS since FROM {table})"
    )


BANK_OUTCOMES = f"""
WITH judged AS (
    SELECT o.bank_id, o.known_at, o.known_until, o.label,
           coalesce(loan.disbursed_on::TIMESTAMP, o.known_at) AS disbursed_at
    FROM loan_outcomes AS o ASOF LEFT JOIN {since("loans")} AS loan ON loan.id = o.loan_id AND loan.since <= o.known_at
), placed AS (
    -- The officer at disbursement; of a bank told of later it is known only then whose it was.
    SELECT j.* EXCLUDE (known_at), greatest(j.known_at, first.seen) AS known_at, p.officer_id, p.branch_id
    FROM judged AS j
    ASOF JOIN {since("groups")} AS p ON p.id = j.bank_id AND p.since <= j.disbursed_at
    JOIN (SELECT id, min({SEEN.format(t="groups")}) AS seen FROM groups GROUP BY id) AS first ON first.id = j.bank_id
    WHERE p.kind = 'communal_bank'
)
SELECT concat_ws(' ', bank_id, officer_id, known_at, known_until) AS id, known_at AS event_at, known_at, known_until,
       bank_id, officer_id, branch_id, count(*) AS judged, count(*) FILTER (WHERE label = 'bad') AS bad
FROM placed WHERE known_until IS NULL OR known_at < known_until
GROUP BY ALL
"""


def connect(
    portfolio: Portfolio, *, threads: int, memory: str, temporary: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection with every view; what is derived is built where it is not cached yet.

    Raises
    ------
    Refused
        Where neither `memory` nor the disk holds the building.
    """
    con = tables_only(portfolio, threads=threads, memory=memory, temporary=temporary)
    with spill.explained(memory):
        _derive(portfolio, con)
    return con


def _derive(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> None:
    from riskscore.portfolio.maturity_rule import MemberRule
    from riskscore.portfolio.outcomes import outcomes_file
    from riskscore.portfolio.settlement import settled_files

    con.execute(f"CREATE VIEW settled_instalments AS FROM read_parquet({text(settled_files(portfolio, con) / '*')})")
    con.execute(f"CREATE OR REPLACE VIEW loan_payments AS FROM read_parquet({text(_paid(portfolio, con))})")
    outcomes = text(outcomes_file(portfolio, con, MemberRule()))
    con.execute(
        "CREATE VIEW loan_outcomes AS SELECT id, event_at, known_at, known_until, "
        f"loan_id, member_id, group_id, bank_id, ledger, label FROM read_parquet({outcomes})"
    )
    con.execute(f"CREATE VIEW bank_outcomes AS FROM read_parquet({text(_bank_outcomes(portfolio, con))})")


def _bank_outcomes(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> Path:
    """Return the file of ``bank_outcomes``: eighteen times fewer rows than outcomes, for officers and branches."""

    def build(aside: Path) -> None:
        con.execute(f"COPY ({BANK_OUTCOMES}) TO {text(aside)} (FORMAT parquet)")

    return cache.once(cache.folder(portfolio.path, portfolio.manifest.content_hash) / "bank_outcomes.parquet", build)


def _paid(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> Path:
    """Return the file of ``loan_payments``: joined anew, every payment was read for each member asked about.

    The payments of a bank lie together, as in what is settled.
    """

    def build(aside: Path) -> None:
        con.execute(f"COPY (FROM loan_payments ORDER BY bank_id, member_id) TO {text(aside)} (FORMAT parquet)")

    return cache.once(cache.folder(portfolio.path, portfolio.manifest.content_hash) / "loan_payments.parquet", build)


def tables_only(
    portfolio: Portfolio, *, threads: int, memory: str, temporary: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection with the tables, ``loan_histories`` and ``loan_payments``."""
    con = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(spill.folder(temporary)),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
    )
    con.execute("SET enable_progress_bar = false")
    superseded = _superseded(portfolio, con)
    with_later = frozenset(pl.read_parquet(superseded, columns=["table"])["table"].unique())
    for name in portfolio.tables:
        selected = _versions(name, portfolio.file(name), superseded if name in with_later else None)
        con.execute(f'CREATE VIEW "{name}" AS {selected}')
    con.execute(LOAN_HISTORIES)
    con.execute(LOAN_PAYMENTS)
    return con


def text(value: object) -> str:
    """Return `value` as a SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _columns_of(file: Path) -> pl.Schema:
    """Return the columns of a file, whatever its folder is called: ``[x]`` is a name and no pattern."""
    return pl.scan_parquet(file, glob=False).collect_schema()


def _versions(name: str, file: Path | None, superseded: Path | None) -> str:
    """Return the SELECT of one table with ``known_until``; without a join where no fact has a second version (None)."""
    table = TABLES.get(name)
    if file is None:
        typed = (f'CAST(NULL AS {DUCKDB[c.kind]}) AS "{c.name}"' for c in TABLES[name].all_columns)
        return f"SELECT {', '.join(typed)}, CAST(NULL AS TIMESTAMP) AS known_until WHERE false"
    # Columns beyond the contract are the institution's own, declared with its features; they pass as they are.
    columns = "t.*"
    if table:
        present = _columns_of(file)
        named = [column.name for column in table.all_columns]
        own = [f't."{column}"' for column in present if column not in named]
        absent = {column.name for column in table.all_columns if column.name not in present}
        cast = [
            f'CAST({"NULL" if c.name in absent else f"t.{c.name}"} AS {DUCKDB[c.kind]}) AS "{c.name}"'
            for c in table.all_columns
        ]
        columns = ", ".join([*cast, *own])
    source = f"read_parquet({text(file)}) AS t"
    if superseded is None:
        return f"SELECT {columns}, CAST(NULL AS TIMESTAMP) AS known_until FROM {source}"
    return (
        f"SELECT {columns}, later.known_until FROM {source} LEFT JOIN "
        f'(FROM read_parquet({text(superseded)}) WHERE "table" = {text(name)}) AS later '
        "ON later.id = t.id AND later.known_at = t.known_at"
    )


def _superseded(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> Path:
    """Return the file that holds, for every version that a later one replaced, until when it was known."""

    def build(aside: Path) -> None:
        parts = [
            f"""SELECT {text(name)} AS "table", id, known_at, max(known_until) AS known_until FROM (
                SELECT id, known_at, lead({SEEN.format(t="t")}) OVER (PARTITION BY id ORDER BY known_at) AS known_until
                FROM read_parquet({text(file)}) AS t
                WHERE hash(id) IN (SELECT hash(id) FROM read_parquet({text(file)}) GROUP BY 1 HAVING count(*) > 1)
            ) WHERE known_until IS NOT NULL GROUP BY id, known_at"""
            for name in portfolio.tables
            if (file := portfolio.file(name)) and {"id", "event_at", "known_at"} <= set(_columns_of(file))
        ]
        none = (
            "SELECT '' AS \"table\", '' AS id, NULL::TIMESTAMP AS known_at, NULL::TIMESTAMP AS known_until WHERE false"
        )
        con.execute(f"COPY ({' UNION ALL '.join([none, *parts])}) TO {text(aside)} (FORMAT parquet)")

    return cache.once(cache.folder(portfolio.path, portfolio.manifest.content_hash) / "superseded.parquet", build)
