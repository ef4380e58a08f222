"""Labels and groups of a flat table: one a row, in the rows' order, none missing, of two kinds, the bad one known.

What scikit-learn takes silently costs a lender more: text sorts "bad" before "good", and a pandas column in another
order than the table labels everybody as somebody else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import Fault, InvalidInput


def column_of(table: Any, frame: pl.DataFrame, name: str, one: str | ArrayLike) -> NDArray[Any]:
    """Return a column of the table by its name, or values handed over beside it, one a row.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        As it was handed over.
    frame : DataFrame
        The same, read.
    name : str
        What the argument is called in faults.
    one : str or array_like (n,)

    Raises
    ------
    InvalidInput
        Not one value a row, values in another order than the table's rows, or a missing one; all at once.
    """
    where = f"{name}, column {one!r}" if isinstance(one, str) else name
    found = frame[one].to_numpy() if isinstance(one, str) else np.asarray(one)
    if found.shape != (len(frame),):
        raise InvalidInput.of(where, f"The shape is {found.shape} for {len(frame)} rows.", "Give one a row.")
    faults = []
    if isinstance(one, pd.Series) and isinstance(table, pd.DataFrame) and not one.index.equals(table.index):
        what = "Its index is not the table's: it may be in another order."
        remedy = "Bring it into the table's order with `.loc`, or give `.to_numpy()` to have it taken row by row."
        faults.append(Fault(where, what, remedy))
    missing = int(pd.isna(found).sum())
    if missing:
        faults.append(Fault(where, f"{missing} of {len(found)} rows have none.", "Leave those rows out."))
    if faults:
        raise InvalidInput(faults)
    return found


def bad_of(labels: NDArray[Any], bad_label: Any) -> Any:
    """Return which label is the bad: as it was said, else the larger of two numbers, or True.

    Raises
    ------
    InvalidInput
        There are not two kinds, none of them is `bad_label`, or they are text and none was said to be the bad.
    """
    if labels.dtype.kind in "mM":
        raise InvalidInput.of("bad", "The labels are dates or times.", "Give labels of two kinds, such as 0 and 1.")
    try:
        kinds = np.unique(labels).tolist()
    except TypeError:  # text beside numbers has no order
        kinds = list(dict.fromkeys(labels.tolist()))
    shown = ", ".join(repr(one) for one in kinds)
    if len(kinds) != 2:
        few = f" ({shown})" if len(kinds) <= 5 else ""  # many are amounts, which no error repeats
        what = f"The labels are of {len(kinds)} {'kind' if len(kinds) == 1 else 'kinds'}{few}."
        raise InvalidInput.of("bad", what, "Give labels of two kinds: what went bad, and what did not.")
    if bad_label is not None:
        if bad_label not in kinds:
            raise InvalidInput.of("bad_label", f"{bad_label!r} is none of the labels.", f"Name one of {shown}.")
        return bad_label
    if not all(isinstance(one, bool | int | float) for one in kinds):
        what = f"The labels are {shown}, and nobody said which of them is the bad."
        raise InvalidInput.of("bad_label", what, f"Give bad_label={kinds[0]!r} or bad_label={kinds[1]!r}.")
    return max(kinds)
