"""`riskscore score` where there is nothing to score: it says why, and writes no file of nothing."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from riskscore.catalog import Catalog
from riskscore.cli import app
from riskscore.portfolio import TABLES, Portfolio, write_portfolio
from riskscore.simulator import simulate
from tests.unit.scoring.conftest import champion_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("whole") / "portfolio", members=100, seed=3)


def but(portfolio: Portfolio, folder: Path, **changed: pl.DataFrame) -> Path:
    """Write the portfolio with other rows in some of its tables."""
    manifest = portfolio.manifest
    frames = {name: portfolio.table(name) for name in TABLES} | changed
    write_portfolio(
        folder,
        frames,
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
        complete_from=manifest.complete_from,
        tolerance=manifest.tolerance,
    )
    return folder


@pytest.fixture
def score(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    champion = champion_of(Catalog.from_folder(ROOT / "features").lock())
    monkeypatch.setattr("riskscore.cli.score.champion_of", lambda recipe: champion)

    def run(portfolio: Path, *more: str) -> Result:
        arguments = ["score", str(portfolio), "--recipe", "member_default", "--out", str(tmp_path / "s.parquet"), *more]
        return CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})

    return run


def told(result: Result) -> list[str]:
    lines = result.stderr.splitlines()
    return lines[lines.index("1 fault") + 1 :]


def test_before_the_first_request(whole: Portfolio, score, tmp_path: Path) -> None:
    result = score(whole.path, "--as-of", "1990-01-01")
    assert result.exit_code == 1
    assert told(result) == [
        "  applications",
        "    No member's request was on record by 1990-01-01 00:00: there is nothing to score.",
        "    -> Give a later date, or check that the portfolio's table 'applications' was handed over whole.",
    ]
    assert not (tmp_path / "s.parquet").exists()


def test_without_products(whole: Portfolio, score, tmp_path: Path) -> None:
    folder = but(whole, tmp_path / "bare", products=whole.table("products").filter(pl.col("ledger") != "internal"))
    result = score(folder, "--as-of", "2025-06-01")
    assert result.exit_code == 1
    assert told(result) == [
        "  products",
        "    No product of the internal ledger in USD was on offer on 2025-06-01 00:00.",
        "    -> Bring the institution's products into the portfolio, or give a later date.",
    ]
    assert not (tmp_path / "s.parquet").exists()


def test_who_has_no_score_is_counted_with_the_reason(whole: Portfolio, score, tmp_path: Path) -> None:
    narrow = whole.table("products").with_columns(
        id=pl.lit("P-") + pl.col("id"),
        amount_min=pl.lit(9_000_000).cast(whole.table("products")["amount_min"].dtype),
        amount_max=pl.lit(9_000_001).cast(whole.table("products")["amount_max"].dtype),
    )
    folder = but(
        whole,
        tmp_path / "narrow",
        products=narrow,
        applications=whole.table("applications").with_columns(product_id=pl.lit(None, pl.String)),
    )
    result = score(folder)
    assert result.exit_code == 1
    where, what, remedy = told(result)
    assert where.endswith("s.parquet")
    assert "has a score: " in what
    assert what.endswith(" that no product on offer allows.")
    assert remedy == "    -> Look at memberships, products and budgets of that day, or give another date."


def test_those_who_left_are_counted_beside_the_scores(whole: Portfolio, score, tmp_path: Path) -> None:
    result = score(whole.path)
    assert result.exit_code == 0, result.stderr
    frame = pl.read_parquet(tmp_path / "s.parquet")
    silent = frame["score"].null_count()
    assert 0 < silent < frame.height
    assert f"without a score: {silent} of who is no member at that moment\n" in result.stdout
