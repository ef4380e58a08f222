"""The rules on record computed again: from the portfolio as it was known then, the requests on record, and the policy.

What comes out otherwise is named by its place, never by its value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from riskscore.errors import NotFound
from riskscore.scoring import Policy
from riskscore.scoring.group_facts import GroupFacts
from riskscore.scoring.rule_answers import answer_rules
from riskscore.service.database import CONTEXTS
from riskscore.service.records import Records
from riskscore.service.rules_recorded import Kept, Ruled, kept
from riskscore.service.rules_told import at_the_table

#: Gives what rules measure of a communal bank at a moment; raises `NotFound` where there is none of this id.
Groups = Callable[[str, datetime], GroupFacts]


@dataclass(frozen=True, slots=True)
class RulesReplay:
    """What came of computing rules again.

    Parameters
    ----------
    rules_id : str
    erased : int
        Requests that were erased since; without them there is nothing to compute.
    differences : tuple of str
        Places: ``G05.measured`` of the group, ``s_1: L01.state`` of a request, ``group`` where the portfolio has none.
    """

    rules_id: str
    erased: int
    differences: tuple[str, ...]


def replay_rules(records: Records, ruled: Ruled, groups: Groups) -> RulesReplay:
    """Compute what is on record again."""
    found = [records.get(score_id) for score_id in ruled.requests]
    there = [record for record in found if record is not None]
    if len(there) < len(found):
        return RulesReplay(ruled.rules_id, len(found) - len(there), ())
    with records.database.read() as connection:
        named = sa.select(CONTEXTS.c.content).where(CONTEXTS.c.digest == ruled.context)
        policy = Policy.of_record(json.loads(connection.execute(named).scalar_one())["policy"])
    try:
        facts = groups(ruled.bank_id, ruled.as_of)
    except NotFound:
        return RulesReplay(ruled.rules_id, 0, ("group",))
    again = answer_rules(policy.rules, at_the_table(facts, {one.place.subject: one for one in there}))
    places = list(_places(ruled.of_group, kept([one for one in again.answers if one.member_id is None])))
    for record in there:
        hers = kept(again.of_member(record.place.subject))
        places += [f"{record.score_id}: {one}" for one in _places(ruled.of_members.get(record.score_id, ()), hers)]
    return RulesReplay(ruled.rules_id, 0, tuple(places))


def _places(answered: Sequence[Kept], computed: Sequence[Kept]) -> Iterator[str]:
    """Yield where two lists of answers differ: the code where one has it alone, else the name of what differs."""
    first, second = ({one["code"]: one for one in every} for every in (answered, computed))
    for code in sorted({*first, *second}):
        if code not in first or code not in second:
            yield code
        else:
            yield from (f"{code}.{name}" for name in first[code] if first[code][name] != second[code].get(name))
