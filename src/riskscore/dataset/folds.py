"""Folds that keep every cluster whole and hold about the same number of bads and of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskscore.dataset.training_set import TrainingSet
from riskscore.errors import InvalidInput, Refused

Ints = npt.NDArray[np.int64]


def group_folds(ts: TrainingSet, k: int, seed: int) -> Ints:
    """Return the fold 0..k-1 of each row of a training set; see `whole_folds`."""
    return whole_folds(ts.clusters, ts.bad, k, seed)


def whole_folds(clusters: npt.ArrayLike, bad: npt.ArrayLike, k: int, seed: int) -> Ints:
    """Deal whole clusters into k folds, the heaviest first, each to the fold that it makes least uneven.

    Parameters
    ----------
    clusters : array_like (n,)
    bad : array_like (n,)
        0 or 1.
    k : int
        At least 2.
    seed : int
        Orders clusters of equal weight, and nothing else.

    Returns
    -------
    ndarray (n,)
        The fold of each row.

    Raises
    ------
    InvalidInput
        For fewer than two folds.
    Refused
        Where there are fewer clusters than folds.

    Examples
    --------
    >>> folds = whole_folds(["a", "a", "b", "c", "c", "d"], [1, 0, 0, 1, 0, 0], 2, seed=0)
    >>> folds[0] == folds[1], folds[3] == folds[4], folds[0] != folds[3]
    (np.True_, np.True_, np.True_)
    """
    if k < 2:
        raise InvalidInput.of("folds", f"{k} is fewer than 2.", "Ask for at least two folds.")
    names, codes = np.unique(np.asarray(clusters), return_inverse=True)
    if len(names) < k:
        raise Refused.of(
            "folds",
            f"{len(names)} clusters cannot fill {k} folds of whole clusters.",
            "Ask for fewer folds, or bring a portfolio of more communal banks.",
        )
    rows = np.bincount(codes).astype(np.float64)
    bads = np.bincount(codes, np.asarray(bad, dtype=np.float64))
    order = np.lexsort((np.random.default_rng(seed).random(len(names)), -rows, -bads))
    # Squared load in both currencies: a cluster without bads is dealt by rows alone.
    row_unit, bad_unit = rows.sum() / k, max(bads.sum() / k, 1.0)
    held_rows, held_bads = np.zeros(k), np.zeros(k)
    fold_of = np.empty(len(names), dtype=np.int64)
    for cluster in order:
        added_rows, added_bads = rows[cluster] / row_unit, bads[cluster] / bad_unit
        fold = int(np.argmin(added_rows * held_rows + added_bads * held_bads))
        fold_of[cluster] = fold
        held_rows[fold] += added_rows
        held_bads[fold] += added_bads
    return fold_of[codes]
