"""What a model would have done where it had never been: one branch, or one region, left out of its training at a time.

A refit is a callable that is handed in: this module knows which rows may train and which are to be judged, and nothing
of how a model is made. Every cluster with a row in the part left out leaves training whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskscore.errors import Refused
from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.report import Evaluation, Figure, evaluate
from riskscore.evaluation.sample import Floats

#: From the rows that may train to the PD of the rows that are judged, both as masks over all rows.
Refit = Callable[[npt.NDArray[np.bool_], npt.NDArray[np.bool_]], Floats]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One part, judged by a model that was fitted without it.

    Parameters
    ----------
    name : str
    n, bads, clusters : int
        Of the part's rows that were judged.
    train_n, train_bads : int
        Rows that the model without it learnt from.
    auc : Figure
        With its clustered interval also where there are few bads; NaN where it could not be fitted.
    evaluation : Evaluation or None
        None where it could not be fitted.
    refused : str
        Why it could not be fitted; empty where it could.
    """

    name: str
    n: int
    bads: int
    clusters: int
    train_n: int
    train_bads: int
    auc: Figure
    evaluation: Evaluation | None
    refused: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        return {
            "name": self.name,
            "n": self.n,
            "bads": self.bads,
            "clusters": self.clusters,
            "train_n": self.train_n,
            "train_bads": self.train_bads,
            "auc": self.auc.to_dict(),
            "evaluation": None if self.evaluation is None else self.evaluation.to_dict(),
            "refused": self.refused,
        }


def leave_parts_out(
    y: npt.ArrayLike,
    clusters: npt.ArrayLike,
    parts: npt.ArrayLike,
    *,
    train: npt.NDArray[np.bool_],
    later: npt.NDArray[np.bool_],
    refit: Refit,
    names: Sequence[str],
    level: float = 0.90,
    replicates: int = 200,
    seed: int = 0,
) -> tuple[LeftOut, ...]:
    """Judge each named part by a model that was fitted without it.

    Parameters
    ----------
    y : array_like (n,)
        1 for bad, 0 for not bad, of training and later rows together.
    clusters, parts : array_like (n,)
        The group key and the part of each row.
    train, later : ndarray of bool (n,)
        Which rows may train and which may be judged.
    refit : callable
        May raise `Refused`, say for too few bads; its words are kept.
    names : sequence of str
        The parts to leave out, in this order.
    """
    labels, groups, homes = np.asarray(y, dtype=np.float64), np.asarray(clusters), np.asarray(parts).astype(str)
    found = []
    for name in names:
        here = homes == name
        learnt = train & ~np.isin(groups, np.unique(groups[here]))
        judged = later & here
        counts: dict[str, Any] = {
            "name": name,
            "n": int(judged.sum()),
            "bads": int(labels[judged].sum()),
            "clusters": len(np.unique(groups[judged])),
            "train_n": int(learnt.sum()),
            "train_bads": int(labels[learnt].sum()),
        }
        try:
            pd = refit(learnt, judged)
        except Refused as cause:
            found.append(LeftOut(**counts, auc=Figure(np.nan), evaluation=None, refused=str(cause)))
            continue
        shown = evaluate(labels[judged], pd, clusters=groups[judged], level=level, replicates=replicates, seed=seed)
        area = clustered_auc(labels[judged], pd, groups[judged], level=level)
        found.append(LeftOut(**counts, auc=area, evaluation=shown))
    return tuple(found)
