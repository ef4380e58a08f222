"""Groups, who belongs to them, and what the group's own book says of them."""

from __future__ import annotations

from riskscore.portfolio.tables.column import Column, Table

GROUPS = Table(
    "groups",
    "A communal bank, a solidarity group inside one, or a producer association.",
    (
        Column("kind", "text", choices=("communal_bank", "solidarity_group", "producer_association")),
        Column("parent_id", "text", nullable=True, references="groups", doc="The communal bank of a solidarity group."),
        Column("branch_id", "text", references="branches"),
        Column("officer_id", "text", nullable=True, references="officers"),
        Column("sector_id", "text", nullable=True, references="sectors"),
        Column("formed_on", "date"),
        Column("consolidated_on", "date", nullable=True, doc="From when instalments fall due less often than weekly."),
    ),
)


MEMBERS = Table(
    "members",
    "A person who belongs, or belonged, to a group.",
    (
        Column("branch_id", "text", references="branches"),
        Column("joined_on", "date"),
        Column("sector_id", "text", nullable=True, references="sectors"),
        Column("business_started_on", "date", nullable=True),
        Column("rural", "bool", nullable=True),
        Column("sex", "text", nullable=True, choices=("female", "male", "other"), protected=True),
        Column("born_on", "date", nullable=True, protected=True),
        Column("language", "text", nullable=True, protected=True, doc="Mother tongue."),
        Column("district", "text", nullable=True, protected=True, doc="A known proxy; for audits only."),
        Column("travel_minutes", "int", nullable=True, minimum=0, protected=True, doc="To the meeting; a proxy."),
    ),
)


MEMBERSHIPS = Table(
    "memberships",
    "A member's place in a solidarity group; leaving is a new version with `valid_to`.",
    (
        Column("member_id", "text", references="members"),
        Column("group_id", "text", references="groups", doc="The solidarity group."),
        Column("valid_from", "date"),
        Column("valid_to", "date", nullable=True, doc="First day outside; missing while she stays."),
        Column(
            "provenance",
            "text",
            nullable=True,
            optional=True,
            choices=("recorded", "command_log", "inferred"),
            doc="How the dates are known: the register's own, a core system's log, or read off loans and meetings.",
        ),
    ),
)


OFFICES = Table(
    "offices",
    "An office a member holds in her group: board or credit committee. Leaving it is a new version with `valid_to`.",
    (
        Column("group_id", "text", references="groups"),
        Column("member_id", "text", nullable=True, references="members", doc="Missing where only the office is told."),
        Column("role", "text", choices=("president", "secretary", "treasurer", "credit_committee", "other")),
        Column("valid_from", "date"),
        Column("term_ends_on", "date", nullable=True, doc="When the mandate runs out; staying on is overrun."),
        Column("valid_to", "date", nullable=True, doc="First day out of office; missing while she holds it."),
    ),
)


ATTENDANCE = Table(
    "attendance",
    "Whether a member came to a meeting of her group.",
    (
        Column("member_id", "text", references="members"),
        Column("group_id", "text", references="groups"),
        Column("status", "text", choices=("present", "late", "absent", "excused")),
    ),
)


TRAININGS = Table(
    "trainings",
    "A training session a member attended; the topic is mandatory.",
    (
        Column("member_id", "text", references="members"),
        Column("topic", "text", choices=("credit_management", "business_skills", "savings", "technical_assistance")),
        Column("session_no", "int", minimum=1),
    ),
)


SURVEYS = Table(
    "surveys",
    "An answer to one question of a survey. Health, conflict and violence are never asked; of the sacrifice "
    "questionnaire only its flag comes in (question flag, 0 or 1), never an answer.",
    (
        Column("member_id", "text", nullable=True, references="members"),
        Column("group_id", "text", nullable=True, references="groups"),
        Column("instrument", "text", doc="Which questionnaire: peer_monitoring, sacrifices, market ..."),
        Column("question", "text", doc="The institution's code of the question."),
        Column("answer", "double", nullable=True, doc="On the question's own scale."),
        Column("scale_max", "double", minimum=0.000001, doc="The highest answer; answers begin at 0."),
    ),
)
