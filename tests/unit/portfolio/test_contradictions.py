"""Values of the right type that cannot be true, each told where it stands."""

from datetime import date, datetime

import polars as pl
import pytest

from riskscore.frequency import FREQUENCIES
from riskscore.portfolio import check_portfolio, portfolio_remarks


@pytest.fixture
def told(write):
    """Return a function that writes the small institution with `frames`, and what is told of it by place."""

    def found(**frames):
        return {fault.where: fault.what for fault in check_portfolio(write(**frames).path)}

    return found


def application(**more):
    return {
        "id": "A1",
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


def product(**more):
    return {
        "id": "INT",
        "name": "internal",
        "ledger": "internal",
        "amount_min": "10.00",
        "amount_max": "500.00",
        "amount_step": "10.00",
        "term_days_min": 28,
        "term_days_max": 180,
        "frequencies": "weekly, fortnightly",
        "rate_per_30_days": 0.03,
        "method": "flat",
        "currency": "USD",
        **more,
    }


def test_an_instalment_under_two_ids_is_told(told, build):
    copy = {**build.four_weeks()[1], "id": "COPY"}
    assert told(instalments=build.rows("instalments", *build.four_weeks(), copy)) == {
        "instalments.number": "stands twice in one loan (id COPY, I2)."
    }


def test_a_rewritten_schedule_keeps_its_ids_and_is_no_fault(told, build):
    later = {**build.four_weeks()[1], "event_at": datetime(2026, 1, 10), "due_on": date(2026, 1, 20)}
    assert told(instalments=build.rows("instalments", *build.four_weeks(), later)) == {}


def test_ids_of_nothing_but_spaces(told, build):
    payment = build.paid(date(2026, 1, 5), "25.00", ident=" ")
    assert told(payments=build.rows("payments", payment)) == {"payments.id": "is empty text in 1 rows."}


def test_an_internal_loan_is_somebodys_and_an_external_one_need_not_be(told, build):
    nobody = build.standing()["loans"].with_columns(member_id=pl.lit(None, pl.String))
    assert told(loans=nobody) == {"loans.member_id": "is missing in the internal ledger (id L1)."}
    assert told(loans=nobody.with_columns(ledger=pl.lit("external"))) == {}


def test_an_application_has_one_loan_of_the_member_who_asked(told, build):
    loan = build.standing()["loans"].with_columns(application_id=pl.lit("A1"))
    frames = {
        "applications": build.rows("applications", application()),
        "products": build.rows("products", product()),
    }
    assert told(loans=loan, **frames) == {}
    twice = pl.concat([loan, loan.with_columns(id=pl.lit("L2"), member_id=pl.lit("M2"))])
    assert told(loans=twice, **frames) == {
        "loans.application_id": "is that of another loan too (id L1, L2).",
        "loans.member_id": "is not the member who applied (id L2).",
    }


def test_trap_6_a_product_must_say_which_of_the_two_it_means(told, build):
    products = build.rows("products", product(frequencies="weekly,bimonthly"))
    assert told(products=products) == {
        "products.frequencies": f"expected some of {', '.join(FREQUENCIES)}, comma-separated (id INT)."
    }


@pytest.mark.parametrize(
    ("months", "right"),
    [("11,12,1", True), ("10", True), ("", True)]
    + [(odd, False) for odd in ("13", "0", "1;2", "1, 2", "01,02", " 1", "1 ", " ", "1,", ",1", "1,2\n")],
)
def test_lean_months_are_months(told, build, months, right):
    sector = {"id": "maize", "name": "maize", "agricultural": True, "lean_months": months}
    told_of = {} if right else {"sectors.lean_months": "expected months from 1 to 12, comma-separated (id maize)."}
    assert told(sectors=build.rows("sectors", sector)) == told_of


def test_a_shock_ends_after_it_starts(told, build):
    shock = {"id": "K1", "kind": "climate", "starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}
    assert told(shocks=build.rows("shocks", shock)) == {"shocks.ends_on": "is before starts_on (id K1)."}


def test_a_row_recorded_long_after_the_data_date_is_remarked(write, build):
    payment = build.paid(date(2026, 1, 5), "25.00", ident="P1", known_at=datetime(2062, 1, 5))
    portfolio = write(payments=build.rows("payments", payment))
    assert check_portfolio(portfolio.path) == []
    last = portfolio_remarks(portfolio)[-1]
    assert (last.where, last.what) == ("payments.known_at", "is after the data date 2026-06-30 (id P1).")


def test_a_debt_at_maturity_without_its_end_is_remarked(write, build):
    debt = {"member_id": "M1", "lender_kind": "ngo", "source": "declared", "instalment": "300.00", "currency": "USD"}
    rows = build.rows(
        "obligations",
        debt | {"id": "O1", "frequency": "at_maturity"},
        debt | {"id": "O2", "frequency": "at_maturity", "ends_on": date(2026, 6, 1)},
        debt | {"id": "O3", "frequency": "monthly"},
    )
    portfolio = write(obligations=rows)
    assert check_portfolio(portfolio.path) == []
    last = portfolio_remarks(portfolio)[-1]
    assert (last.where, last.what) == ("obligations.ends_on", "is missing for debts paid at maturity (id O1).")


@pytest.mark.parametrize(
    ("second", "right"),
    [({}, True), ({"market": "exchange"}, False), ({"unit": "t"}, False), ({"currency": "PEN"}, False)],
)
def test_a_sector_has_one_series_of_prices(told, build, second, right):
    sectors = [{"id": name, "name": name, "agricultural": True, "lean_months": ""} for name in ("cacao", "maize")]
    price = {"sector_id": "cacao", "market": "farm gate", "unit": "kg", "price": 8.0, "currency": "USD"}
    prices = [
        price | {"id": "Q1", "observed_on": date(2025, 11, 30)},
        price | {"id": "Q2", "observed_on": date(2025, 12, 31), **second},
        # Another sector may be sold elsewhere.
        price | {"id": "Q3", "observed_on": date(2025, 12, 31), "sector_id": "maize", "unit": "quintal"},
    ]
    told_of = (
        {} if right else {"sector_prices.sector_id": "has prices of several markets, units or currencies (id cacao)."}
    )
    assert told(sectors=build.rows("sectors", *sectors), sector_prices=build.rows("sector_prices", *prices)) == told_of
