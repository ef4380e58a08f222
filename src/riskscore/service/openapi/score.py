"""A member's score in the document, in full: typed to its last field."""

from __future__ import annotations

from typing import Any, get_args

from riskscore.frequency import FREQUENCIES
from riskscore.indebtedness import LEVELS
from riskscore.modelling.communal_bank.outlook import State
from riskscore.portfolio.borrower import BORROWER
from riskscore.scoring.request import PURPOSES
from riskscore.scoring.signals import SIGNALS
from riskscore.service.association_intake import BANK_EXAMPLE, PRODUCER_EXAMPLE
from riskscore.service.openapi.pieces import ref, whole

TEXT, TEXT_OR_NONE = {"type": "string"}, {"type": ["string", "null"]}
NUMBER, NUMBER_OR_NONE = {"type": "number"}, {"type": ["number", "null"]}
COUNT, COUNT_OR_NONE = {"type": "integer"}, {"type": ["integer", "null"]}
FLAG, FLAG_OR_NONE = {"type": "boolean"}, {"type": ["boolean", "null"]}
CHANCE = {"type": "number", "minimum": 0, "maximum": 1}
CHANCE_OR_NONE = CHANCE | {"type": ["number", "null"]}
NAMES = {"type": "array", "items": TEXT}
WORDS = {"es": TEXT, "en": TEXT}
STATE = {"enum": list(get_args(State)), "description": "A recommendation; people decide."}

_LEVEL = {"enum": list(LEVELS)}
_INDEX = "Monthly service of every debt over the monthly surplus; 10 stands for all above it. Null where unknown."
_MONEY = "In the portfolio's currency"

#: What every score says of what it was made with, and of the law it stands under.
MADE_WITH: dict[str, Any] = {
    "model_version": TEXT | {"description": "Of the champion that answered."},
    "lock": {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the features' definitions, as the model was trained on them.",
    },
}

#: What every score says of the record that it is, beside what was computed.
ON_RECORD: dict[str, Any] = {
    "regulation": whole(
        {
            "country": TEXT | {"description": "ISO 3166."},
            "authority": TEXT,
            "norm": TEXT,
            "effective_from": {"type": "string", "format": "date"},
            "verified": FLAG | {"description": "Whether anybody compared its figures with the norm."},
        },
        nullable=True,
    )
    | {
        "description": "The supervisor's table in force on the day of the score; for information, nothing is computed "
        "from it. Null where no table is at hand."
    },
    "recorded_at": {"type": "string", "format": "date-time", "description": "When it was written down, UTC."},
    "notice": whole(WORDS) | {"description": "That a system computed it and people decide."},
}

AS_OF = TEXT | {"description": "The moment it answers for: local to the institution, without offset, exclusive."}
SCORE_ID = TEXT | {"description": "Random; it says nothing of whom it is about."}
WHO = TEXT | {"description": "The id it is about; a pseudonym for an auditor."}
PD = CHANCE | {"description": "Probability of default, as the recipe defines it."}
GRADE = TEXT | {"description": "Of the PD, by the recipe's bounds; A is the safest."}

#: A request of a member or a producer association as it was read, with the moment it was answered for.
REQUEST = whole(
    {
        "recipe": TEXT,
        "subject": WHO,
        "amount": NUMBER,
        "currency": TEXT,
        "term_days": COUNT,
        "frequency": {"enum": list(FREQUENCIES)},
        "purpose": {"enum": list(PURPOSES)},
        "other_active_loans": COUNT,
        "as_of": AS_OF,
    }
) | {"description": "As it was read."}

_OF_EACH, _OF_EACH_WHOLE = (
    {"type": "object", "additionalProperties": one, "description": "Above 0 where they raise the score."}
    for one in (NUMBER, COUNT)
)
POINTS = whole(
    {
        "base": NUMBER | {"description": "The score of the mean of those the model was made from."},
        "features": _OF_EACH,
        "families": _OF_EACH,
        "shown_base": COUNT,
        "shown_score": COUNT,
        "shown": _OF_EACH_WHOLE,
        "shown_families": _OF_EACH_WHOLE,
    }
) | {
    "description": "`base` and `features` add up to `score`, and so does `base` with `families`. What is `shown` is "
    "whole, and adds up in the same way: features to their family, families and base to `shown_score`."
}

REASON = whole(
    {
        "code": TEXT | {"description": "Of the concept; features of one concept share it."},
        "feature": TEXT,
        **WORDS,
        "value": NUMBER | {"description": "In the feature's unit."},
        "typical": NUMBER_OR_NONE | {"description": "The median of those the model was made from."},
        "points": NUMBER | {"description": "Below 0: what it takes from the score."},
    }
) | {"description": "What lowers the score."}

WHY = whole({"code": TEXT | {"description": "Of the rule that asks for a talk."}, **WORDS})

_INTERVAL = whole(
    {
        "rate": CHANCE | {"description": "Share of them that went bad."},
        "low": CHANCE,
        "high": CHANCE,
        "level": CHANCE | {"description": "Coverage of `low` to `high`."},
        "n": COUNT | {"description": "How many they were."},
    },
    nullable=True,
) | {
    "description": "What became of those in the same span of scores, after the model was made; it need not hold `pd`. "
    "Null where nobody was like her, or too few were."
}

_INDEBTEDNESS = whole(
    {
        "level": _LEVEL | {"description": "With this loan."},
        "level_now": _LEVEL | {"description": "Before it."},
        "surplus": NUMBER_OR_NONE | {"description": f"{_MONEY}, a month, before any debt. Null where unknown."},
        "instalment": NUMBER | {"description": f"{_MONEY}, of the loan asked for, each period."},
        "service_now": NUMBER_OR_NONE
        | {"description": f"{_MONEY}, a month: of every debt, those elsewhere with a margin. Null where unknown."},
        "service_post": NUMBER_OR_NONE | {"description": "The same with this loan."},
        "nii_now": NUMBER_OR_NONE | {"description": f"Net indebtedness before this loan. {_INDEX}"},
        "nii_post": NUMBER_OR_NONE | {"description": "The same with this loan."},
        "nii_stress": NUMBER_OR_NONE | {"description": "The same with this loan in a bad season."},
        "nii_stress_with_cover": NUMBER_OR_NONE
        | {"description": "And with what she may have to pay for the others of her group."},
        "nii_stress_one_stops": NUMBER_OR_NONE | {"description": "And where one of them stops paying."},
        "headroom": NUMBER_OR_NONE
        | {"description": f"{_MONEY}, a month: room for a new instalment under `cap`. Null where unknown."},
        "largest_amount": NUMBER_OR_NONE
        | {"description": f"{_MONEY}: the largest loan that fits, 0 where none does. Null where unknown."},
        "above_cap": FLAG_OR_NONE | {"description": "Whether `nii_post` is above `cap`; null where unknown."},
        "cap": NUMBER | {"description": "The policy's."},
        "missing": NAMES | {"description": "Facts that are not there."},
        "signals": whole(dict.fromkeys((one.name for one in SIGNALS), FLAG_OR_NONE))
        | {"description": "Signs that behaviour shows, beside the figures; null where unknown."},
        "sacrifice": FLAG_OR_NONE | {"description": "What she answered of at most a year ago; null where not asked."},
    }
) | {"description": "What she owes against what is left over to her."}

_CHANGE = whole(
    {
        "kind": TEXT | {"description": "What is otherwise: such as `amount`, or two such as `amount_and_term`."},
        "amount": NUMBER,
        "term_days": COUNT,
        "frequency": {"enum": list(FREQUENCIES)},
        "savings": NUMBER | {"description": f"{_MONEY}: to be put by with the group first; 0 where nothing."},
        "finishes_debt": FLAG | {"description": "Whether her one debt elsewhere is finished first."},
        "score": COUNT,
        "state": {"enum": ["ready"]},
        "steps": NUMBER | {"description": "How far from what she asked for."},
        **WORDS,
    }
) | {"description": "A request that would be ready."}

_BESIDE = whole(
    {
        "recipe": TEXT,
        **MADE_WITH,
        "probability": CHANCE_OR_NONE | {"description": "Null where she is already, or where it is not known."},
        "interval": {
            "type": ["array", "null"],
            "items": CHANCE,
            "minItems": 2,
            "maxItems": 2,
            "description": "From and to, 90 %; null without a probability, or where nobody was like her.",
        },
        "reasons": {"type": "array", "items": REASON, "description": "Why it is higher than usual."},
    }
) | {
    "description": "The probability to be over-indebted by her next request, only where its champion is in service; "
    "it enters neither `pd` nor `points`."
}

_FACTS = whole(
    {
        "source": {"enum": ["sent"]},
        "tables": whole(dict.fromkeys(BORROWER, COUNT), optional=BORROWER) | {"description": "Rows of each."},
        "rows": COUNT | {"description": "Of all tables together."},
    }
) | {"description": "That her record was sent with the request; only where it was."}

#: What is computed of a member's request, whether it is put on record as a score or only asked what it would be.
_COMPUTED: dict[str, Any] = {
    "recipe": {"type": "string", "not": {"enum": [BANK_EXAMPLE["recipe"], PRODUCER_EXAMPLE["recipe"]]}},
    "subject": WHO,
    "as_of": AS_OF,
    "pd": PD,
    "pd_interval": _INTERVAL,
    "frequency": whole(WORDS)
    | {"description": "The interval's rate in words, as so many of 100; or that nobody was like her."},
    "score": NUMBER | {"description": "Points, higher is safer."},
    "grade": GRADE,
    "indebtedness": _INDEBTEDNESS,
    "points": ref("ScorePoints"),
    "reasons": {"type": "array", "items": ref("ScoreReason"), "description": "What weighs most first."},
    "what_would_change": {
        "type": "array",
        "items": _CHANGE,
        "description": "Requests near hers that would be ready; empty where hers is, or where none was found.",
    },
    "data_quality": whole(
        {
            "missing": NAMES | {"description": "Features without a value."},
            "stale": NAMES | {"description": "Facts that are old."},
            "off_support": NAMES | {"description": "Features outside what the model was made from."},
        }
    ),
    "recommendation": whole(
        {
            "state": STATE,
            "ceiling": NUMBER_OR_NONE
            | {"description": f"{_MONEY}: the most that fits; 0 where nothing does, null where unknown."},
            "why": {"type": "array", "items": WHY, "description": "Empty where ready."},
        }
    ),
    **MADE_WITH,
    "policy_version": TEXT,
    "people_decide": whole(WORDS),
    "over_indebtedness": _BESIDE,
}

#: What not every score of a member has.
OPTIONAL = ("over_indebtedness", "facts")

SCORE = whole(
    {"score_id": SCORE_ID, **_COMPUTED, **ON_RECORD, "request": REQUEST, "facts": _FACTS}, optional=OPTIONAL
) | {"description": "A member's score."}

_WHAT_IF = whole(_COMPUTED, optional=("over_indebtedness",)) | {
    "description": "The whole score of a request as it would be, explained. It is none on record: it has no id, no "
    "notice of its own, and no request beside `asked`."
}


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    return {"Score": SCORE, "WhatIfScore": _WHAT_IF, "ScorePoints": POINTS, "ScoreReason": REASON}
