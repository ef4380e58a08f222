"""The requests of a whole meeting as they arrive: every fault of every row, named by its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault
from riskscore.service.examples import NEIGHBOUR
from riskscore.service.intake import EXAMPLE as ONE
from riskscore.service.intake import read_fields, read_row

#: Most requests sent together.
MOST_REQUESTS = 100

#: Longest body read, in bytes.
LONGEST_BATCH = 131_072


class BatchBody(BaseModel):
    """What `POST /v1/scores/batch` takes; each row is what `POST /v1/scores` takes for a member."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    requests: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_REQUESTS)]


_REMEDIES = {"requests": f"Give a list of 1 to {MOST_REQUESTS} requests, each an object."}

#: A meeting of two that a reader may copy.
EXAMPLE: dict[str, Any] = {"requests": [ONE, ONE | {"subject": NEIGHBOUR, "amount": 900.0}]}


def read_batch(content: bytes) -> tuple[list[tuple[dict[str, Any], list[Fault]]], list[Fault]]:
    """Return the fields and faults of each row, and the faults of the whole; those of a row name no place yet."""
    fields, faults = read_fields(BatchBody, _REMEDIES, content)
    return [read_row(row) for row in fields.get("requests", ())], faults


def placed(place: int, faults: Sequence[Fault]) -> list[Fault]:
    """Return the faults of a row, such as ``requests[3].amount``."""
    return [Fault(f"requests[{place}].{fault.where}", fault.what, fault.remedy) for fault in faults]
