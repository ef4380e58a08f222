"""The page of a score as it is answered: what its viewer may see, and may do there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from riskscore.service.access import Grant
from riskscore.service.answers import page_answer
from riskscore.service.callers import language, page_word
from riskscore.service.consents import consents
from riskscore.service.controls import Controls, Refilled
from riskscore.service.days import day_of
from riskscore.service.forms import fresh_key
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.meeting import before_decision, books_of
from riskscore.service.objections import objections
from riskscore.service.outlooks import outlook_at
from riskscore.service.own_rules import own_rules
from riskscore.service.parts import Parts
from riskscore.service.records import Record
from riskscore.service.roles import RIGHTS
from riskscore.service.shown import shown


def score_page(
    parts: Parts,
    request: Request,
    viewer: Grant,
    record: Record,
    *,
    refilled: Refilled | None = None,
    tried: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of `record` as far as `viewer` may see it, and write down that it was seen."""
    before, books = before_decision(parts, record, viewer), books_of(parts, record, viewer)
    parts.records.seen(record.score_id, viewer, "page")
    spoken = language(parts, request)
    database = parts.records.database
    view = parts.serializer.page(
        record,
        viewer,
        parts.records.sightings(record.score_id),
        before=before,
        books=books,
        objections=objections(database, record.score_id),
        consents=consents(database, record.place.subject),
        outlook=_outlook(parts, record) if viewer.role == "member" else None,
        rules=own_rules(parts, record) if viewer.role == "member" else (),
        shown=shown(database, record.score_id),
    )
    rights = frozenset(RIGHTS[viewer.role])
    controls = Controls(
        word=page_word(request),
        key=fresh_key(),
        rights=rights,
        group=(record.place.bank_id or "") if "decide" in rights else "",
        today=day_of(parts.clock(), record.context["time_zone"]).isoformat(),
        refilled=refilled or Refilled(),
        tried=tried,
    )
    return page_answer(parts, request, parts.pages.score(view, spoken, controls), spoken, status=status)


def _outlook(parts: Parts, record: Record) -> GroupOutlook | None:
    """Return the outlook of her group; None where she is in none, or while nothing is served."""
    if record.place.bank_id is None or parts.state.desks is None:
        return None
    return outlook_at(parts, record.place.bank_id)
