"""The smallest cell a report shows: below it, a figure would be about somebody.

A cell of member loans needs `MINIMUM_BORROWERS` members from `MINIMUM_BANKS` communal banks, one of loans to banks
`MINIMUM_BANKS` banks: with fewer, whoever knows one of them reads off the others. Cells below are pooled or left empty,
never shown as zero.
"""

from __future__ import annotations

import polars as pl

MINIMUM_BORROWERS = 5
MINIMUM_BANKS = 3

_MEMBERS = pl.col("member_id").drop_nulls().n_unique()
_BANKS = pl.col("bank_id").n_unique()

#: Whether the rows of a cell (member_id, bank_id) are too few to be shown; to be used in an aggregation.
FEW = (_BANKS < MINIMUM_BANKS) | ((_MEMBERS > 0) & (_MEMBERS < MINIMUM_BORROWERS))

#: Borrowers of a cell: members, or communal banks where no member is the borrower.
BORROWERS = pl.coalesce("member_id", "bank_id").n_unique()


def few(loans: pl.DataFrame) -> bool:
    """Say whether `loans` (member_id, bank_id) are too few to be shown as one cell."""
    return bool(loans.select(FEW).item())
