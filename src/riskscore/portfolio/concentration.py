"""Concentration: where the outstanding balance lies, by branch, line of business and shock, and how it fares there.

Cells too small to be shown (see `riskscore.portfolio.cells`) are pooled, and cells beside them join the pool until it
is large enough, so that no cell follows from the total and the rest.

HHI is the Herfindahl-Hirschman index, the sum of squared shares: 1 where all lies in one cell, 1/n where n cells share
alike. It is taken over the cells shown, without what is not recorded. Shocks overlap, so their shares do not add up and
have no index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import polars as pl

from riskscore.portfolio.arrears import portfolio_at_risk
from riskscore.portfolio.cells import BORROWERS, few

if TYPE_CHECKING:
    import duckdb

Kind = Literal["named", "pooled", "unrecorded", "unexposed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of the balance.

    Parameters
    ----------
    name : str
        Empty unless `kind` is "named".
    kind : {"named", "pooled", "unrecorded", "unexposed"}
        Pooled: small cells together. Unrecorded: the attribute is missing, which is none of its values. Unexposed:
        under no recorded shock.
    borrowers : int
    balance : Decimal
        Outstanding principal, portfolio currency.
    share : float
        Of the whole balance, in [0, 1].
    at_risk, with_restructured : float or None
        PAR30 within the cell, in [0, 1].
    """

    name: str
    kind: Kind
    borrowers: int
    balance: Decimal
    share: float
    at_risk: float | None
    with_restructured: float | None


@dataclass(frozen=True, slots=True)
class Concentration:
    """The cells of one attribute, largest first.

    Parameters
    ----------
    cells : tuple of Cell
        Named ones by balance, then pooled, unrecorded and unexposed.
    hhi : float or None
        In [0, 1]; None where the cells overlap or nothing is recorded.
    withheld : bool
        Whether small cells were pooled or left out.
    """

    cells: tuple[Cell, ...]
    hhi: float | None
    withheld: bool


_PLACES = """
WITH moment AS (SELECT TIMESTAMP '{as_of}' AS as_of),
{visible}
SELECT l.loan_id, branch.name AS branch, branch.region AS region, coalesce(member.sector_id, place.sector_id) AS sector,
       coalesce(line.name, coalesce(member.sector_id, place.sector_id)) AS sector_name
FROM owing AS l LEFT JOIN seen_groups AS place ON place.id = l.group_id
LEFT JOIN seen_branches AS branch ON branch.id = place.branch_id
LEFT JOIN seen_members AS member ON member.id = l.member_id
LEFT JOIN seen_sectors AS line ON line.id = coalesce(member.sector_id, place.sector_id)
ORDER BY l.loan_id
"""

_SEEN = """seen_{name} AS (
    SELECT t.* FROM {name} AS t, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
)"""

# A loan met a shock that was on while it ran. Where the shock is of a line of business and the loan's is not recorded,
# whether it did is not known.
_MET = """
SELECT l.loan_id, s.kind,
       max(CASE WHEN (s.region IS NULL OR s.region = l.region) AND (s.sector_id IS NULL OR s.sector_id = l.sector)
                THEN 2
                WHEN ((s.region IS NULL OR s.region = l.region) AND (s.sector_id IS NULL OR s.sector_id = l.sector))
                     IS NULL THEN 1
                ELSE 0 END) AS met
FROM placed AS l JOIN struck AS s ON s.ends_on IS NULL OR s.ends_on >= l.disbursed_on
GROUP BY ALL
"""


def placed_loans(con: duckdb.DuckDBPyConnection, loans: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return the loans that owe something with branch, region, sector and sector_name, as known at `as_of`.

    Parameters
    ----------
    con : DuckDB connection
        `Portfolio.connect`.
    loans : DataFrame
        Of `riskscore.portfolio.arrears.arrears` at `as_of`.
    """
    owing = loans.filter(pl.col("outstanding") > 0)
    visible = ",\n".join(_SEEN.format(name=name) for name in ("groups", "branches", "members", "sectors"))
    con.register("owing", owing.select("loan_id", "group_id", "member_id").to_arrow())
    try:
        places: pl.DataFrame = con.sql(_PLACES.format(as_of=as_of, visible=visible)).pl()
    finally:
        con.unregister("owing")
    return owing.join(places, on="loan_id", how="left", maintain_order="left")


def shocks_known(con: duckdb.DuckDBPyConnection, as_of: datetime) -> pl.DataFrame:
    """Return the shocks known at `as_of` that have begun: kind, region, sector_id, sector_name, starts_on, ends_on."""
    visible = ",\n".join(_SEEN.format(name=name) for name in ("shocks", "sectors"))
    found: pl.DataFrame = con.sql(
        f"""WITH moment AS (SELECT TIMESTAMP '{as_of}' AS as_of), {visible}
        SELECT s.kind, s.region, s.sector_id, coalesce(line.name, s.sector_id) AS sector_name, s.starts_on, s.ends_on
        FROM seen_shocks AS s LEFT JOIN seen_sectors AS line ON line.id = s.sector_id
        WHERE s.starts_on < TIMESTAMP '{as_of}'
        ORDER BY s.starts_on, s.kind, s.region, s.sector_id"""
    ).pl()
    return found


def concentration(loans: pl.DataFrame, by: str) -> Concentration:
    """Return the balance of `placed_loans` by one of its columns, small cells pooled."""
    parts = {str(name or ""): part for (name,), part in loans.group_by(by)}
    shown, pool = _pooled(parts)
    whole = portfolio_at_risk(loans).balance
    cells = [_cell(name, "named" if name else "unrecorded", part, whole) for name, part in shown.items()]
    if pool is not None:
        cells.append(_cell("", "pooled", pool, whole))
    recorded = [cell.share for cell in cells if cell.kind != "unrecorded"]
    hhi = sum(share**2 for share in recorded) / sum(recorded) ** 2 if recorded else None
    return Concentration(_ordered(cells), hhi, withheld=pool is not None)


def shock_concentration(con: duckdb.DuckDBPyConnection, loans: pl.DataFrame, shocks: pl.DataFrame) -> Concentration:
    """Return the balance of `placed_loans` by the kinds of shock that were on while the loan ran.

    A loan that met two kinds is in both cells. A cell that is too small, or whose rest is, is left out.
    """
    con.register("placed", loans.select("loan_id", "region", "sector", "disbursed_on").to_arrow())
    con.register("struck", shocks.to_arrow())
    try:
        met: pl.DataFrame = con.sql(_MET).pl()
    finally:
        con.unregister("placed")
        con.unregister("struck")
    sure = met.filter(pl.col("met") == 2)
    doubt = met.filter(pl.col("met") == 1).join(sure, on="loan_id", how="anti")
    parts: list[tuple[str, Kind, pl.DataFrame]] = [
        (str(kind), "named", rows) for (kind,), rows in sure.group_by("kind")
    ]
    free = loans.join(met.filter(pl.col("met") > 0), on="loan_id", how="anti")
    parts += [("", "unrecorded", doubt), ("", "unexposed", free)]
    whole = portfolio_at_risk(loans).balance
    cells = []
    withheld = False
    for name, kind, rows in parts:
        part = loans.join(rows, on="loan_id", how="semi")
        rest = loans.join(rows, on="loan_id", how="anti")
        if few(part) or (rest.height and few(rest)):  # what is not in the cell follows from the total
            withheld |= part.height > 0
        else:
            cells.append(_cell(name, kind, part, whole))
    return Concentration(_ordered(cells), None, withheld)


def _pooled(parts: dict[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame | None]:
    """Return the cells that may be shown, and the rest as one that may be, or nothing where none is small."""
    rising = sorted(parts.items(), key=lambda item: (item[1]["outstanding"].sum(), item[0]))
    small = [name for name, part in rising if few(part)]
    if not small:
        return parts, None
    large = [name for name, _ in rising if name not in small]
    pool = pl.concat([parts[name] for name in small])
    while large and few(pool):
        name = large.pop(0)
        small.append(name)
        pool = pl.concat([pool, parts[name]])
    return {name: parts[name] for name in large}, pool


def _cell(name: str, kind: Kind, part: pl.DataFrame, whole: Decimal) -> Cell:
    par = portfolio_at_risk(part, 30)
    return Cell(
        name=name,
        kind=kind,
        borrowers=part.select(BORROWERS).item(),
        balance=par.balance,
        share=float(par.balance / whole),
        at_risk=par.at_risk,
        with_restructured=par.with_restructured,
    )


def _ordered(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    last = ("named", "pooled", "unrecorded", "unexposed")
    return tuple(sorted(cells, key=lambda cell: (last.index(cell.kind), -cell.balance, cell.name)))
