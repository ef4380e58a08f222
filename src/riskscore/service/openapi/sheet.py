"""The sheet of a group's meeting in the document: what stands of each member, of the whole, and its page."""

from __future__ import annotations

from typing import Any, get_args

from riskscore.frequency import FREQUENCIES
from riskscore.scoring.matrix import STATES
from riskscore.scoring.measures import AUDIENCES, MEASURES
from riskscore.scoring.request import PURPOSES
from riskscore.service import decision_entry, examples, opinions
from riskscore.service.bank_facts import GROUP_RECORD
from riskscore.service.decisions import Result
from riskscore.service.openapi.pieces import LANG, html_of, json_of, operation, ref, whole
from riskscore.service.views.bank import STEPS

GROUP_ID: dict[str, Any] = {
    "name": "group_id",
    "in": "path",
    "required": True,
    "description": "A communal bank.",
    "schema": {"type": "string"},
    "example": examples.BANK,
}

_TEXT, _TEXT_OR_NONE = {"type": "string"}, {"type": ["string", "null"]}
_NUMBER, _NUMBER_OR_NONE = {"type": "number"}, {"type": ["number", "null"]}
_COUNT, _COUNT_OR_NONE = {"type": "integer"}, {"type": ["integer", "null"]}
_FLAG, _STATE = {"type": "boolean"}, {"enum": ["ready", "talk_first"]}


_SIDES = ("at_least", "above", "at_most", "below")

_ASKED = {
    "amount": _NUMBER,
    "currency": _TEXT,
    "term_days": _COUNT,
    "frequency": {"enum": list(FREQUENCIES)},
    "purpose": {"enum": [*PURPOSES, None]},
}

_SHOWN = {
    "other_loans": _COUNT,
    "level": {"enum": ["NO_DEBT", "SOLVENT", "AT_RISK", "OVER_INDEBTED"]},
    "savings": _NUMBER,
}

_RULE = whole(
    {
        "code": _TEXT,
        "measure": {"enum": list(MEASURES)},
        "audience": {"enum": list(AUDIENCES)},
        "state": {"enum": ["talk_first", "UNKNOWN"]},
        "exception": _FLAG | {"description": "Whoever goes on writes why."},
        "measured": whole({"es": _TEXT, "en": _TEXT}, nullable=True)
        | {"description": "The exact value; null where unknown."},
        "words": whole({"es": _TEXT, "en": _TEXT}),
        "verified": _FLAG,
        "bounds": whole(dict.fromkeys(_SIDES, _TEXT), optional=_SIDES, nullable=True)
        | {"description": "Of the band it lies in, as written; null where unknown."},
    }
) | {"description": "A rule of the policy that does not hold, or of which it is not known."}

#: What the sheet says of a member, and her score of her to her committee.
GROUP_RECORD_TOLD = whole(dict.fromkeys(GROUP_RECORD, _NUMBER_OR_NONE)) | {
    "description": "What the group's own books say; null is unknown, never 0."
}
RECOMMENDED: dict[str, Any] = {
    "recommendation": whole({"state": _STATE, "ceiling": _NUMBER_OR_NONE}, nullable=True)
    | {
        "description": "Null for a committee until its opinion is on record and every member was spoken with "
        "alone. The ceiling is null where nothing fits or capacity is unknown."
    },
    "opinion_needed": _FLAG | {"description": "The committee's opinion is not on record."},
    "not_ready": _FLAG | {"description": "Somebody was not yet spoken with alone."},
}

_MEMBER = whole(
    {
        "member": _TEXT | {"description": "Her id; a pseudonym for an auditor."},
        "group_record": GROUP_RECORD_TOLD,
        "score_id": _TEXT_OR_NONE | {"description": "Null, as all that follows, where she has no score."},
        "as_of": _TEXT_OR_NONE,
        "request": whole(_ASKED, nullable=True) | {"description": "What was asked for at the group's table."},
        **RECOMMENDED,
        "opinion": whole(
            {
                "would_approve": {"enum": list(get_args(opinions.Would))},
                "amount": _NUMBER_OR_NONE,
                "words": _TEXT_OR_NONE,
            },
            nullable=True,
        ),
        "decision": whole(
            {
                "decision_id": _TEXT,
                "amount_approved": _NUMBER_OR_NONE,
                "decided_on": {"type": "string", "format": "date"},
                "result": {"enum": list(get_args(Result))},
            },
            nullable=True,
        )
        | {"description": "The committee's last one on this score."},
        "told": _FLAG | {"description": "She was spoken with alone; for officer and auditor."},
        "rules": {
            "type": "array",
            "items": ref("SheetRule"),
            "description": "On her and what she asks for; for officer and auditor, where she has a request.",
        },
        "shown": whole(_SHOWN, optional=tuple(_SHOWN))
        | {"description": "For a committee: what she shows of this request of her own will, only where she does."},
    },
    optional=("told", "shown", "rules"),
)

_OUTLOOK = whole(
    {
        "recipe": _TEXT,
        "subject_kind": {"enum": ["communal_bank"]},
        "subject": _TEXT,
        "as_of": _TEXT,
        "basis": {"enum": ["open_request", "last_cycle"], "description": "Which request it is about."},
        "requested_at": _TEXT,
        "asked": whole(_ASKED),
        "natural_frequency": whole({"es": _TEXT, "en": _TEXT}),
        "of_100": _COUNT_OR_NONE | {"description": "Of 100 banks like it, how many would not repay all in time."},
        "low": _COUNT_OR_NONE,
        "high": _COUNT_OR_NONE,
        "members": _COUNT,
        "solidarity_groups": _COUNT,
        "falls_of_100": {
            "type": "object",
            "additionalProperties": _COUNT_OR_NONE,
            "description": "In how many of 100 cycles that many members or more fall.",
        },
        "falls_expected": _COUNT_OR_NONE,
        "covers_falls": _COUNT_OR_NONE | {"description": "How many falls the bank can cover."},
        "step": _NUMBER | {"description": "Money is told in whole steps of this."},
        "waterfall": whole(dict.fromkeys(("loss", *STEPS), _NUMBER), nullable=True)
        | {"description": "What would be missing, and who bears it, step by step."},
        "cover": whole(dict.fromkeys(("lent", "one_fall", "savings", "group", "fund"), _NUMBER)),
        "arrears": whole({"late": _COUNT, "members": _COUNT}, nullable=True),
        "order_judged": {"type": ["boolean", "null"]},
        "recommendation": whole({"state": _STATE, "why": {"type": "array", "items": _TEXT}})
        | {"description": "`why` has the codes of the policy's rules that ask for more care than the outlook does."},
        "model_version": _TEXT,
    }
)

_LEDGER = {"loans": _COUNT, "outstanding": _NUMBER, "overdue": _NUMBER}

_SHEET = whole(
    {
        "group": _TEXT,
        "as_of": _TEXT,
        "currency": _TEXT,
        "members": {"type": "array", "items": ref("SheetMember"), "description": "In the order of their ids."},
        "arrears": whole({"own_loan": whole({**_LEDGER, "days_late": _COUNT}), "between_members": whole(_LEDGER)}),
        "rules": whole({"state": {"enum": list(STATES)}, "not_met": {"type": "array", "items": ref("SheetRule")}})
        | {
            "description": "On the group: the strictest state of those that the role may read, and which do not hold. "
            "The outlook's recommendation is never looser."
        },
        "outlook": {"oneOf": [ref("GroupOutlook"), {"type": "null"}]},
        "outlook_missing": {"enum": ["no_champion", "no_request", None], "description": "Why there is no outlook."},
        "not_ready": _FLAG,
        "notice": whole({"es": _TEXT, "en": _TEXT}),
        "waiting": _COUNT | {"description": "Members not yet spoken with alone; for officer and auditor."},
        "agreement": whole({"decisions": _COUNT, "agreed": _COUNT, "rubber_stamp": _FLAG})
        | {"description": "How often the committee decided as was recommended; for officer and auditor."},
    },
    optional=("waiting", "agreement"),
)

#: What the committee of a bank with two members reads after it decided on the first.
EXAMPLE: dict[str, Any] = {
    "group": examples.BANK,
    "as_of": "2026-01-01T00:00:00",
    "currency": examples.CURRENCY,
    "members": [
        {
            "member": examples.MEMBER,
            "group_record": {"cycle_no": 8.0, "late_share": 0.0, "attendance_rate": 0.92, "group_savings": 214.5},
            "score_id": examples.SCORE,
            "as_of": "2026-01-01T00:00:00",
            "request": {
                "amount": 1000.0,
                "currency": examples.CURRENCY,
                "term_days": 168,
                "frequency": "fortnightly",
                "purpose": "working_capital",
            },
            "recommendation": {"state": "talk_first", "ceiling": 840.0},
            "opinion_needed": False,
            "not_ready": False,
            "opinion": {name: opinions.EXAMPLE[name] for name in ("would_approve", "amount", "words")},
            "decision": {
                name: decision_entry.ANSWER[name] for name in ("decision_id", "amount_approved", "decided_on", "result")
            },
            "shown": {"other_loans": 1},
        },
        {
            "member": examples.NEIGHBOUR,
            "group_record": {"cycle_no": 8.0, "late_share": None, "attendance_rate": 0.88, "group_savings": 190.0},
            "score_id": None,
            "as_of": None,
            "request": None,
            "recommendation": None,
            "opinion_needed": False,
            "not_ready": False,
            "opinion": None,
            "decision": None,
        },
    ],
    "arrears": {
        "own_loan": {"loans": 1, "outstanding": 1335.0, "overdue": 0.0, "days_late": 0},
        "between_members": {"loans": 2, "outstanding": 240.0, "overdue": 15.0},
    },
    "rules": {
        "state": "talk_first",
        "not_met": [
            {
                "code": "G06",
                "measure": "share_in_first_cycle",
                "audience": "committee",
                "state": "talk_first",
                "exception": False,
                "measured": {"es": "9 de 16", "en": "9 of 16"},
                "words": {
                    "es": "Piden por primera vez 9 de 16 socias.",
                    "en": "In their first cycle are 9 of 16 members.",
                },
                "verified": False,
                "bounds": {"above": "1/2"},
            }
        ],
    },
    "outlook": {
        "recipe": "group_default",
        "subject_kind": "communal_bank",
        "subject": examples.BANK,
        "as_of": "2026-01-01T00:00:00",
        "basis": "open_request",
        "requested_at": "2025-12-30T10:00:00",
        "asked": {
            "amount": 10680.0,
            "currency": examples.CURRENCY,
            "term_days": 168,
            "frequency": "fortnightly",
            "purpose": "working_capital",
        },
        "natural_frequency": {
            "es": "De 100 bancos comunales parecidos, 3 no pagarían todo a tiempo.",
            "en": "Of 100 communal banks like this one, 3 would not repay all in time.",
        },
        "of_100": 3,
        "low": 2,
        "high": 6,
        "members": 16,
        "solidarity_groups": 5,
        "falls_of_100": {"1": 61, "2": 27, "3": 10},
        "falls_expected": 1,
        "covers_falls": 3,
        "step": 10.0,
        "waterfall": {
            "loss": 310.0,
            "by_savings": 60.0,
            "by_group": 160.0,
            "by_fund": 70.0,
            "by_untold": 10.0,
            "by_lender": 10.0,
        },
        "cover": {"lent": 10680.0, "one_fall": 250.0, "savings": 50.0, "group": 140.0, "fund": 570.0},
        "arrears": {"late": 1, "members": 16},
        "order_judged": False,
        "recommendation": {"state": "talk_first", "why": ["G06"]},
        "model_version": "2",
    },
    "outlook_missing": None,
    "not_ready": False,
    "notice": {
        "es": "Lo calculó un sistema automático. Recomienda; deciden las personas.",
        "en": "Computed by an automatic system. It recommends; people decide.",
    },
}


def paths() -> dict[str, Any]:
    """Return the description of both routes."""
    return {
        "/v1/groups/{group_id}/sheet": {
            "parameters": [GROUP_ID],
            "get": operation(
                "The sheet of a communal bank's meeting, for its committee, an officer and an auditor; the example is "
                "what a committee reads.",
                {"200": json_of("The sheet, as far as the role may see it.", ref("Sheet"), EXAMPLE)},
                (401, 403, 404, 503),
            ),
        },
        "/groups/{group_id}": {
            "parameters": [GROUP_ID, LANG],
            "get": operation(
                "The page of the meeting; `?open=SCORE_ID` opens the form about her.",
                {"200": html_of("The page.")},
                (401, 403, 404, 503),
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    return {"Sheet": _SHEET, "SheetMember": _MEMBER, "SheetRule": _RULE, "GroupOutlook": _OUTLOOK}
