"""How strongly members fall together: from hidden fortunes to defaults, and from a record of groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri, owens_t

from riskscore.errors import InvalidInput, Refused
from riskscore.liability.checks import require


def default_correlation(p: float, r: float) -> float:
    """Return the correlation of two defaults whose hidden fortunes correlate by `r`.

    ``rho = (Phi2(c, c; r) - p^2) / (p (1 - p))`` with ``c = Phi^-1(p)``; the bivariate normal comes exactly from
    Owen's T: ``Phi2(c, c; r) = Phi(c) - 2 T(c, sqrt((1 - r) / (1 + r)))``.

    Parameters
    ----------
    p : float
        Inside (0, 1).
    r : float
        Asset correlation in [0, 1).

    Raises
    ------
    InvalidInput
        A number out of range.

    Examples
    --------
    >>> round(default_correlation(0.05, 0.15), 4)
    0.0408
    """
    require(p=p, r=r)
    threshold = ndtri(p)
    both = ndtr(threshold) - 2.0 * owens_t(threshold, np.sqrt((1.0 - r) / (1.0 + r)))
    return float((both - p * p) / (p * (1.0 - p)))


def moment_correlation(sizes: Sequence[int], falls: Sequence[int]) -> float:
    """Estimate the correlation of defaults from groups: pairs that fell together against pairs.

    ``(sum d (d - 1) / sum n (n - 1) - p^2) / (p (1 - p))``. It may come out below 0 where falls spread more evenly
    than chance would.

    Parameters
    ----------
    sizes : sequence of int
        Members of each group.
    falls : sequence of int
        How many of them fell.

    Raises
    ------
    InvalidInput
        Lengths differ, or a count is not between 0 and its group's size.
    Refused
        Nobody or everybody fell, or no group has two members: the record cannot say.

    Examples
    --------
    >>> round(moment_correlation([5] * 10, [0] * 7 + [1, 1, 3]), 4)
    0.2222
    """
    n, d = np.asarray(sizes, dtype=np.int64), np.asarray(falls, dtype=np.int64)
    if n.shape != d.shape or n.size == 0 or not np.all((d >= 0) & (d <= n) & (n >= 1)):
        raise InvalidInput.of("falls", "they do not match the sizes.", "Give one count in [0, size] for each group.")
    rate, pairs = d.sum() / n.sum(), (n * (n - 1)).sum()
    if rate in (0.0, 1.0) or pairs == 0:
        raise Refused.of("falls", "this record holds no pair to learn a correlation from.", "Add groups or cycles.")
    return float(((d * (d - 1)).sum() / pairs - rate**2) / (rate * (1.0 - rate)))
