"""A desk of a champion, a policy and a portfolio: every current member's values are computed once and looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

import polars as pl

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.portfolio.overlay import overlaid
from riskscore.scoring import Otherwise, OverIndebtednessScorer, Policy, Score, Scorer, ScoreRequest, Snapshot
from riskscore.scoring.bank_calendar import BankRow, bank_calendar
from riskscore.scoring.group_facts import GroupFacts
from riskscore.scoring.group_reading import read_group, read_groups
from riskscore.scoring.open_requests import OpenRequest, open_requests
from riskscore.scoring.products import choose
from riskscore.scoring.rules import Rule
from riskscore.scoring.snapshot import members_at
from riskscore.service.access import Place
from riskscore.service.bank_facts import BankFacts, LedgerArrears, bank_arrears, bank_facts
from riskscore.service.champion_of import ChampionOf
from riskscore.service.context import Context
from riskscore.service.desk import Scored, WhatIf
from riskscore.service.directory import branches, groups_of
from riskscore.service.facts import Facts, capped
from riskscore.service.facts_laid import laid, place_of
from riskscore.service.frozen import beside, context_of, histories, stored_values, thawed
from riskscore.service.grid_axes import axes
from riskscore.service.household import BESIDE, Household
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER
from riskscore.service.records import Record
from riskscore.service.stored_score import what_if
from riskscore.service.turnstile import AT_ONCE, Turnstile
from riskscore.service.uncounted import uncounted

#: The last cycles of each member.
Histories = Mapping[str, list[dict[str, Any]]]


def _no_other(recipe: str, version: str) -> Champion:
    raise NotFound.of(f"{recipe} {version}", "No other model than the champion is at hand.", "Ask for a new score.")


@dataclass(frozen=True, eq=False, kw_only=True)
class ChampionDesk(ChampionOf):
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
    history : mapping of str to list of dict
        Each member's last cycles at that moment.
    groups, owed : mapping
        What the rules measure of each communal bank, and its arrears by ledger: what a meeting's sheet reads. It takes
        seconds, and is read before the desk answers, not while a committee waits.
    household : Household or None
        The probability of over-indebtedness that stands beside a score.
    of_version : callable
        Gives a model by recipe and version: a question on a score is answered with the models it came from.
    """

    kind: ClassVar[str] = MEMBER

    policy_text: str
    snapshot: Snapshot
    branch: Mapping[str, str]
    banks: Mapping[str, str]
    history: Histories = field(repr=False)
    groups: Mapping[str, GroupFacts] = field(repr=False)
    owed: Mapping[tuple[str, str], LedgerArrears] = field(repr=False)
    scorer: Scorer = field(repr=False)
    context: Context = field(repr=False)
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
            history=previous.history if previous is not None and same else histories(portfolio, snapshot),
            groups=previous.groups if previous is not None and same else read_groups(portfolio, snapshot.as_of),
            owed=previous.owed if previous is not None and same else bank_arrears(portfolio, snapshot.as_of),
            scorer=Scorer(champion, policy),
            context=context_of(champion.lock, snapshot, policy_text),
            household=None
            if over_indebtedness is None
            else Household.build(over_indebtedness, policy, champion.lock, portfolio),
            of_version=of_version,
            cold=cold or Turnstile(AT_ONCE),
        )

    @property
    def moment(self) -> datetime:
        """The latest moment the portfolio can answer for, local time."""
        return self.snapshot.as_of

    def calendar(self) -> tuple[BankRow, ...]:
        """Return every communal bank with its next meeting; computed once."""
        return self._calendar

    @cached_property
    def _calendar(self) -> tuple[BankRow, ...]:
        return bank_calendar(self.portfolio, self.moment)

    def open_requests(self, bank_id: str) -> tuple[OpenRequest, ...]:
        """Return what the members of a communal bank ask for and have no loan on yet, by member."""
        return self._open_requests.get(bank_id, ())

    @cached_property
    def _open_requests(self) -> Mapping[str, tuple[OpenRequest, ...]]:
        found: dict[str, tuple[OpenRequest, ...]] = {}
        for one in open_requests(self.portfolio, members_at(self.portfolio, self.moment), self.moment):
            found[one.bank_id] = (*found.get(one.bank_id, ()), one)
        return found

    def place(self, subject: str) -> Place | None:
        """Return where a current member stands, or None where nobody has this id."""
        if subject not in self.snapshot.places:
            return None
        return Place(
            subject, self.snapshot.group.get(subject), self.snapshot.bank.get(subject), self.branch.get(subject)
        )

    def held(self, subject: str) -> Place | None:
        """Return where a member stands, or where who was one did last; None where the portfolio knows of nobody."""
        if subject in self.branch and subject not in self.snapshot.places:
            return Place(subject, None, None, self.branch[subject])
        return self.place(subject)

    def bank(self, bank_id: str) -> BankFacts | None:
        """Return what its own books say of a communal bank, or None where there is none of this id."""
        if bank_id not in self.banks:
            return None
        return bank_facts(bank_id, self.banks[bank_id], self.snapshot, self.owed)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the policy in force, on groups, members and their loans."""
        return self.scorer.policy.rules

    def group(self, bank_id: str, moment: datetime | None = None) -> GroupFacts:
        """Return what the rules measure of a communal bank; at the last moment read once for all that `bank` knows.

        Raises
        ------
        NotFound
            There was no such communal bank at the moment.
        """
        if moment is None:
            return self.groups[bank_id]
        with self.cold.through():
            return read_group(self.portfolio, bank_id, moment)

    def grid(self, record: Record) -> Sequence[Mapping[str, Any]]:
        """Return what other amounts and terms would do to a stored score; none where its model is not at hand."""
        if record.score["lock"] != self.champion.lock.sha256 or record.score["model_version"] != self.model_version:
            return ()
        asked = ScoreRequest(**record.request | {"as_of": datetime.fromisoformat(record.request["as_of"])})
        offered = thawed(record, self.champion.lock).products
        amounts, terms = axes(offered, asked, record.score["recommendation"]["ceiling"])
        as_it_was = Otherwise(amount=asked.amount, term_days=asked.term_days, frequency=asked.frequency)
        return self.what_if(record, as_it_was, amounts, terms).grid

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
        snapshot, context, history = self._at(as_of, [fields["subject"]])
        request = _request(fields, snapshot)
        return self._scored(snapshot, context, history, [request], [self.scorer.score(snapshot, request)])[0]

    def score_all(self, every: Sequence[Mapping[str, Any]], as_of: datetime | None) -> list[Scored]:
        """Answer many requests together, each as `score` does; None for the portfolio's last moment.

        Raises
        ------
        NotFound
            One was no member at the moment.
        InvalidInput
            No product on offer then allows some; every fault, such as of ``requests[3].amount``.
        """
        snapshot, context, history = self._at(as_of, [fields["subject"] for fields in every])
        requests = [_request(fields, snapshot) for fields in every]
        return self._scored(snapshot, context, history, requests, self.scorer.score_all(snapshot, requests))

    def loaded(self, subject: str, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
        """Return every row, every version, that the portfolio holds of a member in these tables."""
        with overlaid(self.portfolio, subject, {}) as whole:
            return {name: whole.held(name) for name in tables}

    def score_sent(
        self, fields: Mapping[str, Any], as_of: datetime | None, facts: Facts, reaches: Callable[[Place], bool]
    ) -> tuple[Place, Scored]:
        """Answer a request from what was sent with it, as `score` would from a portfolio that held it.

        Raises
        ------
        NotFound
            She, or a group that a row names, is nowhere that `reaches` allows; the faults say which, or there are none.
        InvalidInput
            What was sent is at fault, every row; or no product on offer then allows the request.
        """
        subject, moment = fields["subject"], as_of or self.moment
        with self.cold.through(), laid(self.portfolio, subject, facts, reaches) as whole:
            snapshot = Snapshot.build(whole, self.champion.lock, moment, members=[subject])
            place = place_of(whole, snapshot, subject, reaches)
            faults = uncounted(facts.frames, lambda tables: self.loaded(subject, tables), snapshot.row(subject), moment)
            if faults:
                raise InvalidInput(capped(faults))
            context = context_of(self.champion.lock, snapshot, self.policy_text)
            history = histories(whole, snapshot, members=[subject])
            request = _request(fields, snapshot)
            found = [self.scorer.score(snapshot, request)]
            return place, self._scored(snapshot, context, history, [request], found, whole)[0]

    def _at(self, as_of: datetime | None, subjects: Sequence[str]) -> tuple[Snapshot, Context, Histories]:
        """Return the values at a moment, what scores from them share, and the members' cycles until then."""
        if as_of is None or as_of == self.snapshot.as_of:
            return self.snapshot, self.context, self.history
        with self.cold.through():
            snapshot = Snapshot.build(self.portfolio, self.champion.lock, as_of, members=subjects)
            history = histories(self.portfolio, snapshot, members=subjects)
        return snapshot, context_of(self.champion.lock, snapshot, self.policy_text), history

    def _scored(
        self,
        snapshot: Snapshot,
        context: Context,
        history: Histories,
        requests: Sequence[ScoreRequest],
        found: Sequence[Score],
        portfolio: Portfolio | None = None,
    ) -> list[Scored]:
        """Return scores with what is kept of them, and with what stands beside them; all read from `portfolio`."""
        subjects = [request.subject for request in requests]
        values = [stored_values(score, self.champion.lock) | beside(snapshot, score.request.subject) for score in found]
        scores = [score.to_dict() for score in found]
        if self.household is not None:
            theirs = self.household.snapshot(snapshot, portfolio or self.portfolio, subjects)
            scores = self.household.tighten(scores, theirs, requests)
            values = [
                own | self.household.values(theirs, subject) for own, subject in zip(values, subjects, strict=True)
            ]
        return [
            Scored(
                score=score,
                request=request.to_dict(),
                values=own,
                context=context,
                history=history.get(request.subject, []),
            )
            for score, request, own in zip(scores, requests, values, strict=True)
        ]

    def what_if(self, record: Record, otherwise: Otherwise, amounts: Sequence[float], terms: Sequence[int]) -> WhatIf:
        """Answer what a stored score would be, from its value row, with the models and policy it was answered with.

        Raises
        ------
        InvalidInput
            Something cannot be otherwise, or no product then on offer allows it.
        ArtefactError, NotFound
            A model it was answered with is not at hand.
        """
        return what_if(record, *self._answered_with(record), otherwise, amounts, terms)

    def _answered_with(self, record: Record) -> tuple[Scorer, OverIndebtednessScorer | None]:
        """Return what the record was answered with; most often that is what is in service."""
        told, text = record.score.get(BESIDE), str(record.context["policy"])
        policy = self.scorer.policy if text == self.policy_text else Policy.of_record(text)
        scorer, household = self.scorer, None if self.household is None else self.household.scorer
        model = self._model(record.score)
        if model is not scorer.champion or policy is not scorer.policy:
            scorer = Scorer(model, policy)
        if told is None:
            return scorer, None
        beside = self._model(told)
        if household is None or beside is not household.champion or policy is not self.scorer.policy:
            household = OverIndebtednessScorer(beside, policy)
        return scorer, household

    def _model(self, told: Mapping[str, Any]) -> Champion:
        """Return the model that an answer names, without loading it again where it is in service."""
        name = (str(told["recipe"]), str(told["model_version"]))
        in_service = [self.champion] if self.household is None else [self.champion, self.household.champion]
        here = {(one.recipe.name, one.version): one for one in in_service}
        return here[name] if name in here else self.of_version(*name)


def _request(fields: Mapping[str, Any], snapshot: Snapshot) -> ScoreRequest:
    asked = {name: value for name, value in fields.items() if name != "as_of"}
    return ScoreRequest(**asked, as_of=snapshot.as_of)
