"""Contagion, from the order and the distance of falls within a cycle.

From one cross-section infection cannot be told from shared fortune: both make neighbours fall together. The clock can.
A fall that was brought by another comes soon after it; two falls that only share a fortune come when each would have
come. So among pairs of one solidarity group that both fell, the share that fell *close* (one after the other, within a
window of meetings) is set against the same share among pairs of the same communal bank and cycle from two different
groups, who share officer, market day, season and shock, and do not stand for one another:

    brought = (close - close elsewhere) / (1 - close elsewhere),   infected = brought x pairs,
    q = infected / (direct falls x the neighbours each could have brought down).

Only who fell is compared, so how often members fall together does not enter: a group's shared luck, however strong,
leaves `q` alone as long as it does not say when.

Where it fails: a time of its own, in which one solidarity group alone is struck, looks like infection (.02 in a trial
with a season of each group's own and none infected; more where it is one day); infection longer than the window,
that crosses solidarity groups, or whose beginning shows only when the cycle ends, is missed. Two falls at the same
meeting have no order and count as not close, here and elsewhere: where one fall brings two others within three
meetings, `q` comes out a tenth to a fifth too low (.09 for .10, .165 for .20), and its interval does not know of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.liability.pairs import REPLICATES, drawn_clusters
from riskscore.liability.shares import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Infection:
    """What timing says of contagion.

    Parameters
    ----------
    q : Estimate
        Probability that one direct fall brings down one other of the solidarity group; its interval may reach below 0
        and `value` is not cut there, so that a mean over institutions is not flattered. `cases` are the pairs of one
        group that both fell.
    close, close_elsewhere : float
        Share of pairs that fell close, of one solidarity group and of two groups of one communal bank.
    brought : float
        Share of all falls that another one brought.
    """

    q: Estimate
    close: float
    close_elsewhere: float
    brought: float

    @property
    def used(self) -> float:
        """The value to compute with: never below 0, and below 1."""
        return float(np.clip(np.nan_to_num(self.q.value), 0.0, 0.95))


def infection(
    onset: ArrayLike,
    *,
    group: ArrayLike,
    bank: ArrayLike,
    cluster: ArrayLike,
    window: int,
    level: float = 0.90,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Infection:
    """Estimate the infection of a solidarity group from when its members fell.

    Parameters
    ----------
    onset : array_like (n,)
        Meeting of the cycle at which the member's trouble began, counted from 1; NaN where she did not fall.
    group, bank, cluster : array_like (n,)
        Her solidarity group in that cycle, her communal bank in that cycle, and what is drawn whole for the interval.
    window : int
        Meetings within which a fall counts as following another, at least 1.

    Raises
    ------
    InvalidInput
        Lengths that differ, an onset before the first meeting, a window below 1; all at once.
    Refused
        Too few pairs fell together to compare: fewer than 10 in one group, or none in two groups of one bank.
    """
    began = np.asarray(onset, dtype=np.float64)
    places = {"group": np.asarray(group), "bank": np.asarray(bank), "cluster": np.asarray(cluster)}
    faults = [
        Fault(name, "it is of another length.", "Give one for each member.")
        for name, one in places.items()
        if one.shape != began.shape
    ]
    if np.nanmin(began, initial=1.0) < 1:
        faults.append(Fault("onset", "a fall begins before the first meeting.", "Count meetings from 1."))
    if window < 1:
        faults.append(Fault("window", f"{window!r} holds no meeting.", "Give 1 or more."))
    if faults:
        raise InvalidInput(faults)
    codes = {name: np.unique(one, return_inverse=True)[1].astype(np.int64) for name, one in places.items()}
    counts = _counts(began, codes["group"], codes["bank"], codes["cluster"], window)
    pairs, elsewhere = counts[:, 0].sum(), counts[:, 2].sum()
    if pairs < 10 or elsewhere == 0:
        raise Refused.of(
            "onset",
            f"{int(pairs)} pairs of one group and {int(elsewhere)} of two groups of one bank fell together: too few.",
            "Add cycles; until then contagion rests on the recipe's assumption.",
        )
    drawn = drawn_clusters(len(counts), replicates, seed) @ counts
    values = np.array([_q(row)[0] for row in drawn])
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    q, infected = _q(counts.sum(axis=0))
    falls = counts[:, 4].sum()
    return Infection(
        q=Estimate(q, float(low), float(high), level, int(pairs)),
        close=float(counts[:, 1].sum() / pairs),
        close_elsewhere=float(counts[:, 3].sum() / elsewhere),
        brought=float(infected / falls),
    )


def _counts(began: Floats, group: Ints, bank: Ints, cluster: Ints, window: int) -> Floats:
    """Return ten counts for each cluster.

    Pairs and close pairs of one group, the same of two groups of one bank; falls, and those that were not their group's
    first; then sums over groups with d falls among n members, of which `_q` makes the neighbours exposed.
    """
    fell = np.isfinite(began)
    size, d = np.bincount(group), np.bincount(group, fell)
    n, e = size.astype(np.float64), np.maximum(d - 1.0, 0.0)
    found = np.zeros((int(cluster.max()) + 1, 10))
    home = np.zeros(len(size), dtype=np.int64)
    home[group] = cluster
    fellows = np.where(d > 0, (n - 1) * (n - 2) / 2, 0.0)
    for column, values in enumerate((d, e, d * (n - d), e * (2 * d - n), e**2, fellows), start=4):
        np.add.at(found[:, column], home, values)
    rows = np.flatnonzero(fell)
    rows = rows[np.argsort(bank[rows], kind="stable")]
    edges = np.flatnonzero(np.diff(bank[rows])) + 1
    for some in np.split(rows, edges):
        if len(some) < 2:
            continue
        one, two = np.triu_indices(len(some), k=1)
        gap = np.abs(began[some[one]] - began[some[two]])
        close = (gap >= 1) & (gap <= window)
        same = group[some[one]] == group[some[two]]
        row = found[cluster[some[0]]]
        row[:4] += (same.sum(), (close & same).sum(), (~same).sum(), (close & ~same).sum())
    return found


def _q(counts: Floats) -> tuple[float, float]:
    """Return q and the falls that were brought."""
    pairs, close, elsewhere, close_elsewhere, falls, later, exposed, bent, curved, fellows = counts
    if pairs == 0 or elsewhere == 0 or falls == 0 or close_elsewhere >= elsewhere:
        return np.nan, np.nan
    by_chance = close_elsewhere / elsewhere
    excess = (close / pairs - by_chance) / (1.0 - by_chance) * pairs
    # Excess pairs are those of a fall and one it brought, and those of two that one fall brought. With a share t of the
    # falls after a group's first brought by another, D = d - (d - 1) t fell directly, and each could bring down the
    # n - D others.
    infected = excess
    for _ in range(_ROUNDS):
        t = infected / later
        q = infected / (exposed + bent * t - curved * t * t)
        infected = excess - fellows * q * abs(q)
    return float(q), float(infected)
