"""Asking for one score: a request read whole, held against champion and portfolio, and the record of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.portfolio.overlay_faults import ROOT
from riskscore.service.access import Grant, Place
from riskscore.service.association_intake import read_bank_body, read_producer_body
from riskscore.service.callers import desks_of
from riskscore.service.desk import Desk, MemberDesk, Scored
from riskscore.service.desks import Desks
from riskscore.service.facts import Facts, facts_of
from riskscore.service.intake import context_faults, named_recipe, not_served, read_body, read_moment
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record
from riskscore.service.sent import earlier, score_id, sent

#: The key of one request is of this route, whichever form it comes by.
ROUTE = "POST /v1/scores"


#: A request with facts may be of the day after the portfolio's last: they are newer than last night's load. Of that
#: day no instalment of anybody else is late yet, only what was paid on it is not known.
AHEAD = timedelta(days=1)

#: How a request is read, by whom it is about.
_READERS = {MEMBER: read_body, COMMUNAL_BANK: read_bank_body, PRODUCER_ASSOCIATION: read_producer_body}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was read.

    Parameters
    ----------
    desk : Desk
        It is answered by the desk it was read with.
    fields : dict
        The well-formed ones.
    malformed : bool
        Some are not.
    as_of : datetime or None
    faults : tuple of Fault
        All of them, those of a malformed field too.
    place : Place or None
        Where the subject stands; None where there is nobody of that name within the asker's reach.
    unknown : bool
        A subject is named, of a recipe that is served, and the asker does not reach it.
    facts : Facts or None
        What was sent of her with the request. Then there may be nobody of her name in the portfolio yet.
    """

    desk: Desk
    fields: dict[str, Any]
    malformed: bool
    as_of: datetime | None
    faults: tuple[Fault, ...]
    place: Place | None
    unknown: bool
    facts: Facts | None = None


def read(parts: Parts, asker: Grant, content: bytes) -> Asked:
    """Return the request that `content` holds, with every fault it has.

    Raises
    ------
    Problem
        422 where it names no recipe served, and nothing tells how else to read it; 503 where nothing is served.
    """
    desks = desks_of(parts)
    named = named_recipe(content) or ""
    desk = desks.by_recipe.get(named) or desks.member
    if desk is None:
        raise invalid([not_served(desks.by_recipe)])
    fields, faults = _READERS[desk.kind](content)
    rows = fields.pop(ROOT, None)
    facts = None if rows is None or faults else facts_of(rows, desk.time_zone)
    brings = rows is not None or any(fault.where.partition("/")[0] == ROOT for fault in faults)
    as_of, every = held_against(desks, desk, fields, faults, ahead=AHEAD if brings else timedelta(0))
    place = _place(desk, fields, with_facts=rows is not None)
    reached = place if place is not None and asker.reaches(place) else None
    # Of whom a recipe that is not served would be, nobody can say. Who is sent whole may be new to the portfolio.
    new = facts is not None and place is None
    unknown = named in desks.by_recipe and "subject" in fields and reached is None and not new
    return Asked(desk, fields, bool(faults), as_of, tuple(every), reached, unknown, facts)


def ask(
    parts: Parts, asker: Grant, asked: Asked, *, key: str | None = None, said: Sequence[Any] | None = None
) -> Record:
    """Score a request, write it down, and return its record; it is on the disk when this returns.

    Parameters
    ----------
    parts, asker, asked
    key : str, optional
        Names this asking of it: the same request sent again under it by the same token is scored once.
    said : sequence, optional
        JSON values that tell one request from another, where what was sent is not all that it was read from.

    Raises
    ------
    Problem
        404 where the subject is not within reach; 422 with every fault, or where `key` named another request.
    """
    body = [asked.fields] if asked.facts is None else [asked.fields, asked.facts.digest]
    under = None if key is None or asked.malformed else sent(ROUTE, key, said or body)
    before = None if under is None else earlier(parts.records, asker, [under])
    if before is not None:
        return before[0]
    if asked.unknown:
        raise not_found(_of_facts(asked.faults))
    if asked.faults:
        raise invalid(asked.faults)
    try:
        place, scored = _scored(asked, asker)
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except NotFound as error:
        raise not_found(_of_facts(error.faults)) from error
    name = parts.new_id() if under is None else score_id(asker, under)
    record = record_of(parts, asker, name, place, scored, asked.facts)
    if not parts.records.append_all([record], asker, [] if under is None else [under]) and under is not None:
        return (earlier(parts.records, asker, [under]) or [record])[0]
    parts.metrics.scored(asked.desk.recipe, asked.desk.model_version, str(record.score.get("grade")))
    return record


def sent_before(parts: Parts, asker: Grant, key: str, said: Sequence[Any]) -> bool:
    """Tell whether a request of `ask` was answered before: the same, `said`, under this key.

    Raises
    ------
    Problem
        422 where `key` named another request; 404 where its score was erased meanwhile.
    """
    return earlier(parts.records, asker, [sent(ROUTE, key, said)]) is not None


def _place(desk: Desk, fields: dict[str, Any], *, with_facts: bool) -> Place | None:
    """Return where the subject stands; with facts, where she stood last if she stands nowhere now."""
    if "subject" not in fields:
        return None
    return cast("MemberDesk", desk).held(fields["subject"]) if with_facts else desk.place(fields["subject"])


def _scored(asked: Asked, asker: Grant) -> tuple[Place, Scored]:
    if asked.facts is not None:
        desk = cast("MemberDesk", asked.desk)  # no other body has room for facts
        return desk.score_sent(asked.fields, asked.as_of, asked.facts, asker.reaches)
    if asked.place is None:
        raise invalid(asked.faults)
    return asked.place, asked.desk.score(asked.fields, asked.as_of)


def _of_facts(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults of what was sent: they say nothing of what there is."""
    return [fault for fault in faults if fault.where.startswith(ROOT)]


def held_against(
    desks: Desks, desk: Desk, fields: dict[str, Any], faults: list[Fault], *, ahead: timedelta = timedelta(0)
) -> tuple[datetime | None, list[Fault]]:
    """Return the moment asked for, None for the last, and every fault; `faults` are those of the request's form.

    The moment may lie less than `ahead` after the portfolio's last.
    """
    as_of, of_moment = read_moment(fields, desk.read_moment)
    of_context = context_faults(
        fields, recipes=tuple(desks.by_recipe), currency=desk.currency, moment=desk.moment, as_of=as_of, ahead=ahead
    )
    limits = desk.limit_faults(fields)
    named = {limit.where for limit in limits}
    # Where a product says what it allows, that is the remedy, not everything that is known anywhere.
    every = [fault for fault in (*faults, *of_moment, *of_context) if fault.where not in named]
    return as_of, sorted({*every, *limits})


def record_of(
    parts: Parts, asker: Grant, score_id: str, place: Place, scored: Scored, facts: Facts | None = None
) -> Record:
    """Return the record of a score that was asked for."""
    return Record(
        score_id=score_id,
        place=place,
        score={"score_id": score_id, **scored.score},
        request=scored.request,
        values=scored.values,
        context=scored.context,
        recorded_at=parts.clock(),
        asked_by=asker.token_id,
        history=scored.history,
        facts=None if facts is None else facts.told(),
        behind=scored.behind,
    )
