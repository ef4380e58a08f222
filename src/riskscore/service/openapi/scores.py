"""Scores in the document: one address for three kinds of subject, told apart by the recipe."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from riskscore.errors import Fault
from riskscore.service.association_intake import BANK_EXAMPLE, PRODUCER_EXAMPLE, BankBody, ProducerBody
from riskscore.service.facts_example import FACTS_EXAMPLE
from riskscore.service.intake import EXAMPLE, REMEDIES, ScoreBody
from riskscore.service.openapi.pieces import LANG, SCORE_ID, html_of, json_of, key_of, location_of, operation, ref
from riskscore.service.openapi.score_examples import SCORE_OF_MEMBER
from riskscore.service.openapi.score_examples_of_associations import OUTLOOK_OF_BANK, SCORE_OF_PRODUCERS
from riskscore.service.openapi.score_read import IN_FULL

_BODIES: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "ScoreBody": (ScoreBody, EXAMPLE),
    "BankBody": (BankBody, BANK_EXAMPLE),
    "ProducerBody": (ProducerBody, PRODUCER_EXAMPLE),
}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    answer = json_of("The score, in full.", {"oneOf": [ref(name) for name in IN_FULL]})
    answer["content"]["application/json"]["examples"] = {
        name: {"value": value}
        for name, value in zip(IN_FULL, (SCORE_OF_MEMBER, OUTLOOK_OF_BANK, SCORE_OF_PRODUCERS), strict=True)
    }
    answer["headers"] = location_of("The score.")
    return {
        "/v1/scores": {
            "post": operation(
                "Score a request of a member, a communal bank or a producer association; "
                "it is stored durably before it is answered. A member's request may bring her record along (`facts`): "
                "it stands in the place of what the portfolio holds of her, and the answer names its tables.",
                {"201": answer},
                (401, 403, 404, 413, 503),
                wrong=Fault("other_active_loans", "This field is missing.", REMEDIES["other_active_loans"]),
            )
            | {
                "parameters": [key_of("request", "the token's own, and of this route")],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"oneOf": [ref(name) for name in _BODIES]},
                            "examples": {name: {"value": example} for name, (_, example) in _BODIES.items()}
                            | {"ScoreBodyWithFacts": {"summary": "With her record", "value": FACTS_EXAMPLE}},
                        }
                    },
                },
            }
        },
        "/scores/{score_id}": {
            "parameters": [SCORE_ID, LANG],
            "get": operation(
                "The score's page.",
                {"200": html_of("The page.")},
                (401, 403, 404),
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name; the recipe says which of them a body has to be."""
    found: dict[str, Any] = {}
    for name, (model, example) in _BODIES.items():
        body = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= body.pop("$defs", {})  # a row of each table that is sent, as the portfolio's contract has it
        body["examples"] = [example]
        found[name] = body
    found["ScoreBody"]["examples"] += [FACTS_EXAMPLE]
    of_associations = [BANK_EXAMPLE["recipe"], PRODUCER_EXAMPLE["recipe"]]
    for name, recipe in zip(("BankBody", "ProducerBody"), of_associations, strict=True):
        found[name]["properties"]["recipe"]["const"] = recipe
    found["ScoreBody"]["properties"]["recipe"]["not"] = {"enum": of_associations}
    return found
