"""Requests for the score of a communal bank or of a producer association, as they arrive."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault
from riskscore.frequency import FREQUENCIES
from riskscore.scoring.request import PURPOSES
from riskscore.service.examples import ASSOCIATION, BANK, CURRENCY
from riskscore.service.intake import REMEDIES, choice_faults, read_fields

_AS_OF = "Date or moment, ISO 8601; the portfolio's last day where left out."


class BankBody(BaseModel):
    """What `POST /v1/scores` takes of a communal bank: its request, and its members', stand in the portfolio."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    recipe: Annotated[str, Field(min_length=1, max_length=80, description="Which question: `group_default`.")]
    subject: Annotated[str, Field(min_length=1, max_length=80, description="The communal bank's id.")]
    as_of: Annotated[str | None, Field(max_length=40, description=_AS_OF)] = None


class ProducerBody(BaseModel):
    """What `POST /v1/scores` takes of a producer association."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    recipe: Annotated[str, Field(min_length=1, max_length=80, description="Which question: `producer_default`.")]
    subject: Annotated[str, Field(min_length=1, max_length=80, description="The producer association's id.")]
    as_of: Annotated[str | None, Field(max_length=40, description=_AS_OF)] = None
    amount: Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False, description="Amount asked for, in `currency`.")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217; must be the portfolio's.")]
    term_days: Annotated[int, Field(ge=1, le=3660, description="Days until the last instalment.")]
    frequency: Annotated[str, Field(json_schema_extra={"enum": list(FREQUENCIES)}, description="Of instalments.")]
    purpose: Annotated[str, Field(json_schema_extra={"enum": list(PURPOSES)}, description="What the loan is for.")]
    other_active_loans: Annotated[
        int, Field(ge=0, le=1000, description="Loans it has elsewhere, as it declares them; never assumed 0.")
    ]


#: Requests that a reader may copy.
BANK_EXAMPLE: dict[str, Any] = {"recipe": "group_default", "subject": BANK}
PRODUCER_EXAMPLE: dict[str, Any] = {
    "recipe": "producer_default",
    "subject": ASSOCIATION,
    "amount": 9000.0,
    "currency": CURRENCY,
    "term_days": 270,
    "frequency": "at_maturity",
    "purpose": "working_capital",
    "other_active_loans": 0,
}

_BANK_REMEDIES = REMEDIES | {"subject": "Give the communal bank's id as the portfolio has it."}
_PRODUCER_REMEDIES = REMEDIES | {
    "subject": "Give the producer association's id as the portfolio has it.",
    "other_active_loans": "Ask its board how many loans it has elsewhere, and give the number; 0 only if it says none.",
}


def read_bank_body(content: bytes) -> tuple[dict[str, Any], list[Fault]]:
    """Return the well-formed fields of a request about a communal bank, and a fault for every other one."""
    fields, faults = read_fields(BankBody, _BANK_REMEDIES, content)
    return fields, sorted(faults)


def read_producer_body(content: bytes) -> tuple[dict[str, Any], list[Fault]]:
    """Return the well-formed fields of a request about a producer association, and a fault for every other one."""
    fields, faults = read_fields(ProducerBody, _PRODUCER_REMEDIES, content)
    return fields, sorted(faults + choice_faults(fields))
