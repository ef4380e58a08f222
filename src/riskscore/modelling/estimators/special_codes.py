"""Special codes: numbers that are no amounts but words, such as -1 for "never" or 999 for "not asked".

A code lies beyond the ordinary values: up to three whole numbers below 0 where nothing else is, or a row of nines
(96 to 99, 996 to 999 ...) more than twice as far from 0 as everything else.
"""

from __future__ import annotations

import numpy as np

from riskscore.modelling.margin import Floats

#: More different values below 0 than this are amounts.
MOST_BELOW = 3

#: A value on fewer rows than this may be a slip of the pen.
FEWEST_ROWS = 5


def special_codes(values: Floats) -> tuple[float, ...]:
    """Return the codes among a column's values, ascending; NaN is missing.

    Examples
    --------
    >>> special_codes(np.repeat([-1.0, 0.0, 2.0, 5.0, 98.0], 10))
    (-1.0, 98.0)
    """
    found, rows = np.unique(values[~np.isnan(values)], return_counts=True)
    whole = found == np.round(found)
    below = found < 0
    codes = []
    if 0 < below.sum() <= MOST_BELOW and (whole & (rows >= FEWEST_ROWS))[below].all() and (~below).sum() > 1:
        codes = found[below].tolist()
    nines = np.array(
        [bool(one) and _nines(value) for value, one in zip(found.tolist(), whole, strict=True)], dtype=bool
    )
    ordinary = found[~nines & ~below]
    if nines.any() and len(ordinary) > 1 and ordinary.max() * 2 < found[nines].min():
        codes += [
            value for value, count in zip(found[nines].tolist(), rows[nines], strict=True) if count >= FEWEST_ROWS
        ]
    return tuple(codes)


def _nines(value: float) -> bool:
    """Whether a whole number is written 9...9 with a last digit of 6 to 9, in two digits or more."""
    text = str(int(value))
    return len(text) > 1 and set(text[:-1]) == {"9"} and text[-1] in "6789"
