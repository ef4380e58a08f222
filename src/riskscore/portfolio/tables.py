"""What an institution hands over: every table, column, type and meaning, declared once.

Each row is one version of one fact. Three columns stand in every table and are not repeated below:

``id``
    names the fact; a correction is a new row with the same id and a later ``known_at``.
``event_at``
    when the fact came to be (agreed, paid, recorded), never the date it speaks of.
``known_at``
    when it was recorded. A feature asked at a moment sees ``event_at < moment`` and ``known_at <= moment``.

Timestamps are local to the institution (its time zone stands in ``portfolio.json``) and carry no offset. A source
that only knows dates gives ``event_at`` the first and ``known_at`` the last microsecond of its day.

The declarations hold no library: `riskscore.portfolio.contracts` turns them into pandera schemas, and the catalogue
into empty DuckDB tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from riskscore.frequency import FREQUENCIES

Kind = Literal["text", "int", "money", "double", "bool", "date", "timestamp"]

LEDGERS = ("internal", "external")
PAYERS = ("self", "group", "savings")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
    kind : {"text", "int", "money", "double", "bool", "date", "timestamp"}
        ``money`` is DECIMAL(18, 2) in the portfolio's currency unless the table has a ``currency`` column.
    nullable : bool
        Missing is allowed, and stays missing: it is never read as zero.
    choices : tuple of str
        The closed list of values, empty where any is allowed.
    references : str or None
        The table whose ``id`` this column must name.
    minimum, maximum : float or None
        Inclusive bounds.
    protected : bool
        Kept for audits of fairness, and out of every fit.
    doc : str
        What it measures, with its unit.
    """

    name: str
    kind: Kind
    nullable: bool = False
    choices: tuple[str, ...] = ()
    references: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    protected: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, beyond ``id``, ``event_at`` and ``known_at``.

    Parameters
    ----------
    name : str
        Plural noun; the file is ``<name>.parquet``.
    doc : str
        What one row is.
    columns : tuple of Column
    """

    name: str
    doc: str
    columns: tuple[Column, ...] = field(default=())

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns with the three that every table has, in file order."""
        return (*STANDING, *self.columns)

    def column(self, name: str) -> Column:
        """Return the column called `name`; `KeyError` where there is none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


STANDING = (
    Column("id", "text", doc="Names the fact; versions of one fact share it."),
    Column("event_at", "timestamp", doc="When it came to be, local time."),
    Column("known_at", "timestamp", doc="When it was recorded, local time."),
)

CURRENCY = Column("currency", "text", doc="ISO 4217 code; must be the portfolio's.")

BRANCHES = Table(
    "branches",
    "A branch or focal centre.",
    (
        Column("name", "text"),
        Column("region", "text"),
        Column("rural", "bool"),
        Column("opened_on", "date"),
    ),
)

OFFICERS = Table(
    "officers",
    "A loan officer's posting at a branch.",
    (Column("branch_id", "text", references="branches"), Column("hired_on", "date", nullable=True)),
)

SECTORS = Table(
    "sectors",
    "A line of business (the id is its code: cacao, maize, commerce ...).",
    (
        Column("name", "text"),
        Column("agricultural", "bool"),
        Column("lean_months", "text", doc="Months of little income as numbers, '1,2,3'; empty where income is even."),
    ),
)

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
    ),
)

PRODUCTS = Table(
    "products",
    "A loan product with its limits.",
    (
        Column("name", "text"),
        Column("ledger", "text", choices=LEDGERS),
        Column("amount_min", "money", minimum=0),
        Column("amount_max", "money", minimum=0),
        Column("amount_step", "money", minimum=0.01, doc="Amounts are multiples of it."),
        Column("term_days_min", "int", minimum=1),
        Column("term_days_max", "int", minimum=1),
        Column("frequencies", "text", doc="Allowed frequencies, comma-separated."),
        Column("rate_per_30_days", "double", minimum=0, maximum=1, doc="Interest per 30 days, as a fraction."),
        Column("method", "text", choices=("flat", "declining")),
        Column("growth_max", "double", nullable=True, minimum=1, doc="Largest amount over the member's last one."),
        CURRENCY,
    ),
)

APPLICATIONS = Table(
    "applications",
    "A request for a loan, as it was made (never as it was approved).",
    (
        Column("member_id", "text", nullable=True, references="members", doc="Missing for a group's external loan."),
        Column("group_id", "text", references="groups", doc="Her solidarity group, or the borrowing group."),
        Column("product_id", "text", references="products"),
        Column("ledger", "text", choices=LEDGERS),
        Column("amount", "money", minimum=0.01),
        CURRENCY,
        Column("term_days", "int", minimum=1),
        Column("frequency", "text", choices=FREQUENCIES),
        Column("purpose", "text", nullable=True, choices=("working_capital", "equipment", "materials", "other")),
        Column("other_active_loans", "int", nullable=True, minimum=0, doc="Loans elsewhere, as she declares them."),
    ),
)

LOANS = Table(
    "loans",
    "A disbursed loan: member to bank (internal ledger) or bank to institution (external).",
    (
        Column("application_id", "text", nullable=True, references="applications"),
        Column("member_id", "text", nullable=True, references="members"),
        Column("group_id", "text", references="groups"),
        Column("product_id", "text", nullable=True, references="products"),
        Column("ledger", "text", choices=LEDGERS),
        Column("cycle_no", "int", minimum=1),
        Column("amount", "money", minimum=0.01),
        CURRENCY,
        Column("disbursed_on", "date"),
        Column("term_days", "int", minimum=1),
        Column("frequency", "text", choices=FREQUENCIES),
    ),
)

INSTALMENTS = Table(
    "instalments",
    "One promised payment. A rewritten schedule is a new version of each instalment it changes.",
    (
        Column("loan_id", "text", references="loans"),
        Column("number", "int", minimum=1),
        Column("due_on", "date"),
        Column("amount", "money", minimum=0, doc="Principal and interest."),
        Column("principal", "money", minimum=0),
    ),
)

PAYMENTS = Table(
    "payments",
    "Money received on a loan; `event_at` is when it was paid. A reversal is a version with `reversed` true.",
    (
        Column("loan_id", "text", references="loans"),
        Column("amount", "money", minimum=0.01),
        CURRENCY,
        Column("payer", "text", choices=PAYERS, doc="Who bore it: herself, her group, or savings seized for it."),
        Column("reversed", "bool"),
    ),
)

LOAN_EVENTS = Table(
    "loan_events",
    "What happened to a loan besides payments.",
    (
        Column("loan_id", "text", references="loans"),
        Column("kind", "text", choices=("restructured", "written_off", "guarantee_called", "books_closed")),
        Column(
            "reason",
            "text",
            nullable=True,
            choices=("distress", "relief", "other"),
            doc="Relief is a restructuring under a declared emergency: never held against the member.",
        ),
    ),
)

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

BUDGETS = Table(
    "budgets",
    "A household budget as declared on a day; amounts are a month's. Sensitive data.",
    (
        Column("member_id", "text", references="members"),
        Column("business_revenue", "money", nullable=True, minimum=0),
        Column("business_costs", "money", nullable=True, minimum=0, doc="Without debt service."),
        Column("other_income", "money", nullable=True, minimum=0, doc="Of the household, public transfers in full."),
        Column("household_costs", "money", nullable=True, minimum=0, doc="Without debt service."),
        Column("accessible_savings", "money", nullable=True, minimum=0),
        CURRENCY,
    ),
)

OBLIGATIONS = Table(
    "obligations",
    "A debt outside the group, as declared or as a bureau published it. Sensitive data.",
    (
        Column("member_id", "text", references="members"),
        Column("lender_kind", "text", choices=("bank", "ngo", "cooperative", "supplier", "informal")),
        Column("source", "text", choices=("declared", "bureau")),
        Column("instalment", "money", minimum=0),
        Column("frequency", "text", choices=FREQUENCIES),
        Column("balance", "money", nullable=True, minimum=0),
        Column("ends_on", "date", nullable=True),
        Column("days_late", "int", nullable=True, minimum=0),
        CURRENCY,
    ),
)

SHOCKS = Table(
    "shocks",
    "An event beyond anyone's doing: climate, policy, price, recession.",
    (
        Column("kind", "text", choices=("climate", "policy", "price", "recession", "health")),
        Column("region", "text", nullable=True, doc="Missing: everywhere."),
        Column("sector_id", "text", nullable=True, references="sectors", doc="Missing: every sector."),
        Column("starts_on", "date"),
        Column("ends_on", "date", nullable=True),
    ),
)

OUTCOMES_GIVEN = Table(
    "outcomes_given",
    "A label that a source brings where it brings no schedule.",
    (
        Column("application_id", "text", references="applications"),
        Column("label", "text", choices=("good", "bad", "indeterminate")),
    ),
)

#: Every table of the contract by name, in an order in which references point backwards.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        BRANCHES,
        OFFICERS,
        SECTORS,
        GROUPS,
        MEMBERS,
        MEMBERSHIPS,
        PRODUCTS,
        APPLICATIONS,
        LOANS,
        INSTALMENTS,
        PAYMENTS,
        LOAN_EVENTS,
        SAVINGS,
        ATTENDANCE,
        TRAININGS,
        BUDGETS,
        OBLIGATIONS,
        SHOCKS,
        OUTCOMES_GIVEN,
    )
}
