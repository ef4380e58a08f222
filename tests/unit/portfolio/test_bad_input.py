"""Bad input of every table of the domain: named with table, ids and remedy, and all of it at once."""

from datetime import date, datetime

import polars as pl
import pytest

from riskscore.portfolio import check_portfolio


@pytest.fixture
def told(write):
    """Return a function that writes the small institution with `frames`, and what is told of it by place."""

    def found(**frames):
        faults = check_portfolio(write(**frames).path)
        assert all(fault.remedy for fault in faults)
        return {fault.where: fault.what for fault in faults}

    return found


def application(ident="A1", **more):
    return {
        "id": ident,
        "event_at": datetime(2026, 1, 10, 10),
        "member_id": "M1",
        "group_id": "SG",
        "product_id": "INT",
        "ledger": "internal",
        "amount": "100.00",
        "currency": "USD",
        "term_days": 28,
        "frequency": "weekly",
        **more,
    }


def product():
    return {
        "id": "INT",
        "name": "internal",
        "ledger": "internal",
        "amount_min": "10.00",
        "amount_max": "500.00",
        "amount_step": "10.00",
        "term_days_min": 28,
        "term_days_max": 180,
        "frequencies": "weekly",
        "rate_per_30_days": 0.03,
        "method": "flat",
        "currency": "USD",
    }


def decision(ident="D1", **more):
    return {
        "id": ident,
        "event_at": datetime(2026, 1, 11, 16),
        "application_id": "A1",
        "group_id": "CB",
        "result": "approved",
        "asked": "100.00",
        "approved": "100.00",
        "currency": "USD",
        **more,
    }


def internal_loan(ident="IL1", **more):
    return {
        "id": ident,
        "event_at": datetime(2026, 3, 1, 16),
        "member_id": "M1",
        "group_id": "CB",
        "amount": "60.00",
        "balance": "20.00",
        "currency": "USD",
        "disbursed_on": date(2026, 1, 4),
        "due_on": date(2026, 3, 29),
        "frequency": "monthly",
        **more,
    }


#: One row that is right, and one change that is not: table, row, change, place, what is told.
ROWS = {
    "offices": {
        "id": "O1",
        "group_id": "CB",
        "member_id": "M1",
        "role": "president",
        "valid_from": date(2025, 2, 1),
        "term_ends_on": date(2026, 2, 1),
    },
    "guarantees": {
        "id": "G1",
        "loan_id": "L1",
        "group_id": "CB",
        "kind": "solidarity",
        "currency": "USD",
        "valid_from": date(2026, 1, 1),
    },
    "internal_loans": internal_loan(),
    "bureau_reports": {
        "id": "R1",
        "event_at": datetime(2026, 2, 2),
        "member_id": "M1",
        "covers_until": date(2026, 1, 31),
        "published_on": date(2026, 3, 10),
        "currency": "USD",
    },
    "portfolio_snapshots": {
        "id": "Z1",
        "event_at": datetime(2026, 2, 9),
        "branch_id": "BR",
        "on_date": date(2026, 1, 31),
        "currency": "USD",
    },
    "surveys": {
        "id": "S1",
        "member_id": "M1",
        "instrument": "peer_monitoring",
        "question": "visits",
        "answer": 3.0,
        "scale_max": 4.0,
    },
    "registrations": {"id": "RG1", "group_id": "CB", "registered_members": 30, "active_members": 20},
    "assemblies": {
        "id": "AS1",
        "event_at": datetime(2026, 3, 30),
        "group_id": "CB",
        "kind": "ordinary",
        "due_on": date(2026, 3, 31),
        "held_on": date(2026, 3, 28),
        "entitled": 30,
        "present": 18,
    },
    "financial_statements": {
        "id": "F1",
        "event_at": datetime(2026, 3, 30),
        "group_id": "CB",
        "period_ends_on": date(2025, 12, 31),
        "due_on": date(2026, 3, 31),
        "delivered_on": date(2026, 3, 29),
        "member_advances": "100.00",
        "member_advances_overdue": "10.00",
        "currency": "USD",
    },
    "harvests": {
        "id": "H1",
        "group_id": "CB",
        "sector_id": "maize",
        "season": "2026",
        "starts_on": date(2026, 5, 1),
        "ends_on": date(2026, 7, 1),
    },
    "buyer_contracts": {
        "id": "BC1",
        "group_id": "CB",
        "buyer_id": "B1",
        "quantity_kg": 100.0,
        "currency": "EUR",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
    },
    "deliveries": {
        "id": "DL1",
        "event_at": datetime(2026, 5, 20),
        "group_id": "CB",
        "delivered_on": date(2026, 5, 20),
        "quantity_kg": 100.0,
        "rejected_kg": 5.0,
    },
    "certifications": {
        "id": "CE1",
        "group_id": "CB",
        "scheme": "organic",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2028, 12, 31),
    },
    "sector_prices": {
        "id": "Q1",
        "event_at": datetime(2026, 1, 31, 12),
        "sector_id": "maize",
        "market": "regional",
        "unit": "kg",
        "price": 0.4,
        "currency": "PEN",
        "observed_on": date(2026, 1, 31),
    },
    "climate": {
        "id": "W1",
        "event_at": datetime(2026, 1, 31, 23),
        "indicator": "oni",
        "period_ends_on": date(2026, 1, 31),
        "value": 0.3,
    },
    "exchange_rates": {
        "id": "FX1",
        "event_at": datetime(2026, 1, 31, 17),
        "currency": "PEN",
        "rate": 0.27,
        "on_date": date(2026, 1, 31),
    },
    "sales": {
        "id": "SL1",
        "event_at": datetime(2026, 2, 20),
        "group_id": "CB",
        "buyer_id": "B1",
        "value": "100.00",
        "currency": "EUR",
        "paid_on": date(2026, 2, 19),
    },
}

WRONG = [
    ("offices", {"valid_to": date(2025, 1, 31)}, "valid_to", "is before valid_from (id O1)."),
    ("offices", {"term_ends_on": date(2024, 2, 1)}, "term_ends_on", "is before valid_from (id O1)."),
    ("offices", {"member_id": "M9"}, "member_id", "names no row of members (id O1)."),
    ("guarantees", {"released_on": date(2025, 12, 1)}, "released_on", "is before valid_from (id G1)."),
    ("guarantees", {"group_id": None}, "member_id", "names no guarantor, nor does group_id (id G1)."),
    ("guarantees", {"currency": "PEN"}, "currency", "is not the portfolio's USD (id G1)."),
    ("internal_loans", {"balance": "60.01"}, "balance", "is above amount (id IL1)."),
    ("internal_loans", {"due_on": date(2026, 1, 3)}, "due_on", "is before disbursed_on (id IL1)."),
    ("internal_loans", {"repaid_on": date(2026, 3, 2)}, "repaid_on", "is after event_at (id IL1)."),
    ("bureau_reports", {"covers_until": date(2026, 2, 28)}, "covers_until", "is after event_at (id R1)."),
    ("bureau_reports", {"published_on": date(2026, 1, 30)}, "published_on", "is before covers_until (id R1)."),
    ("bureau_reports", {"worst_category": 6}, "worst_category", "expected at most 5 (id R1)."),
    ("portfolio_snapshots", {"on_date": date(2026, 2, 28)}, "on_date", "is after event_at (id Z1)."),
    ("portfolio_snapshots", {"par30": 1.2}, "par30", "expected at most 1 (id Z1)."),
    ("surveys", {"answer": 5.0}, "answer", "is above scale_max (id S1)."),
    ("surveys", {"question": "domestic_violence"}, "question", "domestic_violence is refused (id S1)."),
    ("registrations", {"active_members": 31}, "active_members", "is above registered_members (id RG1)."),
    ("assemblies", {"present": 31}, "present", "is above entitled (id AS1)."),
    ("assemblies", {"held_on": date(2026, 3, 31)}, "held_on", "is after event_at (id AS1)."),
    ("financial_statements", {"delivered_on": date(2025, 12, 1)}, "delivered_on", "is before period_ends_on (id F1)."),
    (
        "financial_statements",
        {"member_advances_overdue": "100.01"},
        "member_advances_overdue",
        "is above member_advances (id F1).",
    ),
    ("harvests", {"ends_on": date(2026, 4, 30)}, "ends_on", "is before starts_on (id H1)."),
    ("buyer_contracts", {"valid_to": date(2025, 12, 31)}, "valid_to", "is before valid_from (id BC1)."),
    ("deliveries", {"rejected_kg": 101.0}, "rejected_kg", "is above quantity_kg (id DL1)."),
    ("deliveries", {"delivered_on": date(2026, 5, 21)}, "delivered_on", "is after event_at (id DL1)."),
    ("certifications", {"valid_to": date(2025, 12, 31)}, "valid_to", "is before valid_from (id CE1)."),
    (
        "certifications",
        {"scheme": "halal"},
        "scheme",
        "expected one of organic, fair_trade, rainforest, origin, food_safety, other (id CE1).",
    ),
    ("sector_prices", {"observed_on": date(2026, 2, 1)}, "observed_on", "is after event_at (id Q1)."),
    ("climate", {"period_ends_on": date(2026, 2, 1)}, "period_ends_on", "is after event_at (id W1)."),
    ("exchange_rates", {"rate": 0.0}, "rate", "expected at least 1e-06 (id FX1)."),
    ("sales", {"currency": "S/"}, "currency", "is no ISO 4217 code (id SL1)."),
    ("buyer_contracts", {"currency": "eur"}, "currency", "is no ISO 4217 code (id BC1)."),
    ("sales", {"paid_on": date(2026, 2, 21)}, "paid_on", "is after event_at (id SL1)."),
]


@pytest.fixture
def sectors(build):
    sector = {"id": "maize", "name": "maize", "agricultural": True, "lean_months": ""}
    return build.rows("sectors", sector)


@pytest.mark.parametrize("table", ROWS)
def test_the_row_that_is_right_keeps_the_contract(told, build, sectors, table):
    assert told(sectors=sectors, **{table: build.rows(table, ROWS[table])}) == {}


@pytest.mark.parametrize(("table", "change", "column", "what"), WRONG)
def test_the_row_that_is_wrong_is_named(told, build, sectors, table, change, column, what):
    row = build.rows(table, {**ROWS[table], **change})
    assert told(sectors=sectors, **{table: row}) == {f"{table}.{column}": what}


def test_what_stands_once_stands_once(told, build, sectors):
    twice = {
        "portfolio_snapshots": "on_date",
        "bureau_reports": "covers_until",
        "sector_prices": "observed_on",
        "climate": "period_ends_on",
        "exchange_rates": "on_date",
        "financial_statements": "period_ends_on",
    }
    frames = {name: build.rows(name, ROWS[name], {**ROWS[name], "id": "ZZ"}) for name in twice}
    found = told(sectors=sectors, **frames)
    assert set(found) == {f"{name}.{column}" for name, column in twice.items()}
    assert found["portfolio_snapshots.on_date"] == "stands twice for one branch_id and on_date (id Z1, ZZ)."
    assert found["exchange_rates.on_date"] == "stands twice for one currency and on_date (id FX1, ZZ)."


def test_a_corrected_snapshot_is_a_version_and_two_of_the_whole_institution_are_not(told, build):
    row = ROWS["portfolio_snapshots"]
    corrected = {**row, "known_at": datetime(2026, 3, 1), "clients": 5}
    assert told(portfolio_snapshots=build.rows("portfolio_snapshots", row, corrected)) == {}
    whole = [{**row, "branch_id": None, "id": ident} for ident in ("Z1", "Z2")]
    found = told(portfolio_snapshots=build.rows("portfolio_snapshots", *whole))
    assert found == {"portfolio_snapshots.on_date": "stands twice for one branch_id and on_date (id Z1, Z2)."}


@pytest.fixture
def asked(build):
    other = {"id": "CX", "kind": "communal_bank", "branch_id": "BR", "formed_on": date(2025, 1, 1)}
    return {
        "applications": build.rows("applications", application()),
        "products": build.rows("products", product()),
        "groups": pl.concat([build.standing()["groups"], build.rows("groups", other)]),
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"approved": "100.01"}, {"approved": "is above asked (id D1)."}),
        ({"group_id": "CX"}, {"group_id": "is not the communal bank of the request (id D1)."}),
        ({"event_at": datetime(2026, 1, 9)}, {"event_at": "is before the request was made (id D1)."}),
        ({"result": "rejected"}, {"approved": "stands for a request that was postponed or rejected (id D1)."}),
        ({"result": "rejected", "approved": None}, {}),
        ({"application_id": "A9"}, {"application_id": "names no row of applications (id D1)."}),
    ],
)
def test_a_committee_decides_on_what_its_own_bank_was_asked(told, build, asked, change, expected):
    row = build.rows("committee_decisions", decision(**change))
    assert told(committee_decisions=row, **asked) == {
        f"committee_decisions.{column}": what for column, what in expected.items()
    }


def test_the_ledger_s_old_sins_all_at_once(tmp_path, build):
    """Wrong types, duplicated keys, an instalment before its loan, another currency, a circle, an overlap."""
    standing = build.standing()
    (tmp_path / "portfolio.json").write_text(
        '{"currency": "USD", "country": "BO", "time_zone": "America/La_Paz", "data_date": "2026-06-30"}'
    )
    stay = {"id": "MS1", "member_id": "M1", "group_id": "SG", "valid_from": date(2025, 1, 1)}
    frames = {
        **standing,
        "groups": standing["groups"].with_columns(parent_id=pl.col("id").replace({"CB": "SG", "SG": "CB", "SH": "SG"})),
        "memberships": build.rows("memberships", stay, {**stay, "id": "MS2", "valid_from": date(2025, 3, 1)}),
        "loans": pl.concat([standing["loans"], standing["loans"]]),
        "instalments": build.rows("instalments", {**build.four_weeks()[0], "due_on": date(2025, 12, 31)}),
        "payments": build.rows("payments", build.paid(date(2026, 1, 5), "25.00", ident="P1", currency="PEN")),
        "offices": build.rows("offices", {**ROWS["offices"], "valid_to": date(2025, 1, 31)}).with_columns(
            term_ends_on=pl.lit("2026")
        ),
        "internal_loans": build.rows("internal_loans", internal_loan(balance="70.00")).with_columns(
            amount=pl.lit(60.0)
        ),
    }
    for name, frame in frames.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    faults = check_portfolio(tmp_path)
    told = {(fault.where, fault.what) for fault in faults}
    expected = {
        ("offices.term_ends_on", "has type String, expected Date."),
        ("internal_loans.amount", "has type Float64, expected Decimal(precision=18, scale=2)."),
        ("loans.id", "has two versions known at the same moment (id L1)."),
        ("instalments.due_on", "is before the loan was disbursed (id I1)."),
        ("payments.currency", "is not the portfolio's USD (id P1)."),
        ("groups.parent_id", "runs in a circle (id CB, SG)."),
        ("memberships.valid_from", "overlaps an earlier membership of the same member in the same group (id MS2)."),
        ("offices.valid_to", "is before valid_from (id O1)."),
    }
    assert expected <= told
    assert all(fault.remedy for fault in faults)
    assert not any("60" in fault.what for fault in faults)
