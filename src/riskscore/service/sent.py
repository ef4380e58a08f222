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
    """Return under which key `body`, JSON values of one person, was sent to `route`.

    The digest has no salt of its own: it stays and goes with the record that it is kept in, whose subject it is of.
    """
    return Sent(f"{route} {key}", hashlib.sha256(canonical(body).encode()).hexdigest())


def score_id(asker: Grant, under: Sent, place: int = 0) -> str:
    """Return the id of the score at a place of all that was sent under a key."""
    return f"s_{_name(asker, under, place)}"


def what_if_id(asker: Grant, under: Sent) -> str:
    """Return the id of the question that was put under a key."""
    return f"w_{_name(asker, under)}"


def earlier(records: Records, asker: Grant, every: Sequence[Sent]) -> list[Record] | None:
    """Return the scores that were written when the same was sent before; None where it was not.

    Parameters
    ----------
    records, asker
    every : sequence of Sent
        Each request that was sent under the key, in order.

    Raises
    ------
    Problem
        422 where something else was sent under this key; 404 where a score was erased meanwhile.
    """
    names = [score_id(asker, under, place) for place, under in enumerate(every)]
    try:
        if records.sent(names[0]) is None:
            return None
        if any(records.sent(name) != (under, len(every)) for name, under in zip(names, every, strict=True)):
            raise another_request()
    except NotFound as error:
        raise not_found() from error
    found = [one for one in map(records.get, names) if one is not None and asker.reaches(one.place)]
    if len(found) < len(every):
        raise not_found()
    return found


def another_request() -> Problem:
    """Return the answer to a key that was sent before, with something else."""
    remedy = "Take a new key for a new request; repeat one only to send it again."
    return invalid([Fault(KEY, "This key was sent before, with another request.", remedy)])


def _name(asker: Grant, under: Sent, place: int = 0) -> str:
    return hashlib.sha256(canonical([asker.token_id, under.key, place]).encode()).hexdigest()[:32]
