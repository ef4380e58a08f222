"""Traits taken together: a rural woman of another mother tongue is not the sum of the two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from riskscore.evaluation.fairness.attribute import Attribute
from riskscore.evaluation.fairness.measures import Judged
from riskscore.evaluation.fairness.ratio import Ratio, Standard, impact_ratio
from riskscore.evaluation.report import Figure


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of two or more traits: who, how many, share ready, among the good too, bad rate; NaN in a small cell."""

    groups: tuple[str, ...]
    n: int
    ready: float
    ready_when_good: float
    bad_rate: float
    ratio: Ratio

    @property
    def told(self) -> bool:
        """Whether there are rows enough to tell of the cell."""
        return not math.isnan(self.ready)


def intersections(
    attributes: tuple[Attribute, ...], judged: Judged, standard: Standard | None = None
) -> tuple[Cell, ...]:
    """Return every cell with a row; each is compared with the cell of all references.

    Cells are counted and rated by fairlearn's MetricFrame; one under the smallest cell keeps its count and no figure.
    """
    import pandas as pd
    from fairlearn.metrics import MetricFrame, count, selection_rate, true_positive_rate

    held = standard or Standard()
    known = np.all([one.codes >= 0 for one in attributes], axis=0)
    if not known.any():
        return ()
    traits = pd.DataFrame({one.name: one.codes[known] for one in attributes})
    good = (judged.y[known] < 0.5).astype(int)
    frame = MetricFrame(
        metrics={"n": count, "ready": selection_rate, "ready_when_good": true_positive_rate},
        y_true=good,
        y_pred=judged.ready[known].astype(int),
        sensitive_features=traits,
    ).by_group
    base = np.all([one.codes == one.reference for one in attributes], axis=0)
    reference = tuple(one.reference for one in attributes)
    cells = []
    for codes, row in frame.iterrows():
        place = tuple(int(code) for code in (codes if isinstance(codes, tuple) else (codes,)))
        rows = np.all([one.codes == code for one, code in zip(attributes, place, strict=True)], axis=0)
        n = int(rows.sum())
        if not n:
            continue
        enough = n >= held.minimum_cell
        ratio = impact_ratio(judged.ready, rows, base, clusters=judged.clusters, standard=held)
        if place == reference:
            ratio = Ratio(Figure(math.nan), math.nan, math.nan, "reference")
        cells.append(
            Cell(
                groups=tuple(one.groups[code] for one, code in zip(attributes, place, strict=True)),
                n=n,
                ready=float(row["ready"]) if enough else math.nan,
                ready_when_good=float(row["ready_when_good"]) if enough else math.nan,
                bad_rate=float(judged.y[rows].mean()) if enough else math.nan,
                ratio=ratio,
            )
        )
    return tuple(cells)
