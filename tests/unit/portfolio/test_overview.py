"""The figures of the portfolio report, by hand."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from riskscore.errors import InvalidInput, Refused
from riskscore.portfolio.overview import overview
from riskscore.portfolio.standing import month_ends
from riskscore.portfolio.tables import TABLES
from tests.unit.portfolio.conftest import rows
from tests.unit.portfolio.golden import AS_OF, golden, tables


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return overview(golden(tmp_path_factory.mktemp("golden") / "portfolio"), AS_OF)


def ways(par):
    return par.balance, round(par.at_risk, 4), round(par.with_restructured, 4), round(par.with_write_offs, 4)


def test_trap_22_golden_par_from_tables_to_the_report(found):
    assert ways(found.now.par30) == (Decimal("1000.00"), 0.55, 0.70, 0.5714)
    assert ways(found.now.par90) == (Decimal("1000.00"), 0.25, 0.40, 0.2857)
    assert (found.ledger, found.now.borrowers, found.now.last_day) == ("internal", 5, date(2026, 5, 31))


def test_every_month_end_is_as_it_was_known_then(found):
    by_day = {month.last_day: month for month in found.months}
    # On 30 April nobody knew of the payment of 20 April, of the restructuring of May, and C was not yet due.
    assert ways(by_day[date(2026, 4, 30)].par30) == (
        Decimal("1020.00"),
        round(250 / 1020, 4),
        round(250 / 1020, 4),
        round(300 / 1070, 4),
    )
    # At the end of February W was not written off: 212 days late, and E three.
    assert ways(by_day[date(2026, 2, 28)].par30) == (Decimal("1070.00"), 0.0467, 0.0467, 0.0467)


def test_a_month_with_too_few_borrowers_has_no_figure_and_is_not_zero(found):
    december = next(month for month in found.months if month.last_day == date(2025, 12, 31))
    assert (december.borrowers, december.par30, december.par90) == (1, None, None)
    empty = [month for month in found.months if month.par30 is None]
    assert len(empty) == 20
    assert ("months", 20) in [(one.what, one.count) for one in found.unrecorded]


def test_trap_2_relief_is_counted_apart_and_in_the_month_it_became_known(found):
    assert found.events.rows() == [
        (datetime(2026, 4, 1), "written_off", 1, Decimal("50.00")),
        (datetime(2026, 6, 1), "relief", 1, Decimal("150.00")),
    ]


def test_the_write_off_ratio_is_over_the_mean_balance_of_the_months_that_have_one(found):
    # January, February: 1070; March, April: 1020; May: 1000.
    assert found.write_off_ratio == pytest.approx(50 / ((1070 + 1070 + 1020 + 1020 + 1000) / 5))


def test_shock_and_missing_line_of_business(found):
    assert [(cell.kind, cell.name, cell.share) for cell in found.by_branch.cells] == [("named", "El Alto", 1.0)]
    assert [(cell.kind, cell.name, cell.share) for cell in found.by_shock.cells] == [("named", "climate", 1.0)]
    # Four in trade, one not recorded: one alone is not shown, and neither is what follows from the rest.
    assert [(cell.kind, cell.share) for cell in found.by_sector.cells] == [("pooled", 1.0)]
    assert found.by_sector.withheld


def test_what_others_bore(found):
    assert found.covered == 1.0  # the only payment is her group's


def test_a_vintage_of_few_has_no_figures(found):
    assert found.cohorts.select("quarter", "loans", "few", "ever31").rows() == [
        (date(2025, 4, 1), 1, True, None),
        (date(2026, 1, 1), 5, False, 0.4),
    ]
    assert found.curves[31]["quarter"].unique().to_list() == [date(2026, 1, 1)]


def test_events_that_nobody_records_are_missing(tmp_path):
    found = overview(golden(tmp_path / "p", without=("loan_events", "shocks")), AS_OF)
    assert (found.now.par30.with_restructured, found.now.par30.with_write_offs) == (None, None)
    assert found.write_off_ratio is None
    assert found.cohorts.select("ever31", "restructured", "written_off").rows()[-1] == (0.4, None, None)
    assert {one.what for one in found.unrecorded} == {"loan_events", "shocks", "months", "other_ledger"}


def test_a_kind_of_event_never_recorded_is_said(tmp_path):
    events = tables()["loan_events"].filter(pl.col("kind") == "written_off")
    found = overview(golden(tmp_path / "p", loan_events=events), AS_OF)
    assert "restructured" in {one.what for one in found.unrecorded}
    assert "written_off" not in {one.what for one in found.unrecorded}


def test_a_loan_without_a_schedule_is_counted_as_missing(tmp_path):
    instalments = tables()["instalments"].filter(pl.col("loan_id") != "W")
    found = overview(golden(tmp_path / "p", instalments=instalments), AS_OF)
    assert ("schedules", 1) in [(one.what, one.count) for one in found.unrecorded]


@pytest.mark.parametrize("moment", ["2024-12-31", "2025-06-01"])
def test_a_moment_before_the_data_is_a_fault(tmp_path, moment):
    with pytest.raises(InvalidInput, match="no loan with a schedule was known by"):
        overview(golden(tmp_path / "p"), moment)


def test_a_moment_after_the_data_is_a_fault(tmp_path):
    with pytest.raises(InvalidInput, match="lies ahead of what the portfolio knows"):
        overview(golden(tmp_path / "p"), "2026-07-02")


def test_an_empty_portfolio_is_a_fault(tmp_path):
    none = {name: rows(name) for name in ("loans", "instalments", "payments", "loan_events")}
    with pytest.raises(InvalidInput, match="of a portfolio without loans there is no report"):
        overview(golden(tmp_path / "p", **none))


@pytest.mark.parametrize(("ledger", "what"), [("external", "Use internal"), ("both", "is no ledger")])
def test_a_ledger_that_is_not_there_is_a_fault(tmp_path, ledger, what):
    with pytest.raises(InvalidInput, match=what):
        overview(golden(tmp_path / "p"), AS_OF, ledger=ledger)


def test_a_ledger_of_too_few_is_refused_without_a_balance(tmp_path):
    loans = tables()["loans"].filter(pl.col("id").is_in(["A", "B", "C", "D"]))
    instalments = tables()["instalments"].filter(pl.col("loan_id").is_in(["A", "B", "C", "D"]))
    with pytest.raises(Refused, match="fewer than 5 borrowers or 3 banks") as caught:
        overview(golden(tmp_path / "p", loans=loans, instalments=instalments), AS_OF)
    assert "750" not in str(caught.value)


def test_when_all_is_paid_par_is_undefined(tmp_path):
    paid = rows(
        "payments",
        *(
            {
                "id": f"P{loan}",
                "event_at": datetime(2026, 5, 28),
                "loan_id": loan,
                "amount": "300.00",
                "currency": "USD",
                "payer": "self",
                "reversed": False,
            }
            for loan in "ABCDEW"
        ),
    )
    found = overview(golden(tmp_path / "p", payments=paid), AS_OF)
    assert (found.now.borrowers, found.now.par30, found.by_branch.cells, found.by_branch.hhi) == (0, None, (), None)


def test_month_ends_before_a_day_within_a_month():
    found = month_ends(datetime(2026, 3, 10))
    assert len(found) == 25
    assert found[-2:] == [datetime(2026, 3, 1), datetime(2026, 3, 10)]
    assert found[0] == datetime(2024, 4, 1)


def test_the_golden_tables_are_of_the_contract():
    assert set(tables()) <= set(TABLES)
