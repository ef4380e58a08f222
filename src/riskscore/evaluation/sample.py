"""Labels, predictions and weights, checked once and side by side.

A label is 1 for bad and 0 for good, or a probability in between: a *soft label*, as a simulator that knows the truth
gives it. Every measure here takes soft labels as the expected value over what might have happened.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskscore.errors import Fault, InvalidInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Predictions are held this far from 0 and 1 before a logarithm is taken.
EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Sample:
    """Observations ready for arithmetic: float64 arrays of one length, all finite.

    Parameters
    ----------
    y : ndarray (n,)
        Bad as 1, good as 0, or the probability of bad.
    score : ndarray (n,)
        Higher means riskier; a probability where the measure is of calibration.
    weights : ndarray (n,)
        Not negative, with a positive sum.
    """

    y: Floats
    score: Floats
    weights: Floats

    @property
    def bads(self) -> float:
        """Weighted number of bads (expected number for soft labels)."""
        return float(self.weights @ self.y)

    @property
    def goods(self) -> float:
        """Weighted number of goods."""
        return float(self.weights @ (1.0 - self.y))

    @classmethod
    def of(
        cls,
        y: npt.ArrayLike,
        score: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        *,
        probability: bool = False,
    ) -> Sample:
        """Check and convert, telling every fault at once.

        Raises
        ------
        InvalidInput
            Where lengths differ, a value is missing or outside its range, or nothing has weight.
        """
        labels, scores = _floats(y), _floats(score)
        weighted = np.ones_like(labels) if weights is None else _floats(weights)
        faults: list[Fault] = []
        if not (labels.ndim == scores.ndim == weighted.ndim == 1 and len(labels) == len(scores) == len(weighted)):
            shapes = f"{labels.shape}, {scores.shape} and {weighted.shape}"
            raise InvalidInput.of(
                "y, score, weights", f"shapes {shapes} are not one length.", "Give one value an observation."
            )
        if len(labels) == 0:
            raise InvalidInput.of("y", "there is no observation.", "Give at least one row.")
        if not np.all((labels >= 0) & (labels <= 1)):
            faults.append(
                Fault("y", "a label is missing or outside [0, 1].", "Use 1 for bad, 0 for good, or a probability.")
            )
        if probability and not np.all((scores >= 0) & (scores <= 1)):
            faults.append(Fault("pd", "a probability is missing or outside [0, 1].", "Give probabilities, not points."))
        elif not np.all(np.isfinite(scores)):
            faults.append(Fault("score", "a score is missing or infinite.", "Leave out rows without a score."))
        if not (np.all(np.isfinite(weighted)) and np.all(weighted >= 0) and weighted.sum() > 0):
            faults.append(
                Fault("weights", "weights must be finite, not negative and not all zero.", "Check the weights.")
            )
        if faults:
            raise InvalidInput(faults)
        return cls(labels, scores, weighted)


def cluster_codes(clusters: npt.ArrayLike | None, n: int) -> tuple[Ints, int]:
    """Number the clusters 0..k-1; without clusters each row is its own.

    Raises
    ------
    InvalidInput
        Where there is not one cluster a row.
    """
    if clusters is None:
        return np.arange(n, dtype=np.int64), n
    named = np.asarray(clusters)
    if named.shape != (n,):
        raise InvalidInput.of("clusters", f"shape {named.shape} for {n} rows.", "Give one cluster a row.")
    names, codes = np.unique(named, return_inverse=True)
    return codes.astype(np.int64), len(names)


def logit(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)), with p held 1e-9 away from 0 and 1."""
    held = np.clip(probability, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(held) - np.log1p(-held), dtype=np.float64)


def expit(log_odds: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)), dtype=np.float64)


def _floats(values: npt.ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
