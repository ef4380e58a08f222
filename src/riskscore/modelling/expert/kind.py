"""An expert's judgement before reports: the answers of each day, prior beside posterior, whose word it is.

The belief that is registered has learnt from every final outcome, so its own PDs of past requests would flatter. What
is judged is what the same prior would have answered on each day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.stats import beta, norm

from riskscore.evaluation import Figure
from riskscore.modelling.artefact import Champion
from riskscore.modelling.expert.conflict import Conflict
from riskscore.modelling.expert.interval import LEVEL, base_rate_interval, told
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.expert.pools import levels_of
from riskscore.modelling.expert.training import answers_of_the_day
from riskscore.modelling.kind import Assumed, Grounds, Kind, Parameter, number
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows, rows_of

if TYPE_CHECKING:
    from riskscore.dataset import TrainingSet
    from riskscore.portfolio import Portfolio

#: Earlier requests of the association; missing for its first.
EARLIER = "earlier_requests"

#: Standard deviations on either side of a normal belief that hold `LEVEL` of it.
AROUND = float(norm.ppf((1 + LEVEL) / 2))


class ExpertKind(Kind):
    """A scorecard of judgement, moved by the cases."""

    of_rows = False
    of_the_day = True

    def train(self, champion: Champion, rows: TrainingSet) -> TrainingSet:
        """Return what was final before the first answer that is judged; the later cases teach in their turn."""
        first = np.datetime64(champion.metrics["data"]["first_test"])
        return rows.with_rows(rows.final_at < first)

    def valued(self, champion: Champion, portfolio: Portfolio, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the requests with how many the association had made before each."""
        before = pl.col("application_id").cum_count().over("group_id") - 1
        return frame.with_columns(pl.when(before > 0).then(before).cast(pl.Float64).alias(EARLIER))

    def first_cycle(self, champion: Champion) -> str:
        """Return the column of earlier requests: a member's cycle says nothing of an association."""
        return EARLIER

    def pd(
        self, champion: Champion, portfolio: Portfolio, every: TrainingSet, later: TrainingSet, rows: Rows
    ) -> Floats:
        """Return what prior and record answered on the day of each later row."""
        margin = _margin(champion)
        arrays = rows_of(every, margin.features, EARLIER)
        levels = levels_of(portfolio, every.frame)
        answers = answers_of_the_day(champion.recipe, margin.scorecard, every, margin.z(arrays.X), levels)
        judged = every.frame["application_id"].is_in(later.frame["application_id"].implode()).to_numpy()
        return np.asarray(answers[judged])

    def answers(self, champion: Champion, portfolio: Portfolio, later: TrainingSet, rows: Rows) -> Mapping[str, Figure]:
        """Return the intervals, effective n and share of judgement in what the registered belief says of them."""
        margin = _margin(champion)
        found = told(margin.belief, margin.z(rows.X), levels_of(portfolio, later.frame))
        columns = {
            "interval_low": found.low,
            "interval_high": found.high,
            "interval_width": found.high - found.low,
            "effective_n": found.effective_n,
            "prior_share": found.prior_share,
        }
        return {
            name: Figure(float(np.median(one)), float(one.min()), float(one.max())) for name, one in columns.items()
        }

    def grounds(self, champion: Champion) -> Grounds:
        """Return prior beside posterior, what nobody has verified, what cases share, and whether the two agree."""
        margin = _margin(champion)
        belief, card = margin.belief, margin.scorecard
        anchor, sd = card.anchor, np.sqrt(np.diag(belief.covariance))
        ends = beta.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], anchor.cases * anchor.pd, anchor.cases * (1 - anchor.pd))
        conflict = Conflict.from_dict(champion.metrics["conflict"])
        after = Figure(belief.base_rate, *base_rate_interval(belief))
        return Grounds(
            parameters=(
                Parameter("base_rate", Figure(anchor.pd, float(ends[0]), float(ends[1])), after, belief.n),
                *(
                    Parameter(
                        one.name,
                        _around(one.mean, one.sd),
                        _around(float(belief.mode[place]), float(sd[place])),
                        belief.n,
                        one.title,
                    )
                    for place, one in enumerate(card.dimensions, start=1)
                ),
            ),
            assumed=(
                Assumed("anchor", anchor.pd, anchor.verified, ""),
                *(
                    Assumed(
                        one.name,
                        float(one.at_most if one.at_least is None else one.at_least),  # type: ignore[arg-type]
                        one.verified,
                        "",
                        one.title,
                    )
                    for one in card.entry
                ),
            ),
            settings={
                "cases": number(belief.n),
                "case_bads": number(belief.bads),
                "worth_cases": number(anchor.cases),
                "foretold": Figure(float(conflict.bads), float(conflict.low), float(conflict.high)),
                "conflict_p": number(conflict.p),
                **{f"pool_{name}": number(one) for name, one in card.pools.items()},
            },
            said={language: conflict.words(language) for language in ("es", "en")},
        )


def _margin(champion: Champion) -> ExpertMargin:
    margin = champion.model.margin
    if not isinstance(margin, ExpertMargin):
        raise TypeError("a champion of judgement has an expert's margin")
    return margin


def _around(mean: float, sd: float) -> Figure:
    return Figure(mean, mean - AROUND * sd, mean + AROUND * sd)
