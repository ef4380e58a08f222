"""What producer associations hand over, as features read it. The key is the producer association that asks."""

from riskscore.catalog import Lookup, Source

_KEY = {"organisation": "group_id"}

Associations = Source("producer associations", table="groups", keys={"organisation": "id"})
Registers = Source("registrations", table="registrations", keys=_KEY)
Assemblies = Source("assemblies", table="assemblies", keys=_KEY, clock="due_on")
Accounts = Source("accounts due", table="financial_statements", keys=_KEY, clock="due_on")
# The newest are those delivered last: accounts of an earlier year that come in later take their place until the next.
Statements = Source(
    "accounts delivered",
    table="financial_statements",
    keys=_KEY,
    clock="period_ends_on",
    where="delivered_on IS NOT NULL",
)
Harvests = Source("harvests", table="harvests", keys=_KEY, clock="starts_on")
Contracts = Source("contracts with buyers", table="buyer_contracts", keys=_KEY)
Promised = Source("commitments", table="commitments", keys=_KEY, clock="deliver_by")
Delivered = Source("deliveries", table="deliveries", keys=_KEY, clock="delivered_on")
Sales = Source(
    "sales",
    table="sales",
    keys=_KEY,
    columns={
        "late": "greatest(0, date_diff('day', payment_due_on, least(coalesce(paid_on, CAST(as_of AS DATE)), "
        "CAST(as_of AS DATE))))",
    },
)
# Beside each sale the products in its currency, however many: where there is none the institution does not lend in what
# was earned.
SalesAndProducts = Source(
    "sales and products",
    table="sales",
    keys=_KEY,
    lookups={"home": Lookup("products", where="home.currency = currency")},
)
Certificates = Source("certifications", table="certifications", keys=_KEY)
Assistance = Source("technical assistance", table="technical_assistance", keys=_KEY, clock="given_on")
Machines = Source("equipment", table="equipment", keys=_KEY)
