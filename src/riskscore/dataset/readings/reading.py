"""A reading: one value a case, at its moment and some days before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Kind = Literal["column", "stamp", "rows", "feature"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one column or feature says of every case.

    Parameters
    ----------
    where : str
        ``"collection_calls.calls"``, ``"collection_calls"`` for the number of rows, or a feature's name.
    kind : {"column", "stamp", "rows", "feature"}
        "stamp" is how long ago the last row's ``event_at`` was.
    how : str
        In words: which rows, and what of them.
    values, earlier : Series (n,)
        A value a case, missing where nothing was on record: Float64, or String for a category. `earlier` is the same
        thing read some days before the moment.
    """

    where: str
    kind: Kind
    how: str
    values: pl.Series = field(repr=False)
    earlier: pl.Series = field(repr=False)
