"""An association's score in the document: of a communal bank its outlook, of a producer association its points."""

from __future__ import annotations

from typing import Any, get_args

from riskscore.frequency import FREQUENCIES
from riskscore.modelling.communal_bank.outlook import Basis
from riskscore.modelling.expert.conformal import OUTCOMES
from riskscore.scoring.request import PURPOSES
from riskscore.service.association_intake import BANK_EXAMPLE, PRODUCER_EXAMPLE
from riskscore.service.kinds import COMMUNAL_BANK, PRODUCER_ASSOCIATION
from riskscore.service.openapi.pieces import ref, whole
from riskscore.service.openapi.score import (
    AS_OF,
    CHANCE,
    CHANCE_OR_NONE,
    COUNT,
    COUNT_OR_NONE,
    FLAG,
    GRADE,
    MADE_WITH,
    NAMES,
    NUMBER,
    NUMBER_OR_NONE,
    ON_RECORD,
    PD,
    REQUEST,
    SCORE_ID,
    STATE,
    TEXT,
    WHO,
    WHY,
    WORDS,
)
from riskscore.service.views.bank import STEPS

_FREQUENCY = whole(WORDS) | {"description": "`pd` in words, as so many of 100."}
DIMENSIONS = {
    "type": "array",
    "items": whole({"name": TEXT, "points": NUMBER, "of": NUMBER, **WORDS}),
    "description": "The expert's points of each, of at most so many.",
}
_NO_WORLDS = "Null where no distribution of falls comes to `pd`."

_BANK = whole(
    {
        "score_id": SCORE_ID,
        "recipe": {"const": BANK_EXAMPLE["recipe"]},
        "subject_kind": {"const": COMMUNAL_BANK},
        "subject": WHO,
        "as_of": AS_OF,
        "basis": {"enum": list(get_args(Basis)), "description": "Which request it is about."},
        "requested_at": TEXT
        | {"description": "When it was recorded. An open request is judged as of `as_of`, a last cycle as of then."},
        "application_id": TEXT | {"description": "Of that request; a pseudonym for an auditor."},
        "asked": whole(
            {
                "amount": NUMBER,
                "currency": TEXT,
                "term_days": COUNT,
                "frequency": {"enum": list(FREQUENCIES)},
                "purpose": {"enum": [*PURPOSES, None]},
            }
        )
        | {"description": "Its own request, as the portfolio has it; the purpose is null where it has none."},
        "pd": PD,
        "pd_interval": whole({"low": CHANCE, "high": CHANCE, "level": CHANCE}, nullable=True)
        | {"description": "Null where the bank is unlike those that the model was made from."},
        "natural_frequency": _FREQUENCY,
        "pd_from": TEXT | {"description": "Kind of the model that says `pd`, such as `structural`."},
        "structural_pd": CHANCE | {"description": "What falls and cover come to by themselves."},
        "prior_share": CHANCE | {"description": "How much of the level is the structure's; the rest is the record's."},
        "grade": GRADE,
        "order_judged": FLAG | {"description": "Whether the order of banks by `pd` was held against outcomes."},
        "members": COUNT | {"description": "Who ask for a loan."},
        "solidarity_groups": COUNT,
        "expected_loss": NUMBER_OR_NONE | {"description": f"In currency: what reaches the lender. {_NO_WORLDS}"},
        "expected_in_arrears": NUMBER_OR_NONE | {"description": f"How many members fall, in the mean. {_NO_WORLDS}"},
        "stops": CHANCE_OR_NONE
        | {"description": f"Chance that cover asked becomes so large that solvent members stop too. {_NO_WORLDS}"},
        "covers_falls": COUNT_OR_NONE | {"description": f"How many falls the bank can cover. {_NO_WORLDS}"},
        "in_arrears": {
            "type": ["array", "null"],
            "items": CHANCE,
            "description": f"The chance that none falls, that one does, and so on to all. {_NO_WORLDS}",
        },
        "at_least": {
            "type": "object",
            "additionalProperties": CHANCE_OR_NONE,
            "description": f"The chance that so many members or more fall. {_NO_WORLDS}",
        },
        "waterfall": whole(dict.fromkeys(("loss", *STEPS), NUMBER), nullable=True)
        | {"description": f"In currency: what would be missing (`loss`), and who bears it, step by step. {_NO_WORLDS}"},
        "cover": whole(
            {
                **dict.fromkeys(("lent", "one_fall", "savings", "group", "fund"), NUMBER),
                **dict.fromkeys(("savings_untold", "spare_untold"), COUNT),
            }
        )
        | {"description": "In currency: what stands behind one fall; and of how many members no record tells it."},
        "arrears": whole({"late": COUNT, "members": COUNT}, nullable=True)
        | {"description": "Members with an instalment past its day, of all; null where not known of all."},
        "recommendation": whole({"state": STATE}),
        **MADE_WITH,
        **ON_RECORD,
        "request": whole({"recipe": TEXT, "subject": WHO, "as_of": AS_OF}),
    }
) | {"description": "A communal bank's outlook. Nothing in it is of one member."}

_PRODUCER = whole(
    {
        "score_id": SCORE_ID,
        "recipe": {"const": PRODUCER_EXAMPLE["recipe"]},
        "subject_kind": {"const": PRODUCER_ASSOCIATION},
        "subject": WHO,
        "as_of": AS_OF,
        "pd": PD,
        "pd_interval": whole({"low": CHANCE, "high": CHANCE, "level": CHANCE})
        | {"description": "Of this loan, in a season that is not known."},
        "natural_frequency": _FREQUENCY,
        "score": NUMBER | {"description": "Points, higher is safer."},
        "grade": GRADE,
        "points": ref("ScorePoints")
        | {"description": "By indicator and, under `pool.NAME`, by pool; families are the dimensions, and `pool`."},
        "dimensions": DIMENSIONS,
        "prior_share": CHANCE | {"description": "How much of the answer is the expert's word; the rest is the data's."},
        "effective_n": NUMBER | {"description": "Cases that would say as much."},
        "whose_word": whole(WORDS) | {"description": "`prior_share` in words."},
        "open_outcomes": {
            "type": "array",
            "items": {"enum": list(OUTCOMES)},
            "description": "What so few cases do not rule out.",
        },
        "conflict": whole({"found": FLAG, **WORDS})
        | {"description": "Whether judgement and record disagree, over all cases."},
        "gates": {
            "type": "array",
            "items": whole({"name": TEXT, "answer": {"enum": ["passed", "failed", "unknown"]}, **WORDS}),
            "description": "Of entry; no part of `pd`.",
        },
        "reasons": {"type": "array", "items": ref("ScoreReason"), "description": "What weighs most first."},
        "data_quality": whole({"missing": NAMES | {"description": "Indicators without a value."}}),
        "recommendation": whole(
            {
                "state": STATE,
                "why": {"type": "array", "items": WHY, "description": "Gates not passed; empty where ready."},
            }
        ),
        **MADE_WITH,
        **ON_RECORD,
        "request": REQUEST,
    }
) | {"description": "A producer association's score."}


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    return {"CommunalBankScore": _BANK, "ProducerScore": _PRODUCER}
