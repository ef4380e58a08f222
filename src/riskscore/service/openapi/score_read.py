"""A score answered before, in the document: whole for some roles, an allow-list for others, pseudonyms for an auditor.

What an auditor reads has the fields of the whole.
"""

from __future__ import annotations

from typing import Any

from riskscore.service.association_intake import BANK_EXAMPLE, PRODUCER_EXAMPLE
from riskscore.service.kinds import COMMUNAL_BANK, PRODUCER_ASSOCIATION
from riskscore.service.openapi import sheet
from riskscore.service.openapi.pieces import SCORE_ID as SCORE_ID_IN_PATH
from riskscore.service.openapi.pieces import json_of, operation, ref, whole
from riskscore.service.openapi.score import (
    COUNT,
    COUNT_OR_NONE,
    ON_RECORD,
    OPTIONAL,
    REQUEST,
    SCORE,
    SCORE_ID,
    TEXT,
    WORDS,
)
from riskscore.service.openapi.score_examples import SCORE_OF_MEMBER
from riskscore.service.openapi.score_examples_of_associations import OUTLOOK_OF_BANK, SCORE_OF_PRODUCERS
from riskscore.service.openapi.score_of_association import DIMENSIONS
from riskscore.service.serializer import NOTICE
from riskscore.service.views import bank, producer

#: A score in full is one of these; what it is about says which.
IN_FULL = ("Score", "CommunalBankScore", "ProducerScore")

#: Whoever else reads it: herself, with the rules on her, and those who read less.
_NARROW = ("OwnScore", "CommitteeScore", "CommunalBankAggregate", "ProducerAggregate")

_HERS = sheet.EXAMPLE["members"][0]

#: A rule on her and her loan, as it does not hold.
_OWN_RULE: dict[str, Any] = {
    "code": "L01",
    "measure": "request_to_last_loan",
    "audience": "officer",
    "state": "talk_first",
    "exception": False,
    "measured": {"es": "1200 contra 500", "en": "1200 against 500"},
    "words": {
        "es": "Lo que pide y su préstamo anterior: 1200 contra 500.",
        "en": "What is asked for and the last loan: 1200 against 500.",
    },
    "verified": False,
    "bounds": {"above": "2", "at_most": "3"},
}

#: What her committee reads once it may see the recommendation.
_FOR_COMMITTEE: dict[str, Any] = {
    **{name: SCORE_OF_MEMBER[name] for name in ("score_id", "recipe", "subject", "as_of")},
    **{name: _HERS[name] for name in ("request", "group_record", *sheet.RECOMMENDED)},
    **{name: SCORE_OF_MEMBER[name] for name in ("model_version", "policy_version", "notice")},
}


def _of_nobody(score: dict[str, Any]) -> dict[str, Any]:
    """Return a score as an auditor reads it."""
    names = {"subject": "P3f1c9a52d0e8"}
    if "application_id" in score:
        names["application_id"] = "P90b7c4e1a6d2"
    return score | names | {"request": score["request"] | {"subject": names["subject"]}}


def _in_short(score: dict[str, Any], narrow: dict[str, Any]) -> dict[str, Any]:
    return {"score_id": score["score_id"], **narrow, "notice": NOTICE}


#: By whose it is: a summary, and what the reader is answered.
READERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Member": ("Of a member, for an officer and an analyst.", SCORE_OF_MEMBER),
    "MemberForHerself": ("Of a member, for herself.", SCORE_OF_MEMBER | {"rules": [_OWN_RULE]}),
    "MemberForCommittee": ("Of a member, for her committee.", _FOR_COMMITTEE),
    "MemberForCommitteeBefore": (
        "Of a member, for her committee, before its opinion is on record and everybody was spoken with alone.",
        _FOR_COMMITTEE | {"recommendation": None, "opinion_needed": True, "not_ready": True},
    ),
    "MemberForAuditor": ("Of a member, for an auditor.", _of_nobody(SCORE_OF_MEMBER)),
    "Bank": ("Of a communal bank, for an officer and an analyst.", OUTLOOK_OF_BANK),
    "BankForAuditor": ("Of a communal bank, for an auditor.", _of_nobody(OUTLOOK_OF_BANK)),
    "BankForAssistant": (
        "Of a communal bank, for an assistance provider.",
        _in_short(OUTLOOK_OF_BANK, bank.aggregate(OUTLOOK_OF_BANK)),
    ),
    "Producers": (
        "Of a producer association, for its board, a lender, an officer and an analyst.",
        SCORE_OF_PRODUCERS,
    ),
    "ProducersForAuditor": ("Of a producer association, for an auditor.", _of_nobody(SCORE_OF_PRODUCERS)),
    "ProducersForAssistant": (
        "Of a producer association, for an assistance provider.",
        _in_short(SCORE_OF_PRODUCERS, producer.aggregate(SCORE_OF_PRODUCERS)),
    ),
}


def paths() -> dict[str, Any]:
    """Return the description of the route."""
    answer = json_of("The score, as far as the role sees it.", {"oneOf": [ref(name) for name in (*IN_FULL, *_NARROW)]})
    answer["content"]["application/json"]["examples"] = {
        name: {"summary": summary, "value": value} for name, (summary, value) in READERS.items()
    }
    return {
        "/v1/scores/{score_id}": {
            "parameters": [SCORE_ID_IN_PATH],
            "get": operation(
                "A score answered before, as far as the asker's role sees it: in full it is what `POST /v1/scores` "
                "answered; a member reads besides which rules on her and her loan do not hold; a committee reads what "
                "the group knows and what is recommended; an assistance provider how often such an association gets "
                "into trouble; an auditor everything about nobody.",
                {"200": answer},
                (401, 403, 404),
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    spoken = {name: REQUEST["properties"][name] for name in _HERS["request"]}
    committee = whole(
        {
            "score_id": SCORE_ID,
            "recipe": TEXT,
            "subject": TEXT,
            "as_of": TEXT | {"description": "The day it answers for, written as its first moment."},
            "request": whole(spoken) | {"description": "What was asked for at the group's table."},
            "group_record": sheet.GROUP_RECORD_TOLD,
            **sheet.RECOMMENDED,
            "model_version": TEXT,
            "policy_version": TEXT,
            "notice": ON_RECORD["notice"],
        }
    )
    rules = {
        "type": "array",
        "items": ref("SheetRule"),
        "description": "On herself and her loan; those that do not hold. Empty of a request that no longer stands.",
    }
    return {
        "OwnScore": whole(SCORE["properties"] | {"rules": rules}, optional=OPTIONAL)
        | {"description": "A member's score, as she reads it herself."},
        "CommitteeScore": committee | {"description": "A member's score, as her committee reads it."},
        "CommunalBankAggregate": _aggregate(BANK_EXAMPLE["recipe"], COMMUNAL_BANK)
        | {"description": "A communal bank's outlook, as an assistance provider reads it."},
        "ProducerAggregate": _aggregate(PRODUCER_EXAMPLE["recipe"], PRODUCER_ASSOCIATION, dimensions=DIMENSIONS)
        | {"description": "A producer association's score, as an assistance provider reads it."},
    }


def _aggregate(recipe: str, kind: str, **more: Any) -> dict[str, Any]:
    return whole(
        {
            "score_id": SCORE_ID,
            "recipe": {"const": recipe},
            "subject_kind": {"const": kind},
            "subject": TEXT,
            "as_of": TEXT,
            "natural_frequency": whole(WORDS) | {"description": "The PD in words, as so many of 100."},
            "of_100": COUNT | {"description": "Of 100 like it, how many would not repay all in time; 0: fewer than 1."},
            "low": COUNT_OR_NONE | {"description": "Null, as `high`, where there is no range."},
            "high": COUNT_OR_NONE,
            **more,
            "model_version": TEXT,
            "notice": ON_RECORD["notice"],
        }
    )
