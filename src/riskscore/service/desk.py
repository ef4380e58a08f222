"""What answers a request: one champion, one policy and one portfolio, taken together and never changed.

A `Desk` is replaced whole when the champion or the portfolio changes; a request keeps the one it began with. There is
one for each recipe in service (`riskscore.service.desks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import polars as pl

from riskscore.errors import Fault
from riskscore.scoring import Otherwise
from riskscore.scoring.bank_calendar import BankRow
from riskscore.scoring.group_facts import GroupFacts
from riskscore.scoring.open_requests import OpenRequest
from riskscore.scoring.rules import Rule
from riskscore.service.access import Place
from riskscore.service.bank_facts import BankFacts
from riskscore.service.context import Context
from riskscore.service.facts import Facts
from riskscore.service.records import Record


@dataclass(frozen=True, slots=True)
class Scored:
    """A score and what has to be kept with it.

    Parameters
    ----------
    score : dict
        The score without ``score_id``: a member's as `riskscore.scoring.Score.to_dict` gives it.
    request : dict
        The request, with the moment it was answered for.
    values : dict
        What the score was computed from, as JSON values: a member's value row, by feature.
    context : Context
        What the pages show beside it: country and currency, and of a member the features' words.
    history : list of dict
        A member's last cycles as they stood then, the oldest first (`riskscore.portfolio.cycles`).
    behind : dict of str to dict
        Of a communal bank, what has to be kept of each member behind its request, by her id and in order.
    """

    score: dict[str, Any]
    request: dict[str, Any]
    values: dict[str, Any]
    context: Context
    history: list[dict[str, Any]] = field(default_factory=list)
    behind: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a stored score would be.

    Parameters
    ----------
    point : dict
        The whole score of the changed request, explained; `riskscore.scoring.Score.to_dict`.
    grid : tuple of dict
        A few figures of each amount and term asked about, none explained.
    """

    point: dict[str, Any]
    grid: tuple[dict[str, Any], ...]


class Desk(Protocol):
    """What the service needs of champion and portfolio."""

    @property
    def kind(self) -> str:
        """Whom it is about; see `riskscore.service.kinds`."""

    @property
    def recipe(self) -> str:
        """Name of the recipe served."""

    @property
    def model_version(self) -> str:
        """The champion's version."""

    @property
    def currency(self) -> str:
        """The portfolio's, ISO 4217."""

    @property
    def moment(self) -> datetime:
        """The latest moment the portfolio can answer for, local time."""

    @property
    def time_zone(self) -> str:
        """The institution's, an IANA name."""

    def read_moment(self, value: str | date | datetime) -> datetime:
        """Return the local moment that `value` names."""

    def place(self, subject: str) -> Place | None:
        """Return where the subject stands, or None where nobody has this id."""

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        """Return what the products on offer have against amount, term and frequency."""

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        """Answer a request whose fields are valid; None for the portfolio's last moment."""


class MemberDesk(Desk, Protocol):
    """A desk of members' loans."""

    @property
    def context(self) -> Context:
        """What its scores share (`riskscore.service.frozen.context_of`): country, time zone, what is on offer ..."""

    def calendar(self) -> tuple[BankRow, ...]:
        """Return every communal bank with its next meeting; computed once."""

    def open_requests(self, bank_id: str) -> Sequence[OpenRequest]:
        """Return what the members of a communal bank ask for and have no loan on yet, by member."""

    def bank(self, bank_id: str) -> BankFacts | None:
        """Return what its own books say of a communal bank, or None where there is none of this id."""

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules of the policy in force, on groups, members and their loans."""

    def group(self, bank_id: str, moment: datetime | None = None) -> GroupFacts:
        """Return what the rules measure of a communal bank, at a moment; None for the portfolio's last.

        Raises
        ------
        NotFound
            There was no such communal bank at the moment.
        """

    def grid(self, record: Record) -> Sequence[Mapping[str, Any]]:
        """Return what other amounts and terms would do to a stored score; none where its model is not at hand."""

    def held(self, subject: str) -> Place | None:
        """Return where a member stands, or where who was one did last; None where the portfolio knows of nobody."""

    def loaded(self, subject: str, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
        """Return every row, every version, that the portfolio holds of a member in these tables."""

    def score_sent(
        self, fields: Mapping[str, Any], as_of: datetime | None, facts: Facts, reaches: Callable[[Place], bool]
    ) -> tuple[Place, Scored]:
        """Answer a request whose fields are valid from what was sent with it, and say where she then stands.

        Raises
        ------
        NotFound
            She, or a group that a row names, is nowhere that `reaches` allows; the faults say which, or there are none.
        InvalidInput
            What was sent is at fault, every row; or no product on offer then allows the request.
        """

    def score_all(self, every: Sequence[Mapping[str, Any]], as_of: datetime | None) -> list[Scored]:
        """Answer many requests whose fields are valid, together, each as `score` does; raises as it does."""

    def what_if(self, record: Record, otherwise: Otherwise, amounts: Sequence[float], terms: Sequence[int]) -> WhatIf:
        """Answer what a stored score would be, from the value row and with the model and policy it was answered with.

        Raises
        ------
        InvalidInput
            Something cannot be otherwise, or no product then on offer allows it.
        ArtefactError, NotFound
            The model it was answered with is not at hand.
        """
