"""The probability to be over-indebted by her next request, beside a member's score; it may only tighten the state.

It enters neither PD, score nor points. It stays with her and with those who may read her budget.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import polars as pl

from riskscore.catalog import Lock
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.scoring import OverIndebtedness, OverIndebtednessScorer, Policy, ScoreRequest, Snapshot
from riskscore.scoring.policy import WHYS
from riskscore.service.chain import canonical
from riskscore.service.frozen import OTHERS, OTHERS_UNCOVERED, thawed
from riskscore.service.records import Record

#: The part of a member's score that it is, and what the value row's names begin with where definitions differ.
BESIDE = "over_indebtedness"

_WHY = WHYS["likely_over_indebted"]


@dataclass(frozen=True, eq=False)
class Household:
    """A champion of over-indebtedness with the values it reads. Use `build`.

    Parameters
    ----------
    champion : Champion
    policy : Policy
    lock : Lock
        Of the members' champion; where it is the household's own, both read the same values.
    portfolio : Portfolio
    own : Snapshot or None
        At its last moment; None where the values are the same.
    """

    champion: Champion
    policy: Policy
    lock: Lock
    portfolio: Portfolio = field(repr=False)
    own: Snapshot | None
    scorer: OverIndebtednessScorer = field(repr=False)

    @classmethod
    def build(cls, champion: Champion, policy: Policy, lock: Lock, portfolio: Portfolio) -> Self:
        """Compute the values, where definitions differ from those behind the members' score."""
        own = None if champion.lock.sha256 == lock.sha256 else Snapshot.build(portfolio, champion.lock)
        return cls(champion, policy, lock, portfolio, own, OverIndebtednessScorer(champion, policy))

    def snapshot(self, hers: Snapshot, portfolio: Portfolio, subjects: Iterable[str]) -> Snapshot:
        """Return the values to read at the moment of `hers`, which were computed from `portfolio`."""
        if self.own is None:
            return hers
        if portfolio is self.portfolio and hers.as_of == self.own.as_of:
            return self.own
        return Snapshot.build(portfolio, self.champion.lock, hers.as_of, members=subjects)

    def tighten(
        self, scores: Sequence[dict[str, Any]], snapshot: Snapshot, requests: Sequence[ScoreRequest]
    ) -> list[dict[str, Any]]:
        """Return each score with the probability beside it, and its state at most as open as before."""
        return tightened(scores, self.scorer, self.policy, snapshot, requests)

    def values(self, snapshot: Snapshot, subject: str) -> dict[str, float | None]:
        """Return what has to be kept besides the members' own value row."""
        if self.own is None:
            return {}
        row, place = snapshot.row(subject), snapshot.place(subject)
        kept = {name: value for name, value in row.items() if not self.champion.lock.feature(name).protected}
        kept |= {OTHERS_UNCOVERED: float(snapshot.others_uncovered[place]), OTHERS: float(snapshot.others[place])}
        return {f"{BESIDE}.{name}": value for name, value in kept.items()}


def tightened(
    scores: Sequence[dict[str, Any]],
    scorer: OverIndebtednessScorer,
    policy: Policy,
    snapshot: Snapshot,
    requests: Sequence[ScoreRequest],
) -> list[dict[str, Any]]:
    """Set the answer beside each member's score.

    From the policy's ``indebtedness.probability_talk_from`` on people talk first.
    """
    every = scorer.answers(snapshot, _asked(requests))
    return [_with(score, found, scorer.champion, policy) for score, found in zip(scores, every, strict=True)]


def _with(score: dict[str, Any], found: OverIndebtedness, champion: Champion, policy: Policy) -> dict[str, Any]:
    told, recommendation = json.loads(canonical(found.to_dict())), dict(score["recommendation"])
    if found.probability is not None and found.probability >= policy.value("indebtedness.probability_talk_from"):
        why = {"code": _WHY.code, "es": _WHY.es, "en": _WHY.en}
        recommendation |= {"state": "talk_first", "why": [*recommendation["why"], why]}
    beside = {
        "recipe": champion.recipe.name,
        "model_version": champion.version,
        "lock": champion.lock.sha256,
        **{name: told[name] for name in ("probability", "interval", "reasons")},
    }
    return {**score, "recommendation": recommendation, BESIDE: beside}


def tightened_again(score: dict[str, Any], champion: Champion, record: Record, request: ScoreRequest) -> dict[str, Any]:
    """Set the answer beside a score that is computed again, from what its record kept."""
    policy = Policy.of_record(record.context["policy"])
    scorer, snapshot = OverIndebtednessScorer(champion, policy), kept_beside(record, champion.lock)
    return tightened([score], scorer, policy, snapshot, [request])[0]


def kept_beside(record: Record, lock: Lock) -> Snapshot:
    """Return the snapshot of one member that the answer beside her score was read from."""
    own = {name.removeprefix(f"{BESIDE}."): value for name, value in record.values.items() if "." in name}
    return thawed(replace(record, values=own) if own else record, lock)


def _asked(requests: Sequence[ScoreRequest]) -> pl.DataFrame:
    """Return the requests as the applications that the scorer is asked about."""
    return pl.DataFrame(
        {
            "member_id": [request.subject for request in requests],
            "amount": [float(request.amount) for request in requests],
            "term_days": [float(request.term_days) for request in requests],
            "frequency": [request.frequency for request in requests],
            "purpose": [request.purpose for request in requests],
            "other_active_loans": [float(request.other_active_loans) for request in requests],
        }
    )
