"""The desks in service, one a recipe: taken together, and replaced as a whole."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from riskscore.scoring.bank_calendar import BankRow
from riskscore.service.desk import Desk
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER


class MemberDesk(Desk, Protocol):
    """A desk of members' loans."""

    @property
    def country(self) -> str:
        """The portfolio's, ISO 3166."""

    @property
    def time_zone(self) -> str:
        """The institution's, an IANA name."""

    def calendar(self) -> tuple[BankRow, ...]:
        """Return every communal bank with its next meeting; computed once."""


class OutlookDesk(Desk, Protocol):
    """A desk of communal banks."""

    def outlook(self, bank_id: str, as_of: datetime | None = None) -> dict[str, Any]:
        """Return a communal bank's outlook in full; see `riskscore.service.bank_desk.BankDesk.outlook`."""


@dataclass(frozen=True, slots=True)
class Desks:
    """What answers requests: a desk for each recipe that has a champion.

    Parameters
    ----------
    by_recipe : mapping of str to Desk
    marks : mapping of str to hashable
        What each desk was built from; while that stays, so does the desk.
    faults : mapping of str to str
        By recipe, why what is newest of it is not in service. Its desk, if there is one, is the one before.
    """

    by_recipe: Mapping[str, Desk]
    marks: Mapping[str, Hashable] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *every: Desk) -> Desks:
        """Return these desks, without a fault."""
        return cls({desk.recipe: desk for desk in every})

    @property
    def member(self) -> MemberDesk | None:
        """The desk of members' loans."""
        return cast("MemberDesk | None", self._of_kind(MEMBER))

    @property
    def bank(self) -> OutlookDesk | None:
        """The desk of communal banks."""
        return cast("OutlookDesk | None", self._of_kind(COMMUNAL_BANK))

    def _of_kind(self, kind: str) -> Desk | None:
        return next((desk for desk in self.by_recipe.values() if desk.kind == kind), None)
