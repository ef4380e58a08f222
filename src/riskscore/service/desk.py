"""What answers a request: one champion, one policy and one portfolio, taken together and never changed.

A `Desk` is replaced whole when the champion or the portfolio changes; a request keeps the one it began with. There is
one for each recipe in service (`riskscore.service.desks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from riskscore.errors import Fault
from riskscore.service.access import Place


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
    context : dict
        What the pages show beside it: country and currency, and of a member the features' words.
    """

    score: dict[str, Any]
    request: dict[str, Any]
    values: dict[str, Any]
    context: dict[str, Any]


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

    def read_moment(self, value: str | date | datetime) -> datetime:
        """Return the local moment that `value` names."""

    def place(self, subject: str) -> Place | None:
        """Return where the subject stands, or None where nobody has this id."""

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        """Return what the products on offer have against amount, term and frequency."""

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        """Answer a request whose fields are valid; None for the portfolio's last moment."""
