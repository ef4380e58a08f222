"""A desk of a champion, a policy and a portfolio: every current member's values are computed once and looked up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

import polars as pl

from riskscore.errors import ArtefactError, Fault, InvalidInput, NotFound
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.scoring import Otherwise, Policy, Scorer, ScoreRequest, Snapshot, as_changed
from riskscore.scoring.products import choose
from riskscore.scoring.score import NOTHING_LEFT
from riskscore.service.access import Place
from riskscore.service.desk import Scored, WhatIf
from riskscore.service.directory import branches
from riskscore.service.frozen import beside, context_of, histories, stored_values, thawed
from riskscore.service.records import Record

#: Snapshots of earlier moments computed at the same time; each takes cores and memory of its own.
COLD_AT_ONCE = 2

#: What a grid tells of each of its points, by the name it has in a frame of scores.
_OF_A_POINT = ("amount", "term_days", "pd", "score", "grade", "state", "ceiling", "level", "nii_post", "off_support")

#: Where a fault of a request stands when it is one of a grid.
_IN_GRID = {"amount": "grid.amounts", "term_days": "grid.term_days"}


def _no_other(version: str) -> Champion:
    raise NotFound.of(f"version {version}", "No other model than the champion is at hand.", "Ask for a new score.")


@dataclass(frozen=True, eq=False)
class ChampionDesk:
    """Answers with one champion, policy and portfolio. Use `build`.

    Parameters
    ----------
    champion : Champion
    policy_text : str
        The policy as it was written; it is kept with the scores, so that they replay.
    portfolio : Portfolio
    snapshot : Snapshot
        At the portfolio's last moment.
    branch : mapping of str to str
        Of each member.
    history : mapping of str to list of dict
        Each member's last cycles at that moment.
    of_version : callable
        Gives the model of an earlier version: a question on a score is answered with the model the score came from.
    """

    champion: Champion
    policy_text: str
    portfolio: Portfolio
    snapshot: Snapshot
    branch: Mapping[str, str]
    history: Mapping[str, list[dict[str, Any]]] = field(repr=False)
    scorer: Scorer = field(repr=False)
    context: Mapping[str, Any] = field(repr=False)
    of_version: Callable[[str], Champion] = field(default=_no_other, repr=False)
    _cold: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(COLD_AT_ONCE), repr=False
    )

    @classmethod
    def build(
        cls,
        champion: Champion,
        policy_text: str,
        portfolio: Portfolio,
        previous: ChampionDesk | None,
        of_version: Callable[[str], Champion] = _no_other,
    ) -> Self:
        """Compute the members' values, or use those of `previous` where portfolio and definitions are the same."""
        same = (
            previous is not None
            and previous.portfolio.manifest.content_hash == portfolio.manifest.content_hash
            and previous.champion.lock.sha256 == champion.lock.sha256
        )
        snapshot = previous.snapshot if previous is not None and same else Snapshot.build(portfolio, champion.lock)
        policy = Policy.parse(policy_text)
        return cls(
            champion=champion,
            policy_text=policy_text,
            portfolio=portfolio,
            snapshot=snapshot,
            branch=branches(portfolio, snapshot.as_of),
            history=previous.history if previous is not None and same else histories(portfolio, snapshot),
            scorer=Scorer(champion, policy),
            context=context_of(champion.lock, snapshot, policy_text),
            of_version=of_version,
        )

    @property
    def recipe(self) -> str:
        """Name of the recipe served."""
        return self.champion.recipe.name

    @property
    def model_version(self) -> str:
        """The champion's version."""
        return self.champion.version

    @property
    def currency(self) -> str:
        """The portfolio's, ISO 4217."""
        return self.snapshot.currency

    @property
    def moment(self) -> datetime:
        """The latest moment the portfolio can answer for, local time."""
        return self.snapshot.as_of

    def read_moment(self, value: str | date | datetime) -> datetime:
        """Return the local moment that `value` names."""
        return self.snapshot.read_moment(value)

    def place(self, subject: str) -> Place | None:
        """Return where a current member stands, or None where nobody has this id."""
        if subject not in self.snapshot.places:
            return None
        return Place(
            subject, self.snapshot.group.get(subject), self.snapshot.bank.get(subject), self.branch.get(subject)
        )

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        """Return what the products on offer have against amount, term and frequency."""
        asked = {name: fields.get(name) for name in ("amount", "term_days", "frequency")}
        return choose(self.snapshot.products, **asked)[1]

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        """Answer a request whose fields are valid; None for the portfolio's last moment.

        Raises
        ------
        NotFound
            She was no member at the moment.
        InvalidInput
            No product on offer then allows the request.
        """
        snapshot = self.snapshot
        context, history = self.context, self.history
        if as_of is not None and as_of != snapshot.as_of:
            with self._cold:
                snapshot = Snapshot.build(self.portfolio, self.champion.lock, as_of, members=[fields["subject"]])
                history = histories(self.portfolio, snapshot, members=[fields["subject"]])
            context = context_of(self.champion.lock, snapshot, self.policy_text)
        asked = {name: value for name, value in fields.items() if name != "as_of"}
        request = ScoreRequest(**asked, as_of=snapshot.as_of)
        score = self.scorer.score(snapshot, request)
        return Scored(
            score=score.to_dict(),
            request=request.to_dict(),
            values=stored_values(score, self.champion.lock) | beside(snapshot, request.subject),
            context=dict(context),
            history=history.get(request.subject, []),
        )

    def what_if(self, record: Record, otherwise: Otherwise, amounts: Sequence[float], terms: Sequence[int]) -> WhatIf:
        """Answer what a stored score would be, from its value row, with the model and policy it was answered with.

        Raises
        ------
        InvalidInput
            Something cannot be otherwise, or no product then on offer allows it.
        ArtefactError, NotFound
            The model it was answered with is not at hand.
        """
        scorer = self._scorer_of(record)
        snapshot = thawed(record, scorer.champion.lock)
        request = ScoreRequest(**record.request | {"as_of": snapshot.as_of})
        faults = otherwise.faults(snapshot, request)
        if faults:
            raise InvalidInput(faults)
        changed, asked = as_changed(snapshot, request, otherwise)
        point = None
        grid: tuple[dict[str, Any], ...] = ()
        try:
            point = scorer.score(changed, asked)
        except InvalidInput as error:
            faults += error.faults
        try:
            grid = _grid(scorer, changed, asked, amounts, terms)
        except InvalidInput as error:
            faults += error.faults
        if point is None or faults:
            raise InvalidInput(sorted(set(faults)))
        return WhatIf(point.to_dict(), grid)

    def _scorer_of(self, record: Record) -> Scorer:
        """Return what the record was answered with; most often that is what is in service."""
        recipe, version = str(record.score["recipe"]), str(record.score["model_version"])
        policy = record.context["policy"]
        if recipe != self.recipe:
            raise NotFound.of(recipe, "Scores of this recipe are answered elsewhere.", f"Serve {recipe!r}.")
        if version == self.model_version and policy == self.policy_text:
            scorer = self.scorer
        else:
            champion = self.champion if version == self.model_version else self.of_version(version)
            scorer = Scorer(champion, Policy.of_record(policy))
        if record.score["lock"] != scorer.champion.lock.sha256:
            raise ArtefactError.of(f"version {version}", "It is not the model the score names.", "Ask for a new score.")
        return scorer


def _grid(
    scorer: Scorer, snapshot: Snapshot, request: ScoreRequest, amounts: Sequence[float], terms: Sequence[int]
) -> tuple[dict[str, Any], ...]:
    if not amounts or not terms:
        return ()
    try:
        frame = scorer.what_if(snapshot, request, amounts=list(amounts), terms=list(terms))
    except InvalidInput as error:
        faults = (Fault(_IN_GRID.get(fault.where, fault.where), fault.what, fault.remedy) for fault in error.faults)
        raise InvalidInput(dict.fromkeys(faults)) from error
    # As in a score, an index on no surplus is written as the highest.
    shown = frame.select(_OF_A_POINT).with_columns(pl.col("nii_post").clip(upper_bound=NOTHING_LEFT))
    return tuple(shown.iter_rows(named=True))
