"""Where the institution works and what it reports of itself."""

from __future__ import annotations

from riskscore.portfolio.tables.column import CURRENCY, LEDGERS, Column, Table

BRANCHES = Table(
    "branches",
    "A branch or focal centre.",
    (
        Column("name", "text"),
        Column("region", "text", nullable=True),
        Column("rural", "bool", nullable=True),
        Column("opened_on", "date"),
    ),
)


OFFICERS = Table(
    "officers",
    "A loan officer's posting at a branch.",
    (Column("branch_id", "text", references="branches"), Column("hired_on", "date", nullable=True)),
)


REGIONS = Table(
    "regions",
    "A region as official sources describe it; the id is the name that branches use. A new figure is a new version.",
    (
        Column(
            "poverty_rank", "int", nullable=True, minimum=1, doc="1 is the poorest; many transfers are not low risk."
        ),
        Column("households", "int", nullable=True, minimum=1),
        Column(
            "loans", "int", nullable=True, minimum=0, doc="Microloans of all lenders, for the market's penetration."
        ),
        Column("lenders", "int", nullable=True, minimum=0, doc="Lenders with an office there."),
        Column("el_nino_exposed", "bool", nullable=True, doc="Whether a warm coast brings floods or drought there."),
        Column(
            "early_warning",
            "double",
            nullable=True,
            minimum=0,
            maximum=1,
            doc="Share of available early-warning weights that signal over-indebtedness of the market (Kappel 2010).",
        ),
        Column(
            "early_warning_coverage",
            "double",
            nullable=True,
            minimum=0,
            maximum=1,
            doc="Share of the weights for which there was data.",
        ),
    ),
)


PORTFOLIO_SNAPSHOTS = Table(
    "portfolio_snapshots",
    "What the institution reported of itself, or of a branch, at a date. What it did not report stays missing.",
    (
        Column("branch_id", "text", nullable=True, references="branches", doc="Missing: the whole institution."),
        Column("on_date", "date"),
        Column("branches", "int", nullable=True, minimum=0),
        Column("communal_banks", "int", nullable=True, minimum=0),
        Column("clients", "int", nullable=True, minimum=0),
        Column("borrowers", "int", nullable=True, minimum=0),
        Column("female_share", "double", nullable=True, minimum=0, maximum=1),
        Column("gross_portfolio", "money", nullable=True, minimum=0),
        Column(
            "par30", "double", nullable=True, minimum=0, maximum=1, doc="As reported, by the institution's own rule."
        ),
        Column("default_rate", "double", nullable=True, minimum=0, maximum=1, doc="As reported; absent is not 0."),
        CURRENCY,
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
