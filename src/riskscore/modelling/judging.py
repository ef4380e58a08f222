"""The rows that a champion is judged on: the later part of its own split, or what a newer portfolio adds to it.

On the portfolio that it was trained on, the split of its training is made again from the recipe and the seed, to the
same rows. On any other, the rows after its first test moment are the later ones; whose group trained is not known then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskscore.dataset import TrainingSet, out_of_time
from riskscore.errors import Refused
from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.column import of_portfolio, with_structure
from riskscore.modelling.communal_bank.structural import Structural
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
    first_test : datetime
    same_portfolio : bool
        Whether this is the portfolio of its training.
    """

    champion: Champion
    train: TrainingSet
    later: TrainingSet
    first_test: datetime
    same_portfolio: bool

    @cached_property
    def later_rows(self) -> Rows:
        """The later rows as arrays."""
        return self._rows(self.later)

    @cached_property
    def train_rows(self) -> Rows:
        """The training rows as arrays."""
        return self._rows(self.train)

    @cached_property
    def pd(self) -> Floats:
        """The champion's PD of each later row."""
        return self.champion.model.pd(self.later_rows.X)

    @cached_property
    def known_group(self) -> NDArray[np.bool_]:
        """Whether the cluster of each later row has rows that trained (n,)."""
        return np.isin(self.later.clusters, np.unique(self.train.clusters))

    def _rows(self, part: TrainingSet) -> Rows:
        return rows_of(part, self.champion.model.features, self.champion.recipe.first_cycle)


def judging(champion: Champion, portfolio: Portfolio) -> Judging:
    """Return the rows to judge a champion on.

    Raises
    ------
    Refused
        No outcome after the champion's first test moment is final yet.
    """
    recipe, data = champion.recipe, champion.metrics["data"]
    rows = TrainingSet.build(portfolio, champion.lock, recipe.outcome, recipe.household)
    first_test = datetime.fromisoformat(data["first_test"])
    if data["content_hash"] == rows.content_hash:
        split = out_of_time(
            rows,
            test_share=recipe.split.test_share,
            held_out_groups=recipe.split.held_out_groups,
            embargo_days=recipe.split.embargo_days,
            seed=int(champion.metrics.get("seed", 0)),
            min_bads=0,
        )
        train, same = split.train, True
    else:
        train, same = rows.with_rows(rows.final_at < np.datetime64(first_test)), False
    later = rows.with_rows(rows.as_of >= np.datetime64(first_test))
    if not len(later):
        raise Refused.of(
            "portfolio",
            f"No outcome of an application after {first_test:%Y-%m-%d} is final by {portfolio.manifest.data_date}.",
            "Wait until the first of those loans are over, or judge it on the portfolio it was trained on.",
        )
    if isinstance(champion.model.margin, Structural) and recipe.liability is not None:
        values = of_portfolio(champion.model.margin, recipe.liability, champion.lock, portfolio, rows)
        train, later = with_structure(train, values), with_structure(later, values)
    return Judging(champion, train, later, first_test, same)
