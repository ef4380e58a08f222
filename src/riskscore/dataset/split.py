"""The out-of-time split: what a model would have known on the day it went to work, and what came after.

Two test sets. *Same groups later* are groups that trained, seen after the cut: how the model does in service. *Other
groups later* are groups of which no row trained: how it does in a new branch. Between training and test stands the
embargo: a row trains only if its outcome was final before the first test row was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from riskscore.dataset.training_set import TrainingSet
from riskscore.errors import Fault, InvalidInput, Refused

#: No share outside these leaves both sides with something to say.
TEST_SHARE, HELD_OUT = (0.05, 0.6), (0.0, 0.5)


@dataclass(frozen=True)
class Split:
    """Training rows and two sets of later rows.

    Parameters
    ----------
    train : TrainingSet
    same_groups : TrainingSet
        After the cut, of clusters with a row in `train`.
    other_groups : TrainingSet
        After the cut, of clusters without one: held out on purpose, or founded later.
    first_test : datetime
        The first test moment; every training outcome was known before it.
    embargoed : int
        Earlier rows that may not train because their outcome was not yet known.
    held_out : tuple of str
        The clusters held out on purpose.
    """

    train: TrainingSet
    same_groups: TrainingSet
    other_groups: TrainingSet
    first_test: datetime
    embargoed: int
    held_out: tuple[str, ...]


def out_of_time(
    ts: TrainingSet,
    *,
    test_share: float,
    held_out_groups: float,
    embargo_days: int = 0,
    seed: int = 0,
    min_bads: int = 1,
) -> Split:
    """Split by date with an embargo, whole groups on one side.

    Parameters
    ----------
    ts : TrainingSet
    test_share : float
        Share of the rows, the latest, that test; in [0.05, 0.6].
    held_out_groups : float
        Share of the clusters that never train; in [0, 0.5]. They are taken evenly over the clusters in order of their
        bads, so that their rate is not a matter of luck.
    embargo_days : int
        Days that must lie, beyond any, between a training outcome and the first test moment; 0 or more.
    seed : int
        Which clusters are held out.
    min_bads : int
        Fewest bads to train on; with 0 the training rows are not looked at, and whoever asked does.

    Raises
    ------
    InvalidInput
        Naming every setting that is out of range.
    Refused
        Where a side is left empty, or training has too few bads or a single class.
    """
    _check(test_share, held_out_groups, embargo_days)
    if len(ts) < 2:
        raise Refused.of("split", f"{len(ts)} rows cannot be split.", "Use a longer history.")
    moments = ts.as_of
    first_test = np.sort(moments)[min(int(np.ceil(len(ts) * (1.0 - test_share))), len(ts) - 1)]
    later = moments >= first_test
    clusters = ts.clusters
    held = held_out_clusters(clusters, ts.bad, held_out_groups, seed)
    apart = np.isin(clusters, held)
    early = ~later & ~apart
    known = ts.final_at + np.timedelta64(embargo_days, "D") < first_test
    train = early & known
    seen = np.isin(clusters, np.unique(clusters[train]))
    if not train.any():
        raise Refused.of(
            "split",
            f"no outcome was final before the first test moment, {first_test}.",
            "Lower test_share, or use a longer history: a loan must end before it can teach.",
        )
    split = Split(
        train=ts.with_rows(train),
        same_groups=ts.with_rows(later & seen),
        other_groups=ts.with_rows(later & ~seen),
        first_test=first_test.astype(datetime),
        embargoed=int((early & ~known).sum()),
        held_out=tuple(str(name) for name in held),
    )
    if min_bads:
        split.train.require(min_bads, where="training rows")
    return split


def held_out_clusters(
    clusters: npt.NDArray[np.str_], bad: npt.NDArray[np.float64], share: float, seed: int
) -> npt.NDArray[np.str_]:
    """Choose a share of the clusters, evenly over their order by bads and rows; equals are ordered by the seed."""
    names, codes = np.unique(clusters, return_inverse=True)
    draw = np.random.default_rng(seed)
    order = np.lexsort((draw.random(len(names)), np.bincount(codes), np.bincount(codes, bad)))
    steps = np.floor(np.arange(len(names) + 1) * share + draw.random())
    return np.sort(names[order[np.diff(steps) > 0]])


def _check(test_share: float, held_out_groups: float, embargo_days: int) -> None:
    faults = [
        Fault(f"split.{name}", f"{value} is outside [{low}, {high}].", f"Give a share from {low} to {high}.")
        for name, value, (low, high) in (
            ("test_share", test_share, TEST_SHARE),
            ("held_out_groups", held_out_groups, HELD_OUT),
        )
        if not low <= value <= high
    ]
    if embargo_days < 0:
        faults.append(Fault("split.embargo_days", f"{embargo_days} is below 0.", "Give 0 or more days."))
    if faults:
        raise InvalidInput(faults)
