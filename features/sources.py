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
        # Due or still open in that time: an old instalment that nobody settled is a debt of today.
        "owed_in_180d": "due_on >= as_of - INTERVAL 180 DAY OR coalesce(settled_at, as_of) >= as_of - INTERVAL 180 DAY",
        "owed_in_56d": "due_on >= as_of - INTERVAL 56 DAY OR coalesce(settled_at, as_of) >= as_of - INTERVAL 56 DAY",
    },
)

# Periods that were late, beside the two that follow on them in the same loan and were late too; one still open is late
# once its day is over.
_LATE = "({0}.settled_at IS NULL OR CAST({0}.settled_at AS DATE) > {0}.due_on) AND {0}.due_on < CAST(as_of AS DATE)"
LateInARow = Source(
    "periods late in a row",
    table="settled_instalments",
    keys={"member": "member_id"},
    clock="due_on",
    where="ledger = 'internal' AND (settled_at IS NULL OR CAST(settled_at AS DATE) > due_on)",
    lookups={
        "second": Lookup(
            "settled_instalments",
            where=f"second.loan_id = loan_id AND second.number = number + 1 AND {_LATE.format('second')}",
        ),
        "third": Lookup(
            "settled_instalments",
            where=f"third.loan_id = loan_id AND third.number = number + 2 AND {_LATE.format('third')}",
        ),
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

# Own savings taken for an instalment that is not the last: the last one is netted by rule.
PaymentsFromSavings = Source(
    "payments from savings",
    table="loan_payments",
    keys={"member": "member_id"},
    where="ledger = 'internal' AND payer = 'savings'",
    lookups={
        "settled": Lookup(
            "settled_instalments",
            where="settled.loan_id = loan_id AND settled.settled_at = event_at AND settled.is_last",
        ),
    },
)

# Of the sacrifice questionnaire the flag alone is on record.
SacrificeFlags = Source(
    "flag of the sacrifice questionnaire",
    table="surveys",
    keys={"member": "member_id"},
    where="instrument = 'sacrifices' AND question = 'flag'",
)

Outcomes = Source(
    "outcomes",
    table="loan_outcomes",
    keys={"member": "member_id"},
    where="ledger = 'internal'",
)

# Beside each member the instalments of her own loans that nobody has settled: without any she owes nothing.
OwnDebts = Source(
    "own debts",
    table="members",
    keys={"member": "id"},
    lookups={
        "due": Lookup(
            "settled_instalments",
            where="due.member_id = id AND due.ledger = 'internal' AND due.settled_at IS NULL",
        )
    },
    columns={
        # No loan at all is gathered like a loan, so that nothing owed is 0.
        "loan": "coalesce(due.loan_id, '')",
        # Currency a month; at maturity spread over its months, at least one. A decimal, so that sums do not depend on
        # the order of rows.
        "service_m": "CAST(due.amount * coalesce(due.periods_per_month, "
        "30.4375 / nullif(greatest(30, date_diff('day', due.loan_disbursed_on, due.due_on)), 0)) AS DECIMAL(18,6))",
    },
)

Savings = Source("savings", table="savings", keys={"member": "member_id"})

Attendance = Source("attendance", table="attendance", keys={"member": "member_id"})

# Sessions on credit alone: seven sessions on another topic are not seven sessions on credit.
Trainings = Source(
    "trainings",
    table="trainings",
    keys={"member": "member_id"},
    where="topic = 'credit_management'",
)

Budgets = Source("budgets", table="budgets", keys={"member": "member_id"})

BudgetMonths = Source(
    "months of the budget",
    table="budget_months",
    keys={"member": "member_id"},
    columns={
        # Told at most 180 days ago of a month of the year ahead.
        "ahead": "event_at >= as_of - INTERVAL 180 DAY AND month >= CAST(as_of AS DATE) "
        "AND month < CAST(as_of AS DATE) + 365",
    },
)

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

# A report is as old as its first publication, weeks after the month end that it speaks of: a correction is no news.
BureauReports = Source(
    "bureau reports",
    table="bureau_reports",
    keys={"member": "member_id"},
    clock="published_on",
)

# Loans of the group's own fund: debts like any other, on a book that the group keeps itself.
FundLoans = Source(
    "loans of the group's fund",
    table="internal_loans",
    keys={"member": "member_id"},
    cycle="disbursed_on",
    columns={
        # Where nothing is owed and no day of the last repayment is told, it is that of the book.
        "days_late": "greatest(0, date_diff('day', due_on, least(coalesce(repaid_on, CASE WHEN balance = 0 "
        "THEN CAST(event_at AS DATE) END, CAST(as_of AS DATE)), CAST(as_of AS DATE))))",
        "owed": "repaid_on IS NULL AND balance > 0",
        # Instalments a year over twelve; at maturity what is owed over the months left, at least one.
        "service_m": "CAST(CASE WHEN repaid_on IS NOT NULL OR balance = 0 THEN 0 "
        "WHEN instalment IS NULL OR frequency = 'at_maturity' THEN balance * 30.4375 / nullif(greatest(30, "
        "date_diff('day', CAST(as_of AS DATE), due_on)), 0) "
        "WHEN frequency = 'weekly' THEN instalment * 52 / 12 WHEN frequency = 'fortnightly' THEN instalment * 26 / 12 "
        "WHEN frequency = 'twice_a_month' THEN instalment * 2.0 WHEN frequency = 'monthly' THEN instalment * 1.0 "
        "ELSE instalment / 2 END AS DECIMAL(18,6))",
    },
)

# Beside each of her own payments the loans she took from the group's fund in the week before, and beside those what the
# payment settled that was overdue or the last of its loan.
PaymentsAndFundLoans = Source(
    "payments and loans of the fund",
    table="loan_payments",
    keys={"member": "member_id"},
    where="ledger = 'internal' AND payer = 'self'",
    lookups={
        "fresh": Lookup(
            "internal_loans",
            where="fresh.member_id = member_id "
            "AND date_diff('day', fresh.disbursed_on, CAST(event_at AS DATE)) BETWEEN 0 AND 7",
        ),
        "settled": Lookup(
            "settled_instalments",
            where="fresh.id IS NOT NULL AND settled.loan_id = loan_id AND settled.settled_at = event_at "
            "AND (settled.is_last OR CAST(settled.settled_at AS DATE) > settled.due_on)",
        ),
    },
)

Guarantees = Source(
    "guarantees",
    table="guarantees",
    keys={"member": "member_id"},
    lookups={"loan": Lookup("loans", on="loan_id")},
    columns={
        # What stands for her own loan, and what is no word of hers but a thing, is no debt of others.
        "for_others": "kind IN ('personal', 'solidarity') AND (loan.member_id IS NULL OR loan.member_id <> member_id) "
        "AND valid_from <= CAST(as_of AS DATE) AND (released_on IS NULL OR released_on > CAST(as_of AS DATE))"
    },
)

Monitoring = Source(
    "answers on knowing one another's business",
    table="surveys",
    keys={"member": "member_id"},
    where="instrument = 'peer_monitoring'",
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

# Beside each member every shock on record, and whether it reaches her: unknown where her region or sector is and it
# hangs on that.
Shocks = Source(
    "shocks",
    table="members",
    keys={"member": "id"},
    lookups={
        "branch": Lookup("branches", on="branch_id"),
        "shock": Lookup("shocks", where="shock.id IS NOT NULL"),
    },
    columns={
        "reaches_her": "shock.starts_on <= CAST(as_of AS DATE) "
        "AND (shock.ends_on IS NULL OR shock.ends_on >= CAST(as_of AS DATE)) "
        "AND (shock.region IS NULL OR shock.region = branch.region) "
        "AND (shock.sector_id IS NULL OR shock.sector_id = sector_id)",
        "reached_her_lately": "coalesce(shock.ends_on < CAST(as_of AS DATE), FALSE) "
        "AND shock.ends_on >= CAST(as_of AS DATE) - 90 "
        "AND (shock.region IS NULL OR shock.region = branch.region) "
        "AND (shock.sector_id IS NULL OR shock.sector_id = sector_id)",
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

# Beside each stay of hers that of today in the same communal bank: who changes her solidarity group has not come anew.
Stays = Source(
    "her stays",
    table="placements",
    keys={"member": "member_id"},
    lookups={
        "today": Lookup(
            "placements",
            where="today.member_id = member_id AND today.bank_id = bank_id AND today.valid_from <= CAST(as_of AS DATE) "
            "AND (today.valid_to IS NULL OR today.valid_to > CAST(as_of AS DATE))",
        )
    },
)

# Members with their line of business, gathered by the communal bank they are in.
BankMembers = Source(
    "members of the communal bank",
    table="placements",
    keys={"bank": "bank_id"},
    lookups={"member": Lookup("members", on="member_id")},
    columns={"here_now": "valid_from <= CAST(as_of AS DATE) AND (valid_to IS NULL OR valid_to > CAST(as_of AS DATE))"},
)

Banks = Source("communal banks", table="groups", keys={"bank": "id"}, where="kind = 'communal_bank'")

Offices = Source(
    "offices",
    table="offices",
    keys={"bank": "group_id"},
    columns={
        "on_board": "role IN ('president', 'secretary', 'treasurer') AND valid_from <= CAST(as_of AS DATE) "
        "AND (valid_to IS NULL OR valid_to > CAST(as_of AS DATE))",
    },
)

# What was put off is not decided. Approved without an amount is approved whole; reduced without one is not known.
Decisions = Source(
    "committee decisions",
    table="committee_decisions",
    keys={"bank": "group_id"},
    where="result <> 'postponed'",
    columns={
        "granted": "CASE WHEN result = 'rejected' THEN coalesce(approved, 0) "
        "WHEN result = 'approved' THEN coalesce(approved, asked) ELSE approved END",
    },
)

# What was recommended, and once people decided, what they decided: a later version of the same row.
Recommendations = Source("recommendations", table="recommendations", keys={"member": "member_id"})

# Beside each communal bank of the officer the members who belong to it now.
OfficerBanks = Source(
    "communal banks of the officer",
    table="groups",
    keys={"officer": "officer_id"},
    where="kind = 'communal_bank'",
    lookups={
        "stay": Lookup(
            "placements",
            where="stay.bank_id = id AND stay.valid_from <= CAST(as_of AS DATE) "
            "AND (stay.valid_to IS NULL OR stay.valid_to > CAST(as_of AS DATE))",
        )
    },
)

Officers = Source("officers", table="officers", keys={"officer": "id"})

Branches = Source("branches", table="branches", keys={"branch": "id"})

# Only what was known by then, and never the outcomes of her own communal bank.
OutcomesElsewhere = Source(
    "outcomes of other communal banks",
    table="bank_outcomes",
    keys={"officer": "officer_id", "branch": "branch_id"},
    leave_out="bank_id",
)

BranchSnapshots = Source(
    "snapshots of the branch", table="portfolio_snapshots", keys={"branch": "branch_id"}, clock="on_date"
)

Regions = Source("regions", table="regions", keys={"region": "id"})

RegionClimate = Source("climate of the region", table="climate", keys={"region": "region"}, clock="period_ends_on")

# The same for everybody: the warm phase of the Pacific is told by one index.
Ocean = Source(
    "the Pacific",
    table="climate",
    keys={"institution": ""},
    clock="period_ends_on",
    where="indicator = 'oni' AND region IS NULL",
)

# One series a sector: one market, one unit, one currency.
Prices = Source("prices of the sector", table="sector_prices", keys={"sector": "sector_id"}, clock="observed_on")
