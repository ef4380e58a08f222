"""Producer associations: how they are run, what they harvest, and to whom they sell."""

from __future__ import annotations

from riskscore.portfolio.tables.column import ANY_CURRENCY, CURRENCY, Column, Table

REGISTRATIONS = Table(
    "registrations",
    "How a producer association stands in the public registers.",
    (
        Column("group_id", "text", references="groups"),
        Column("legal_person", "bool", nullable=True),
        Column("tax_number_active", "bool", nullable=True),
        Column("mandate_ends_on", "date", nullable=True, doc="Of the board that may sign."),
        Column("registered_members", "int", nullable=True, minimum=0),
        Column("active_members", "int", nullable=True, minimum=0),
    ),
)

ASSEMBLIES = Table(
    "assemblies",
    "A general assembly. Announced it is a row without `held_on`; held, a new version.",
    (
        Column("group_id", "text", references="groups"),
        Column("kind", "text", choices=("ordinary", "extraordinary")),
        Column("due_on", "date", doc="By when its rules want it held."),
        Column("held_on", "date", nullable=True),
        Column("entitled", "int", nullable=True, minimum=0),
        Column("present", "int", nullable=True, minimum=0),
        Column("quorum", "bool", nullable=True),
    ),
)

FINANCIAL_STATEMENTS = Table(
    "financial_statements",
    "A year's accounts. Due they are a row without `delivered_on`; delivered, a new version. Amounts are a year's.",
    (
        Column("group_id", "text", references="groups"),
        Column("period_ends_on", "date"),
        Column("due_on", "date"),
        Column("delivered_on", "date", nullable=True),
        Column("audited", "bool", nullable=True),
        Column("revenue", "money", nullable=True, minimum=0),
        Column("cost_of_sales", "money", nullable=True, minimum=0),
        Column("ebitda", "money", nullable=True, doc="May be negative."),
        Column("taxes", "money", nullable=True, minimum=0),
        Column("maintenance_investment", "money", nullable=True, minimum=0),
        Column("debt_service", "money", nullable=True, minimum=0),
        Column("current_assets", "money", nullable=True, minimum=0),
        Column("current_liabilities", "money", nullable=True, minimum=0),
        Column("total_assets", "money", nullable=True, minimum=0),
        Column("equity", "money", nullable=True, doc="May be negative."),
        Column("inventory", "money", nullable=True, minimum=0),
        Column("receivables", "money", nullable=True, minimum=0),
        Column("payables", "money", nullable=True, minimum=0),
        Column("member_advances", "money", nullable=True, minimum=0),
        Column("member_advances_overdue", "money", nullable=True, minimum=0),
        CURRENCY,
    ),
)

HARVESTS = Table(
    "harvests",
    "A crop of a season. Expected it is a row without `harvested_kg`; brought in, a new version.",
    (
        Column("group_id", "text", references="groups"),
        Column("sector_id", "text", references="sectors"),
        Column("season", "text", doc="As the institution names it, such as 2024 or 2024-2."),
        Column("starts_on", "date", doc="First day of the harvest, expected or seen."),
        Column("ends_on", "date"),
        Column("hectares", "double", nullable=True, minimum=0),
        Column("expected_kg", "double", nullable=True, minimum=0),
        Column("harvested_kg", "double", nullable=True, minimum=0),
    ),
)

BUYER_CONTRACTS = Table(
    "buyer_contracts",
    "What a buyer has agreed to take.",
    (
        Column("group_id", "text", references="groups"),
        Column("buyer_id", "text"),
        Column("sector_id", "text", nullable=True, references="sectors"),
        Column("season", "text", nullable=True),
        Column("quantity_kg", "double", minimum=0),
        Column("price_kind", "text", nullable=True, choices=("fixed", "indexed", "open")),
        ANY_CURRENCY,
        Column("valid_from", "date"),
        Column("valid_to", "date"),
    ),
)

COMMITMENTS = Table(
    "commitments",
    "What members or the producer association promised to deliver. Who hands it over hands over `deliveries` too.",
    (
        Column("group_id", "text", references="groups"),
        Column("member_id", "text", nullable=True, references="members"),
        Column("sector_id", "text", nullable=True, references="sectors"),
        Column("quantity_kg", "double", minimum=0),
        Column("deliver_by", "date"),
    ),
)

DELIVERIES = Table(
    "deliveries",
    "What was brought to the producer association's store, and what of it was refused.",
    (
        Column("group_id", "text", references="groups"),
        Column("member_id", "text", nullable=True, references="members"),
        Column("commitment_id", "text", nullable=True, references="commitments"),
        Column("delivered_on", "date"),
        Column("quantity_kg", "double", minimum=0),
        Column("rejected_kg", "double", nullable=True, minimum=0),
    ),
)

SALES = Table(
    "sales",
    "A sale of the producer association. Payment is a new version with `paid_on`.",
    (
        Column("group_id", "text", references="groups"),
        Column("sector_id", "text", nullable=True, references="sectors"),
        Column("buyer_id", "text"),
        Column(
            "buyer_kind",
            "text",
            nullable=True,
            choices=("public_programme", "exporter", "processor", "wholesaler", "retail", "final_consumer", "other"),
        ),
        Column("quantity_kg", "double", nullable=True, minimum=0, doc="Missing for services, such as tourism."),
        Column("value", "money", minimum=0),
        ANY_CURRENCY,
        Column("payment_due_on", "date", nullable=True),
        Column("paid_on", "date", nullable=True),
    ),
)

CERTIFICATIONS = Table(
    "certifications",
    "A certificate of the producer association.",
    (
        Column("group_id", "text", references="groups"),
        Column("scheme", "text", choices=("organic", "fair_trade", "rainforest", "origin", "food_safety", "other")),
        Column("valid_from", "date"),
        Column("valid_to", "date"),
    ),
)

TECHNICAL_ASSISTANCE = Table(
    "technical_assistance",
    "A piece of technical assistance. What it brought is measured after the loan and never a feature.",
    (
        Column("group_id", "text", references="groups"),
        Column("provider", "text"),
        Column("topic", "text", choices=("production", "processing", "marketing", "management", "finance")),
        Column("hours", "double", minimum=0),
        Column("given_on", "date"),
    ),
)

EQUIPMENT = Table(
    "equipment",
    "A machine or building of the producer association.",
    (
        Column("group_id", "text", references="groups"),
        Column("kind", "text", doc="Dehydrator, dryer, fibre extractor ..."),
        Column("value", "money", nullable=True, minimum=0),
        CURRENCY,
        Column("acquired_on", "date"),
        Column("working", "bool", nullable=True),
    ),
)
