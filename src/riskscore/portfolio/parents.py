"""Tables that others point at and that were not handed over: told before minutes are spent on what leans on them."""

from __future__ import annotations

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.folder import Portfolio
from riskscore.portfolio.tables import TABLES


def require_parents(portfolio: Portfolio) -> None:
    """Refuse a portfolio in which rows name rows of a table that has none.

    `check_portfolio` looks at every single reference; this asks only whether a whole table is missing.

    Raises
    ------
    InvalidInput
        For every such table, with the columns that point at it.
    """
    rows = portfolio.manifest.rows
    pointing: dict[str, list[str]] = {}
    for name, table in TABLES.items():
        for column in table.columns:
            parent = column.references
            if parent is None or rows.get(parent) or not rows.get(name):
                continue
            held = portfolio.table(name)
            if column.name in held.columns and held[column.name].drop_nulls().len():
                pointing.setdefault(parent, []).append(f"{name}.{column.name}")
    if pointing:
        raise InvalidInput(
            Fault(
                parent,
                f"It has no rows, and {', '.join(columns)} {'point' if len(columns) > 1 else 'points'} at them.",
                "Bring this table into the portfolio; `riskscore check` looks at every reference.",
            )
            for parent, columns in pointing.items()
        )
