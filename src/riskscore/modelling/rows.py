"""Which columns may enter a model, and the parts of a split as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.recipe_faults import family_faults, near, unstated
from riskscore.modelling.woe import Risk

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import TrainingSet

#: The family of officers and branches, whose formulas no subject tells apart.
STAFF_FAMILY = "staff"

#: Level, headroom and what rests on them: for the model of over-indebtedness, and never in a PD.
INDEBTEDNESS_FAMILY = "indebtedness"


@dataclass(frozen=True, slots=True)
class Columns:
    """The features that may enter: names in order, and their families and directions."""

    names: tuple[str, ...]
    families: Mapping[str, str]
    risks: Mapping[str, Risk]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one part of the split.

    Parameters
    ----------
    X : ndarray (n, k)
        NaN is missing.
    y : ndarray (n,)
        1 is bad; good and indeterminate are 0.
    decided : ndarray of bool (n,)
        False where the outcome is indeterminate: such a row leaves every fit, and counts as not bad elsewhere.
    clusters : ndarray (n,)
        The group key.
    cycle : ndarray of str (n,)
        ``"first"`` or ``"repeat"``.
    regime : ndarray of str (n,)
        The times it was asked for in: a shock's kind, or the year.
    """

    X: Floats
    y: Floats
    decided: NDArray[np.bool_]
    clusters: NDArray[Any]
    cycle: NDArray[Any]
    regime: NDArray[Any]

    def at(self, rows: NDArray[Any]) -> Rows:
        """Return the rows of a mask, or of an index."""
        return Rows(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


def known_outcome(recipe: Recipe) -> None:
    """Refuse a recipe whose outcome does not exist, is of another subject or ledger, or has figures it does not state.

    Raises
    ------
    InvalidInput
        Naming the recipe's lines.
    """
    from riskscore.dataset import OUTCOMES

    rule = OUTCOMES.get(recipe.outcome)
    if rule is None:
        remedy = f"Use one of {', '.join(OUTCOMES)}."
        raise InvalidInput.of(
            recipe.at("outcome"), f"{recipe.outcome!r} is not known.", near(recipe.outcome, OUTCOMES, remedy)
        )
    faults = []
    if (recipe.subject == "member") != (rule.subject == "member"):
        what = f"The outcome {recipe.outcome!r} is of a {rule.subject}, and the subject is {recipe.subject!r}."
        faults.append(Fault(recipe.at("subject"), what, "Let both speak of the same loans."))
    if recipe.ledger != rule.ledger:
        what = f"The outcome {recipe.outcome!r} is of the {rule.ledger} ledger, and the recipe of the {recipe.ledger}."
        faults.append(Fault(recipe.at("ledger"), what, "Let both speak of the same loans."))
    faults += unstated(recipe)
    if faults:
        raise InvalidInput(faults)


def columns_of(recipe: Recipe, lock: Lock) -> Columns:
    """Return the predictors that the recipe lets in, in the lock's order.

    Raises
    ------
    InvalidInput
        For every family or name of the recipe that the lock does not have, every cap of a family that does not enter,
        and every family that would hold her officer or branch against a member.
    """
    names = {feature.name for feature in lock.features}
    remedy = "Correct the recipe, or declare it in features/."
    faults = family_faults(recipe, lock)
    faults += [
        Fault(recipe.at(where, name), f"The lock has no feature {name!r}.", near(name, names, remedy))
        for where, asked in (
            ("features.exclude", recipe.features.exclude),
            ("first_cycle", (recipe.first_cycle,)),
        )
        for name in asked
        if name not in names
    ]
    faults += [
        Fault(
            recipe.at("features.free", feature.name),
            f"{feature.name!r} is declared risk={feature.risk!r}, and nothing gives it a direction.",
            'Declare it risk="free" in features/.',
        )
        for feature in lock.features
        if feature.name in recipe.features.free and feature.risk != "free"
    ]
    # The list may name what this institution does not measure; a misspelt name would guard nothing.
    faults += [
        Fault(recipe.at("features.free", name), f"The lock has no feature {name!r}.", f"Did you mean {close[0]!r}?")
        for name in recipe.features.free
        if name not in names and (close := get_close_matches(name, sorted(names), n=1, cutoff=0.85))
    ]
    entering = {
        feature.name: feature
        for feature in lock.predictors
        if feature.family in recipe.features.families and feature.name not in recipe.features.exclude
    }
    faults += [
        Fault(
            recipe.at("calibration.offsets", name),
            f"{name!r} is no feature of free direction that enters outside the capped families.",
            "Name a 0/1 feature that does, or none.",
        )
        for name in recipe.offsets
        if name not in entering or entering[name].risk != "free" or entering[name].family in recipe.caps
    ]
    if not recipe.of_household and any(one.family == INDEBTEDNESS_FAMILY for one in entering.values()):
        what = f"{INDEBTEDNESS_FAMILY!r} tells where a household stands, which never enters the probability of default."
        remedy = "Take the family out; the score shows indebtedness beside the PD."
        faults.append(Fault(f"{recipe.name}: features.families", what, remedy))
    if recipe.subject == "member":
        faults += [
            Fault(
                recipe.at("features.families", family),
                f"{family!r} tells of the officer or the branch, whom a member did not choose.",
                "Take the family out, or exclude those features.",
            )
            for family in dict.fromkeys(
                feature.family
                for feature in entering.values()
                if feature.family == STAFF_FAMILY or feature.subject in ("officer", "branch")
            )
        ]
    if faults:
        raise InvalidInput(faults)
    return Columns(
        names=tuple(entering),
        families={name: feature.family for name, feature in entering.items()},
        risks={name: feature.risk for name, feature in entering.items()},
    )


def rows_of(part: TrainingSet, features: tuple[str, ...], first_cycle: str) -> Rows:
    """Return a part of the split as arrays; `first_cycle` names a column that is missing for a first cycle."""
    frame = part.frame
    values = frame.select(features).fill_null(np.nan).to_numpy().astype(np.float64)
    return Rows(
        X=np.ascontiguousarray(values.reshape(frame.height, len(features))),
        y=part.bad,
        decided=part.fit_rows,
        clusters=part.clusters,
        cycle=np.where(frame[first_cycle].is_null().to_numpy(), "first", "repeat"),
        regime=part.regimes,
    )


def joined(one: Rows, two: Rows) -> Rows:
    """Return the rows of both, the first's before the second's."""
    return Rows(
        X=np.vstack([one.X, two.X]),
        y=np.concatenate([one.y, two.y]),
        decided=np.concatenate([one.decided, two.decided]),
        clusters=np.concatenate([one.clusters, two.clusters]),
        cycle=np.concatenate([one.cycle, two.cycle]),
        regime=np.concatenate([one.regime, two.regime]),
    )
