"""The contract of one table as a pandera schema, and what its values break.

pandera is imported here and only when a table is checked: it is slow to import, and imports PySpark where that is
installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from riskscore.errors import Fault
from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.kinds import POLARS
from riskscore.portfolio.tables import Column, Table

if TYPE_CHECKING:
    import pandera.polars as pa

SHOWN = 5


def contract(table: Table, only: Sequence[str] | None = None) -> pa.DataFrameSchema:
    """Return the pandera schema of `table`: types, nulls, choices and bounds.

    Parameters
    ----------
    table : Table
    only : sequence of str, optional
        Leave the other columns out.
    """
    import pandera.polars as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.choices:
            found.append(pa.Check.isin(list(column.choices), name="choices"))
        if column.minimum is not None:
            found.append(pa.Check.ge(column.minimum, name="minimum"))
        if column.maximum is not None:
            found.append(pa.Check.le(column.maximum, name="maximum"))
        return found

    return pa.DataFrameSchema(
        {
            column.name: pa.Column(POLARS[column.kind], checks(column), nullable=column.nullable)
            for column in table.all_columns
            if only is None or column.name in only
        },
        name=table.name,
    )


def value_faults(table: Table, frame: pl.DataFrame) -> list[Fault]:
    """Return what the values of `frame` break, one fault for each column and kind of breach.

    Parameters
    ----------
    table : Table
    frame : DataFrame
        Columns of the right types; those missing are not judged here.
    """
    import pandera.polars as pa

    try:
        contract(table, frame.columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        found = error.failure_cases.select("column", "check", "index")
    else:
        return []
    faults = []
    ids = frame["id"] if "id" in frame.columns else None
    for (name, check), rows in found.group_by("column", "check", maintain_order=True):
        column = table.column(str(name))
        what, remedy = _breach(column, str(check))
        index = rows["index"].drop_nulls()
        where = f"{table.name}.{column.name}"
        which = keys(ids.gather(index)) if ids is not None else f"{rows.height} rows"
        faults.append(Fault(where, f"{what} ({which}).", remedy))
    return faults


def keys(ids: pl.Series) -> str:
    """Return the first five of `ids`, in order, and how many more there are."""
    distinct = ids.drop_nulls().unique().sort()
    shown = ", ".join(str(value) for value in distinct.head(SHOWN))
    more = distinct.len() - SHOWN
    if not shown:
        return "no id"
    return f"id {shown} and {more:,} more" if more > 0 else f"id {shown}"


def _breach(column: Column, check: str) -> tuple[str, str]:
    if check == "not_nullable":
        return "is missing where it must stand", "Fill it, or leave the row out; missing is never read as zero."
    if check.startswith(("choices", "isin")):
        remedy = "Map your codes to these."
        if column.choices == FREQUENCIES:
            remedy += " 'Bimonthly' is twice_a_month to one reader and every_two_months to another: say which."
        return f"expected one of {', '.join(column.choices)}", remedy
    if check.startswith(("minimum", "greater_than_or_equal_to")):
        return f"expected at least {column.minimum:g}", "Correct the value, or leave the row out."
    if check.startswith(("maximum", "less_than_or_equal_to")):
        return f"expected at most {column.maximum:g}", "Correct the value, or leave the row out."
    return f"breaks {check}", "Correct the value."
