"""Requests, what was decided on them, loans, and what became of them."""

from __future__ import annotations

from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.tables.column import CURRENCY, LEDGERS, PAYERS, Column, Table

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


COMMITTEE_DECISIONS = Table(
    "committee_decisions",
    "What the communal bank's credit committee decided on a request. It is never a fact about that same request.",
    (
        Column("application_id", "text", references="applications"),
        Column("group_id", "text", references="groups", doc="The communal bank whose committee decided."),
        Column("result", "text", choices=("approved", "reduced", "postponed", "rejected")),
        Column("asked", "money", minimum=0.01),
        Column("approved", "money", nullable=True, minimum=0, doc="Missing where it was postponed or rejected."),
        CURRENCY,
        Column(
            "reason",
            "text",
            nullable=True,
            choices=("capacity", "record", "group_record", "purpose", "papers", "liquidity", "own_request", "other"),
        ),
        Column("votes_for", "int", nullable=True, minimum=0),
        Column("votes_against", "int", nullable=True, minimum=0),
        Column("abstentions", "int", nullable=True, minimum=0),
    ),
)


RECOMMENDATIONS = Table(
    "recommendations",
    "What the service recommended on a request; what people then decided is a new version of the row. It is data about "
    "deciding, for later requests and for audits, and never a label.",
    (
        Column("member_id", "text", references="members"),
        Column("group_id", "text", nullable=True, references="groups", doc="Her communal bank at the moment."),
        Column("application_id", "text", nullable=True, references="applications"),
        Column("state", "text", choices=("ready", "talk_first")),
        Column("decided_by", "text", nullable=True, choices=("officer", "committee")),
        Column(
            "decision",
            "text",
            nullable=True,
            choices=("approved", "reduced", "postponed", "rejected"),
            doc="Missing while nobody has decided.",
        ),
        Column("model_version", "text"),
        Column("policy_version", "text"),
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


GUARANTEES = Table(
    "guarantees",
    "Who or what stands for a loan. Release is a new version with `released_on`.",
    (
        Column("loan_id", "text", nullable=True, references="loans", doc="Missing for a debt with another lender."),
        Column("member_id", "text", nullable=True, references="members", doc="The guarantor, where it is a member."),
        Column("group_id", "text", nullable=True, references="groups", doc="The guarantor, where it is a group."),
        Column("kind", "text", choices=("solidarity", "personal", "pledge", "mortgage", "savings", "fund")),
        Column("amount", "money", nullable=True, minimum=0, doc="Up to which it stands; missing: the whole debt."),
        CURRENCY,
        Column("valid_from", "date"),
        Column("released_on", "date", nullable=True),
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
