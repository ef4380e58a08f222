"""What an institution hands over: every table, column, type and meaning, declared once.

Each row is one version of one fact. Four columns stand in every table and are not repeated in the declarations:

``id``
    names the fact; a correction is a new row with the same id and a later ``known_at``.
``event_at``
    when the fact came to be (agreed, paid, recorded), never the date it speaks of.
``known_at``
    when it was recorded. A feature asked at a moment sees ``event_at < moment`` and ``known_at <= moment``.
``known_inferred``
    whether ``known_at`` follows from a rule, as the source keeps no time of recording. A file may leave it out.

Timestamps are local to the institution (its time zone stands in ``portfolio.json``) and carry no offset. A source
that only knows dates gives ``event_at`` the first and ``known_at`` the last microsecond of its day.

A table that an institution does not have is left out, and what rests on it is missing, never zero.
"""

from __future__ import annotations

from riskscore.portfolio.tables.column import LEDGERS, PAYERS, Column, Kind, Table
from riskscore.portfolio.tables.household import BUDGET_MONTHS, BUDGETS, BUREAU_REPORTS, OBLIGATIONS
from riskscore.portfolio.tables.institution import BRANCHES, OFFICERS, PORTFOLIO_SNAPSHOTS, PRODUCTS, REGIONS
from riskscore.portfolio.tables.lending import (
    APPLICATIONS,
    COMMITTEE_DECISIONS,
    GUARANTEES,
    INSTALMENTS,
    LOAN_EVENTS,
    LOANS,
    OUTCOMES_GIVEN,
    PAYMENTS,
    RECOMMENDATIONS,
)
from riskscore.portfolio.tables.people import ATTENDANCE, GROUPS, MEMBERS, MEMBERSHIPS, OFFICES, SURVEYS, TRAININGS
from riskscore.portfolio.tables.producers import (
    ASSEMBLIES,
    BUYER_CONTRACTS,
    CERTIFICATIONS,
    COMMITMENTS,
    DELIVERIES,
    EQUIPMENT,
    FINANCIAL_STATEMENTS,
    HARVESTS,
    REGISTRATIONS,
    SALES,
    TECHNICAL_ASSISTANCE,
)
from riskscore.portfolio.tables.savings import DIVIDENDS, INTERNAL_LOANS, SAVINGS
from riskscore.portfolio.tables.surroundings import CLIMATE, EXCHANGE_RATES, SECTOR_PRICES, SECTORS, SHOCKS

__all__ = ["LEDGERS", "PAYERS", "TABLES", "Column", "Kind", "Table"]

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
        REGIONS,
        PORTFOLIO_SNAPSHOTS,
        OFFICES,
        SURVEYS,
        COMMITTEE_DECISIONS,
        RECOMMENDATIONS,
        GUARANTEES,
        INTERNAL_LOANS,
        DIVIDENDS,
        BUDGET_MONTHS,
        BUREAU_REPORTS,
        SECTOR_PRICES,
        CLIMATE,
        EXCHANGE_RATES,
        REGISTRATIONS,
        ASSEMBLIES,
        FINANCIAL_STATEMENTS,
        HARVESTS,
        BUYER_CONTRACTS,
        COMMITMENTS,
        DELIVERIES,
        SALES,
        CERTIFICATIONS,
        TECHNICAL_ASSISTANCE,
        EQUIPMENT,
    )
}
