"""Other figures of an outcome than the standing ones: each moves what it says and nothing else."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from riskscore.portfolio.maturity_rule import BankRule, MemberRule
from riskscore.portfolio.outcomes import group_outcomes, member_outcomes
from tests.unit.portfolio.test_outcomes import DUE, on_time


def told(found):
    (row,) = found.select("label", "final_at").rows()
    return row


STANDING = datetime(2026, 2, 26)


@pytest.mark.parametrize(
    ("figures", "but", "label", "final_at"),
    [
        ({}, [(4, 15, "self")], "bad", STANDING),
        ({"days_late": 16}, [(4, 15, "self")], "good", STANDING),
        ({"days_late": 16}, [(4, 16, "self")], "bad", STANDING),
        ({}, [(2, 0, "group"), (3, 0, "group")], "bad", STANDING),
        ({"covered_instalments": 3}, [(2, 0, "group"), (3, 0, "group")], "indeterminate", STANDING),
        ({"covered_instalments": 1}, [(2, 0, "group")], "bad", STANDING),
        ({"days_after_maturity": 60}, [], "good", datetime(2026, 3, 28)),
        ({"days_after_maturity": 0}, [], "good", datetime(2026, 1, 27)),
        # Paid eleven days late: open, and so bad, for whoever waits ten days only.
        ({"days_after_maturity": 10}, [(4, 11, "self")], "bad", datetime(2026, 2, 6)),
        ({"days_after_maturity": 11}, [(4, 11, "self")], "good", datetime(2026, 2, 7)),
    ],
)
def test_a_members_loan_by_other_figures(write, build, figures, but, label, final_at):
    portfolio = write(payments=on_time(build, *but))
    assert told(member_outcomes(portfolio, MemberRule(**figures))) == (label, final_at)


@pytest.mark.parametrize(
    ("figures", "days", "label", "final_at"),
    [
        ({"days_late": 25}, 24, "indeterminate", STANDING),
        ({"days_late": 25}, 25, "bad", STANDING),
        ({"indeterminate_days_late": 5}, 4, "good", STANDING),
        ({"indeterminate_days_late": 5}, 5, "indeterminate", STANDING),
        ({"days_after_maturity": 45}, 31, "bad", datetime(2026, 3, 13)),
    ],
)
def test_a_communal_banks_loan_by_other_figures(write, build, figures, days, label, final_at):
    loans = build.standing()["loans"].with_columns(
        ledger=pl.lit("external"), member_id=pl.lit(None, pl.String), group_id=pl.lit("CB")
    )
    payments = build.rows("payments", build.paid(DUE[0], "25.00"), build.paid(DUE[1] + timedelta(days=days), "75.00"))
    portfolio = write(loans=loans, payments=payments)
    assert told(group_outcomes(portfolio, BankRule(**figures))) == (label, final_at)


def test_two_rules_on_one_portfolio_share_no_file_and_features_keep_the_standing_one(write, build):
    portfolio = write(payments=on_time(build, (4, 15, "self")))
    wider = MemberRule(days_after_maturity=60, days_late=16)
    # Each is asked for after the other was judged, and again from its file.
    for _ in range(2):
        assert told(member_outcomes(portfolio, wider)) == ("good", datetime(2026, 3, 28))
        assert told(member_outcomes(portfolio)) == ("bad", STANDING)
    files = sorted(path.name for path in (portfolio.path / ".cache").rglob("outcomes-*"))
    assert files == ["outcomes-internal-30-15-2.parquet", "outcomes-internal-60-16-2.parquet"]
    con = portfolio.connect()
    assert con.execute("SELECT label, known_at FROM loan_outcomes").fetchall() == [("bad", STANDING)]
    con.close()
