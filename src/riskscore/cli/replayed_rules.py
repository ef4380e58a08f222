"""The part of `riskscore replay` about the policy's rules: those on record of a score's meetings, or under one id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.errors import Fault, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from riskscore.scoring.group_facts import GroupFacts
    from riskscore.service.rules_recorded import Ruled

#: How an id of rules on record begins; the trail shows it.
RULES = "r_"


@dataclass(frozen=True, slots=True)
class RulesAgain:
    """What came out otherwise, and of how many on record all was the same or could not be computed."""

    faults: tuple[Fault, ...] = ()
    same: int = 0
    erased: int = 0

    def lines(self, folder: Path) -> tuple[str, ...]:
        """Return what is printed of rules that did not come out otherwise."""
        told = (
            (self.same, f"rules of the policy, computed again from {folder}: {self.same} on record, the same"),
            (self.erased, f"rules of the policy: {self.erased} on record with a request that was erased since"),
        )
        return tuple(line for count, line in told if count)


def rules_again(named: str, folder: Path) -> RulesAgain:
    """Compute rules on record again from a portfolio: those `named` by their id, or all beside a score.

    Raises
    ------
    NotFound
        There is nothing under this id of rules.
    """
    from riskscore.portfolio import Portfolio
    from riskscore.scoring.group_reading import read_groups
    from riskscore.service.database import Database
    from riskscore.service.records import Records
    from riskscore.service.rules_recorded import rules_by_id, rules_of_score
    from riskscore.service.rules_replay import replay_rules
    from riskscore.service.settings import Settings

    records = Records(Database(Settings().records))
    if named.startswith(RULES):
        one = rules_by_id(records.database, named)
        if one is None:
            raise NotFound.of("records", f"There are no rules {named!r}.", "Check the id, and RISKSCORE_RECORDS.")
        found: tuple[Ruled, ...] = (one,)
    else:
        record = records.get(named)
        found = () if record is None else rules_of_score(records.database, record)
    portfolio = Portfolio.open(folder)
    read: Callable[[datetime], dict[str, GroupFacts]] = cache(lambda moment: read_groups(portfolio, moment))

    def groups(bank_id: str, moment: datetime) -> GroupFacts:
        if bank_id not in read(moment):
            raise NotFound.of("group", "There is no such communal bank at this moment.", "Check the portfolio.")
        return read(moment)[bank_id]

    again = [replay_rules(records, one, groups) for one in found]
    return RulesAgain(
        faults=tuple(
            Fault(f"{one.rules_id} {place}", _OTHERWISE, _REMEDY) for one in again for place in one.differences
        ),
        same=sum(1 for one in again if not one.differences and not one.erased),
        erased=sum(1 for one in again if one.erased),
    )


_OTHERWISE = "Computed again, this rule of the policy answers otherwise."
_REMEDY = "See whether the portfolio's past was changed; a correction belongs in a new version of the row."
