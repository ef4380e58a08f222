"""Landing: a source's rows, read as the mapping says, staged in batches; identifiers leave as pseudonyms.

After landing, nothing of the source is read again, and nothing that names a person stands on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import duckdb
import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.adapters.expressions import quoted
from riskscore.portfolio.adapters.mapping import Source
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
from riskscore.portfolio.adapters.reading import ADVICE, present, read
from riskscore.portfolio.adapters.staging import Staging
from riskscore.portfolio.contracts import SHOWN
from riskscore.portfolio.kinds import DUCKDB

#: The column that every source has beyond its own: the number of the row, from 1.
LINE = "line_no"
#: Rows of a batch: what is kept in memory at once, and what is read again after an interruption.
BATCH = 200_000
#: The relation of values that could not be read: source, column, row. Never the value.
UNREADABLE = "unreadable"

Told = Callable[[str], None]


class Reader(Protocol):
    """A source that can be read: a file or a database."""

    name: str
    found: dict[str, str]

    def batches(self, skip: int, size: int) -> Iterator[pl.DataFrame]:
        """Yield the columns that are used, without the first `skip` rows."""


def relation(name: str) -> str:
    """Return the name under which a source's rows are staged."""
    return f"source-{name}"


def landed_types(source: Source) -> dict[str, str]:
    """Return the DuckDB type of every column of a source once it has landed."""
    return {LINE: "BIGINT"} | {
        name: "VARCHAR" if column.pseudonym else DUCKDB[column.type] for name, column in source.columns.items()
    }


def land(
    staging: Staging,
    reader: Reader,
    source: Source,
    *,
    zone: str,
    pseudonyms: Pseudonyms | None,
    batch: int = BATCH,
    told: Told,
) -> int:
    """Stage every row of a source that is not staged yet, and return how many rows it has.

    Parameters
    ----------
    staging : Staging
    reader : Reader
    source : Source
        What its columns are.
    zone : str
        The portfolio's time zone.
    pseudonyms : Pseudonyms or None
        Needed where a column is pseudonymised.
    batch : int
        Rows.
    told : callable
        Is told how far it has come.
    """
    done = int(staging.cursor(reader.name) or 0)
    if not staging.is_complete(reader.name):
        for raw in reader.batches(done, batch):
            rows, unreadable = _read(raw, reader.name, source, first=done + 1, zone=zone)
            for name, column in source.columns.items():
                if column.pseudonym and pseudonyms:
                    rows = rows.with_columns(pseudonyms.column(column.pseudonym, rows[name]).alias(name))
            done += raw.height
            staging.add(reader.name, {relation(reader.name): rows, UNREADABLE: unreadable}, cursor=done)
            told(f"{reader.name}, {done:,} rows")
        staging.complete(reader.name)
    return done


def unreadable_faults(staging: Staging, sources: dict[str, Source]) -> list[Fault]:
    """Return one fault for each column of a source that holds values which could not be read, with rows and count."""
    if not staging.parts(UNREADABLE):
        return []
    with duckdb.connect() as con:
        found = con.execute(
            f"SELECT source, name, count(*), list_slice(list(row ORDER BY row), 1, {SHOWN}) "
            f"FROM {staging.source(UNREADABLE)} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    return [
        Fault(
            f"sources.{source}.{name}",
            f"{count:,} {'value' if count == 1 else 'values'} cannot be read as {sources[source].columns[name].type} "
            f"(row {', '.join(str(row) for row in rows)}{' and more' if count > len(rows) else ''}).",
            ADVICE[sources[source].columns[name].type],
        )
        for source, name, count, rows in found
    ]


def key_faults(con: duckdb.DuckDBPyConnection, name: str, source: Source) -> list[Fault]:
    """Return a fault where two rows of a landed source have one key, or a row has none.

    Parameters
    ----------
    con : DuckDB connection
        With the landed source as the relation `name`.
    name : str
    source : Source
    """
    if not source.key:
        return []
    where, key = f"sources.{name}", ", ".join(map(quoted, source.key))
    faults = []
    twice = con.execute(
        f"SELECT list(line), count(*) FROM (SELECT min({LINE}) AS line FROM {quoted(name)} "
        f"GROUP BY {key} HAVING count(*) > 1 ORDER BY line)"
    ).fetchall()[0]
    if twice[1]:
        shown = con.execute(
            f"SELECT DISTINCT concat_ws(' / ', {key}) FROM {quoted(name)} "
            f"WHERE {LINE} IN ({', '.join(map(str, twice[0][:SHOWN]))}) ORDER BY 1"
        ).fetchall()
        faults.append(
            Fault(
                where,
                f"{twice[1]:,} {'key stands' if twice[1] == 1 else 'keys stand'} on more than one row "
                f"({', '.join(source.key)} {', '.join(row[0] for row in shown)}).",
                "Keep one row a key, or name more columns in `key` where a row needs them.",
            )
        )
    none = con.execute(
        f"SELECT count(*), list_slice(list({LINE} ORDER BY {LINE}), 1, {SHOWN}) FROM {quoted(name)} "
        f"WHERE {' OR '.join(f'{quoted(one)} IS NULL' for one in source.key)}"
    ).fetchall()[0]
    if none[0]:
        faults.append(
            Fault(
                where,
                f"{none[0]:,} rows have no key (row {', '.join(map(str, none[1]))}).",
                f"Fill {' and '.join(source.key)}, or leave those rows out of the source.",
            )
        )
    return faults


def _read(raw: pl.DataFrame, name: str, source: Source, *, first: int, zone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one batch as the mapping reads it, and which of its values could not be read."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.register("raw", raw)
        found = {row[0]: row[1] for row in con.execute("DESCRIBE raw").fetchall()}
        as_read = [f"{read(source, one, found[one], zone)} AS {quoted(one)}" for one in source.columns]
        was_there = [f"{present(source, one, found[one])} IS NOT NULL" for one in source.columns]
        rows = con.sql(f"SELECT {', '.join(as_read)} FROM raw").pl()
        had = con.sql(f"SELECT {', '.join(was_there)} FROM raw").pl()
    rows = rows.with_row_index(LINE, offset=first).with_columns(pl.col(LINE).cast(pl.Int64))
    lost = [
        rows.filter(there & rows[one].is_null()).select(source=pl.lit(name), name=pl.lit(one), row=pl.col(LINE))
        for one, there in zip(source.columns, had.iter_columns(), strict=True)
    ]
    return rows, pl.concat(lost)
