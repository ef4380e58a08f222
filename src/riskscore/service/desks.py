"""The desks in service, one a recipe: taken together, and replaced as a whole."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from riskscore.service.desk import Desk, MemberDesk
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER


class OutlookDesk(Desk, Protocol):
    """A desk of communal banks."""

    def outlook(self, bank_id: str, as_of: datetime | None = None, *, in_books: bool = False) -> dict[str, Any]:
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
    beside : mapping of str to str
        Recipe and version of what has no desk, and stands beside another's score.
    """

    by_recipe: Mapping[str, Desk]
    marks: Mapping[str, Hashable] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *every: Desk) -> Desks:
        """Return these desks, without a fault."""
        return cls({desk.recipe: desk for desk in every})

    @property
    def versions(self) -> dict[str, str]:
        """The version in service of each recipe."""
        return {name: desk.model_version for name, desk in self.by_recipe.items()} | dict(self.beside)

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
