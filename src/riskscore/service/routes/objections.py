"""What she says: objections and corrections with their answers, and her consent; as JSON, and as forms of her page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service import csrf
from riskscore.service.answers import body_of, json_answer
from riskscore.service.callers import known, reached
from riskscore.service.consents import PURPOSES, Consent, tell
from riskscore.service.controls import Refilled
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.decisions import KEY
from riskscore.service.forms import read_form
from riskscore.service.intake import read_fields
from riskscore.service.kinds import MEMBER
from riskscore.service.objections import REMEDIES, TOPICS, Objection, answer, object_to, objections, shown
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record
from riskscore.service.score_page import score_page
from riskscore.service.texts import LONGEST_TEXT

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)
_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class ObjectionBody(BaseModel):
    """What `POST /v1/scores/{score_id}/objections` takes."""

    model_config = _STRICT

    topic: Annotated[
        str,
        Field(
            json_schema_extra={"enum": list(TOPICS)},
            description="A fact is wrong; she objects; a person should look again without the system.",
        ),
    ]
    text: Annotated[_Text, Field(description="In her words; nothing about health, and nobody else's name.")]


class AnswerBody(BaseModel):
    """What `POST /v1/scores/{score_id}/objections/{objection_id}/answers` takes."""

    model_config = _STRICT

    answer: Annotated[_Text, Field(description="What was found, and what was done about it.")]


@dataclass(frozen=True, slots=True)
class Objections:
    """Objecting, answering, and telling of consent."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        posted: list[tuple[str, Callable[[Request, bytes], Response]]] = [
            ("/v1/scores/{score_id}/objections/{objection_id}/answers", self._answer),
            ("/scores/{score_id}/objections", self._object_by_form),
            ("/scores/{score_id}/objections/{objection_id}/answers", self._answer_by_form),
            ("/scores/{score_id}/consents", self._consent_by_form),
        ]
        return [
            # One route for both, so that a wrong method is told of every right one.
            Route("/v1/scores/{score_id}/objections", self.objections, methods=["GET", "POST"]),
            *(Route(path, _reading(write), methods=["POST"]) for path, write in posted),
        ]

    async def objections(self, request: Request) -> Response:
        """Everything that was said against a score, with its answers; or more of it."""
        if request.method == "POST":
            return await run_in_threadpool(self._object, request, await body_of(request))
        return await run_in_threadpool(self._list, request)

    def _list(self, request: Request) -> Response:
        viewer = known(self.parts, request, "speak")
        record = reached(self.parts, request, viewer, kind=MEMBER)
        self.parts.records.seen(record.score_id, viewer, "objections")
        said = objections(self.parts.records.database, record.score_id)
        return json_answer({"objections": [shown(one) for one in said]})

    def _object(self, request: Request, content: bytes) -> Response:
        speaker = known(self.parts, request, "speak")
        record = reached(self.parts, request, speaker, kind=MEMBER)
        fields, key = _read(request, ObjectionBody, content)
        said = _kept(lambda: self._said(record, fields["topic"], fields["text"], speaker, key))
        return json_answer(shown(said), status=201)

    def _answer(self, request: Request, content: bytes) -> Response:
        officer = known(self.parts, request, "answer")
        record = reached(self.parts, request, officer, kind=MEMBER)
        fields, key = _read(request, AnswerBody, content)
        said = _kept(lambda: self._answered(request, record, fields["answer"], officer, key))
        return json_answer(shown(said), status=201)

    def _object_by_form(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        speaker = known(self.parts, request, "speak", field=form.get(csrf.FIELD, ""))
        record = reached(self.parts, request, speaker, kind=MEMBER)
        topic, text = form.get("topic", ""), form.get("text", "")
        return self._back(
            request, record, "object", form, lambda: self._said(record, topic, text, speaker, _form_key(form))
        )

    def _answer_by_form(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        officer = known(self.parts, request, "answer", field=form.get(csrf.FIELD, ""))
        record = reached(self.parts, request, officer, kind=MEMBER)
        text = form.get("answer", "")
        return self._back(
            request, record, "object", form, lambda: self._answered(request, record, text, officer, _form_key(form))
        )

    def _consent_by_form(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        speaker = known(self.parts, request, "speak", field=form.get(csrf.FIELD, ""))
        record = reached(self.parts, request, speaker, kind=MEMBER)

        def write() -> None:
            since = _day(form.get("since", ""))
            purpose = form.get("purpose", "")
            if since is None or purpose not in PURPOSES:
                raise InvalidInput.of("since", "There is no such day or purpose.", "Give both.")
            consent = Consent(purpose, form.get("given") == "yes", since, speaker.role)
            tell(
                self.parts.records.database,
                record.place.subject,
                consent,
                speaker,
                time_zone=record.context["time_zone"],
                clock=self.parts.clock,
            )

        return self._back(request, record, "consent", form, write)

    def _said(self, record: Record, topic: str, text: str, speaker: Any, key: str) -> Objection:
        database = self.parts.records.database
        return object_to(database, record, topic, text, speaker, key=key, clock=self.parts.clock)

    def _answered(self, request: Request, record: Record, text: str, officer: Any, key: str) -> Objection:
        database, name = self.parts.records.database, request.path_params["objection_id"]
        return answer(database, record, name, text, officer, key=key, clock=self.parts.clock)

    def _back(
        self, request: Request, record: Record, part: str, form: dict[str, str], write: Callable[[], object]
    ) -> Response:
        """Write, and lead back to the part of the page; where something is wrong, show the page with what it is."""
        try:
            write()
        except InvalidInput as error:
            filled = Refilled(part, form, frozenset(fault.where for fault in error.faults))
            return score_page(self.parts, request, request.state.grant, record, refilled=filled, status=422)
        except NotFound as error:
            raise not_found() from error
        return RedirectResponse(f"/scores/{record.score_id}#{part}", status_code=303)


def _reading(write: Callable[[Request, bytes], Response]) -> Callable[[Request], Any]:
    """Return a route that reads the body and lets `write` answer in a thread."""

    async def answered(request: Request) -> Response:
        return await run_in_threadpool(write, request, await body_of(request))

    return answered


def _read(request: Request, body: type[BaseModel], content: bytes) -> tuple[dict[str, Any], str]:
    fields, faults = read_fields(body, REMEDIES, content)
    keys = request.headers.getlist(KEY)
    if len(keys) != 1 or re.fullmatch(KEY_PATTERN, keys[0]) is None:
        remedy = "Send one header with a random name of this, and the same again if you have to repeat it."
        faults.append(Fault(KEY, "The key is missing, or is none.", remedy))
    if faults:
        raise invalid(sorted(set(faults)))
    return fields, keys[0]


def _kept(write: Callable[[], Objection]) -> Objection:
    try:
        return write()
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except NotFound as error:
        raise not_found() from error


def _form_key(form: dict[str, str]) -> str:
    key = form.get("key", "")
    if re.fullmatch(KEY_PATTERN, key) is None:
        raise InvalidInput.of(KEY, "The key is missing, or is none.", "Open the page again.")
    return key


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
