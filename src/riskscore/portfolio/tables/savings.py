"""What members keep with their group, and what the group's own fund lends and earns."""

from __future__ import annotations

from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.tables.column import CURRENCY, Column, Table

SAVINGS = Table(
    "savings",
    "A movement of a member's savings kept with her group.",
    (
        Column("member_id", "text", references="members"),
        Column("kind", "text", choices=("deposit", "withdrawal", "seizure")),
        Column("amount", "money", minimum=0.01, doc="Always positive; `kind` gives the direction."),
        CURRENCY,
    ),
)


INTERNAL_LOANS = Table(
    "internal_loans",
    "A loan from the group's own fund, of savings and earnings: her debt like any other. Each repayment is a new "
    "version.",
    (
        Column("member_id", "text", references="members"),
        Column("group_id", "text", references="groups"),
        Column("amount", "money", minimum=0.01),
        Column("balance", "money", minimum=0, doc="Still owed, as the group's book stood at `event_at`."),
        CURRENCY,
        Column("disbursed_on", "date"),
        Column("due_on", "date", doc="When the last of it falls due."),
        Column("instalment", "money", nullable=True, minimum=0, doc="Each; missing where it is repaid at once."),
        Column("frequency", "text", choices=FREQUENCIES),
        Column("repaid_on", "date", nullable=True),
    ),
)

DIVIDENDS = Table(
    "dividends",
    "What the group's fund earned and shared out to a member at the end of a cycle.",
    (
        Column("member_id", "text", references="members"),
        Column("group_id", "text", references="groups"),
        Column("amount", "money", minimum=0),
        CURRENCY,
    ),
)
