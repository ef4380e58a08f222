"""From log-odds to a score and back: 600 points at odds of 50 good to 1 bad, 20 points to double the odds.

The odds are GOOD to BAD, so a higher score is a safer loan. Other tools start from bad to good, or from other
anchors, and their scores may not be compared with these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from riskscore.errors import Fault, InvalidInput

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """A straight line between the log-odds of a bad outcome and points.

    ``score = offset - factor * log_odds_bad`` with ``factor = pdo / ln 2`` and
    ``offset = base - factor * ln(odds)``.

    Parameters
    ----------
    base : float
        The score at `odds`, in points.
    odds : float
        Good to bad at `base`.
    pdo : float
        Points that double the odds.

    Raises
    ------
    InvalidInput
        `odds` or `pdo` is not a positive number, or `base` is not finite.

    Examples
    --------
    >>> scale = ScoreScale()
    >>> round(scale.factor, 6), round(scale.offset, 6)
    (28.853901, 487.122876)
    >>> round(scale.of_pd(0.05), 3)
    572.081
    """

    base: float = 600.0
    odds: float = 50.0
    pdo: float = 20.0

    def __post_init__(self) -> None:
        faults = [
            Fault(f"scale.{name}", f"{value!r} is not a positive number.", "Use 50 for odds and 20 for pdo.")
            for name, value in (("odds", self.odds), ("pdo", self.pdo))
            if not (np.isfinite(value) and value > 0)
        ]
        if not np.isfinite(self.base):
            faults.append(Fault("scale.base", f"{self.base!r} is not a number.", "Use 600."))
        if faults:
            raise InvalidInput(faults)

    @property
    def factor(self) -> float:
        """Points for one unit of log-odds."""
        return float(self.pdo / np.log(2.0))

    @property
    def offset(self) -> float:
        """The score at even odds."""
        return float(self.base - self.factor * np.log(self.odds))

    @overload
    def score(self, log_odds_bad: float) -> float: ...
    @overload
    def score(self, log_odds_bad: Floats) -> Floats: ...
    def score(self, log_odds_bad: float | Floats) -> float | Floats:
        """Return the score of ``ln(bad / good)``."""
        return self.offset - self.factor * log_odds_bad

    @overload
    def points(self, phi: float) -> float: ...
    @overload
    def points(self, phi: Floats) -> Floats: ...
    def points(self, phi: float | Floats) -> float | Floats:
        """Return the points of a contribution `phi` to the log-odds of bad: worse for her is fewer points."""
        return -self.factor * phi

    @overload
    def log_odds(self, score: float) -> float: ...
    @overload
    def log_odds(self, score: Floats) -> Floats: ...
    def log_odds(self, score: float | Floats) -> float | Floats:
        """Return ``ln(bad / good)`` of a score."""
        return (self.offset - score) / self.factor

    @overload
    def pd(self, score: float) -> float: ...
    @overload
    def pd(self, score: Floats) -> Floats: ...
    def pd(self, score: float | Floats) -> float | Floats:
        """Return the probability of bad, in (0, 1), that belongs to a score."""
        probability = expit(self.log_odds(np.asarray(score, dtype=np.float64)))
        return probability if isinstance(score, np.ndarray) else float(probability)

    def of_pd(self, pd: float) -> float:
        """Return the score of a probability of bad in (0, 1), both ends exclusive.

        Raises
        ------
        InvalidInput
            `pd` is outside (0, 1); a probability of exactly 0 or 1 is never an output of a model.
        """
        if not 0.0 < pd < 1.0:
            raise InvalidInput.of("pd", f"{pd!r} is not inside (0, 1).", "Give a probability, both ends exclusive.")
        return self.score(float(np.log(pd) - np.log1p(-pd)))
