"""Models of communal banks before reports: the structure's column made again, what was estimated, what is assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from riskscore.catalog import LockedFeature, Words
from riskscore.evaluation import Figure
from riskscore.liability import Estimate
from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.column import column_of, has_structure, parts
from riskscore.modelling.communal_bank.structural import COLUMN, FAMILY
from riskscore.modelling.kind import Assumed, Grounds, Kind, Parameter, number

if TYPE_CHECKING:
    from riskscore.dataset import TrainingSet
    from riskscore.portfolio import Portfolio

#: The column in the words of a lock, which does not hold it.
STRUCTURE = LockedFeature(
    name=COLUMN,
    family=FAMILY,
    subject="bank",
    step=5,
    risk="rises",
    protected=False,
    fact=False,
    source="",
    window="",
    expression="",
    title=Words(
        es="Riesgo por la estructura: sus socias, cómo caen juntas y qué cubren",
        en="Risk by structure: its members, how they fall together and what they cover",
    ),
    reason=None,
    basis=Words(es="", en=""),
)


class CommunalBankKind(Kind):
    """The structural model of communal banks."""

    of_rows = False
    own = (COLUMN,)

    def train(self, champion: Champion, rows: TrainingSet) -> TrainingSet:
        """Return the training rows: the structure needs no external bad among them."""
        return self.split(champion, rows, 0)

    def valued(self, champion: Champion, portfolio: Portfolio, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the banks' requests with the structure's log-odds; missing where no member stands behind one."""
        column = column_of(champion, portfolio).of(frame)
        return frame.with_columns(pl.Series(COLUMN, column, dtype=pl.Float64))

    def features(self, champion: Champion) -> tuple[LockedFeature, ...]:
        """Return the structure's column, and what the members' scorecard behind it reads."""
        margin, _ = parts(champion)
        return (STRUCTURE, *(champion.lock.feature(name) for name in margin.member.features))

    def grounds(self, champion: Champion) -> Grounds:
        """Return what was estimated, with intervals, what is assumed, and how the worlds are drawn."""
        return _grounds(champion)


class LearntBankKind(Kind):
    """A model learnt of communal banks as a whole: its PD is its own, its outlooks are of the structure beside it."""

    def features(self, champion: Champion) -> tuple[LockedFeature, ...]:
        """Return the model's columns, and what the members' scorecard of the structure reads beside them."""
        own = champion.model.features
        beside = parts(champion)[0].member.features if has_structure(champion) else ()
        return tuple(champion.lock.feature(name) for name in dict.fromkeys((*own, *beside)))

    def grounds(self, champion: Champion) -> Grounds:
        """Return what its outlooks rest on, or that it has none."""
        if not has_structure(champion):
            return Grounds((), (), {}, {}, outlook="none")
        return replace(_grounds(champion), outlook="beside")


def _grounds(champion: Champion) -> Grounds:
    margin, settings = parts(champion)
    found, level = margin.structure, margin.level
    estimated = {
        "correlation_in_group": found.correlations.in_group,
        "correlation_in_bank": found.correlations.in_bank,
        "correlation_of_all": found.correlations.of_all,
        "infection": found.infection,
        "severity": found.severity,
        "paid_by_savings": found.by_savings,
        "paid_by_group": found.by_group,
    }
    shares = {"share_of_all": found.shares.of_all, "share_in_bank": found.shares.in_bank}
    parameters = (
        *(Parameter(name, None, _figure(one), one.cases) for name, one in estimated.items()),
        *(
            Parameter(name, None, number(value), None)
            for name, value in (*shares.items(), ("share_in_group", found.shares.in_group))
        ),
        Parameter("external_level", number(level.structural), Figure(level.mean, level.low, level.high), level.loans),
    )
    settled = {
        "external_bads": level.bads,
        "effective_loans": level.effective,
        "prior_share": level.prior_share,
        "cover_falls": settings.cover_falls,
        "credibility_cases": settings.credibility_cases,
        "draws": settings.draws,
        "request_window_days": settings.request_window_days,
        "infection_window": settings.infection_window,
        "severity_after_days": settings.severity_after_days,
    }
    return Grounds(
        parameters=parameters,
        assumed=tuple(Assumed(name, one.value, one.verified, one.source) for name, one in settings.assumptions.items()),
        settings={name: number(value) for name, value in settled.items()},
        said={},
    )


def _figure(one: Estimate) -> Figure:
    return Figure(one.value, one.low, one.high)
