"""The golden portfolio at risk as an institution: five members of three communal banks, one loan each, on 1 June 2026.

loan   balance   days late   what else
A      100        0
B      200       30
C      300       31
D      150        5          restructured on 10 May; 20 of 170 paid on 20 April and recorded on 20 May
E      250       95
W        0      304          50 written off on 15 March
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from riskscore.portfolio import Portfolio, write_portfolio
from tests.unit.portfolio.conftest import rows

AS_OF = date(2026, 6, 1)

#: Loan, member, group, disbursed on, due on, principal.
LOANS = (
    ("A", "M1", "SG1", date(2026, 1, 5), date(2026, 6, 30), "100.00"),
    ("B", "M2", "SG2", date(2026, 1, 5), date(2026, 5, 2), "200.00"),
    ("C", "M3", "SG3", date(2026, 1, 5), date(2026, 5, 1), "300.00"),
    ("D", "M4", "SG1", date(2026, 1, 5), date(2026, 5, 27), "170.00"),
    ("E", "M5", "SG2", date(2026, 1, 5), date(2026, 2, 26), "250.00"),
    ("W", "M6", "SG3", date(2025, 6, 2), date(2025, 8, 1), "50.00"),
)

START = datetime(2025, 1, 1)


def tables() -> dict[str, pl.DataFrame]:
    """Return the tables of the golden institution."""

    def dated(name: str, *given: dict[str, Any]) -> pl.DataFrame:
        return rows(name, *({"event_at": START, **row} for row in given))

    def at(day: date) -> datetime:
        return datetime(day.year, day.month, day.day)

    return {
        "branches": dated(
            "branches", {"id": "BR", "name": "El Alto", "region": "La Paz", "rural": False, "opened_on": START.date()}
        ),
        "sectors": dated("sectors", {"id": "trade", "name": "Comercio", "agricultural": False, "lean_months": ""}),
        "groups": dated(
            "groups",
            *(
                {"id": f"CB{n}", "kind": "communal_bank", "branch_id": "BR", "formed_on": START.date()}
                for n in (1, 2, 3)
            ),
            *(
                {
                    "id": f"SG{n}",
                    "kind": "solidarity_group",
                    "parent_id": f"CB{n}",
                    "branch_id": "BR",
                    "formed_on": START.date(),
                }
                for n in (1, 2, 3)
            ),
        ),
        "members": dated(
            "members",
            *(
                {"id": f"M{n}", "branch_id": "BR", "joined_on": START.date(), "sector_id": "trade" if n < 5 else None}
                for n in range(1, 7)
            ),
        ),
        "loans": rows(
            "loans",
            *(
                {
                    "id": loan,
                    "event_at": at(disbursed),
                    "member_id": member,
                    "group_id": group,
                    "ledger": "internal",
                    "cycle_no": 1,
                    "amount": principal,
                    "currency": "USD",
                    "disbursed_on": disbursed,
                    "term_days": (due - disbursed).days,
                    "frequency": "monthly",
                }
                for loan, member, group, disbursed, due, principal in LOANS
            ),
        ),
        "instalments": rows(
            "instalments",
            *(
                {
                    "id": f"I{loan}",
                    "event_at": at(disbursed),
                    "loan_id": loan,
                    "number": 1,
                    "due_on": due,
                    "amount": principal,
                    "principal": principal,
                }
                for loan, _, _, disbursed, due, principal in LOANS
            ),
        ),
        "payments": rows(
            "payments",
            {
                "id": "P1",
                "event_at": datetime(2026, 4, 20, 10),
                "known_at": datetime(2026, 5, 20, 10),
                "loan_id": "D",
                "amount": "20.00",
                "currency": "USD",
                "payer": "group",
                "reversed": False,
            },
        ),
        "loan_events": rows(
            "loan_events",
            {
                "id": "E1",
                "event_at": datetime(2026, 5, 10),
                "loan_id": "D",
                "kind": "restructured",
                "reason": "relief",
            },
            {"id": "E2", "event_at": datetime(2026, 3, 15), "loan_id": "W", "kind": "written_off"},
        ),
        "shocks": rows(
            "shocks",
            {
                "id": "K1",
                "event_at": datetime(2026, 4, 1),
                "kind": "climate",
                "region": "La Paz",
                "starts_on": date(2026, 4, 1),
                "ends_on": date(2026, 5, 15),
            },
        ),
    }


def golden(path: Path, *, without: tuple[str, ...] = (), **frames: pl.DataFrame) -> Portfolio:
    """Write the golden institution to `path`, with some tables changed or left out."""
    given = {name: frame for name, frame in {**tables(), **frames}.items() if name not in without}
    write_portfolio(path, given, currency="USD", country="BO", time_zone="America/La_Paz", data_date=date(2026, 6, 30))
    return Portfolio.open(path)
