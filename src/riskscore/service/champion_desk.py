"""A desk of a champion, a policy and a portfolio: every current member's values are computed once and looked up."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, Self

from riskscore.errors import Fault
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.scoring import Policy, Scorer, ScoreRequest, Snapshot
from riskscore.scoring.bank_calendar import BankRow, bank_calendar
from riskscore.scoring.products import choose
from riskscore.service.access import Place
from riskscore.service.desk import Scored
from riskscore.service.directory import branches
from riskscore.service.frozen import beside, context_of, stored_values
from riskscore.service.household import Household
from riskscore.service.kinds import MEMBER

#: Snapshots of earlier moments computed at the same time; each takes cores and memory of its own.
COLD_AT_ONCE = 2


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
    household : Household or None
        The probability of over-indebtedness that stands beside a score.
    """

    kind: ClassVar[str] = MEMBER

    champion: Champion
    policy_text: str
    portfolio: Portfolio
    snapshot: Snapshot
    branch: Mapping[str, str]
    scorer: Scorer = field(repr=False)
    context: Mapping[str, Any] = field(repr=False)
    household: Household | None = field(default=None, repr=False)
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
        *,
        over_indebtedness: Champion | None = None,
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
            scorer=Scorer(champion, policy),
            context=context_of(champion.lock, snapshot, policy_text),
            household=None
            if over_indebtedness is None
            else Household.build(over_indebtedness, policy, champion.lock, portfolio),
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
    def country(self) -> str:
        """The portfolio's, ISO 3166."""
        return self.snapshot.manifest.country

    @property
    def time_zone(self) -> str:
        """The institution's, an IANA name."""
        return self.snapshot.manifest.time_zone

    def calendar(self) -> tuple[BankRow, ...]:
        """Return every communal bank with its next meeting; computed once."""
        return self._calendar

    @cached_property
    def _calendar(self) -> tuple[BankRow, ...]:
        return bank_calendar(self.portfolio, self.moment)

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
        context = self.context
        if as_of is not None and as_of != snapshot.as_of:
            with self._cold:
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
