"""The page on ingesting tables is run as it stands: its files, its mapping, its commands and what they print."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.portfolio import Portfolio

PAGE = Path(__file__).parents[3] / "docs" / "ingest-tables.md"


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    found = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return dict(found)


@pytest.fixture
def ingested(blocks: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in blocks.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    command = "ingest tables mapping.toml portfolio --data . --key bank.key --new-key"
    assert f"    riskscore {command}\n" in PAGE.read_text("utf-8")
    done = CliRunner().invoke(app, command.split())
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_prints_what_the_page_says(ingested: str, blocks: dict[str, str]) -> None:
    assert blocks["output"] in ingested


def test_the_portfolio_keeps_its_contract(ingested: str) -> None:
    assert CliRunner().invoke(app, ["check", "portfolio"]).exit_code == 0


def test_what_the_rows_became(ingested: str, tmp_path: Path) -> None:
    portfolio = Portfolio.open(tmp_path / "portfolio")
    loans = portfolio.table("loans")
    assert loans["id"].to_list() == ["101", "102"]
    assert loans["amount"].to_list() == [Decimal("1500.00"), Decimal("800.50")]
    assert loans["frequency"].to_list() == ["twice_a_month", "twice_a_month"]
    assert loans["known_at"].to_list() == [datetime(2024, 3, 1, 16, 20), datetime(2024, 3, 1, 16, 25)]
    payments = portfolio.table("payments")
    assert payments["event_at"][0] == datetime(2024, 3, 15)
    assert payments["known_at"][0] == datetime(2024, 3, 16, 23, 59, 59, 999999)
    assert payments["payer"].to_list() == ["self", "self", "group", "self"]
    assert payments["known_inferred"].to_list() == [True] * 4
    assert portfolio.table("instalments")["amount"].to_list()[:2] == [Decimal("765.00"), Decimal("765.00")]
    assert portfolio.table("instalments")["due_on"][1] == date(2024, 3, 31)


def test_no_identity_number_is_left_anywhere(ingested: str, tmp_path: Path) -> None:
    portfolio = Portfolio.open(tmp_path / "portfolio")
    members = portfolio.table("members")["id"].to_list()
    assert all(one.startswith("m_") for one in members)
    assert set(portfolio.table("loans")["member_id"]) < set(members)
    written = [file for folder in ("portfolio", "portfolio.ingest") for file in (tmp_path / folder).rglob("*.*")]
    for file in written:
        assert b"Rosas" not in file.read_bytes()
        # Four digits stand in a pseudonym, in a hash and in what is compressed by chance.
        text = pl.read_parquet(file).write_csv() if file.suffix == ".parquet" else file.read_text("utf-8")
        for secret in ("4711", "4712", "4713"):
            assert secret not in re.sub("[0-9a-f]{12,}", "", text), file.name
    assert not (tmp_path / ".portfolio.ingesting").exists()
