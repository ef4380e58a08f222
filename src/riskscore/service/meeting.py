"""A communal bank's meeting: who may come to it, who sits there, and what a committee may see of a score by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riskscore.scoring.rule_answers import RuleAnswers, answer_rules
from riskscore.service.access import Grant, Place
from riskscore.service.bank_facts import BankFacts
from riskscore.service.before import Before
from riskscore.service.callers import desk_of
from riskscore.service.context import Context
from riskscore.service.database import Database
from riskscore.service.desk import MemberDesk
from riskscore.service.opinions import opinion_on
from riskscore.service.parts import Parts
from riskscore.service.private_talks import talks
from riskscore.service.problem import not_found
from riskscore.service.records import Record
from riskscore.service.rules_told import at_the_table, requests_of
from riskscore.service.seats import Seat, Seats, seats


@dataclass(frozen=True, slots=True)
class Meeting:
    """A communal bank's facts, its seats by the ids of members, and what the policy's rules answer about them.

    Parameters
    ----------
    facts, held, rules
    context : Context
        Holds the policy; the desk's.
    """

    facts: BankFacts
    held: Seats
    rules: RuleAnswers
    context: Context

    def before(self, seat: Seat) -> Before:
        """Return what has come before a committee's decision on a seat's score."""
        return Before(opinion=seat.opinion is not None, opened=self.held.opened)


def meeting_of(parts: Parts, bank_id: str, viewer: Grant) -> Meeting:
    """Return the meeting of a communal bank.

    Raises
    ------
    Problem
        503 without a desk; 404, whether there is no such communal bank or it lies outside the viewer's scope.
    """
    desk = desk_of(parts)
    facts = desk.bank(bank_id)
    if facts is None or not viewer.reaches(Place("", None, bank_id, facts.branch_id)):
        raise not_found()
    return _held(parts, desk, facts)


def meeting_at(parts: Parts, bank_id: str | None) -> Meeting | None:
    """Return the meeting of a communal bank, whoever looks; None without a desk, or where it knows of no such bank."""
    desk = parts.state.desk
    facts = None if desk is None or bank_id is None else desk.bank(bank_id)
    return None if desk is None or facts is None else _held(parts, desk, facts)


def _held(parts: Parts, desk: MemberDesk, facts: BankFacts) -> Meeting:
    held = seats(parts.records.database, facts.members, desk.recipe)
    group = at_the_table(desk.group(facts.bank_id), requests_of(held))
    return Meeting(facts, held, answer_rules(desk.rules, group), desk.context)


def before_decision(parts: Parts, record: Record, viewer: Grant) -> Before:
    """Return what has come before a committee's decision on a score, or its sight of the state.

    Raises
    ------
    Problem
        404 for a committee where the member withdrew the request, or asked for something else before it decided.
    """
    database = parts.records.database
    if viewer.role != "committee":
        return Before(opinion=opinion_on(database, record.score_id) is not None, opened=True)
    with database.read() as connection:
        noted = talks(connection, record.score_id)
    if "withdrawn" in noted or not _at_the_table(database, record):
        raise not_found()
    opinion = opinion_on(database, record.score_id) is not None
    desk, bank_id = parts.state.desk, record.place.bank_id
    if "told" not in noted or desk is None:
        return Before(opinion=opinion)
    facts = None if bank_id is None else desk.bank(bank_id)
    if facts is None:  # of no communal bank: there is nobody else to wait for
        return Before(opinion=opinion, opened=True)
    return Before(opinion=opinion, opened=seats(database, facts.members, desk.recipe).opened)


def books_of(parts: Parts, record: Record, viewer: Grant) -> Mapping[str, float | None] | None:
    """Return what the group's books say of a member, as on the sheet, for a committee; None for everybody else.

    None, too, where she belongs to no communal bank now.

    Raises
    ------
    Problem
        503 without a desk.
    """
    if viewer.role != "committee" or record.place.bank_id is None:
        return None
    facts = desk_of(parts).bank(record.place.bank_id)
    return None if facts is None else facts.members.get(record.place.subject)


def _at_the_table(database: Database, record: Record) -> bool:
    """Tell whether a member still asks what this score answers, or her committee decided while she did.

    She may change a request once she has heard her result alone. What that was is then nothing to her neighbours.
    """
    held = seats(database, [record.place.subject], str(record.score["recipe"]))
    answered = {seat.record.score_id for seat in held.seats if seat.record is not None}
    return record.score_id in answered | {judged.score_id for judged, _ in held.judged}
