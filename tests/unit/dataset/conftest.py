"""A small institution, literal: three communal banks, one woman who moved, products of both methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from riskscore.dataset import TrainingSet
from riskscore.portfolio import Portfolio, write_portfolio

START = datetime(2024, 1, 1)


def groups() -> pl.DataFrame:
    rows = [
        ("B1", None, "communal_bank", START),
        ("B2", None, "communal_bank", START),
        ("B3", None, "communal_bank", START),
        ("S1", "B1", "solidarity_group", START),
        ("S2", "B2", "solidarity_group", START),
        ("S3", "B3", "solidarity_group", START),
        # Recorded late and corrected: until March the books had S4 under B1.
        ("S4", "B1", "solidarity_group", START),
        ("S4", "B2", "solidarity_group", datetime(2025, 3, 1)),
    ]
    return pl.DataFrame(
        {
            "id": [row[0] for row in rows],
            "event_at": [START] * len(rows),
            "known_at": [row[3] for row in rows],
            "kind": [row[2] for row in rows],
            "parent_id": [row[1] for row in rows],
            "branch_id": ["BR"] * len(rows),
            "formed_on": [START.date()] * len(rows),
        }
    )


def products() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": ["flat", "declining"],
            "event_at": [START, START],
            "known_at": [START, START],
            "name": ["flat", "declining"],
            "ledger": ["internal", "internal"],
            "amount_min": [100, 100],
            "amount_max": [1000, 1000],
            "amount_step": [10, 10],
            "term_days_min": [90, 90],
            "term_days_max": [240, 240],
            "frequencies": ["weekly", "monthly"],
            "rate_per_30_days": [0.03, 0.03],
            "method": ["flat", "declining"],
            "currency": ["USD", "USD"],
        }
    )


def applications() -> pl.DataFrame:
    rows = [
        # id, member, group, product, ledger, amount, term, frequency, event_at, known_at
        ("A0", "M1", "S1", "flat", "internal", 200, 112, "weekly", datetime(2024, 2, 1, 10), datetime(2024, 2, 1, 10)),
        ("A1", "M1", "S1", "flat", "internal", 300, 112, "weekly", datetime(2025, 1, 5, 10), datetime(2025, 1, 5, 12)),
        ("A2", "M2", "S4", "declining", "internal", 400, 91, "monthly", datetime(2025, 2, 1), datetime(2025, 2, 1)),
        ("A3", "M2", "S4", "declining", "internal", 500, 91, "monthly", datetime(2025, 6, 1), datetime(2025, 6, 1)),
        ("A4", "M3", "S3", "gone", "internal", 100, 91, "monthly", datetime(2025, 2, 1), datetime(2025, 2, 1)),
        ("A5", None, "B1", "flat", "external", 2000, 112, "weekly", datetime(2025, 2, 1), datetime(2025, 2, 1)),
        # A correction months later: the amount had been 300 when the score was asked for.
        ("A1", "M1", "S1", "flat", "internal", 350, 112, "weekly", datetime(2025, 1, 5, 10), datetime(2025, 4, 5)),
    ]
    names = ["id", "member_id", "group_id", "product_id", "ledger", "amount", "term_days", "frequency"]
    names += ["event_at", "known_at"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(currency=pl.lit("USD"), other_active_loans=pl.lit(1))


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    return write_portfolio(
        tmp_path / "portfolio",
        {"groups": groups(), "products": products(), "applications": applications()},
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2025, 12, 31),
        complete_from=date(2025, 1, 1),
    )


@dataclass(frozen=True)
class Named:
    name: str


@dataclass(frozen=True)
class FakeLock:
    """What the training set asks of a lock."""

    predictors: tuple[Named, ...] = (Named("x"),)
    sha256: str = "lock"


@pytest.fixture
def lock() -> FakeLock:
    return FakeLock()


@pytest.fixture
def make() -> Callable[..., TrainingSet]:
    """Build a training set from columns; every row gets its own id."""

    def build(**columns: list[object]) -> TrainingSet:
        frame = pl.DataFrame(columns)
        defaults = {
            "application_id": pl.format("A{}", pl.int_range(pl.len()) + 100),
            "x": pl.int_range(pl.len()).cast(pl.Float64),
            "as_of": pl.lit(START),
            "final_at": pl.col("as_of") + pl.duration(days=100) if "as_of" in columns else pl.lit(datetime(2024, 6, 1)),
            "cluster": pl.format("C{}", pl.int_range(pl.len())),
            "label": pl.lit("good"),
        }
        frame = frame.with_columns(**{name: value for name, value in defaults.items() if name not in columns})
        code = pl.col("label").replace_strict({"good": 0, "bad": 1, "indeterminate": None}, return_dtype=pl.Int8)
        return TrainingSet(frame.with_columns(bad=code), ("x",), "member_internal", "content", "lock")

    return build
