"""The rows that a champion is judged on: the later part of its own split, or what a newer portfolio adds to it.

On the portfolio that it was trained on, the split of its training is made again from the recipe and the seed, to the
same rows. On any other, the rows after its first test moment are the later ones; whose group trained is not known then.
A kind whose columns are not of the lock makes them again, as its training did (`riskscore.modelling.kind`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskscore.dataset import TrainingSet
from riskscore.errors import Refused
from riskscore.modelling.artefact import Champion
from riskscore.modelling.kind import Kind
from riskscore.modelling.kinds import kind_of
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows, rows_of

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio


@dataclass(frozen=True, eq=False)
class Judging:
    """A champion with the rows it learnt from and those it is judged on.

    Parameters
    ----------
    champion : Champion
    train : TrainingSet
        Rows that trained; on another portfolio, those that would have been free to.
    later : TrainingSet
        Rows from the first test moment on.
    later_rows : Rows
        The later rows as arrays.
    pd : ndarray (n,)
        What each later row is judged by: the champion's PD, or the answer of its day (`Kind.of_the_day`).
    first_test : datetime
    same_portfolio : bool
        Whether this is the portfolio of its training.
    unanswered : int
        Later rows left out, as the champion has no answer to them.
    """

    champion: Champion
    train: TrainingSet
    later: TrainingSet
    later_rows: Rows
    pd: Floats
    first_test: datetime
    same_portfolio: bool
    unanswered: int

    @cached_property
    def kind(self) -> Kind:
        """The champion's kind."""
        return kind_of(self.champion)

    @cached_property
    def train_rows(self) -> Rows:
        """The training rows as arrays."""
        return arrays_of(self.champion, self.train)

    @cached_property
    def known_group(self) -> NDArray[np.bool_]:
        """Whether the cluster of each later row has rows that trained (n,)."""
        return np.isin(self.later.clusters, np.unique(self.train.clusters))


def judging(champion: Champion, portfolio: Portfolio) -> Judging:
    """Return the rows to judge a champion on.

    Raises
    ------
    Refused
        No outcome after the champion's first test moment is final yet.
    """
    recipe, data, kind = champion.recipe, champion.metrics["data"], kind_of(champion)
    rows = TrainingSet.build(portfolio, champion.lock, recipe.outcome, recipe.rule)
    rows = replace(rows, frame=kind.valued(champion, portfolio, rows.frame))
    first_test = datetime.fromisoformat(data["first_test"])
    same = data["content_hash"] == rows.content_hash
    train = kind.train(champion, rows) if same else rows.with_rows(rows.final_at < np.datetime64(first_test))
    later = rows.with_rows(rows.as_of >= np.datetime64(first_test))
    answered = answered_rows(kind, later)
    if not len(answered):
        raise Refused.of(
            "portfolio",
            f"No outcome of an application after {first_test:%Y-%m-%d} is final by {portfolio.manifest.data_date}.",
            "Wait until the first of those loans are over, or judge it on the portfolio it was trained on.",
        )
    arrays = arrays_of(champion, answered)
    return Judging(
        champion=champion,
        train=answered_rows(kind, train),
        later=answered,
        later_rows=arrays,
        pd=kind.pd(champion, portfolio, rows, answered, arrays),
        first_test=first_test,
        same_portfolio=same,
        unanswered=len(later) - len(answered),
    )


def answered_rows(kind: Kind, part: TrainingSet) -> TrainingSet:
    """Return the rows that the champion has an answer to."""
    return replace(part, frame=part.frame.drop_nulls(kind.own)) if kind.own else part


def arrays_of(champion: Champion, part: TrainingSet) -> Rows:
    """Return rows as the arrays that the champion reads."""
    return rows_of(part, champion.model.features, kind_of(champion).first_cycle(champion))
