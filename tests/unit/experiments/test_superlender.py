"""The experiment on real loans: its ingestion sees no future, and its figures hold where the data are at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from riskscore.catalog import Catalog, member_values
from riskscore.errors import InvalidInput
from riskscore.portfolio import TABLES, Portfolio, check_portfolio

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "experiments" / "superlender"
DATA = Path(os.environ.get("RISKSCORE_DATA", ROOT.parent / "shared" / "data")) / "superlender"

LOANS = """\
customerid,systemloanid,loannumber,approveddate,creationdate,loanamount,totaldue,termdays,referredby,good_bad_flag
ana,300,3,2017-07-10 12:00:00,2017-07-10 11:00:00,20000.0,24000.0,60,,Good
bea,301,2,2017-07-11 12:00:00,2017-07-11 11:00:00,10000.0,11500.0,15,ana,Bad
"""
EARLIER = """\
customerid,systemloanid,loannumber,approveddate,creationdate,loanamount,totaldue,termdays,closeddate,referredby,firstduedate,firstrepaiddate
ana,100,1,2017-01-02 09:00:00,2017-01-02 08:00:00,10000.0,11500.0,30,2017-02-05 10:00:00,,2017-02-01,2017-02-04 10:00:00
ana,200,2,2017-06-01 09:00:00,2017-06-01 08:00:00,10000.0,11500.0,30,2017-07-12 10:00:00,,2017-07-01,2017-07-09 10:00:00
bea,201,1,2017-06-01 09:00:00,2017-06-01 08:00:00,5000.0,5750.0,15,,,2017-06-16,
carla,999,1,2017-06-01 09:00:00,2017-06-01 08:00:00,5000.0,5750.0,15,,,2017-06-16,
"""


@pytest.fixture
def ingest(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(FOLDER))
    import ingest as module

    yield module
    sys.modules.pop("ingest", None)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog.from_folder(FOLDER / "features")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "loans.csv").write_text(LOANS, "utf-8")
    (folder / "earlier_loans.csv").write_text(EARLIER, "utf-8")
    return folder


@pytest.fixture
def portfolio(ingest: ModuleType, catalog: Catalog, source: Path, tmp_path: Path) -> Portfolio:
    written: Portfolio = ingest.ingest(source, tmp_path / "portfolio", tables(catalog))
    return written


def tables(catalog: Catalog) -> dict[str, object]:
    return {**TABLES, **{one.name: one for one in catalog.tables}}


def at(portfolio: Portfolio, catalog: Catalog, moment: str) -> dict[str, object]:
    asked = pl.DataFrame({"member_id": ["ana"], "as_of": [portfolio.moment(moment)]})
    return member_values(portfolio, catalog.lock(), asked).row(0, named=True)


def test_the_portfolio_passes_its_check(portfolio: Portfolio, catalog: Catalog) -> None:
    assert check_portfolio(portfolio.path, tables(catalog)) == []
    assert portfolio.table("members")["id"].to_list() == ["ana", "bea"]


def test_a_closing_is_not_known_before_it_happened(portfolio: Portfolio, catalog: Catalog) -> None:
    asked = at(portfolio, catalog, "2017-07-10T12:00:00")
    # The second loan's first payment came on the 9th, eight days late; it closed only on the 12th.
    assert asked["last_start_late"] == 8.0
    assert asked["worst_start_late"] == 8.0
    assert asked["last_close_over"] == 4.0
    assert asked["days_since_close"] == 155.0
    assert (asked["loans_before"], asked["loans_90d"], asked["last_amount"]) == (2.0, 1.0, 10000.0)
    assert asked["loan_number"] == 3.0
    assert asked["price"] == pytest.approx(0.2)
    earlier = at(portfolio, catalog, "2017-06-02")
    assert (earlier["last_start_late"], earlier["loan_number"], earlier["price"]) == (3.0, None, None)


def test_what_has_not_happened_is_missing_and_not_zero(portfolio: Portfolio, catalog: Catalog) -> None:
    asked = pl.DataFrame({"member_id": ["bea"], "as_of": [portfolio.moment("2017-07-11T12:00:00")]})
    found = member_values(portfolio, catalog.lock(), asked).row(0, named=True)
    assert found["last_start_late"] is None
    assert found["last_close_over"] is None
    assert found["loans_before"] == 1.0
    assert found["referred"] == 1.0


def test_what_the_loan_costs_a_month_follows_from_the_price_list(portfolio: Portfolio) -> None:
    from riskscore.dataset import spine

    cost = dict(spine(portfolio).select("member_id", "instalment_m").iter_rows())
    # Two monthly instalments of 12,000; and 11,500 after 15 days, spread over 15 / 30.4375 months.
    assert cost["ana"] == pytest.approx(12_000)
    assert cost["bea"] == pytest.approx(11_500 * 30.4375 / 15)


def test_every_fault_of_a_file_at_once(ingest: ModuleType, source: Path, tmp_path: Path) -> None:
    broken = LOANS.replace("Good", "Fine").replace("20000.0,24000.0", "0,0").replace("301,", "300,")
    (source / "loans.csv").write_text(broken, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        ingest.ingest(source, tmp_path / "out")
    assert [fault.where for fault in caught.value.faults] == [
        "loans.csv: good_bad_flag",
        "loans.csv: loanamount",
        "loans.csv: systemloanid",
    ]
    (source / "loans.csv").write_text(LOANS.replace("2017-07-11 12:00:00", "soon").replace("15,ana", "x,ana"), "utf-8")
    with pytest.raises(InvalidInput, match="line 3") as caught:
        ingest.ingest(source, tmp_path / "out")
    assert [fault.where for fault in caught.value.faults] == ["loans.csv: approveddate", "loans.csv: termdays"]


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"real loans are not here: {DATA} (set RISKSCORE_DATA)")
def test_history_beats_the_form_on_real_loans(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    run = [sys.executable, str(FOLDER / "run.py"), "--train", str(DATA), "--json", str(out)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text("utf-8"))
    assert set(found) == {"application_only", "with_history", "calibration_slope", "n", "bads"}
    assert (found["n"], found["bads"]) == (2981, 654)
    assert found["with_history"]["auc"] >= 0.69
    assert found["with_history"]["auc"] - found["application_only"]["auc"] >= 0.07
    assert found["with_history"]["low"] < found["with_history"]["auc"] < found["with_history"]["high"]
    assert 0.8 < found["calibration_slope"] < 1.25
    assert done.stdout.count(" points\n") == 3
