"""Objections, answers and consent in the document."""

from __future__ import annotations

from typing import Any

from riskscore.errors import Fault
from riskscore.service import examples
from riskscore.service.consents import PURPOSES
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.decisions import KEY
from riskscore.service.objections import REMEDIES, TOPICS
from riskscore.service.openapi.pieces import (
    NO_FORM,
    SCORE_ID,
    form_of,
    html_of,
    json_of,
    onward_of,
    operation,
    ref,
    whole,
)
from riskscore.service.routes.objections import AnswerBody, ObjectionBody
from riskscore.service.shown import FACTS

_TEXT = {"type": "string"}

_OBJECTION: dict[str, Any] = {"topic": "correction", "text": "Tengo un solo préstamo, no dos."}
_ANSWER: dict[str, Any] = {"answer": "Se corrigió el dato. Se calculó de nuevo."}

#: What is answered to the two.
_SAID: dict[str, Any] = {
    "objection_id": "o_5e0d9b7c1a2f4836b9d8e7f60a1b2c3d",
    "score_id": SCORE_ID["example"],
    **_OBJECTION,
    "role": "member",
    "recorded_at": "2026-01-06T12:00:00.000000+00:00",
    "answers": [
        {
            "answer_id": "o_8c1d2e3f4a5b4c6d8e9f0a1b2c3d4e5f",
            "text": _ANSWER["answer"],
            "recorded_at": "2026-01-07T12:00:00.000000+00:00",
        }
    ],
}

_ANSWER_SCHEMA = whole(dict.fromkeys(_SAID["answers"][0], _TEXT))

_OBJECTION_SCHEMA = whole(
    {
        **dict.fromkeys(_SAID, _TEXT),
        "topic": {"enum": list(TOPICS)},
        "answers": {"type": "array", "items": _ANSWER_SCHEMA},
    }
)

_OBJECTION_ID = {
    "name": "objection_id",
    "in": "path",
    "required": True,
    "schema": _TEXT,
    "example": _SAID["objection_id"],
}

_KEY = {
    "name": KEY,
    "in": "header",
    "required": True,
    "description": "A random name of this saying of it; the same words sent again under it are on record once.",
    "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
}

_FORM_PROBLEMS = (401, 403, 404, 413)


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    kept = {"201": json_of("What is on record.", ref("Objection"), _SAID)}
    objections, answers = "/scores/{score_id}/objections", "/scores/{score_id}/objections/{objection_id}/answers"
    return {
        f"/v1{objections}": {
            "parameters": [SCORE_ID],
            "get": operation(
                "What was said against a score, with the answers: for herself and her officer.",
                {
                    "200": json_of(
                        "Every objection, the oldest first.",
                        whole({"objections": {"type": "array", "items": ref("Objection")}}),
                        {"objections": [_SAID]},
                    )
                },
                (401, 403, 404),
            ),
            "post": operation(
                "Say that a fact is wrong, object, or ask for a review by a person: she herself, or her officer on her "
                "behalf. It is stored durably before it is answered, and erased with her records.",
                kept,
                (401, 403, 404, 413),
                wrong=Fault("topic", "This is no kind of objection.", REMEDIES["topic"]),
            )
            | _json_body("ObjectionBody", _OBJECTION, examples.KEY),
        },
        f"/v1{answers}": {
            "parameters": [SCORE_ID, _OBJECTION_ID],
            "post": operation(
                "Answer an objection, as an officer.",
                kept,
                (401, 403, 404, 413),
                wrong=Fault("answer", "This field is missing.", REMEDIES["answer"]),
            )
            | _json_body("AnswerBody", _ANSWER, examples.KEY_OF_ANSWER),
        },
        objections: {
            "parameters": [SCORE_ID],
            "post": _form(
                "Object, by the form of the page.",
                {"topic": {"enum": list(TOPICS)}, "text": _TEXT, "key": _TEXT},
                ["topic", "text", "key"],
            ),
        },
        answers: {
            "parameters": [SCORE_ID, _OBJECTION_ID],
            "post": _form(
                "Answer an objection, by the form of the page.", {"answer": _TEXT, "key": _TEXT}, ["answer", "key"]
            ),
        },
        "/scores/{score_id}/consents": {
            "parameters": [SCORE_ID],
            "post": _form(
                "Note that she consented to a purpose, or took it back, by the form of the page.",
                {
                    "purpose": {"enum": list(PURPOSES)},
                    "given": {"enum": ["yes", "no"]},
                    "since": {"type": "string", "format": "date"},
                },
                ["purpose", "given", "since"],
            ),
        },
        "/scores/{score_id}/shown": {
            "parameters": [SCORE_ID],
            "post": _form(
                "Show, by the form of her own page, what her committee would not see otherwise of this request; what "
                "is left out is taken back. For herself alone.",
                {name: {"enum": ["yes"]} for name in FACTS},
                [],
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    return {
        "ObjectionBody": ObjectionBody.model_json_schema() | {"examples": [_OBJECTION]},
        "AnswerBody": AnswerBody.model_json_schema() | {"examples": [_ANSWER]},
        "Objection": _OBJECTION_SCHEMA,
    }


def _json_body(name: str, example: dict[str, Any], key: str) -> dict[str, Any]:
    content = {"application/json": {"schema": ref(name), "example": example}}
    return {"parameters": [_KEY | {"example": key}], "requestBody": {"required": True, "content": content}}


def _form(summary: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    wrong = html_of("The page, with what has to be corrected. A body that is no form is answered as a problem.")
    answers = {"303": onward_of("Back to the page."), "422": wrong}
    return operation(summary, answers, _FORM_PROBLEMS, wrong=NO_FORM) | {"requestBody": form_of(properties, required)}
