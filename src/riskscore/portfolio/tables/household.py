"""What a household earns, spends and owes elsewhere. Sensitive data throughout."""

from __future__ import annotations

from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.tables.column import CURRENCY, Column, Table

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


BUDGET_MONTHS = Table(
    "budget_months",
    "One month of a household's year, where income comes with the harvest. Sensitive data.",
    (
        Column("member_id", "text", references="members"),
        Column("month", "date", doc="Its first day."),
        Column("income", "money", minimum=0),
        Column("expenses", "money", minimum=0, doc="Of household and business, without debt service."),
        CURRENCY,
    ),
)


OBLIGATIONS = Table(
    "obligations",
    "A debt outside the group, as declared or as a bureau published it. The id names the debt in that source: told "
    "again, at a renewal or in the next file, it is a new version of the same id with an `event_at` of its own, and "
    "the newest counts. A new id is another debt. Sensitive data.",
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


BUREAU_REPORTS = Table(
    "bureau_reports",
    "A credit bureau's report on a member. `event_at` is when it was compiled, weeks before it is published: it "
    "speaks of `covers_until`, is used from `known_at` and ages from `published_on`. Sensitive data.",
    (
        Column("member_id", "text", references="members"),
        Column("bureau", "text", nullable=True),
        Column("covers_until", "date", doc="The month end it describes."),
        Column("published_on", "date", doc="When it was first published or consulted; a correction does not move it."),
        Column("lenders", "int", nullable=True, minimum=0, doc="Lenders she owes something, this one left out."),
        Column("balance", "money", nullable=True, minimum=0, doc="Owed to them together."),
        Column("worst_category", "int", nullable=True, minimum=0, maximum=5, doc="Worst classification; 0 is normal."),
        Column("days_late", "int", nullable=True, minimum=0, doc="Worst at `covers_until`."),
        Column("inquiries_3m", "int", nullable=True, minimum=0, doc="By lenders, in three months."),
        Column("covers_ngos", "bool", nullable=True, doc="Whether lenders that are no supervised firms report to it."),
        CURRENCY,
    ),
)
