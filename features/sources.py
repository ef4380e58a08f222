"""The tables as features read them: which column names the subject, and on which clock windows count."""

from riskscore.catalog import Lookup, Source
from riskscore.portfolio import Column, Table

CollectionCalls = Table(
    "collection_calls",
    "Calls made about a loan: an example of a table of the institution's own. The count is overwritten after the "
    "stamps were set, so no feature may read it.",
    (
        Column("member_id", "text", references="members"),
        Column("application_id", "text", references="applications"),
        Column("calls", "int", minimum=0, doc="Number of calls."),
    ),
)

Instalments = Source(
    "instalments",
    table="settled_instalments",
    keys={"member": "member_id"},
    clock="due_on",
    cycle="loan_disbursed_on",
    where="ledger = 'internal'",
    columns={
        "days_late": "greatest(0, date_diff('day', due_on, CAST(least(coalesce(settled_at, as_of), as_of) AS DATE)))",
    },
)

Payments = Source(
    "payments",
    table="loan_payments",
    keys={"member": "member_id"},
    cycle="loan_disbursed_on",
    where="ledger = 'internal'",
)

Loans = Source(
    "loans",
    table="loan_histories",
    keys={"member": "member_id"},
    where="ledger = 'internal'",
)

# Beside each loan what happened to it, so that a loan to which nothing happened counts as a loan.
LoansAndEvents = Source(
    "loans and events",
    table="loan_histories",
    keys={"member": "member_id"},
    where="ledger = 'internal'",
    lookups={"happened": Lookup("loan_events", where="happened.loan_id = id")},
)

Outcomes = Source(
    "outcomes",
    table="loan_outcomes",
    keys={"member": "member_id"},
    where="ledger = 'internal'",
)

# Beside each member the instalments of her own loans that are unsettled or lie ahead: without any she owes nothing.
OwnDebts = Source(
    "own debts",
    table="members",
    keys={"member": "id"},
    lookups={
        "due": Lookup(
            "settled_instalments",
            where="due.member_id = id AND due.ledger = 'internal' "
            "AND (due.settled_at IS NULL OR due.due_on >= CAST(as_of AS DATE))",
        )
    },
    columns={
        # Currency a month. A decimal, so that sums do not depend on the order of rows.
        "service_m": "CAST(due.amount * coalesce(due.periods_per_month, "
        "30.4375 / nullif(date_diff('day', due.loan_disbursed_on, due.due_on), 0)) AS DECIMAL(18,6))",
    },
)

Savings = Source("savings", table="savings", keys={"member": "member_id"})

Attendance = Source("attendance", table="attendance", keys={"member": "member_id"})

# Topics of credit alone: seven sessions on another topic are not seven sessions on credit.
Trainings = Source(
    "trainings",
    table="trainings",
    keys={"member": "member_id"},
    where="topic IN ('credit_management', 'business_skills', 'savings')",
)

Budgets = Source("budgets", table="budgets", keys={"member": "member_id"})

_DEBT = {
    "open": "ends_on IS NULL OR ends_on >= CAST(as_of AS DATE)",
    # Currency a month: instalments a year, exact in whole numbers, over twelve; at maturity spread over its months.
    "service_m": "CAST(CASE frequency WHEN 'weekly' THEN instalment * 52 / 12 WHEN 'fortnightly' "
    "THEN instalment * 26 / 12 WHEN 'twice_a_month' THEN instalment * 2.0 WHEN 'monthly' THEN instalment * 1.0 "
    "WHEN 'every_two_months' THEN instalment / 2 "
    "ELSE instalment * 30.4375 / nullif(CASE WHEN date_diff('day', event_at, ends_on) < 30 THEN 30 "
    "ELSE date_diff('day', event_at, ends_on) END, 0) END AS DECIMAL(18,6))",
}

Declared = Source(
    "debts declared",
    table="obligations",
    keys={"member": "member_id"},
    where="source = 'declared'",
    columns=_DEBT,
)

# A bureau's report ages from the day it was published.
Bureau = Source(
    "debts in the bureau",
    table="obligations",
    keys={"member": "member_id"},
    clock="known_at",
    where="source = 'bureau'",
    columns=_DEBT,
)

Members = Source(
    "members",
    table="members",
    keys={"member": "id"},
    lookups={"sector": Lookup("sectors", on="sector_id"), "branch": Lookup("branches", on="branch_id")},
    columns={
        "in_lean_month": "contains(',' || sector.lean_months || ',', ',' || CAST(month(as_of) AS VARCHAR) || ',')",
    },
)

# Beside each member the shocks of her region and sector.
Shocks = Source(
    "shocks",
    table="members",
    keys={"member": "id"},
    lookups={
        "branch": Lookup("branches", on="branch_id"),
        "shock": Lookup(
            "shocks",
            where="(shock.region IS NULL OR shock.region = branch.region) "
            "AND (shock.sector_id IS NULL OR shock.sector_id = sector_id)",
        ),
    },
    columns={
        "active": "shock.starts_on <= CAST(as_of AS DATE) "
        "AND (shock.ends_on IS NULL OR shock.ends_on >= CAST(as_of AS DATE) - 90)",
    },
)

Memberships = Source(
    "memberships",
    table="placements",
    keys={"member": "member_id", "group": "group_id", "bank": "bank_id"},
    columns={
        "here_now": "valid_from <= CAST(as_of AS DATE) AND (valid_to IS NULL OR valid_to > CAST(as_of AS DATE))",
        "here_this_year": "valid_from <= CAST(as_of AS DATE) "
        "AND (valid_to IS NULL OR valid_to > CAST(as_of AS DATE) - 365)",
    },
)
