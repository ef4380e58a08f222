"""The staged core in DuckDB: a view of every table that was read, and the words that the statements share.

``day_start(day)``, ``day_end(day)``
    The first and the last microsecond of a day.
``data_date()``, ``data_end()``
    The last day that is read and its last microsecond.
``knows(created, submitted, day)``
    When a fact of `day` was on record: its stamp, else the end of the day it was submitted, else (a rule) the end of
    its own day; never before the day began.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb
import polars as pl

from riskscore.portfolio.adapters.fineract.choices import Words
from riskscore.portfolio.adapters.fineract.commands import RELATION
from riskscore.portfolio.adapters.fineract.source_tables import TABLES
from riskscore.portfolio.adapters.staging import Staging

_MACROS = """
CREATE MACRO day_start(day) AS CAST(day AS TIMESTAMP);
CREATE MACRO day_end(day) AS CAST(day AS TIMESTAMP) + INTERVAL 86399999999 MICROSECOND;
CREATE MACRO knows(created, submitted, day) AS
    greatest(day_start(day), coalesce(created, day_end(submitted), day_end(day)));
CREATE MACRO days_of(number, unit) AS
    number * CASE unit WHEN 0 THEN 1 WHEN 1 THEN 7 WHEN 2 THEN 30.4375 ELSE 365.25 END;
CREATE MACRO term_days(number, unit) AS greatest(1, CAST(round(days_of(number, unit)) AS BIGINT));
-- The nearest that the contract knows, by days between instalments.
CREATE MACRO frequency(every, unit, instalments) AS CASE
    WHEN instalments = 1 OR unit = 4 THEN 'at_maturity'
    WHEN days_of(every, unit) <= 10.5 THEN 'weekly'
    WHEN days_of(every, unit) <= 14.5 THEN 'fortnightly'
    WHEN days_of(every, unit) <= 22 THEN 'twice_a_month'
    WHEN days_of(every, unit) <= 45 THEN 'monthly'
    ELSE 'every_two_months' END;
CREATE MACRO is_exact(every, unit, instalments) AS
    instalments = 1 OR unit = 4 OR days_of(every, unit) IN (7, 14, 15, 28, 30, 30.4375, 60, 60.875);
"""


def open_core(
    staging: Staging, *, words: Words, currency: str, data_date: date, memory: str = "2GB"
) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view of every staged table, the shared words, and the institution's own."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": memory, "temp_directory": str(staging.folder / "spill")})
    con.execute("SET enable_progress_bar = false")
    for name in (*(table.name for table in TABLES), RELATION):
        con.execute(f"CREATE VIEW {name} AS FROM {staging.source(name)}")
    con.execute(_MACROS)
    con.execute(f"CREATE MACRO data_date() AS DATE '{data_date}'")
    con.execute("CREATE MACRO data_end() AS day_end(data_date())")
    con.execute(f"CREATE MACRO currency() AS '{currency.replace(chr(39), '')}'")
    con.execute(
        """CREATE MACRO first_day() AS (SELECT least(data_date(), coalesce(min(day), data_date())) FROM (
           SELECT min(submittedon_date) AS day FROM m_loan UNION ALL SELECT min(activation_date) FROM m_group
           UNION ALL SELECT min(submittedon_date) FROM m_client))"""
    )
    con.execute("CREATE VIEW code_words AS SELECT id, lower(trim(code_value)) AS word FROM m_code_value")
    _meanings(con, "purposes", words.purposes.items())
    _meanings(con, "sexes", words.sexes.items())
    _meanings(con, "relief_reasons", ((word, "relief") for word in words.relief_reasons))
    _meanings(con, "rural_offices", ((str(office), "rural") for office in words.rural_offices))
    return con


def _meanings(con: duckdb.DuckDBPyConnection, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    con.execute(f"CREATE TABLE {name} (word VARCHAR, meaning VARCHAR)")
    listed = list(pairs)
    if listed:
        con.executemany(f"INSERT INTO {name} VALUES (?, ?)", listed)


def count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Return the single number that a statement yields."""
    ((found,),) = con.execute(sql).fetchall()
    return int(found or 0)


def frame(con: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """Return the rows of a statement."""
    found: pl.DataFrame = con.sql(sql).pl()
    return found
