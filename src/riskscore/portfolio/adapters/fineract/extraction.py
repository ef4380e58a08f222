"""Reading every table into the staging, batch by batch, with pseudonyms in the place of keys that name someone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

import polars as pl
import sqlalchemy as sa

from riskscore.portfolio.adapters.fineract import commands
from riskscore.portfolio.adapters.fineract.database import batches, readable
from riskscore.portfolio.adapters.fineract.detection import Found
from riskscore.portfolio.adapters.fineract.source_tables import COMMANDS, TABLES, Kind, SourceTable, Wanted
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
from riskscore.portfolio.adapters.staging import Staging

#: Told after each batch: the table, rows of it read so far, rows it has.
Progress = Callable[[str, int, int], None]

_POLARS: dict[Kind, pl.DataType] = {
    "int": pl.Int64(),
    "money": pl.Decimal(19, 6),
    "rate": pl.Float64(),
    "date": pl.Date(),
    "utc": pl.Datetime("us"),
    "local": pl.Datetime("us"),
    "bool": pl.Boolean(),
    "text": pl.String(),
}


def extract(
    connection: sa.Connection,
    found: Found,
    staging: Staging,
    names: Pseudonyms,
    *,
    time_zone: str,
    batch: int,
    progress: Progress,
) -> None:
    """Stage every table that is there; one that was read whole by an earlier run is not read again."""
    for table in TABLES:
        if staging.is_complete(table.name):
            continue
        if table.name in found.columns:
            with readable(table.name):
                _extract_table(connection, found, table, staging, names, time_zone, batch, progress)
        nothing = _frame(table, [], [], names, time_zone, 0)
        staging.add(table.name, {table.name: nothing}, cursor=staging.cursor(table.name))
        staging.complete(table.name)
    if not staging.is_complete(COMMANDS.name):
        commands.extract(connection, found, staging, names, time_zone=time_zone, batch=batch, progress=progress)
        staging.complete(COMMANDS.name)


def reflected(table: SourceTable, found: Found) -> tuple[sa.TableClause, list[Wanted], list[sa.ColumnElement[Any]]]:
    """Return the table, its wanted columns that are there, and what to select for each."""
    present = found.columns[table.name]
    wanted = [column for column in table.columns if column.name in present]
    clause = sa.table(table.name, *(sa.column(present[one.name]) for one in wanted))
    # A decimal travels as text: the drivers build a Python object for each otherwise.
    chosen = [
        sa.cast(clause.c[present[one.name]], sa.String(40)) if one.kind == "money" else clause.c[present[one.name]]
        for one in wanted
    ]
    return clause, wanted, [column.label(f"c{place}") for place, column in enumerate(chosen)]


def key_of(table: SourceTable, found: Found) -> tuple[str, ...]:
    """Return the columns by which a table is read in batches; none where this core lacks them."""
    present = found.columns[table.name]
    return tuple(present[name] for name in table.key) if set(table.key) <= set(present) else ()


def _extract_table(
    connection: sa.Connection,
    found: Found,
    table: SourceTable,
    staging: Staging,
    names: Pseudonyms,
    time_zone: str,
    batch: int,
    progress: Progress,
) -> None:
    clause, wanted, columns = reflected(table, found)
    key = key_of(table, found)
    if not key and staging.cursor(table.name) is not None:
        return  # its one batch is there
    total = connection.execute(sa.select(sa.func.count()).select_from(clause)).scalar_one()
    for rows in batches(connection, clause, columns, key, staging.cursor(table.name), batch):
        frame = _frame(table, wanted, rows, names, time_zone, staging.rows(table.name))
        staging.add(table.name, {table.name: frame}, cursor=list(rows[-1][len(columns) :]))
        progress(table.name, staging.rows(table.name), total)


def _frame(
    table: SourceTable, wanted: list[Wanted], rows: list[Any], names: Pseudonyms, time_zone: str, seen: int
) -> pl.DataFrame:
    """Return rows as one frame with every column of the table, missing ones null, and `seq` in the order read."""
    read = dict(zip((one.name for one in wanted), zip(*rows, strict=True), strict=False)) if rows else {}
    columns = [column(one, read.get(one.name, [None] * len(rows)), names, time_zone) for one in table.columns]
    return pl.DataFrame([*columns, pl.Series("seq", range(seen, seen + len(rows)), dtype=pl.Int64)])


def column(wanted: Wanted, values: Iterable[Any], names: Pseudonyms, time_zone: str) -> pl.Series:
    """Return the values of one column in its type: pseudonyms for keys, stamps in the institution's zone."""
    found = list(values)
    if wanted.kind == "bool":
        found = [None if one is None else bool(int.from_bytes(one) if isinstance(one, bytes) else one) for one in found]
    if wanted.kind == "utc":
        # PostgreSQL may hold an offset, MariaDB never does.
        found = [one.astimezone(UTC).replace(tzinfo=None) if one is not None and one.tzinfo else one for one in found]
    if wanted.kind == "money":
        # PostgreSQL keeps NaN and Infinity in a NUMERIC: no amount, hence missing, and told where one is needed.
        amounts = [one if one and one.strip("-")[0].isdigit() else None for one in found]
        series = pl.Series(wanted.name, amounts, dtype=pl.String).cast(_POLARS["money"])
    elif wanted.kind in ("utc", "local", "date"):
        series = pl.Series(wanted.name, found, dtype=None if any(one is not None for one in found) else pl.Null)
        series = series.cast(_POLARS[wanted.kind])
    else:
        series = pl.Series(wanted.name, found, dtype=_POLARS[wanted.kind], strict=False)
    if wanted.kind == "utc":
        series = series.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
    return names.column(wanted.names, series) if wanted.names else series
