"""The straight line from margin to log-odds, learnt from margins that no row had a part in.

Maximum likelihood of the two numbers a and b with the family caps in force: a capped family's clipped part no longer
answers to a, which the likelihood knows, so nothing has to be repeated until it settles. The offset of a segment (first
loans, say) is learnt in the same fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from riskscore.errors import Refused
from riskscore.modelling.calibrated import calibrated_log_odds
from riskscore.modelling.margin import Floats


@dataclass(frozen=True, slots=True)
class Line:
    """``log-odds = a * margin + b + offsets @ flags``, the margin's families clipped."""

    a: float
    b: float
    offsets: tuple[float, ...] = ()


def fit_line(parts: Floats, y: Floats, limits: tuple[float, ...], flags: Floats | None = None) -> Line:
    """Return the line, families clipped to `limits`.

    Parameters
    ----------
    parts : ndarray (n, 1 + groups)
        Out-of-fold parts of the margin, as `Margin.parts` gives them.
    y : ndarray (n,)
        1 is bad; indeterminate counts as 0.
    limits : tuple of float
        Caps, in log-odds.
    flags : ndarray (n, m), optional
        What each offset multiplies: the segments' flags less their means.

    Raises
    ------
    Refused
        If a is not above 0: the margin does not rank the rows it did not see.
    """
    if y.min() == y.max():
        raise Refused.of(
            "calibration", "The rows hold only one outcome.", "Take a longer period or a larger portfolio."
        )

    moved = np.zeros((len(y), 0)) if flags is None else flags

    def loss(line: Floats) -> tuple[float, Floats]:
        a, b = line[:2]
        z = calibrated_log_odds(parts, a, b, limits) + np.einsum("ij,j->i", moved, line[2:])
        slope = parts[:, 0].copy()
        for column, limit in enumerate(limits, start=1):
            slope += np.where(np.abs(a * parts[:, column]) < limit, parts[:, column], 0.0)
        residual = expit(z) - y
        value = np.logaddexp(0.0, z) - y * z
        moves = np.einsum("ij,i->j", moved, residual) / len(y)
        return float(value.mean()), np.array([(residual * slope).mean(), residual.mean(), *moves])

    start = np.array([1.0, 0.0, *np.zeros(moved.shape[1])])
    fitted = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-10})
    a, b, *offsets = (float(value) for value in fitted.x)
    if not a > 0:
        raise Refused.of(
            "calibration",
            f"The slope is {a:.3f}: margins do not rank the rows they did not see.",
            "Look at the features and the outcome; the model may not be used.",
        )
    return Line(a, b, tuple(offsets))
