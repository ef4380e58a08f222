"""Lines of business, and what reaches them from outside and is nobody's doing."""

from __future__ import annotations

from riskscore.portfolio.tables.column import ANY_CURRENCY, Column, Table

SECTORS = Table(
    "sectors",
    "A line of business (the id is its code: cacao, maize, commerce ...).",
    (
        Column("name", "text"),
        Column("agricultural", "bool"),
        Column("lean_months", "text", doc="Months of little income, written '1,2,3'; empty where income is even."),
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


SECTOR_PRICES = Table(
    "sector_prices",
    "What a sector's product fetched: one series a sector, of the market that its people meet.",
    (
        Column("sector_id", "text", references="sectors"),
        Column("market", "text", doc="Farm gate, region, or exchange."),
        Column("unit", "text", doc="What one price buys: kg, quintal, night ..."),
        Column("price", "double", minimum=0),
        ANY_CURRENCY,
        Column("observed_on", "date"),
    ),
)

CLIMATE = Table(
    "climate",
    "One value of a climate series. `known_at` is when it was published.",
    (
        Column(
            "indicator",
            "text",
            choices=("oni", "icen", "spi", "rain_anomaly", "frost_days", "ndvi"),
            doc="Ocean indices are the same for every region.",
        ),
        Column("region", "text", nullable=True, doc="The region it is about; missing: everywhere."),
        Column("period_ends_on", "date"),
        Column("value", "double"),
    ),
)

EXCHANGE_RATES = Table(
    "exchange_rates",
    "What one unit of a foreign currency cost in the portfolio's.",
    (
        ANY_CURRENCY,
        Column("rate", "double", minimum=0.000001, doc="Portfolio currency for one unit."),
        Column("on_date", "date"),
    ),
)
