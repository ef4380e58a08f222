"""The expert's scorecard as a recipe states it, read with every fault at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from riskscore.errors import Fault
from riskscore.modelling.expert.points import Anchor, Dimension, Indicator
from riskscore.modelling.expert.prior import Prior
from riskscore.modelling.recipe_faults import family_faults
from riskscore.modelling.toml_fields import Fields

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.modelling.recipe import Recipe

#: What cases may share. The season is the one whose level is not known ahead.
POOLS = ("sector", "province", "purpose", "organisation", "season")
SEASON = "season"


@dataclass(frozen=True, slots=True)
class EntryGate:
    """What an association must bring before its points are looked at. A missing value neither passes nor fails.

    Parameters
    ----------
    name, feature : str
    at_least, at_most : float or None
        One of the two.
    verified : bool
        Whether the bound is a rule that was read, and not the trade's habit.
    title : mapping of str to str
        What it asks for, by language.
    """

    name: str
    feature: str
    at_least: float | None
    at_most: float | None
    verified: bool
    title: Mapping[str, str]

    def answer(self, value: float | None) -> Literal["passed", "failed", "unknown"]:
        """Say how a value stands to the gate."""
        if value is None or value != value:
            return "unknown"
        low = self.at_least is not None and value < self.at_least
        high = self.at_most is not None and value > self.at_most
        return "failed" if low or high else "passed"


@dataclass(frozen=True, slots=True)
class ExpertCandidate:
    """A scorecard of judgement, with how sure the expert is of it.

    Parameters
    ----------
    anchor : Anchor
    dimensions : tuple of Dimension
    indicators : tuple of Indicator
        In the order of the model's features.
    entry : tuple of EntryGate
    pools : mapping of str to float
        Standard deviation, in log-odds, of what cases of one level share.
    conflict_below : float
        A prior predictive p-value below this is told as a conflict of judgement and record.
    minimum_sampled : float
        Smallest effective share of the posterior's draws that counts as an answer.
    """

    anchor: Anchor
    dimensions: tuple[Dimension, ...]
    indicators: tuple[Indicator, ...]
    entry: tuple[EntryGate, ...]
    pools: Mapping[str, float]
    conflict_below: float
    minimum_sampled: float
    kind: Literal["expert_prior"] = "expert_prior"

    @property
    def features(self) -> tuple[str, ...]:
        """The features that give points, in order."""
        return tuple(one.feature for one in self.indicators)

    @property
    def prior(self) -> Prior:
        """The belief before any case."""
        return Prior(
            base_rate=self.anchor.pd,
            cases=self.anchor.cases,
            dimensions=tuple(one.name for one in self.dimensions),
            means=tuple(one.mean for one in self.dimensions),
            sds=tuple(one.sd for one in self.dimensions),
            pools=self.pools,
            season=SEASON,
        )


def read_expert(table: Fields) -> ExpertCandidate:
    """Read the candidate's table; faults go where the table gathers them."""
    one = table.table("anchor")
    anchor = Anchor(
        points=one.number("points", 0.0, 100.0, above_low=True),
        pd=one.number("pd", 0.001, 0.999),
        halving=one.number("halving_points", 1.0, 100.0),
        cases=one.number("worth_cases", 0.5, 10_000.0),
        verified=one.flag("verified"),
    )
    one.done()
    pools = table.table("pools")
    sds = {name: pools.number(name, 0.0, 5.0, above_low=True) for name in POOLS}
    pools.done()
    candidate = ExpertCandidate(
        anchor=anchor,
        dimensions=tuple(_dimension(one) for one in table.tables("dimensions")),
        indicators=tuple(_indicator(one) for one in table.tables("indicators")),
        entry=tuple(_entry(one) for one in table.tables("entry")),
        pools=sds,
        conflict_below=table.number("conflict_below", 0.0, 0.5),
        minimum_sampled=table.number("minimum_sampled", 0.0, 1.0),
    )
    _agree(table, candidate)
    return candidate


def _titles(table: Fields) -> dict[str, str]:
    return {language: table.text(language) for language in ("es", "en")}


def _dimension(table: Fields) -> Dimension:
    dimension = Dimension(
        name=table.text("name"),
        points=table.number("points", 0.0, 100.0, above_low=True),
        mean=table.number("mean", 0.0, 10.0),
        sd=table.number("sd", 0.0, 10.0, above_low=True),
        title=_titles(table),
    )
    table.done()
    return dimension


def _indicator(table: Fields) -> Indicator:
    points = table.amounts("points")
    indicator = Indicator(
        feature=table.text("feature"),
        dimension=table.text("dimension"),
        splits=table.numbers("splits"),
        points=points,
        missing=table.number("missing", 0.0, max(points, default=100.0)),
    )
    if points and len(points) != len(indicator.splits) + 1:
        table.fault("points", f"{len(points)} for {len(indicator.splits)} splits.", "Give one number more than splits.")
    table.done()
    return indicator


def _entry(table: Fields) -> EntryGate:
    bounds = {
        name: table.number(name, -1e12, 1e12) if name in table.content else None for name in ("at_least", "at_most")
    }
    if list(bounds.values()).count(None) != 1:
        table.fault("at_least", "There is not one bound.", "Give at_least or at_most.")
    gate = EntryGate(
        name=table.text("name"),
        feature=table.text("feature"),
        at_least=bounds["at_least"],
        at_most=bounds["at_most"],
        verified=table.flag("verified"),
        title=_titles(table),
    )
    table.done()
    return gate


def _agree(table: Fields, candidate: ExpertCandidate) -> None:
    """Note what is sound by itself and does not fit together."""
    most = {one.name: one.points for one in candidate.dimensions}
    given = dict.fromkeys(most, 0.0)
    for place, one in enumerate(candidate.indicators, start=1):
        if one.dimension in given:
            given[one.dimension] += max(one.points, default=0.0)
        else:
            table.fault(
                f"indicators[{place}].dimension", f"{one.dimension!r} is none.", f"Use one of: {', '.join(most)}."
            )
    for name, points in given.items():
        if abs(points - most[name]) > 1e-9:
            table.fault(
                f"dimensions.{name}",
                f"Its indicators give at most {points:g} points, it says {most[name]:g}.",
                "Make the two agree.",
            )
    if abs(sum(most.values()) - 100.0) > 1e-9:
        table.fault("dimensions", f"They sum to {sum(most.values()):g} points.", "Make them 100.")
    for where, names in (
        ("dimensions", [one.name for one in candidate.dimensions]),
        ("indicators", list(candidate.features)),
        ("entry", [one.name for one in candidate.entry]),
    ):
        for name in (name for name, times in Counter(names).items() if times > 1):
            table.fault(where, f"{name!r} stands twice.", "Keep one.")


def faults_beside(recipe: Recipe, candidate: ExpertCandidate, lock: Lock) -> list[Fault]:
    """Return where the recipe does not fit the lock: unknown families and features, points that rise with the risk."""
    known = {feature.name: feature for feature in lock.predictors}
    lists = (("indicators", candidate.features), ("entry", [one.feature for one in candidate.entry]))
    faults = family_faults(recipe, lock)
    faults += [
        Fault(
            recipe.at(f"candidates[1].{where}[{place}].feature"),
            f"The lock has no predictor {name!r}.",
            "Correct it, or declare it in features/.",
        )
        for where, names in lists
        for place, name in enumerate(names, start=1)
        if name not in known
    ]
    for place, one in enumerate(candidate.indicators, start=1):
        risk = known[one.feature].risk if one.feature in known else "free"
        ordered = {"rises": one.points[::-1], "falls": one.points}.get(risk)
        if ordered is not None and list(ordered) != sorted(ordered):
            faults.append(
                Fault(
                    recipe.at(f"candidates[1].indicators[{place}].points"),
                    f"The points of {one.feature!r} do not {'fall' if risk == 'rises' else 'rise'} with its value, and "
                    f"its risk {risk}.",
                    "Put the points in order, or correct the feature's direction.",
                )
            )
    return faults
