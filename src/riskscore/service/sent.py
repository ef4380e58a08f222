"""What was sent under a key: a connection breaks, the same is sent again, and it is answered as the first time.

The ids of such records follow from token and key, so that the database itself cannot hold them twice. A key is the
token's own, and of one route: nobody else meets a score by guessing a key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from riskscore.errors import Fault, NotFound
from riskscore.service.access import Grant
from riskscore.service.chain import canonical
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.decisions import KEY
from riskscore.service.problem import Problem, invalid, not_found
from riskscore.service.records import Record, Records, Sent


def read_key(keys: Sequence[str]) -> tuple[str | None, list[Fault]]:
    """Return the key that the headers `Idempotency-Key` hold, if there is one, and the fault if it is none."""
    if not keys:
        return None, []
    if len(keys) == 1 and re.fullmatch(KEY_PATTERN, keys[0]) is not None:
        return keys[0], []
    remedy = "Send one header with a random name of this request, and the same again if you have to repeat it."
    return None, [Fault(KEY, "The key is none.", remedy)]


def sent(route: str, key: str, body: Sequence[Any]) -> Sent:
    """Return under which key `body`, JSON values, was sent to `route`."""
    return Sent(f"{route} {key}", hashlib.sha256(canonical(body).encode()).hexdigest())


def score_id(asker: Grant, under: Sent, place: int = 0) -> str:
    """Return the id of the score at a place of what was sent under a key."""
    return f"s_{_name(asker, under, place)}"


def what_if_id(asker: Grant, under: Sent) -> str:
    """Return the id of the question that was put under a key."""
    return f"w_{_name(asker, under)}"


def earlier(records: Records, asker: Grant, under: Sent) -> list[Record] | None:
    """Return the scores that were written when the same was sent before; None where it was not.

    Raises
    ------
    Problem
        422 where something else was sent under this key; 404 where a score was erased meanwhile.
    """
    try:
        before = records.sent(score_id(asker, under))
    except NotFound as error:
        raise not_found() from error
    if before is None:
        return None
    first, count = before
    if first != under:
        raise another_request()
    every = [records.get(score_id(asker, under, place)) for place in range(count)]
    found = [one for one in every if one is not None and asker.reaches(one.place)]
    if len(found) < count:
        raise not_found()
    return found


def another_request() -> Problem:
    """Return the answer to a key that was sent before, with something else."""
    remedy = "Take a new key for a new request; repeat one only to send it again."
    return invalid([Fault(KEY, "This key was sent before, with another request.", remedy)])


def _name(asker: Grant, under: Sent, place: int = 0) -> str:
    return hashlib.sha256(canonical([asker.token_id, under.key, place]).encode()).hexdigest()[:32]
