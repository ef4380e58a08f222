"""How a kind of model is judged, and what it rests on beside its rows: what reports ask of every champion alike.

Most kinds are made of rows, answer with their own columns and rest on nothing else: `Kind` is theirs. A structure and
an expert's judgement say otherwise, each in its own room; `riskscore.modelling.kinds` knows them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from riskscore.evaluation import Figure
from riskscore.modelling.artefact import Champion
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows

if TYPE_CHECKING:
    from riskscore.catalog import LockedFeature
    from riskscore.dataset import TrainingSet
    from riskscore.portfolio import Portfolio

#: A text by language.
Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the model, before and after its cases.

    Parameters
    ----------
    name : str
    before : Figure or None
        What was believed before any case; None where nothing was.
    after : Figure
    cases : int or None
        Cases that it rests on; 0 where it is assumed, None where it follows from others.
    title : mapping of str to str, optional
        What the recipe calls it; else the page does.
    """

    name: str
    before: Figure | None
    after: Figure
    cases: int | None
    title: Text | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        before = None if self.before is None else self.before.to_dict()
        return {
            "name": self.name,
            "title": None if self.title is None else dict(self.title),
            "before": before,
            "after": self.after.to_dict(),
            "cases": self.cases,
        }


@dataclass(frozen=True, slots=True)
class Assumed:
    """A number that no record gave, and whether anybody of the institution has checked it."""

    name: str
    value: float
    verified: bool
    source: str
    title: Text | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "name": self.name,
            "title": None if self.title is None else dict(self.title),
            "value": self.value,
            "verified": self.verified,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a model rests on beside its rows.

    Parameters
    ----------
    parameters : tuple of Parameter
    assumed : tuple of Assumed
    settings : mapping of str to Figure
        How it computes: numbers without an interval, or with the range that they take over the rows.
    said : mapping of str to str
        What must be said of it in a sentence; empty where nothing must.
    outlook : {"beside", "none"}, optional
        Of a learnt model of communal banks: its outlooks come from the structure beside it, or it has none.
    """

    parameters: tuple[Parameter, ...]
    assumed: tuple[Assumed, ...]
    settings: Mapping[str, Figure]
    said: Text
    outlook: Literal["beside", "none"] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        return {
            "parameters": [one.to_dict() for one in self.parameters],
            "assumed": [one.to_dict() for one in self.assumed],
            "settings": {name: one.to_dict() for name, one in self.settings.items()},
            "said": dict(self.said),
            "outlook": self.outlook,
        }


def number(value: float) -> Figure:
    """Return a number that has no interval."""
    return Figure(float(value), float("nan"), float("nan"))


class Kind:
    """A kind that rows alone make: its columns are of the lock, and its answers are its own."""

    #: Whether it may be fitted again on other rows.
    of_rows = True

    #: Whether the later rows taught it too, so that it is judged by what it would have said on each day.
    of_the_day = False

    #: Columns that it makes itself. A row in which one is missing is none it answers.
    own: tuple[str, ...] = ()

    def train(self, champion: Champion, rows: TrainingSet) -> TrainingSet:
        """Return the rows of `rows`, the portfolio of its training, that trained it."""
        return self.split(champion, rows, champion.recipe.min_bads)

    @staticmethod
    def split(champion: Champion, rows: TrainingSet, min_bads: int) -> TrainingSet:
        """Return the training rows of the recipe's split, made again from the seed."""
        from riskscore.dataset import out_of_time

        asked = champion.recipe.split
        return out_of_time(
            rows,
            test_share=asked.test_share,
            held_out_groups=asked.held_out_groups,
            embargo_days=asked.embargo_days,
            seed=int(champion.metrics.get("seed", 0)),
            min_bads=min_bads,
        ).train

    def valued(self, champion: Champion, portfolio: Portfolio, frame: pl.DataFrame) -> pl.DataFrame:
        """Return requests, which have every feature of the lock, with the columns that the kind makes itself."""
        return frame

    def first_cycle(self, champion: Champion) -> str:
        """Return the column that is missing for a first cycle."""
        return champion.recipe.first_cycle

    def pd(
        self, champion: Champion, portfolio: Portfolio, every: TrainingSet, later: TrainingSet, rows: Rows
    ) -> Floats:
        """Return the PD that each later row is judged by.

        Parameters
        ----------
        every : TrainingSet
            All rows, the later ones last.
        later : TrainingSet
        rows : Rows
            The later rows as arrays.
        """
        return champion.model.pd(rows.X)

    def features(self, champion: Champion) -> tuple[LockedFeature, ...]:
        """Return what it reads: the model's columns first, in their order, then what stands behind them."""
        return tuple(champion.lock.feature(name) for name in champion.model.features)

    def grounds(self, champion: Champion) -> Grounds | None:
        """Return what it rests on beside its rows."""
        return None

    def answers(self, champion: Champion, portfolio: Portfolio, later: TrainingSet, rows: Rows) -> Mapping[str, Figure]:
        """Return what its answers to the later rows have beside a PD: by name the median, the least and the most."""
        return {}
