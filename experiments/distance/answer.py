"""What one model says, beside what is true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Answer:
    """Probabilities of the rows of one scenario.

    `size` is how many cycles were learnt from and `bads` how many of them were bad; `pd` is None where the library
    refuses to answer, and `words` says why; `low` and `high` are the ends of its interval where it gives one.
    """

    size: int
    scenario: str
    model: str
    bads: int
    p: np.ndarray
    pd: np.ndarray | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    words: str = ""
