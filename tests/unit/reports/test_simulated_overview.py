"""Identities on a simulated institution, and what an El Niño looks like in the report (trap 2)."""

from datetime import datetime

import polars as pl
import pytest

from riskscore.portfolio.arrears import arrears, arrears_over, portfolio_at_risk
from riskscore.portfolio.overview import overview
from riskscore.simulator import simulate

MOMENTS = [datetime(2023, 12, 1), datetime(2024, 6, 1), datetime(2024, 6, 8), datetime(2024, 10, 1)]


@pytest.fixture(scope="module")
def el_nino(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("simulated") / "portfolio", members=400, seed=11, scenario="el_nino")


@pytest.fixture(scope="module")
def found(el_nino):
    return overview(el_nino, "2024-10-01")


@pytest.mark.slow
@pytest.mark.parametrize("ledger", ["internal", "external"])
def test_each_of_several_moments_is_what_it_is_alone(el_nino, ledger):
    over = arrears_over(el_nino.connect(), MOMENTS, ledger=ledger)
    for moment in MOMENTS:
        alone = arrears(el_nino, moment, ledger=ledger).filter(~pl.col("paid"))
        assert alone.height > 0
        assert over.filter((pl.col("as_of") == moment) & ~pl.col("paid")).equals(alone)


def test_a_month_of_the_report_is_the_report_of_that_month(el_nino, found):
    earlier = overview(el_nino, "2024-06-01")
    assert earlier.now in found.months
    # Loans restructured or written off later were not so then.
    assert earlier.months[:-1] == tuple(month for month in earlier.months if month.as_of < earlier.as_of)
    shared = {month.as_of for month in earlier.months} & {month.as_of for month in found.months}
    assert [m for m in earlier.months if m.as_of in shared] == [m for m in found.months if m.as_of in shared]


def test_the_parts_add_up_to_the_whole(el_nino, found):
    whole = portfolio_at_risk(arrears(el_nino, found.as_of, ledger="internal"), 30, as_of=found.as_of)
    assert found.now.par30 == whole
    for by in (found.by_branch, found.by_sector):
        assert sum(cell.balance for cell in by.cells) == whole.balance
        assert sum(cell.share for cell in by.cells) == pytest.approx(1.0)
        late = sum(float(cell.balance) * cell.at_risk for cell in by.cells)
        assert late == pytest.approx(float(whole.balance) * whole.at_risk)
        assert 1 / len(by.cells) <= by.hhi <= 1
    assert found.rolls.rates.drop("from").sum_horizontal().to_list() == pytest.approx([1.0] * found.rolls.rates.height)


def test_curves_end_at_the_share_of_the_table(found):
    for days, curve in found.curves.items():
        ends = dict(curve.group_by("quarter").agg(pl.col("share").last()).rows())
        complete = found.cohorts.filter(pl.col("complete") & ~pl.col("few"))
        assert complete.height > 3
        for quarter, ever in complete.select("quarter", f"ever{days}").rows():
            assert ends[quarter] == pytest.approx(ever)


def test_trap_2_an_el_nino_shows_in_restructurings_and_not_in_arrears(found):
    before, during = found.months[-11].par30, found.now.par30
    assert found.months[-11].as_of == datetime(2023, 12, 1)
    assert during.with_restructured - before.with_restructured > 0.03
    assert abs(during.at_risk - before.at_risk) < 0.01
    relief = found.events.filter(pl.col("event") == "relief")
    assert relief.filter(pl.col("as_of") <= datetime(2024, 1, 1)).is_empty()
    assert relief["loans"].sum() > 20


def test_trap_3_the_external_ledger_is_the_cleaner_one(found):
    assert found.ledgers["external"].par30.with_restructured < found.ledgers["internal"].par30.with_restructured
    assert found.covered > 0
