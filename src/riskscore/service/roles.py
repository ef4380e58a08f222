"""What each role may do with a member's score (who sees what: a committee of neighbours)."""

from __future__ import annotations

from typing import Literal

from riskscore.service.access import Grant, Role
from riskscore.service.problem import forbidden

Right = Literal["ask", "see", "decide", "metrics", "list", "models", "trail", "replay"]

#: Rights that write: a browser's cookie alone is not enough for them (`riskscore.service.csrf`).
WRITES: frozenset[Right] = frozenset({"ask", "decide", "replay"})

#: ``see`` says that the role reaches the route; how much of a score it then sees is the serialiser's business.
#: ``decide`` goes with the two who can have decided: a board, too, decides on no member's loan.
RIGHTS: dict[Role, frozenset[Right]] = {
    "member": frozenset({"see"}),
    "officer": frozenset({"ask", "see", "decide", "metrics", "list", "models"}),
    "committee": frozenset({"see", "decide"}),
    "board": frozenset(),
    "lender": frozenset(),
    "assistant": frozenset(),
    "analyst": frozenset({"ask", "see", "metrics", "models"}),
    "auditor": frozenset({"see", "metrics", "models", "trail", "replay"}),
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
