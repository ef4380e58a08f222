"""What each role may do with a member's score (who sees what: a committee of neighbours)."""

from __future__ import annotations

from typing import Literal

from riskscore.service.access import Grant, Role
from riskscore.service.problem import forbidden

Right = Literal["ask", "see", "what_if", "decide", "speak", "answer", "metrics"]

#: Rights that write: a browser's cookie alone is not enough for them (`riskscore.service.csrf`).
WRITES: frozenset[Right] = frozenset({"ask", "what_if", "decide", "speak", "answer"})

#: ``see`` says that the role reaches the route; how much of a score it then sees is the serialiser's business.
#: ``what_if`` stays with herself and those who may read her budget: where the state turns tells what she earns.
#: ``speak``, to consent or to object, goes with herself and, on her behalf, with her officer, who alone answers.
#: ``decide`` goes with the two who can have decided: a board, too, decides on no member's loan.
RIGHTS: dict[Role, frozenset[Right]] = {
    "member": frozenset({"see", "what_if", "speak"}),
    "officer": frozenset({"ask", "see", "what_if", "decide", "speak", "answer", "metrics"}),
    "committee": frozenset({"see", "decide"}),
    "board": frozenset(),
    "lender": frozenset(),
    "assistant": frozenset(),
    "analyst": frozenset({"ask", "see", "what_if", "metrics"}),
    "auditor": frozenset({"see", "metrics"}),
}


def require(grant: Grant, right: Right) -> None:
    """Refuse with 403 where the role has no such right, whatever the thing asked about.

    Raises
    ------
    Problem
        403.
    """
    if right not in RIGHTS[grant.role]:
        raise forbidden()
