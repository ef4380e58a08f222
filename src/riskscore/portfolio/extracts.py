"""Two extracts of one institution: what the later one says of the past must be what the earlier one said then.

A row whose stamp is older than the earlier extract claims that the extract held it. Where it does not, or says
something else, the stamp is not the day of recording: a proof that one extract alone can never give.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from riskscore.portfolio.folder import Portfolio

KEY = ("id", "known_at")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What differs of one table, or of one of its columns, in the rows that both extracts should hold.

    Parameters
    ----------
    table : str
    column : str
        Empty where whole rows are meant.
    rows : int
        Rows of the later extract stamped within the earlier one that it lacks; with a column, rows whose value differs.
    gone : int
        Rows of the earlier extract that the later one lacks; 0 with a column.
    of : int
        Rows of the later extract that are stamped within the earlier one.
    """

    table: str
    column: str
    rows: int
    gone: int
    of: int


def rewritten(earlier: Portfolio, later: Portfolio) -> list[Rewritten]:
    """Return every table and column of which the past was rewritten between two extracts.

    Parameters
    ----------
    earlier, later : Portfolio
        Of one institution; tables and columns that only one of them has are left out.
    """
    found = []
    for name in earlier.manifest.rows:
        if name not in later.manifest.rows:
            continue
        within = pl.col("known_at") < earlier.moment()
        then, now = earlier.table(name).filter(within), later.table(name).filter(within)
        columns = [column for column in then.columns if column in now.columns and column not in KEY]
        added, gone = now.join(then, on=KEY, how="anti").height, then.join(now, on=KEY, how="anti").height
        if added or gone:
            found.append(Rewritten(name, "", added, gone, now.height))
        both = then.select(*KEY, *columns).join(now.select(*KEY, *columns), on=KEY, suffix="_now")
        differs = both.select(pl.col(c).ne_missing(pl.col(f"{c}_now")).sum().alias(c) for c in columns)
        found += [
            Rewritten(name, column, count, 0, now.height)
            for column, count in zip(columns, differs.row(0), strict=True)
            if count
        ]
    return found
