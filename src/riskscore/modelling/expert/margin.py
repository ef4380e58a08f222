"""The expert's scorecard as a margin: a sum over indicators, relative to the development mean, exact by nature.

    log-odds = mu - slope * sum over dimensions of b_j (points of j - its points at the anchor)

so an indicator's SHAP value is ``-slope * b_j * (its points - their mean over the development rows)``. What a pool adds
is the same for every indicator and no feature: it is a row of its own (`riskscore.modelling.expert.interval`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from riskscore.errors import Fault
from riskscore.modelling.expert.belief import Belief
from riskscore.modelling.expert.candidate import ExpertCandidate
from riskscore.modelling.expert.points import dimension_points, expert_log_odds, points_of
from riskscore.modelling.margin import Floats, Groups, sum_of

_AGAIN = "Fetch the artefact again, or roll back to the version before it."


@dataclass(frozen=True, eq=False)
class ExpertMargin:
    """A scorecard of judgement after its cases.

    Parameters
    ----------
    scorecard : ExpertCandidate
    mean_points : tuple of float
        Of each indicator over the development rows.
    belief : Belief
    """

    scorecard: ExpertCandidate
    mean_points: tuple[float, ...]
    belief: Belief

    @property
    def kind(self) -> str:
        """``"expert_prior"``."""
        return self.scorecard.kind

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the indicators, in order."""
        return self.scorecard.features

    @property
    def base(self) -> float:
        """The log-odds at the development rows' mean points, in an ordinary season and no pool."""
        return float(self.belief.mode[0] + self.expert_log_odds_of_mean @ self.belief.coefficients)

    @cached_property
    def expert_log_odds_of_mean(self) -> Floats:
        """The expert's log-odds of each dimension at the mean points."""
        card = self.scorecard
        mean = dimension_points(card.dimensions, card.indicators, np.asarray([self.mean_points]))
        return np.asarray(expert_log_odds(card.anchor, card.dimensions, mean)[0])

    @cached_property
    def steps(self) -> Floats:
        """Log-odds that one point of each indicator takes away."""
        places = {one.name: place for place, one in enumerate(self.scorecard.dimensions)}
        own = [places[one.dimension] for one in self.scorecard.indicators]
        return np.asarray(self.scorecard.anchor.slope * self.belief.coefficients[own])

    def points(self, X: Floats) -> Floats:
        """Return the expert's points of each dimension (n, dimensions)."""
        card = self.scorecard
        return dimension_points(card.dimensions, card.indicators, points_of(card.indicators, X))

    def z(self, X: Floats) -> Floats:
        """Return the expert's log-odds of each dimension (n, dimensions)."""
        return expert_log_odds(self.scorecard.anchor, self.scorecard.dimensions, self.points(X))

    def contributions(self, X: Floats) -> Floats:
        """Return the contribution of each indicator to the log-odds (n, k)."""
        return np.asarray(-(points_of(self.scorecard.indicators, X) - np.asarray(self.mean_points)) * self.steps)

    def parts(self, X: Floats, groups: Groups) -> Floats:
        """Return the base with all ungrouped contributions, then each group's sum (n, 1 + len(groups))."""
        phi = self.contributions(X)
        grouped = {column for group in groups for column in group}
        rest = tuple(column for column in range(len(self.features)) if column not in grouped)
        return np.column_stack([self.base + sum_of(phi, rest), *(sum_of(phi, group) for group in groups)])

    def to_json(self) -> dict[str, Any]:
        """Return plain values for ``model.json``; the scorecard itself is the recipe's, which lies beside it."""
        belief = self.belief
        return {
            "kind": self.kind,
            "mean_points": list(self.mean_points),
            "levels": {pool: list(levels) for pool, levels in belief.levels.items()},
            "mode": belief.mode.tolist(),
            "covariance": belief.covariance.tolist(),
            # Six digits: a thousandth of the sampling's own noise, and a fourth of the file.
            "draws": [[float(f"{one:.6g}") for one in draw] for draw in belief.draws.tolist()],
            "n": belief.n,
            "bads": belief.bads,
            "sampled": belief.sampled,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any], scorecard: ExpertCandidate) -> Self:
        """Build it from `to_json`'s values and the recipe's scorecard, which `audit` has held against each other."""
        belief = Belief(
            prior=scorecard.prior,
            levels={pool: tuple(content["levels"][pool]) for pool in scorecard.pools},
            mode=np.asarray(content["mode"]),
            covariance=np.asarray(content["covariance"]),
            draws=np.asarray(content["draws"]),
            n=content["n"],
            bads=content["bads"],
            sampled=content["sampled"],
        )
        return cls(scorecard, tuple(content["mean_points"]), belief)


def shape_faults(margin: Mapping[str, Any]) -> list[Fault]:
    """Return every fault of the margin in ``model.json`` that shows without the recipe."""
    fields = {"kind", "mean_points", "levels", "mode", "covariance", "draws", "n", "bads", "sampled"}
    if set(margin) != fields:
        return [Fault("model.json: margin", f"It is not {', '.join(sorted(fields))}.", _AGAIN)]
    faults = [
        Fault(f"model.json: margin.{name}", "It is no list of numbers.", _AGAIN)
        for name in ("mean_points", "mode")
        if not _numbers(margin[name], 1)
    ]
    levels = margin["levels"]
    if not isinstance(levels, dict) or not all(
        isinstance(own, list) and all(isinstance(one, str) for one in own) for own in levels.values()
    ):
        faults.append(Fault("model.json: margin.levels", "They are no lists of texts.", _AGAIN))
    faults += [
        Fault(f"model.json: margin.{name}", "It is no matrix of numbers.", _AGAIN)
        for name in ("covariance", "draws")
        if not _numbers(margin[name], 2)
    ]
    faults += [
        Fault(f"model.json: margin.{name}", "It is no number from 0.", _AGAIN)
        for name in ("n", "bads", "sampled")
        if not _numbers([margin[name]], 1) or margin[name] < 0
    ]
    if faults:
        return faults
    k = len(margin["mode"])
    for name in ("covariance", "draws"):
        if {len(row) for row in margin[name]} != {k} or (name == "covariance" and len(margin[name]) != k):
            faults.append(Fault(f"model.json: margin.{name}", f"Its shape does not fit {k} parameters.", _AGAIN))
    return faults


def agreement_faults(model: Mapping[str, Any], candidates: tuple[object, ...]) -> list[Fault]:
    """Return where ``model.json`` is not of the scorecard in ``recipe.toml``."""
    scorecards = [one for one in candidates if isinstance(one, ExpertCandidate)]
    if len(scorecards) != 1:
        return [Fault("recipe.toml", "It has no one expert scorecard, and the model is of one.", _AGAIN)]
    card, margin = scorecards[0], model["margin"]
    faults = []
    if tuple(model["features"]) != card.features or len(margin["mean_points"]) != len(card.features):
        faults.append(Fault("model.json: features", "They are not the indicators of the recipe.", _AGAIN))
    if set(margin["levels"]) != set(card.pools):
        faults.append(Fault("model.json: margin.levels", "They are not of the recipe's pools.", _AGAIN))
        return faults
    parameters = 1 + len(card.dimensions) + sum(len(margin["levels"][pool]) for pool in card.pools)
    if len(margin["mode"]) != parameters:
        what = f"There are {len(margin['mode'])} parameters, by the recipe and the levels {parameters}."
        faults.append(Fault("model.json: margin.mode", what, _AGAIN))
    if (model["a"], model["b"]) != (1.0, 0.0) or model["offsets"]:
        faults.append(Fault("model.json: a", "A belief is calibrated by itself; a is 1 and b is 0.", _AGAIN))
    return faults


def _numbers(values: Any, depth: int) -> bool:
    if depth > 1:
        return isinstance(values, list) and bool(values) and all(_numbers(one, depth - 1) for one in values)
    return isinstance(values, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) and np.isfinite(one) for one in values
    )
