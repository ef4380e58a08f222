"""What answers a request: one champion, one policy and one portfolio, taken together and never changed.

A `Desk` is replaced whole when the champion or the portfolio changes; a request keeps the one it began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from riskscore.errors import Fault
from riskscore.scoring.bank_calendar import BankRow
from riskscore.service.access import Place


@dataclass(frozen=True, slots=True)
class Scored:
    """A score and what has to be kept with it.

    Parameters
    ----------
    score : dict
        `riskscore.scoring.Score.to_dict`, without ``score_id``.
    request : dict
        The request, with the moment it was answered for.
    values : dict of str to float or None
        The value row the score was computed from.
    context : dict
        What the pages show beside it: the features' words, country and currency.
    """

    score: dict[str, Any]
    request: dict[str, Any]
    values: dict[str, float | None]
    context: dict[str, Any]


class Desk(Protocol):
    """What the service needs of champion and portfolio."""

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
    def country(self) -> str:
        """The portfolio's, ISO 3166."""

    @property
    def time_zone(self) -> str:
        """The institution's, an IANA name."""

    def calendar(self) -> tuple[BankRow, ...]:
        """Return every communal bank with its next meeting; computed once."""

    def read_moment(self, value: str | date | datetime) -> datetime:
        """Return the local moment that `value` names."""

    def place(self, subject: str) -> Place | None:
        """Return where the subject stands, or None where nobody has this id."""

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        """Return what the products on offer have against amount, term and frequency."""

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        """Answer a request whose fields are valid; None for the portfolio's last moment."""
