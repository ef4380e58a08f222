"""The mapping and the ablation of the grace-period loans: what is a feature, and what may not be one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.catalog import Catalog, member_values
from riskscore.cli import app
from riskscore.portfolio import Portfolio, check_portfolio
from riskscore.portfolio.adapters.mapping import read_mapping
from riskscore.portfolio.adapters.plain_tables import ingest_tables

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "experiments" / "vws_grace"
DATA = Path(os.environ.get("RISKSCORE_DATA", ROOT.parent / "shared" / "data")) / "vws_grace"

QUESTIONS = (
    "Literate_C",
    "Years_Education_C",
    "HH_Size_C",
    "Has_Business_C",
    "Financial_Control_C",
    "homeowner_C",
    "No_Drain_C",
)
FLAGGED = [name for question in QUESTIONS for name in (question, f"miss_{question}")]
HEAD = [
    "sec_loan_officer", "sec_group_name", "sec_loanamount", "sec_treat", *FLAGGED,
    "Client_Manages", "Wage", "SEI", "Non_VWS_Loan_Baseline", "not_finished_aug19", "Muslim_C", "Has_Business_Broad",
]  # fmt: skip


def line(group: str, amount: int, *, schooling: float | None, bad: int, grace: int = 0) -> list[object]:
    answers: dict[str, float | None] = dict.fromkeys(QUESTIONS, 1.0) | {"Years_Education_C": schooling}
    flagged = [value for answer in answers.values() for value in (answer or 0.0, 0.0 if answer is not None else 1.0)]
    return [6, group, amount, float(grace), *flagged, "", 0.0, -0.5, 0.0, float(bad), 1.0, 1.0]


# Two groups of three. Nobody asked the second woman about her schooling: the file holds 0 and says so beside it.
LINES = [
    line("Rosas", 4000, schooling=2.0, bad=0),
    line("Rosas", 6000, schooling=None, bad=1),
    line("Rosas", 8000, schooling=10.0, bad=1),
    line("Lirios", 5000, schooling=0.0, bad=0, grace=1),
    line("Lirios", 5000, schooling=4.0, bad=0, grace=1),
    line("Lirios", 8000, schooling=6.0, bad=0, grace=1),
]


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    return made(tmp_path, LINES)


def made(folder: Path, lines: Sequence[list[object]]) -> Portfolio:
    text = [",".join(HEAD), *(",".join(map(str, one)) for one in lines)]
    folder.mkdir(exist_ok=True)
    (folder / "loans.csv").write_text("\n".join(text) + "\n", "utf-8")
    written, _ = ingest_tables(FOLDER / "mapping.toml", folder / "portfolio", folder)
    assert written is not None
    return written


def values(portfolio: Portfolio) -> pl.DataFrame:
    asked = portfolio.table("applications").select("member_id", as_of="known_at")
    return member_values(portfolio, Catalog.from_folder(FOLDER / "features").lock(), asked).sort("member_id")


def test_missing_is_missing_again_and_zero_is_zero(portfolio: Portfolio) -> None:
    assert check_portfolio(portfolio.path) == []
    found = values(portfolio)
    assert found["years_of_schooling"].to_list() == [2.0, None, 10.0, 0.0, 4.0, 6.0]
    assert found["belongings"].to_list() == [2.5] * 6
    assert found["runs_business"].to_list() == [None] * 6


def test_the_others_leave_her_out(portfolio: Portfolio) -> None:
    found = values(portfolio)
    assert found["others_schooling"].to_list() == [10.0, 6.0, 2.0, 5.0, 3.0, 2.0]
    assert found["others_asked"].to_list() == [7000.0, 6000.0, 5000.0, 6500.0, 6500.0, 5000.0]


def test_nobodys_outcome_reaches_a_feature(portfolio: Portfolio, tmp_path: Path) -> None:
    others = [[*one[:-3], 1.0 - float(str(one[-3])), *one[-2:]] for one in LINES]
    changed = made(tmp_path / "changed", others)
    assert changed.manifest.content_hash != portfolio.manifest.content_hash
    assert values(changed).equals(values(portfolio))


def test_outcomes_are_known_a_year_after_the_last_instalment(portfolio: Portfolio) -> None:
    outcomes = portfolio.table("outcomes_given")
    assert outcomes["label"].to_list() == ["good", "bad", "bad", "good", "good", "good"]
    # 1 March 2007 and 308 days, or 350 with grace, and 364 days.
    assert outcomes["event_at"].unique().sort().to_list() == [datetime(2009, 1, 1), datetime(2009, 2, 12)]


def test_neither_the_lenders_names_nor_traits_are_in_the_portfolio(portfolio: Portfolio) -> None:
    columns = set(read_mapping(FOLDER / "mapping.toml").sources["loans"].columns)
    assert not columns & {"Muslim_C", "Married_C", "Age_C", "Has_Business_Broad", "Late_Days_364", "Late_Days_476"}
    written = b"".join(file.read_bytes() for file in portfolio.path.iterdir())
    assert b"Rosas" not in written
    assert b"Lirios" not in written
    assert "household_size" not in {one.name for one in Catalog.from_folder(FOLDER / "features").lock().predictors}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the grace-period loans are not here: {DATA} (set RISKSCORE_DATA)")
def test_the_real_loans_keep_the_contract(tmp_path: Path) -> None:
    out = tmp_path / "vws"
    done = CliRunner().invoke(app, ["ingest", "tables", str(FOLDER / "mapping.toml"), str(out), "--data", str(DATA)])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["check", str(out)]).exit_code == 0
    portfolio = Portfolio.open(out)
    rows = portfolio.manifest.rows
    assert (rows["loans"], rows["groups"], rows["surveys"]) == (845, 169, 8666)
    assert portfolio.table("outcomes_given")["label"].value_counts().sort("label").rows() == [
        ("bad", 40),
        ("good", 805),
    ]


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"the grace-period loans are not here: {DATA} (set RISKSCORE_DATA)")
def test_the_ablation_says_how_little_40_bads_can_say(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    run = [sys.executable, str(FOLDER / "run.py"), "--data", str(DATA), "--json", str(out)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text("utf-8"))
    assert (found["loans"], found["groups"], found["bads"], found["groups_with_bads"]) == (845, 169, 40, 17)
    whole, without = found["correlation"]["all"], found["correlation"]["without grace"]
    assert round(whole["value"], 2) == 0.62
    assert 0.25 < whole["low"] < 0.40 < 0.75 < whole["high"] < 0.90
    assert round(without["value"], 2) == 0.27
    for kind in ("ridge logistic", "scorecard"):
        gain = found["auc"][f"{kind}, gain"]
        assert gain["low"] < gain["value"] < gain["high"]
        assert gain["high"] - gain["low"] > 0.1  # nobody should read a third decimal off this file
        parts = [found["auc"][f"{kind}, {title}"]["value"] for title in ("with the others", "her own")]
        assert parts[0] - parts[1] == pytest.approx(gain["value"])
    assert "40 bads in 17 groups are about 17 independent events" in done.stdout
