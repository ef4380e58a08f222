"""A part of the later rows and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskscore.evaluation import Evaluation, Figure, clustered_auc, evaluate
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows
from riskscore.modelling.validation.parts import Part, shown_name

#: Coverage of every interval here, as in training.
LEVEL = 0.90

#: Draws of the bootstraps.
REPLICATES = 200


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the later rows.

    Parameters
    ----------
    name : str
        `POOL` and `UNRECORDED` of `riskscore.modelling.validation.parts` among them.
    auc : Figure
        With its interval also where there are few bads.
    evaluation : Evaluation
    """

    name: str
    auc: Figure
    evaluation: Evaluation

    @property
    def observed_expected(self) -> Figure | None:
        """Bads over the sum of the PDs; None where there are too few bads to say."""
        return self.evaluation.figures.get("observed_expected")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        return {"name": shown_name(self.name), "auc": self.auc.to_dict(), **self.evaluation.to_dict()}


def evaluated(rows: Rows, pd: Floats, seed: int) -> Evaluation:
    """Return the figures of rows, their intervals clustered."""
    return evaluate(rows.y, pd, clusters=rows.clusters, level=LEVEL, replicates=REPLICATES, seed=seed)


def segment(part: Part, rows: Rows, pd: Floats, seed: int) -> Segment:
    """Return what a part of the rows shows."""
    own = rows.at(part.rows)
    area = clustered_auc(own.y, pd[part.rows], own.clusters, level=LEVEL)
    return Segment(part.name, area, evaluated(own, pd[part.rows], seed))
