"""The page of a communal bank's score as it is answered: whole, or how often such a bank gets into trouble."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from riskscore.service.access import Grant
from riskscore.service.answers import page_answer
from riskscore.service.bank_page import BankPage, bank_page
from riskscore.service.parts import Parts
from riskscore.service.records import Record
from riskscore.service.rules_recorded import recorded_meeting
from riskscore.service.rules_told import audience_of
from riskscore.words import Words


def bank_answer(parts: Parts, request: Request, viewer: Grant, record: Record, language: str) -> Response:
    """Return the page of `record` as far as `viewer`, whom it reaches, may see it."""
    view = parts.serializer.score(record, viewer)
    if "pd" not in view:  # the aggregate, for who assists it
        return page_answer(parts, request, parts.pages.association(view, record.context, language), language)
    sightings = parts.records.sightings(record.score_id)
    meeting = recorded_meeting(parts, record.place.bank_id)

    def build(words: Words) -> BankPage:
        return bank_page(words, view, record.context, sightings=sightings, meeting=meeting, reader=audience_of(viewer))

    return page_answer(parts, request, parts.pages.built("bank.html", language, build, role=viewer.role), language)
