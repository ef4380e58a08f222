"""What each role may do, and about whom (who sees what: a committee of neighbours)."""

from __future__ import annotations

from typing import Literal

from riskscore.service.access import Grant, Role
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.problem import forbidden

Right = Literal[
    "ask",
    "see",
    "what_if",
    "meet",
    "decide",
    "lead",
    "speak",
    "show",
    "answer",
    "list",
    "trail",
    "replay",
    "models",
    "register",
    "metrics",
]

#: Rights that write: a browser's cookie alone is not enough for them (`riskscore.service.csrf`).
WRITES: frozenset[Right] = frozenset({"ask", "what_if", "decide", "lead", "speak", "show", "answer", "replay"})

#: ``see`` says that the role reaches the route; how much of a score it then sees is the serialiser's business.
#: ``what_if`` stays with herself and those who may read her budget: where the state turns tells what she earns.
#: ``meet`` reaches the sheet of a group's meeting, ``lead`` prepares it: private talks, and files for the road.
#: ``speak``, to consent or to object, goes with herself and, on her behalf, with her officer, who alone answers.
#: ``show``, what her committee would not see otherwise, is hers alone: no officer does it on her behalf.
#: ``decide`` goes with the two who can have decided: a board, too, decides on no member's loan.
#: ``register`` is everybody's: what an automatic system is, and what it reads, is no secret from those it is about.
RIGHTS: dict[Role, frozenset[Right]] = {
    "member": frozenset({"see", "what_if", "speak", "show", "register"}),
    "officer": frozenset(
        {"ask", "see", "what_if", "meet", "decide", "lead", "speak", "answer", "list", "models", "register", "metrics"}
    ),
    "committee": frozenset({"see", "meet", "decide", "register"}),
    "board": frozenset({"see", "register"}),
    "lender": frozenset({"see", "register"}),
    "assistant": frozenset({"see", "register"}),
    "analyst": frozenset({"ask", "see", "what_if", "models", "register", "metrics"}),
    "auditor": frozenset({"see", "meet", "trail", "replay", "models", "register", "metrics"}),
}

#: Whose scores of a kind a role can see at all, within its scope; to the others there is nothing of this name.
AUDIENCES: dict[str, frozenset[Role]] = {
    MEMBER: frozenset({"member", "officer", "committee", "analyst", "auditor"}),
    # It rests on every member's budget. Her neighbours read what the group's own books say, on the sheet of a meeting.
    COMMUNAL_BANK: frozenset({"officer", "assistant", "analyst", "auditor"}),
    PRODUCER_ASSOCIATION: frozenset({"officer", "board", "lender", "assistant", "analyst", "auditor"}),
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
