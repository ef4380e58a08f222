"""The officer's list: her communal banks, and what waits for a talk or for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeVar, get_args
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from riskscore.scoring.bank_calendar import BankRow
from riskscore.service.lately import Lately
from riskscore.words import Format, Words

#: What can be opened on its own: each part of the list.
Part = Literal["talk", "decision", "banks", "lately"]
PARTS: tuple[Part, ...] = get_args(Part)

#: Lines of a part where all four are shown, and on a page of its own.
FEW, MANY = 8, 40

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is asked for: one part of the list or all of it, which page, and whose id is looked for."""

    part: Part | None = None
    page: int = 1
    find: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is, where it leads, what is said beside it."""

    name: str
    address: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListPart:
    """One part of the list, and where the rest of it is."""

    name: Part
    heading: str
    rows: tuple[Row, ...]
    nothing: str
    whole: tuple[str, str] | None
    back: str | None
    onward: str | None


@dataclass(frozen=True, slots=True)
class OfficerPage:
    """What ``officer.html`` shows, ready to be written out."""

    parts: tuple[ListPart, ...]
    find: str
    query: str
    one_part: bool
    as_of: str | None


def officer_page(
    words: Words,
    *,
    shown: Shown,
    scores: Sequence[Lately],
    banks: Sequence[BankRow] | None,
    country: str,
    currency: str,
    zone: ZoneInfo,
    as_of: datetime | None,
) -> OfficerPage:
    """Return the page of what lies within an officer's scope.

    Parameters
    ----------
    words : Words
    shown : Shown
    scores, banks
        Within her scope already; `banks` is None where no portfolio is in service.
    country, currency : str
    zone : ZoneInfo
        The institution's.
    as_of : datetime or None
        To when the portfolio knows; local, exclusive.
    """
    form = words.form(country, currency)
    sought = shown.find.casefold()
    scores = [one for one in scores if sought in f"{one.place.subject} {one.place.bank_id} {one.score_id}".casefold()]
    found = [one for one in banks or () if sought in one.bank_id.casefold()]
    waiting = {waits: [_score(one, words, form, zone) for one in scores if one.waits == waits] for waits in PARTS[:2]}
    rows: dict[Part, list[Row]] = {
        "talk": waiting["talk"],
        "decision": waiting["decision"],
        "banks": [_bank(one, words, form) for one in found],
        "lately": [_score(one, words, form, zone) for one in scores],
    }
    nothing = {part: words("officer.found_nothing" if sought else f"officer.no_{part}") for part in PARTS}
    if banks is None:
        nothing["banks"] = words("officer.away")
    asked = PARTS if shown.part is None else (shown.part,)
    return OfficerPage(
        parts=tuple(_part(part, rows[part], nothing[part], shown, words) for part in asked),
        find=shown.find,
        query=_query(shown, shown.page),
        one_part=shown.part is not None,
        as_of=None if as_of is None else words("page.as_of", date=form.last_day(as_of.isoformat())),
    )


def _part(name: Part, rows: list[Row], nothing: str, shown: Shown, words: Words) -> ListPart:
    heading = words("officer.counted", heading=words(f"officer.{name}"), count=len(rows))
    if shown.part is None:
        whole = _query(Shown(name, 1, shown.find), 1)
        link = (f"/officer?{whole}", words("officer.all", count=len(rows))) if len(rows) > FEW else None
        return ListPart(name, heading, tuple(rows[:FEW]), nothing, link, None, None)
    pages = max(1, -(-len(rows) // MANY))
    page = min(shown.page, pages)
    return ListPart(
        name,
        heading,
        tuple(rows[(page - 1) * MANY : page * MANY]),
        nothing,
        None,
        f"/officer?{_query(shown, page - 1)}" if page > 1 else None,
        f"/officer?{_query(shown, page + 1)}" if page < pages else None,
    )


def _query(shown: Shown, page: int) -> str:
    asked = {"part": shown.part or "", "find": shown.find, "page": str(page) if page > 1 else ""}
    return urlencode({name: value for name, value in asked.items() if value})


def _score(one: Lately, words: Words, form: Format, zone: ZoneInfo) -> Row:
    day = datetime.fromisoformat(one.at).astimezone(zone).date()
    told = [_day(day, form)]
    if one.place.bank_id is not None and one.place.bank_id != one.place.subject:
        told.append(one.place.bank_id)
    if one.amount is not None:
        told.append(replace(form, currency=one.currency or form.currency).money(one.amount))
    if one.ready is not None:
        told.append(words("state.ready" if one.ready else "state.talk"))
    return Row(one.place.subject, f"/scores/{quote(one.score_id)}", tuple(told))


def _bank(one: BankRow, words: Words, form: Format) -> Row:
    meets = (
        words("officer.no_meeting") if one.meets_on is None else words("officer.meets", date=_day(one.meets_on, form))
    )
    requests = "officer.one_request" if one.open_requests == 1 else "officer.requests"
    told = (words("officer.members", count=one.members), meets, words(requests, count=one.open_requests))
    return Row(one.bank_id, f"/groups/{quote(one.bank_id)}", told)


def _day(day: date, form: Format) -> str:
    return form.day(day.isoformat())
