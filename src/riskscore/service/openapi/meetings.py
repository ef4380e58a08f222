"""A group's meeting in the document: opinions, private talks, files, and decisions that come back."""

from __future__ import annotations

from typing import Any, get_args

from riskscore.errors import Fault
from riskscore.service import decision_entry, decision_files, opinions
from riskscore.service.decision_files import FileBody
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
from riskscore.service.openapi.sheet import GROUP_ID
from riskscore.service.opinions import OpinionBody, Would
from riskscore.service.sealed import LONGEST, SHORTEST

_TEXT = {"type": "string"}

_KEY = {
    "type": "string",
    "pattern": f"^{decision_entry.KEY_PATTERN}$",
    "description": "A random name of what is sent; sent again, it is on record once.",
}

_OPINION = {"opinion_id": "o_9b1f0c6e2d7a4835a1c4e8f20b6d3975", "score_id": SCORE_ID["example"]} | {
    **opinions.EXAMPLE,
    "recorded_at": "2026-01-06T12:00:00.000000+00:00",
}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        **{f"/groups/{{group_id}}/{name}": _form(*form) for name, form in _forms().items()},
        "/groups/{group_id}/files/committee": _form("Hand out the committee's file.", {}, page=True),
        "/groups/{group_id}/files/officer": _form(
            "Hand out the officer's file, closed with a passphrase.",
            dict.fromkeys(("passphrase", "again"), _TEXT | {"minLength": SHORTEST, "maxLength": LONGEST}),
            page=True,
        ),
        "/v1/scores/{score_id}/opinions": {
            "parameters": [SCORE_ID],
            "post": operation(
                "Write down what a committee thinks before it sees the state. There is one on a score.",
                {"201": json_of("The opinion.", ref("Opinion"), _OPINION)},
                (401, 403, 404, 413),
                wrong=Fault("amount", "Less than was asked needs its amount.", opinions.REMEDIES["amount"]),
            )
            | _body(ref("OpinionBody"), opinions.EXAMPLE),
        },
        "/v1/scores/{score_id}/told": _noted("Note that the officer spoke with the member alone."),
        "/v1/scores/{score_id}/withdrawn": _noted("Note that the member withdrew her request."),
        "/v1/decisions/upload": {
            "post": _unfitting(
                operation(
                    "Write down the decisions of a file, all of them or none. Sent again it changes nothing.",
                    {
                        "201": json_of(
                            "Each decision's record.",
                            whole({"decisions": {"type": "array", "items": ref("Decision")}}),
                            {"decisions": [decision_entry.ANSWER]},
                        )
                    },
                    (401, 403, 409, 413),
                    wrong=Fault("decisions[0].decided_on", "There is no such day.", "Give a day such as '2026-02-03'."),
                )
            )
            | _body(ref("FileBody"), decision_files.EXAMPLE),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    file = FileBody.model_json_schema(ref_template="#/components/schemas/{model}")
    file["examples"] = [decision_files.EXAMPLE]
    opinion = OpinionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    opinion["examples"] = [opinions.EXAMPLE]
    written = whole(
        {
            "opinion_id": _TEXT,
            "score_id": _TEXT,
            "would_approve": {"enum": list(get_args(Would))},
            "amount": {"type": ["number", "null"], "description": "Where it would approve less."},
            "words": {"type": ["string", "null"]},
            "written_on": _TEXT | {"format": "date", "description": "The true day."},
            "recorded_at": _TEXT | {"format": "date-time", "description": "When it was entered, UTC."},
        }
    )
    return {**file.pop("$defs"), "FileBody": file, "OpinionBody": opinion, "Opinion": written}


def _unfitting(described: dict[str, Any]) -> dict[str, Any]:
    described["responses"]["409"]["description"] = "The file is well formed, and does not fit what is on record."
    return described


def _body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def _noted(summary: str) -> dict[str, Any]:
    wrong = Fault("score_id", "She has withdrawn this request.", "Ask for a new score if she asks for a loan again.")
    noted = operation(summary, {"204": {"description": "It is on record."}}, (401, 403, 404), wrong=wrong)
    return {"parameters": [SCORE_ID], "post": noted}


def _forms() -> dict[str, tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Return of each form of the page what it does, its fields, and those that may be left out."""
    day, amount = _TEXT | {"format": "date"}, _TEXT | {"description": "As a person writes it, such as `12,50`."}
    score = {"score_id": _TEXT | {"description": "The last score of somebody at the meeting."}}
    opinion = {"would_approve": {"enum": list(get_args(Would))}, "amount": amount, "words": _TEXT, "written_on": day}
    decision = {
        "choice": {"enum": ["approve", "postpone", "reject"]},
        "amount_approved": amount,
        "who": _TEXT,
        "decided_on": day,
        "reason": _TEXT,
        "key": _KEY,
    }
    return {
        "requests": (
            "Ask, from the page, for the score of everybody whose open request has none.",
            {"key": _KEY},
            ("key",),
        ),
        "opinions": ("Take an opinion from the page.", score | opinion, ("amount", "words")),
        "decisions": ("Take a decision from the page.", score | decision, ("amount_approved", "reason", "key")),
        "told": ("Note, from the page, that a member was spoken with alone.", score, ()),
        "withdrawn": ("Note, from the page, that a member withdrew her request.", score, ()),
        "uploads": (
            "Take a file of decisions from the page.",
            {"file": _TEXT | {"description": "Its text: JSON as `POST /v1/decisions/upload` takes it."}},
            (),
        ),
    }


def _form(
    summary: str, fields: dict[str, Any], optional: tuple[str, ...] = (), *, page: bool = False
) -> dict[str, Any]:
    file = html_of("The file.") | {
        "headers": {"Content-Disposition": {"schema": {"type": "string"}, "description": "The name of the file."}}
    }
    done = {"200": file} if page else {"303": onward_of("Back to the page.")}
    wrong = html_of("The page, with what has to be corrected. A body that is no form is answered as a problem.")
    taken = operation(summary, done | {"422": wrong}, (401, 403, 404, 413, 503), wrong=NO_FORM)
    needed = [name for name in fields if name not in optional]
    return {"parameters": [GROUP_ID], "post": taken | {"requestBody": form_of(fields, needed)}}
