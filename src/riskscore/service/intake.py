"""A request for a score as it arrives: every fault found at once, each with its remedy, and no value ever repeated.

Pydantic finds the faults; its own messages quote what was sent, so they never leave this module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.overlay_faults import ROOT
from riskscore.scoring.request import PURPOSES
from riskscore.service.examples import CURRENCY, MEMBER
from riskscore.service.facts import MOST_ROWS, capped, count_faults, row_fault, sent_model

#: Longest body read, in bytes; a request is a few hundred.
LONGEST_BODY = 16_384

#: What to do about each field of a member's request.
REMEDIES = {
    "recipe": "Name the recipe, such as 'member_default'.",
    "subject": "Give the member's id as the portfolio has it.",
    "as_of": "Give a date or a moment in ISO 8601, or leave it out for the portfolio's last day.",
    "amount": "Give the amount asked for, a positive number in the portfolio's currency.",
    "currency": "Give the portfolio's currency as an ISO 4217 code, such as 'PEN'.",
    "term_days": "Give the whole number of days until the last instalment.",
    "frequency": f"Choose one of: {', '.join(FREQUENCIES)}.",
    "purpose": f"Choose one of: {', '.join(PURPOSES)}.",
    "other_active_loans": "Ask her how many loans she has elsewhere, and give the number; 0 only if she says none.",
    ROOT: "Give an object with lists of rows by table, or leave it out for what the portfolio holds of her.",
}


class MeetingRow(BaseModel):
    """What `POST /v1/scores` takes of a member, and each row of `POST /v1/scores/batch`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    recipe: Annotated[str, Field(min_length=1, max_length=80, description="Which question: `member_default`.")]
    subject: Annotated[str, Field(min_length=1, max_length=80, description="The member's id.")]
    as_of: Annotated[
        str | None,
        Field(max_length=40, description="Date or moment, ISO 8601; the portfolio's last day where left out."),
    ] = None
    amount: Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False, description="Amount asked for, in `currency`.")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217; must be the portfolio's.")]
    term_days: Annotated[int, Field(ge=1, le=3660, description="Days until the last instalment.")]
    frequency: Annotated[str, Field(json_schema_extra={"enum": list(FREQUENCIES)}, description="Of instalments.")]
    purpose: Annotated[str, Field(json_schema_extra={"enum": list(PURPOSES)}, description="What the loan is for.")]
    other_active_loans: Annotated[
        int, Field(ge=0, le=1000, description="Loans she has elsewhere, as she declares them; never assumed 0.")
    ]


class ScoreBody(MeetingRow):
    """What `POST /v1/scores` takes of a member."""

    facts: Annotated[
        sent_model() | None,  # type: ignore[valid-type]
        Field(
            description="Her record as the institution has it now: it stands in the place of what the portfolio holds "
            f"of her in the tables named. At most {MOST_ROWS} rows."
        ),
    ] = None


#: A request that a reader may copy.
EXAMPLE: dict[str, Any] = {
    "recipe": "member_default",
    "subject": MEMBER,
    "amount": 1000.0,
    "currency": CURRENCY,
    "term_days": 168,
    "frequency": "fortnightly",
    "purpose": "working_capital",
    "other_active_loans": 1,
}


def read_body(content: bytes) -> tuple[dict[str, Any], list[Fault]]:
    """Return the fields of `content` that are well formed by themselves, and a fault for every one that is not.

    Both come back, so that what only the portfolio can tell (currency, range, moment) is said in the same answer.
    """
    fields, faults = read_fields(ScoreBody, REMEDIES, content)
    return fields, capped(sorted(faults + choice_faults(fields) + count_faults(fields.get(ROOT))))


def read_row(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return what `read_body` does, of an object that was parsed already: one request of many."""
    own = {name: value for name, value in raw.items() if name != ROOT}
    alone = [_ALONE] if ROOT in raw else []
    try:
        fields = MeetingRow.model_validate(own).model_dump()
    except ValidationError as error:
        fields, faults = _parted(error, MeetingRow, REMEDIES, lambda: own)
        return fields, sorted(faults + alone + choice_faults(fields))
    return fields, sorted(alone + choice_faults(fields))


def read_fields(
    model: type[BaseModel], remedies: Mapping[str, str], content: bytes
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the fields of `content` that fit `model`, and a fault, with its remedy, for every one that does not."""
    try:
        fields = model.model_validate_json(content or b"{}").model_dump()
    except ValidationError as error:
        return _parted(error, model, remedies, lambda: json.loads(content or b"{}"))
    # Of two amounts either could be meant, and what stands before this service may have read the other one.
    return ({}, [_TWICE]) if named_twice(content) else (fields, [])


def named_twice(content: bytes) -> bool:
    """Tell whether an object of JSON that can be read has two fields of one name."""
    twice = False

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        found = dict(pairs)
        twice = twice or len(found) < len(pairs)
        return found

    json.loads(content or b"{}", object_pairs_hook=fields)
    return twice


def _parted(
    error: ValidationError, model: type[BaseModel], remedies: Mapping[str, str], parsed: Callable[[], Mapping[str, Any]]
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the fields that fit although `error` was raised, and the faults of the others."""
    details = error.errors(include_url=False, include_input=False, include_context=True)
    bad = {str(detail["loc"][0]) if detail["loc"] else "" for detail in details}
    raw = {} if "" in bad else parsed()
    fields = {name: raw[name] for name in model.model_fields if name in raw and name not in bad}
    return fields, [_fault(detail, model, remedies) for detail in details]


def choice_faults(fields: dict[str, Any]) -> list[Fault]:
    """Return a fault for a frequency or a purpose that is none."""
    faults = []
    for name, choices in (("frequency", FREQUENCIES), ("purpose", PURPOSES)):
        if name in fields and fields[name] not in choices:
            faults.append(Fault(name, "This value is not one that is known.", REMEDIES[name]))
    return faults


def context_faults(
    fields: dict[str, Any],
    *,
    recipes: Collection[str],
    currency: str,
    moment: datetime,
    as_of: datetime | None,
    ahead: timedelta = timedelta(0),
) -> list[Fault]:
    """Return the faults that need the portfolio to be seen.

    Parameters
    ----------
    fields : dict
        Well-formed fields from `read_body`.
    recipes : collection of str
        The recipes served.
    currency : str
        The portfolio's.
    moment : datetime
        The latest moment the portfolio can answer for.
    as_of : datetime or None
        The moment asked, read in the institution's zone; None where it is missing or could not be read.
    ahead : timedelta
        It may lie less than this after `moment`.
    """
    faults = []
    if "recipe" in fields and fields["recipe"] not in recipes:
        faults.append(not_served(recipes))
    if "currency" in fields and fields["currency"] != currency:
        faults.append(
            Fault("currency", f"The portfolio is kept in {currency}.", f"Convert the amount and send {currency!r}.")
        )
    if as_of is not None and as_of > moment and as_of >= moment + ahead:
        last = (moment - timedelta(microseconds=1)).date()
        faults.append(
            Fault(
                "as_of",
                f"This moment lies ahead of what the portfolio knows: its last day is {last.isoformat()}.",
                "Give an earlier moment, or leave as_of out.",
            )
        )
    return faults


_TWICE = Fault("body", "A field stands in it twice.", "Send each field once.")

#: Each request of a meeting would be computed from cold.
_ALONE = Fault(ROOT, "Facts are sent with one request alone.", "Send this one to POST /v1/scores.")


def _fault(detail: ErrorDetails, model: type[BaseModel], remedies: Mapping[str, str]) -> Fault:
    if len(detail["loc"]) > 1 and detail["loc"][0] == ROOT:
        return row_fault(detail)
    where = _path(detail["loc"])
    kind = detail["type"]
    remedy = remedies.get(re.sub(r"\[\d+\]", "", where), "")
    if kind == "json_invalid":
        return Fault("body", "The body is not JSON.", "Send one flat JSON object in UTF-8.")
    if where == "body":
        return Fault("body", "The body must be one flat JSON object.", "Send the fields of a request in one object.")
    if kind == "extra_forbidden":
        known = f"; there are: {', '.join(model.model_fields)}" if len(detail["loc"]) == 1 else ""
        return Fault(where, "There is no field of this name.", f"Remove it{known}.")
    if kind == "missing":
        return Fault(where, "This field is missing.", remedy)
    return Fault(where, _SAYINGS.get(kind, "This value is not of the right kind."), remedy)


def _path(place: tuple[int | str, ...]) -> str:
    """Return where a fault is, such as ``grid.amounts[3]``; a name that was sent is cut short."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step[:60]}" for step in place)
    return "".join(steps).removeprefix(".") or "body"


_SAYINGS = {
    "greater_than": "This value must be greater than zero.",
    "greater_than_equal": "This value is too small.",
    "less_than_equal": "This value is too large.",
    "finite_number": "This value must be a finite number.",
    "float_type": "This value must be a number.",
    "int_type": "This value must be a whole number.",
    "int_from_float": "This value must be a whole number.",
    "string_type": "This value must be text.",
    "string_pattern_mismatch": "This value must be three capital letters.",
    "string_too_short": "This value is empty.",
    "string_too_long": "This value is too long.",
    "too_short": "This list is empty.",
    "too_long": "This list is too long.",
}


def read_moment(fields: dict[str, Any], convert: Callable[[str], datetime]) -> tuple[datetime | None, list[Fault]]:
    """Return the local moment that ``as_of`` names, by the portfolio's `convert`, and the fault if any."""
    given = fields.get("as_of")
    if given is None:
        return None, []
    try:
        return convert(given), []
    except (InvalidInput, OverflowError):
        return None, [Fault("as_of", "This is not a moment that can be read.", REMEDIES["as_of"])]


def not_served(recipes: Collection[str]) -> Fault:
    """Return the fault of a recipe that is none of those served."""
    served = " or ".join(repr(one) for one in recipes)
    return Fault("recipe", "No champion of this recipe is served.", f"Use {served}.")


def named_recipe(content: bytes) -> str | None:
    """Return the recipe that a body names, which says what else it has to hold; None where it names none."""
    try:
        body = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return None
    name = body.get("recipe") if isinstance(body, dict) else None
    return name if isinstance(name, str) else None
