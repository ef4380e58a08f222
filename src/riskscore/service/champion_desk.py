"""A desk of a champion, a policy and a portfolio: every current member's values are computed once and looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, Self

import polars as pl

from riskscore.errors import ArtefactError, Fault, InvalidInput, NotFound
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.scoring import Otherwise, Policy, Scorer, ScoreRequest, Snapshot, as_changed
from riskscore.scoring.products import choose
from riskscore.scoring.score import NOTHING_LEFT
from riskscore.service.access import Place
from riskscore.service.bank_facts import BankFacts, LedgerArrears, bank_arrears, bank_facts
from riskscore.service.desk import Scored, WhatIf
from riskscore.service.directory import branches, groups_of
from riskscore.service.frozen import beside, context_of, stored_values, thawed
from riskscore.service.grid_axes import axes
from riskscore.service.household import BESIDE, Household, tightened_again, tightened_grid
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER
from riskscore.service.records import Record
from riskscore.service.turnstile import AT_ONCE, Turnstile

#: What a grid tells of each of its points, by the name it has in a frame of scores.
_OF_A_POINT = ("amount", "term_days", "pd", "score", "grade", "state", "ceiling", "level", "nii_post", "off_support")

#: Where a fault of a request stands when it is one of a grid.
_IN_GRID = {"amount": "grid.amounts", "term_days": "grid.term_days"}


def _no_other(recipe: str, version: str) -> Champion:
    raise NotFound.of(
        f"{recipe} version {version}", "No other model than the champion is at hand.", "Ask for a new score."
    )


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
    banks : mapping of str to str
        The branch of each communal bank.
    household : Household or None
        The probability of over-indebtedness that stands beside a score.
    of_version : callable
        Gives the model of an earlier version: a question on a score is answered with the model the score came from.
    """

    kind: ClassVar[str] = MEMBER

    champion: Champion
    policy_text: str
    portfolio: Portfolio
    snapshot: Snapshot
    branch: Mapping[str, str]
    banks: Mapping[str, str]
    scorer: Scorer = field(repr=False)
    context: Mapping[str, Any] = field(repr=False)
    household: Household | None = field(default=None, repr=False)
    of_version: Callable[[str, str], Champion] = field(default=_no_other, repr=False)
    cold: Turnstile = field(default_factory=lambda: Turnstile(AT_ONCE), repr=False)

    @classmethod
    def build(
        cls,
        champion: Champion,
        policy_text: str,
        portfolio: Portfolio,
        previous: ChampionDesk | None,
        *,
        over_indebtedness: Champion | None = None,
        of_version: Callable[[str, str], Champion] = _no_other,
        cold: Turnstile | None = None,
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
            banks=groups_of(portfolio, snapshot.as_of, COMMUNAL_BANK),
            scorer=Scorer(champion, policy),
            context=context_of(champion.lock, snapshot, policy_text),
            household=None
            if over_indebtedness is None
            else Household.build(over_indebtedness, policy, champion.lock, portfolio),
            of_version=of_version,
            cold=cold or Turnstile(AT_ONCE),
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

    @property
    def time_zone(self) -> str:
        """The institution's, an IANA name."""
        return self.snapshot.manifest.time_zone

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

    def bank(self, bank_id: str) -> BankFacts | None:
        """Return what its own books say of a communal bank, or None where there is none of this id."""
        if bank_id not in self.banks:
            return None
        return bank_facts(bank_id, self.banks[bank_id], self.snapshot, self._owed)

    def grid(self, record: Record) -> Sequence[Mapping[str, Any]]:
        """Return what other amounts and terms would do to a stored score; none where its model is not at hand."""
        if record.score["lock"] != self.champion.lock.sha256 or record.score["model_version"] != self.model_version:
            return ()
        snapshot = thawed(record, self.champion.lock)
        request = ScoreRequest(**record.request | {"as_of": snapshot.as_of})
        amounts, terms = axes(snapshot.products, request)
        if not amounts:
            return ()
        frame = self.scorer.what_if(snapshot, request, amounts=amounts, terms=terms)
        return frame.select("amount", "term_days", "state", "nii_post").to_dicts()

    @cached_property
    def _owed(self) -> Mapping[tuple[str, str], LedgerArrears]:
        return bank_arrears(self.portfolio, self.snapshot.as_of)

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
        context = self.context
        if as_of is not None and as_of != snapshot.as_of:
            with self.cold.through():
                snapshot = Snapshot.build(self.portfolio, self.champion.lock, as_of, members=[fields["subject"]])
            context = context_of(self.champion.lock, snapshot, self.policy_text)
        asked = {name: value for name, value in fields.items() if name != "as_of"}
        request = ScoreRequest(**asked, as_of=snapshot.as_of)
        found = self.scorer.score(snapshot, request)
        score, values = found.to_dict(), stored_values(found, self.champion.lock) | beside(snapshot, request.subject)
        if self.household is not None:
            hers = self.household.snapshot(snapshot, self.portfolio, request.subject)
            score = self.household.tighten(score, hers, request)
            values |= self.household.values(hers, request.subject)
        return Scored(
            score=score,
            request=request.to_dict(),
            values=values,
            context=dict(context),
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
        point, grid = None, None
        try:
            point = scorer.score(changed, asked).to_dict()
        except InvalidInput as error:
            faults += error.faults
        try:
            grid = _grid(scorer, changed, asked, amounts, terms)
        except InvalidInput as error:
            faults += error.faults
        if point is None or faults:
            raise InvalidInput(sorted(set(faults)))
        beside = record.score.get(BESIDE)
        if beside is not None:
            other = self._beside(str(beside["recipe"]), str(beside["model_version"]))
            point = tightened_again(point, other, record, request, otherwise)
            grid = None if grid is None else tightened_grid(grid, other, record, request, otherwise)
        return WhatIf(point, () if grid is None else tuple(grid.iter_rows(named=True)))

    def _beside(self, recipe: str, version: str) -> Champion:
        """Return the model whose probability stood beside a score; most often that is what is in service."""
        now = self.household.champion if self.household is not None else None
        if now is not None and (now.recipe.name, now.version) == (recipe, version):
            return now
        return self.of_version(recipe, version)

    def _scorer_of(self, record: Record) -> Scorer:
        """Return what the record was answered with; most often that is what is in service."""
        recipe, version = str(record.score["recipe"]), str(record.score["model_version"])
        policy = record.context["policy"]
        if recipe != self.recipe:
            raise NotFound.of(recipe, "Scores of this recipe are answered elsewhere.", f"Serve {recipe!r}.")
        if version == self.model_version and policy == self.policy_text:
            scorer = self.scorer
        else:
            champion = self.champion if version == self.model_version else self.of_version(recipe, version)
            scorer = Scorer(champion, Policy.of_record(policy))
        if record.score["lock"] != scorer.champion.lock.sha256:
            raise ArtefactError.of(f"version {version}", "It is not the model the score names.", "Ask for a new score.")
        return scorer


def _grid(
    scorer: Scorer, snapshot: Snapshot, request: ScoreRequest, amounts: Sequence[float], terms: Sequence[int]
) -> pl.DataFrame | None:
    if not amounts or not terms:
        return None
    try:
        frame = scorer.what_if(snapshot, request, amounts=list(amounts), terms=list(terms))
    except InvalidInput as error:
        faults = (Fault(_IN_GRID.get(fault.where, fault.where), fault.what, fault.remedy) for fault in error.faults)
        raise InvalidInput(dict.fromkeys(faults)) from error
    # As in a score, an index on no surplus is written as the highest.
    return frame.select(_OF_A_POINT).with_columns(pl.col("nii_post").clip(upper_bound=NOTHING_LEFT))
