"""A question on a stored score, as it arrives over HTTP: what if the amount, the term or another lever were otherwise.

It is for herself and for those who may read her budget, and for nobody else: where the state turns as the amount rises
tells what she earns. The question and the gist of its answer are kept apart from the scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault
from riskscore.frequency import FREQUENCIES
from riskscore.scoring import Otherwise
from riskscore.service.desk import WhatIf
from riskscore.service.intake import read_fields
from riskscore.service.problem import invalid
from riskscore.service.records import Record
from riskscore.service.serializer import NOTICE

#: Most points of a grid.
MOST_POINTS = 200

_Amount = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]
_Term = Annotated[int, Field(ge=1, le=3660)]


class GridBody(BaseModel):
    """Amounts and terms that are asked about together, each amount with each term."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    amounts: Annotated[list[_Amount], Field(min_length=1, max_length=MOST_POINTS)]
    term_days: Annotated[list[_Term], Field(min_length=1, max_length=MOST_POINTS)]


class WhatIfBody(BaseModel):
    """What `POST /v1/scores/{score_id}/what-if` takes; whatever is left out is as in the stored request."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    amount: Annotated[_Amount | None, Field(description="In the request's currency.")] = None
    term_days: Annotated[_Term | None, Field(description="Days until the last instalment.")] = None
    frequency: Annotated[
        str | None, Field(json_schema_extra={"enum": [*FREQUENCIES, None]}, description="Of instalments.")
    ] = None
    savings: Annotated[
        float, Field(ge=0, le=1e12, allow_inf_nan=False, description="Put by with the group first, in currency.")
    ] = 0.0
    finishes_debt: Annotated[bool, Field(description="Her one loan elsewhere is finished first.")] = False
    grid: Annotated[
        GridBody | None,
        Field(description=f"Amounts and terms to be answered in short; at most {MOST_POINTS} points in all."),
    ] = None


#: A question that a reader may copy.
EXAMPLE: dict[str, Any] = {
    "amount": 800.0,
    "term_days": 168,
    "grid": {"amounts": [600.0, 800.0, 1000.0], "term_days": [126, 168]},
}

REMEDIES = {
    "amount": "Give a positive number in the request's currency, or leave it out.",
    "term_days": "Give a whole number of days until the last instalment, or leave it out.",
    "frequency": f"Choose one of: {', '.join(FREQUENCIES)}; or leave it out.",
    "savings": "Give what she would put by with the group first, 0 or more, or leave it out.",
    "finishes_debt": "Give true or false, or leave it out.",
    "grid": f"Give amounts and term_days, with at most {MOST_POINTS} points in all, or leave it out.",
    "grid.amounts": "Give a list of positive numbers in the request's currency.",
    "grid.term_days": "Give a list of whole numbers of days.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is well formed; `amounts` and `terms` span its grid and are empty where there is none."""

    otherwise: Otherwise
    amounts: tuple[float, ...]
    terms: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, for the record."""
        return {**asdict(self.otherwise), "grid": {"amounts": list(self.amounts), "term_days": list(self.terms)}}


def read_question(content: bytes, request: Mapping[str, Any], of_key: Sequence[Fault] = ()) -> Question:
    """Return the question that `content` asks about the stored `request`; `of_key` are the faults of its key.

    Raises
    ------
    Problem
        422 with every fault; no value is repeated.
    """
    fields, faults = read_fields(WhatIfBody, REMEDIES, content)
    faults += of_key
    if fields.get("frequency") not in (None, *FREQUENCIES):
        faults.append(Fault("frequency", "This value is not one that is known.", REMEDIES["frequency"]))
    grid = fields.get("grid") or {"amounts": (), "term_days": ()}
    if len(grid["amounts"]) * len(grid["term_days"]) > MOST_POINTS:
        faults.append(Fault("grid", "This grid has too many points.", REMEDIES["grid"]))
    if faults:
        raise invalid(sorted(set(faults)))
    asked = {name: request[name] for name in ("amount", "term_days", "frequency")}
    given = {name: fields[name] for name in ("amount", "term_days", "frequency") if fields[name] is not None}
    changed = Otherwise(**asked | given, savings=fields["savings"], finishes_debt=fields["finishes_debt"])
    return Question(changed, tuple(grid["amounts"]), tuple(grid["term_days"]))


def gist(found: WhatIf) -> dict[str, Any]:
    """Return what of an answer is kept: with the stored value row, all of it can be computed again."""
    point = found.point
    return {
        **{name: point[name] for name in ("pd", "score", "grade", "model_version", "policy_version")},
        "level": point["indebtedness"]["level"],
        "state": point["recommendation"]["state"],
        "ceiling": point["recommendation"]["ceiling"],
        "points_of_grid": len(found.grid),
    }


def answer(what_if_id: str, record: Record, question: Question, found: WhatIf) -> dict[str, Any]:
    """Return the answer, whole: only who may read her score in full may ask."""
    return {
        "what_if_id": what_if_id,
        "score_id": record.score_id,
        "asked": asdict(question.otherwise),
        "point": found.point,
        "grid": list(found.grid),
        "notice": NOTICE,
    }
