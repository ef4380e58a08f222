"""The page of a producer association's score as it is answered."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from riskscore.service.access import Grant
from riskscore.service.answers import page_answer
from riskscore.service.parts import Parts
from riskscore.service.producer_page import ProducerPage, producer_page
from riskscore.service.producer_score import FACTS
from riskscore.service.records import Record
from riskscore.words import Words


def producer_answer(parts: Parts, request: Request, viewer: Grant, record: Record, language: str) -> Response:
    """Return the page of `record` as far as `viewer`, whom it reaches, may see it."""
    view = parts.serializer.score(record, viewer)
    sightings = parts.records.sightings(record.score_id)

    def build(words: Words) -> ProducerPage:
        return producer_page(words, view, record.context, facts=record.values.get(FACTS), sightings=sightings)

    html = parts.pages.built("producer.html", language, build, role=viewer.role)
    return page_answer(parts, request, html, language)
