"""The mapping of kiva's loans: two worked out by hand, and the figures of the whole where the data are at hand."""

from __future__ import annotations

import gzip
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.portfolio import Portfolio
from riskscore.portfolio.adapters.plain_tables import ingest_tables
from riskscore.portfolio.arrears import arrears, portfolio_at_risk
from riskscore.portfolio.outcomes import member_outcomes

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "experiments" / "kiva" / "mapping.toml"
DATA = Path(os.environ.get("RISKSCORE_DATA", ROOT.parent / "shared" / "data")) / "kiva"

# Made up in the form of the real files: a loan paid late, one given up, one refunded, one without a schedule.
LOANS = """\
loan_id,status,country,sector,activity,partner_id,amount,paid,disbursed,term_months,interval,n_borrowers,gender
7,paid,KE,Food,Bakery,6,475,475.0,2006-09-20T02:15:46Z,6.0,Monthly,1,F
8,defaulted,UG,Agriculture,Dairy,11,100,40.0,2006-09-20T17:00:00Z,6.0,Monthly,1,M
9,refunded,UG,Food,Bakery,11,100,,2006-09-20T17:00:00Z,6.0,Monthly,1,F
10,,KH,Retail,Shop,9,60,,2006-09-20T17:00:00Z,3.0,,1,F
"""
SCHEDULE = """\
loan_id,due,amount
7,2006-10-19T07:00:00Z,118.75
7,2006-11-19T08:00:00Z,118.75
7,2006-12-19T08:00:00Z,118.75
7,2007-01-19T08:00:00Z,118.75
8,2006-10-20T07:00:00Z,50.0
8,2006-11-20T08:00:00Z,50.0
9,2006-10-20T07:00:00Z,100.0
"""
PAYMENTS = """\
loan_id,paid,amount,local_amount
7,2006-10-16T23:36:29Z,119,119
7,2006-11-23T19:03:41Z,119,119
7,2007-02-01T23:59:57Z,237,237
8,2006-10-21T06:59:00Z,40,40
10,2006-12-01T10:00:00Z,60,60
"""


@pytest.fixture
def small(tmp_path: Path) -> Portfolio:
    for name, text in (("loans", LOANS), ("schedule", SCHEDULE), ("payments", PAYMENTS)):
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    portfolio, _ = ingest_tables(MAPPING, tmp_path / "out", tmp_path)
    assert portfolio is not None
    return portfolio


def settled(portfolio: Portfolio, loan: str) -> list[tuple[date, object]]:
    con = portfolio.connect()
    rows = con.sql(
        f"SELECT due_on, settled_at::DATE FROM settled_instalments WHERE loan_id = '{loan}' AND known_until IS NULL "
        "ORDER BY number"
    ).fetchall()
    con.close()
    return rows


def test_a_loan_paid_late_by_hand(small: Portfolio) -> None:
    # 119 pays the first; 238 the second; the last 237 the third, 44 days late, and the fourth, 13 days late.
    assert settled(small, "7") == [
        (date(2006, 10, 19), date(2006, 10, 16)),
        (date(2006, 11, 19), date(2006, 11, 23)),
        (date(2006, 12, 19), date(2007, 2, 1)),
        (date(2007, 1, 19), date(2007, 2, 1)),
    ]
    found = arrears(small, date(2007, 1, 31)).row(by_predicate=pl.col("loan_id") == "7", named=True)
    assert (found["days_late"], found["outstanding"], found["overdue"]) == (43, Decimal("237.00"), Decimal("237.00"))
    outcome = member_outcomes(small).row(by_predicate=pl.col("loan_id") == "7", named=True)
    assert (outcome["label"], outcome["worst"]) == ("bad", 44)


def test_a_loan_given_up_by_hand(small: Portfolio) -> None:
    # 40 of 100 came, a minute to midnight in California on the day it was due: in UTC that is the day after.
    assert small.table("payments").filter(pl.col("loan_id") == "8")["event_at"].to_list() == [
        datetime(2006, 10, 20, 23, 59)
    ]
    assert [when for _, when in settled(small, "8")] == [None, None]
    before = arrears(small, date(2008, 1, 1)).row(by_predicate=pl.col("loan_id") == "8", named=True)
    assert (before["outstanding"], before["days_late"], before["written_off_at"]) == (Decimal("60.00"), 438, None)
    # The file does not say when it was given up: nobody knows before the data end.
    event = small.table("loan_events").row(0, named=True)
    assert (event["loan_id"], event["kind"], event["event_at"]) == ("8", "written_off", datetime(2008, 7, 28))


def test_what_is_left_out_and_what_is_not_known(small: Portfolio) -> None:
    loans = small.table("loans")
    assert loans["id"].to_list() == ["10", "7", "8"]
    assert loans["frequency"].to_list() == ["monthly"] * 3
    assert loans["term_days"].to_list() == [91, 122, 61]
    assert loans["known_inferred"].to_list() == [True] * 3
    assert small.manifest.rows["instalments"] == 6
    assert small.table("members")["sex"].to_list() == ["female", "female", "male"]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"kiva's loans are not here: {DATA} (set RISKSCORE_DATA)")
def test_the_figures_of_the_real_loans(tmp_path: Path) -> None:
    out = tmp_path / "kiva"
    done = CliRunner().invoke(app, ["ingest", "tables", str(MAPPING), str(out), "--data", str(DATA)])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["check", str(out)]).exit_code == 0
    portfolio = Portfolio.open(out)
    rows = portfolio.manifest.rows
    assert (rows["loans"], rows["instalments"], rows["payments"], rows["loan_events"]) == (825, 5714, 6527, 21)
    assert portfolio.table("loans")["amount"].sum() == Decimal("430825.00")
    con = portfolio.connect()
    by_loan = con.sql(
        "SELECT count(*) AS due, count(settled_at) AS done FROM settled_instalments WHERE known_until IS NULL "
        "GROUP BY loan_id"
    ).pl()
    con.close()
    assert (by_loan.height, by_loan["due"].sum(), by_loan["done"].sum()) == (618, 5714, 5684)
    assert by_loan.filter(pl.col("due") == pl.col("done")).height == 612
    at_risk = portfolio_at_risk(arrears(portfolio, date(2007, 6, 30)), 30)
    assert at_risk.balance == Decimal("37922.00")
    assert at_risk.at_risk == pytest.approx(10355 / 37922)
    # Loan 761: 475 in four instalments; the payments of 16 October, 23 November and 1 February, by hand as above.
    assert settled(portfolio, "761") == [
        (date(2006, 10, 19), date(2006, 10, 16)),
        (date(2006, 11, 19), date(2006, 11, 23)),
        (date(2006, 12, 19), date(2007, 2, 1)),
        (date(2007, 1, 19), date(2007, 2, 1)),
    ]
    # Loan 395: 260 of 450 came at once, on 12 February 2007; that settles six instalments of 37.50, and 190 stay open.
    assert [when for _, when in settled(portfolio, "395")] == [date(2007, 2, 12)] * 6 + [None] * 6
    late = arrears(portfolio, date(2007, 6, 30)).row(by_predicate=pl.col("loan_id") == "395", named=True)
    assert (late["outstanding"], late["days_late"]) == (Decimal("190.00"), 160)
