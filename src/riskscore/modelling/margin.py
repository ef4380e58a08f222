"""What a candidate must be able to say of itself before it is calibrated.

A *margin* is a candidate's own log-odds of a bad outcome, before calibration. It is a sum: a base, which is its mean
over the development rows, and one contribution a feature. A *group* is a tuple of columns whose joint contribution is
capped later (the record of the neighbours, say).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput

Floats = NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]


class Margin(Protocol):
    """A fitted candidate: additive in its features, and able to say a group's sum without the single contributions."""

    @property
    def kind(self) -> str:
        """``"woe_scorecard"`` or ``"lightgbm"``."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns, in order."""

    @property
    def base(self) -> float:
        """The mean margin of the development rows."""

    def contributions(self, X: Floats) -> Floats:
        """Return the contributions (n, k): `base` plus a row's sum is its margin."""

    def parts(self, X: Floats, groups: Groups) -> Floats:
        """Return (n, 1 + len(groups)): the base with all ungrouped contributions, then each group's own sum."""


def matrix(X: object, features: tuple[str, ...]) -> Floats:
    """Return `X` as a float64 matrix with one column a feature; NaN is missing.

    Raises
    ------
    InvalidInput
        If the shape is wrong, or a value is infinite; one fault for each such feature.
    """
    values = np.ascontiguousarray(X, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(features):
        raise InvalidInput.of(
            "X",
            f"The shape is {values.shape}, expected (rows, {len(features)}).",
            "Give one column for each feature, in the model's order.",
        )
    infinite = np.isinf(values)
    if infinite.any():
        raise InvalidInput(
            Fault(f"X.{name}", "An infinite value was found.", "Divide by nullif(x, 0), so that it is missing.")
            for name, bad in zip(features, infinite.T, strict=True)
            if bad.any()
        )
    return values


def sum_of(columns: Floats, chosen: tuple[int, ...]) -> Floats:
    """Return the row sums of the chosen columns, added from left to right.

    A running sum, one column after the other, so that a row alone and the same row in a batch agree to the last bit,
    which numpy's own reduction does not promise for every memory layout.
    """
    if not chosen:
        return np.zeros(len(columns))
    return np.asarray(np.add.accumulate(columns[:, chosen], axis=1)[:, -1] + 0.0)
