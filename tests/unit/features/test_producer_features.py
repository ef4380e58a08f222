"""A producer association asks: its register, accounts, harvests, buyers and deliveries, each worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.features.literal_portfolio import asked, bank, loan, written

MARCH_1 = datetime(2026, 3, 1)


def fact(name: str, at: date, **columns: Any) -> dict[str, Any]:
    moment = datetime(at.year, at.month, at.day)
    return {"id": name, "group_id": "PA", "event_at": moment, "known_at": moment, **columns}


def tables() -> dict[str, list[dict[str, Any]]]:
    formed = date(2020, 3, 1)
    return {
        "branches": [{"id": "BR", "name": "Cusco", "region": "Cusco", "rural": True, "opened_on": date(2001, 1, 1)}],
        "sectors": [{"id": "maize", "name": "Maíz", "agricultural": True, "lean_months": "11,12"}],
        "groups": [bank("PA", None, kind="producer_association", sector_id="maize", formed_on=formed)],
        "products": [
            {
                "id": "P1",
                "name": "Equipo",
                "ledger": "external",
                "amount_min": "1000.00",
                "amount_max": "50000.00",
                "amount_step": "100.00",
                "term_days_min": 90,
                "term_days_max": 720,
                "frequencies": "at_maturity",
                "rate_per_30_days": 0.015,
                "method": "declining",
                "currency": "USD",
                "event_at": datetime(2020, 1, 1),
            }
        ],
        "registrations": [
            fact(
                "R1",
                date(2025, 1, 10),
                legal_person=True,
                tax_number_active=True,
                mandate_ends_on=date(2026, 2, 28),
                registered_members=80,
                active_members=60,
            )
        ],
        "assemblies": [
            fact("A1", date(2025, 3, 20), kind="ordinary", due_on=date(2025, 3, 31), held_on=date(2025, 3, 20),
                 entitled=80, present=50),
            fact("A2", date(2025, 9, 1), kind="ordinary", due_on=date(2025, 9, 30)),  # never held
        ],
        "financial_statements": [
            fact("S1", date(2025, 3, 1), period_ends_on=date(2024, 12, 31), due_on=date(2025, 3, 31),
                 delivered_on=date(2025, 3, 1), revenue="36500.00", cost_of_sales="18250.00", ebitda="9000.00",
                 taxes="1000.00", maintenance_investment="2000.00", debt_service="5000.00", current_assets="15000.00",
                 current_liabilities="10000.00", total_assets="50000.00", equity="20000.00", inventory="1000.00",
                 receivables="3000.00", payables="500.00", member_advances="4000.00",
                 member_advances_overdue="1000.00", currency="USD"),
            fact("S2", date(2025, 12, 31), period_ends_on=date(2025, 12, 31), due_on=date(2026, 2, 15), currency="USD"),
        ],
        "harvests": [
            fact("H1", date(2024, 7, 1), sector_id="maize", season="2024", starts_on=date(2024, 5, 1),
                 ends_on=date(2024, 6, 30), hectares=50.0, expected_kg=150000.0, harvested_kg=165000.0),
            fact("H2", date(2025, 7, 1), sector_id="maize", season="2025", starts_on=date(2025, 5, 1),
                 ends_on=date(2025, 6, 30), hectares=50.0, expected_kg=160000.0, harvested_kg=132000.0),
            fact("H3", date(2026, 1, 15), sector_id="maize", season="2026", starts_on=date(2026, 4, 30),
                 ends_on=date(2026, 6, 30), hectares=50.0, expected_kg=160000.0),
        ],
        "buyer_contracts": [
            fact("K1", date(2026, 1, 20), buyer_id="B1", quantity_kg=80000.0, price_kind="fixed", currency="USD",
                 valid_from=date(2026, 2, 1), valid_to=date(2026, 8, 31)),
            fact("K0", date(2024, 1, 20), buyer_id="B1", quantity_kg=90000.0, price_kind="fixed", currency="USD",
                 valid_from=date(2024, 2, 1), valid_to=date(2024, 8, 31)),  # over
        ],
        "commitments": [fact("C1", date(2025, 3, 1), quantity_kg=100000.0, deliver_by=date(2025, 7, 31))],
        "deliveries": [
            fact("D1", date(2025, 6, 1), delivered_on=date(2025, 6, 1), quantity_kg=60000.0, rejected_kg=1500.0),
            fact("D2", date(2025, 7, 1), delivered_on=date(2025, 7, 1), quantity_kg=15000.0, rejected_kg=0.0),
        ],
        "sales": [
            fact("V1", date(2025, 7, 10), buyer_id="B1", quantity_kg=55000.0, value="15000.00", currency="USD",
                 payment_due_on=date(2025, 8, 10)),
            fact("V1", date(2025, 8, 30), buyer_id="B1", quantity_kg=55000.0, value="15000.00", currency="USD",
                 payment_due_on=date(2025, 8, 10), paid_on=date(2025, 8, 30)),
            fact("V2", date(2025, 7, 20), buyer_id="B2", quantity_kg=11000.0, value="3000.00", currency="EUR",
                 payment_due_on=date(2025, 8, 20), paid_on=date(2025, 8, 20)),
            fact("V3", date(2025, 7, 25), buyer_id="B1", quantity_kg=11000.0, value="3000.00", currency="USD",
                 payment_due_on=date(2026, 6, 1)),  # not due yet
        ],
        "certifications": [
            fact("E1", date(2025, 9, 1), scheme="organic", valid_from=date(2025, 9, 1), valid_to=date(2026, 8, 31))
        ],
        "technical_assistance": [
            fact("T1", date(2025, 12, 1), provider="CODESPA", topic="production", hours=8.0,
                 given_on=date(2025, 12, 1)),
            fact("T2", date(2025, 4, 1), provider="UNJ", topic="marketing", hours=4.0, given_on=date(2025, 4, 1)),
        ],
        "equipment": [
            fact("M1", date(2024, 1, 1), kind="dryer", value="1200.00", currency="USD", acquired_on=date(2023, 1, 1),
                 working=True)
        ],
    }  # fmt: skip


EXPECTED = {
    "organisation_age_months": 2191 / 30.4375,
    "legal_person": 1.0,
    "tax_number_active": 1.0,
    "mandate_expired": 1.0,
    "active_member_share": 0.75,
    "assembly_on_time_share": 0.5,
    "assembly_attendance": 0.625,
    "accounts_on_time_share": 0.5,
    "debt_service_cover": 1.2,
    "current_ratio": 1.5,
    "equity_ratio": 0.4,
    "cash_cycle_days": 20 + 30 - 10,
    "member_advances_overdue_share": 0.25,
    "accounts_months_old": 425 / 30.4375,
    "rejection_share_2y": 0.02,
    "buyer_days_late": 10.0,  # 20 days and none; the third is not due yet
    "foreign_sales_share": 1 / 3,
    "buyer_concentration": (66**2 + 11**2) / 77**2,
    "assistance_active": 1.0,
    "alliances_12m": 2.0,
    "due_before_harvest_share": 60 / 120,
    "contract_cover": 0.5,
    "side_selling_share": 0.25,
    "yield_trend": 132 / 165 - 1,
    "certified_through_term": 1.0,
    "equipment_to_amount": 0.6,
}


def test_every_feature_of_a_producer_association(tmp_path: Path) -> None:
    portfolio = written(tmp_path / "p", tables())
    row = asked(portfolio, None, MARCH_1, group="PA", amount=2000.0, term_days=120.0, frequency="at_maturity")
    assert {name: row[name] for name in EXPECTED} == pytest.approx(EXPECTED)


def test_a_longer_loan_outlasts_the_certificate(tmp_path: Path) -> None:
    portfolio = written(tmp_path / "p", tables())
    row = asked(portfolio, None, MARCH_1, group="PA", term_days=200.0)
    assert (row["certified_through_term"], row["due_before_harvest_share"]) == (0.0, 0.3)


@pytest.mark.parametrize(("month", "day", "share"), [(4, 29, 1 / 120), (5, 1, 0.0), (6, 30, 0.0)])
def test_while_a_harvest_goes_on_nothing_is_due_before_it(tmp_path: Path, month: int, day: int, share: float) -> None:
    # The harvest of 2026 is from 30 April to 30 June.
    row = asked(written(tmp_path / "p", tables()), None, datetime(2026, month, day, 12), group="PA", term_days=120.0)
    assert row["due_before_harvest_share"] == pytest.approx(share)
    assert row["contract_cover"] == 0.5


def test_after_the_last_harvest_told_none_is_known_to_come(tmp_path: Path) -> None:
    portfolio = written(tmp_path / "p", tables())
    last, after = (asked(portfolio, None, at, group="PA") for at in (datetime(2026, 6, 30, 1), datetime(2026, 7, 1)))
    assert (last["due_before_harvest_share"], after["due_before_harvest_share"]) == (0.0, None)


def test_more_products_in_a_currency_do_not_repeat_a_sale(tmp_path: Path) -> None:
    given = tables()
    given["products"] += [given["products"][0] | {"id": f"P{n}"} for n in (2, 3)]
    row = asked(written(tmp_path / "p", given), None, MARCH_1, group="PA")
    assert (row["buyer_days_late"], row["foreign_sales_share"]) == (10.0, pytest.approx(1 / 3))


def test_an_assembly_whose_electorate_is_not_told_is_left_out(tmp_path: Path) -> None:
    given = tables()
    held = {"kind": "extraordinary", "due_on": date(2025, 6, 30), "held_on": date(2025, 6, 20)}
    given["assemblies"].append(fact("A3", date(2025, 6, 20), present=70, **held))
    assert asked(written(tmp_path / "p", given), None, MARCH_1, group="PA")["assembly_attendance"] == 0.625


def test_what_was_promised_and_not_delivered_at_all_was_sold_elsewhere(tmp_path: Path) -> None:
    given = tables() | {"deliveries": []}
    assert asked(written(tmp_path / "none", given), None, MARCH_1, group="PA")["side_selling_share"] == 1.0
    given["commitments"] = []
    assert asked(written(tmp_path / "no_promise", given), None, MARCH_1, group="PA")["side_selling_share"] is None


def test_what_is_learnt_after_the_date_moves_nothing(tmp_path: Path) -> None:
    before = asked(written(tmp_path / "before", tables()), None, MARCH_1, group="PA")
    later = tables()
    for name in ("registrations", "financial_statements", "harvests", "sales", "buyer_contracts", "deliveries"):
        corrected = later[name][-1] | {"event_at": datetime(2026, 3, 2), "known_at": datetime(2026, 3, 2)}
        later[name].append(corrected | {"id": corrected["id"] if name != "deliveries" else "D9"})
    later["registrations"][-1] |= {"legal_person": False, "active_members": 1}
    later["financial_statements"][-1] |= {"delivered_on": date(2026, 3, 2), "debt_service": "1.00", "ebitda": "1.00"}
    later["harvests"][-1] |= {"starts_on": date(2026, 3, 20)}
    later["sales"][-1] |= {"currency": "EUR", "paid_on": date(2026, 3, 2)}
    assert asked(written(tmp_path / "later", later), None, MARCH_1, group="PA") == before


def test_a_producer_association_without_a_record_has_nothing_but_its_age(tmp_path: Path) -> None:
    only = {name: rows for name, rows in tables().items() if name in ("branches", "sectors", "groups")}
    row = asked(written(tmp_path / "p", only), None, MARCH_1, group="PA")
    told = {name for name in EXPECTED if row[name] is not None}
    assert told == {"organisation_age_months"}


def test_a_member_is_no_producer_association(tmp_path: Path) -> None:
    given = tables() | {"loans": [loan("L1", "M1", "PA", date(2025, 1, 1))]}
    row = asked(written(tmp_path / "p", given), "M1", MARCH_1)
    assert {row[name] for name in EXPECTED} == {None}
