"""What stands beside a producer association's score, off literal tables: what came later is not seen."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from riskscore.scoring.producer_facts import producer_facts
from riskscore.scoring.products import Product
from tests.unit.features.literal_portfolio import bank, instalment, loan, written

JAN_1 = datetime(2026, 1, 1)
PRODUCT = Product("P", "P", 500.0, 40000.0, 100.0, 30, 720, ("monthly", "at_maturity"), 0.02, "flat", None)


def row(name: str, at: datetime, known: datetime | None = None, **more):
    return {"id": name, "event_at": at, "known_at": known or at, "group_id": "PA1", **more}


def harvest(name: str, year: int, known: datetime, *, got: float | None, expected: float = 1000.0, of: str = "PA1"):
    days = {"starts_on": date(year, 11, 20), "ends_on": date(year + 1, 1, 10)}
    kilos = {"hectares": 10.0, "expected_kg": expected, "harvested_kg": got}
    return row(name, known, sector_id="S", season=str(year), **days, **kilos) | {"group_id": of}


def contract(name: str, at: datetime, kg: float, season: str | None, until: date):
    more = {"buyer_id": "B", "season": season, "quantity_kg": kg, "price_kind": "fixed", "currency": "EUR"}
    return row(name, at, valid_from=at.date(), valid_to=until, **more)


def sale(name: str, at: datetime, value: str, currency: str = "USD"):
    return row(name, at, buyer_id="B", value=value, currency=currency, quantity_kg=10.0)


def found(tmp_path, **asked):
    day = datetime(2023, 1, 1)
    tables = {
        "groups": [bank("PA1", None, kind="producer_association"), bank("PA2", None, kind="producer_association")],
        "harvests": [
            harvest("H1", 2023, datetime(2023, 10, 1), got=None),
            harvest("H1", 2023, datetime(2024, 1, 15), got=800.0),
            harvest("H2", 2025, datetime(2025, 10, 1), got=None),
            harvest("H2", 2025, datetime(2026, 1, 15), got=990.0),  # brought in after the moment
            harvest("H3", 2025, datetime(2025, 10, 1), got=5.0, of="PA2"),
        ],
        "buyer_contracts": [
            contract("C1", datetime(2023, 9, 1), 300.0, "2023", date(2024, 2, 1)),
            contract("C2", datetime(2025, 11, 1), 400.0, None, date(2026, 3, 1)),
            contract("C3", datetime(2026, 1, 5), 900.0, "2025", date(2026, 3, 1)),  # signed after the moment
        ],
        "exchange_rates": [
            {"id": f"X{n}", "event_at": at, "known_at": at, "currency": "EUR", "rate": rate, "on_date": at.date()}
            for n, (at, rate) in enumerate([(datetime(2024, 1, 31), 1.25), (datetime(2025, 1, 31), 2.0)])
        ],
        "sales": [
            sale("V1", datetime(2024, 2, 3), "100.00"),
            sale("V2", datetime(2025, 2, 20), "300.00", "EUR"),
            sale("V3", datetime(2024, 1, 30), "999.00", "EUR"),  # no rate was known that day
            sale("V4", datetime(2023, 2, 3), "999.00"),  # more than two years ago
        ],
        "loans": [
            loan("L1", None, "PA1", date(2025, 6, 1), ledger="external"),
            loan("L2", None, "PA1", date(2025, 6, 1), ledger="external"),
        ],
        "loan_events": [{"id": "E", "event_at": day, "known_at": day, "loan_id": "L2", "kind": "written_off"}],
        "instalments": [
            instalment("I1", "L1", 1, date(2025, 12, 31), datetime(2025, 6, 1), "50.00"),
            instalment("I2", "L1", 2, date(2026, 2, 28), datetime(2025, 6, 1), "70.00"),
            instalment("I3", "L2", 1, date(2026, 2, 28), datetime(2025, 6, 1), "990.00"),
        ],
        "assemblies": [
            row("A1", datetime(2025, 1, 1), kind="ordinary", due_on=date(2025, 3, 31)),
            row("A1", datetime(2025, 4, 2), kind="ordinary", due_on=date(2025, 3, 31), held_on=date(2025, 4, 2)),
        ],
        "registrations": [row("R", day, registered_members=68, active_members=44, mandate_ends_on=date(2026, 5, 1))],
    }
    portfolio = written(tmp_path / "p", tables)
    asked = {"amount": 1200.0, "term_days": 62, "frequency": "monthly"} | asked
    return producer_facts(portfolio, "PA1", JAN_1, product=PRODUCT, **asked)


def test_contracts_stand_beside_what_was_harvested_or_is_expected(tmp_path):
    seasons = found(tmp_path)["seasons"]
    assert [(one["season"], one["expected_kg"], one["harvested_kg"], one["contracted_kg"]) for one in seasons] == [
        ("2023", 1000.0, 800.0, 300.0),
        ("2025", 1000.0, None, 400.0),
    ]
    assert (seasons[1]["starts_on"], seasons[1]["ends_on"]) == ("2025-11-20", "2026-01-10")


def test_months_hold_sales_at_the_days_rate_and_what_falls_due(tmp_path):
    told = found(tmp_path)
    months = {one["month"]: one for one in told["months"]}
    assert next(iter(months)) == "2026-01-01"
    assert len(months) == 12
    # Sales are (100 + 300 x 2.0) over two years; another loan falls due beside this one.
    february = months["2026-02-01"]
    assert february["sold"] == 350.0
    assert february["due_elsewhere"] == 70.0
    each = 1200 * (1 + 0.02 * 30.4375 / 30 * 2) / 2
    assert (february["due"], months["2026-03-01"]["due"]) == (pytest.approx(each, abs=0.01),) * 2
    assert months["2026-01-01"]["due_elsewhere"] == 0.0  # what was due before the moment lies behind
    assert [month[5:7] for month, one in months.items() if one["harvest"]] == ["01", "11", "12"]
    assert told["sold_without_rate"] == 1


def test_one_instalment_at_maturity_falls_due_once(tmp_path):
    months = found(tmp_path, frequency="at_maturity", term_days=90)["months"]
    assert [one["month"] for one in months if one["due"]] == ["2026-04-01"]


def test_governance_as_it_stood(tmp_path):
    told = found(tmp_path)
    assert told["register"] == {"mandate_ends_on": "2026-05-01", "registered_members": 68, "active_members": 44}
    assert [(one["due_on"], one["held_on"]) for one in told["assemblies"]] == [("2025-03-31", "2025-04-02")]
    assert told["accounts"] == []
