"""Two extracts of one institution: what was rewritten in between is named, and what merely came after is not."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl

from riskscore.portfolio import TABLES, Column, Portfolio, Table, write_portfolio
from riskscore.portfolio.extracts import Rewritten, rewritten

CALLS = Table("calls", "Calls.", (Column("member_id", "text"), Column("count", "int", nullable=True)))

MAY, JUNE, JULY = datetime(2025, 5, 1), datetime(2025, 6, 1), datetime(2025, 7, 1)


def extract(folder: Path, data_date: date, *rows: tuple[str, datetime, int | None]) -> Portfolio:
    frame = pl.DataFrame(
        [(name, known, known, "M1", count) for name, known, count in rows],
        schema=["id", "event_at", "known_at", "member_id", "count"],
        orient="row",
    )
    return write_portfolio(
        folder,
        {"calls": frame},
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=data_date,
        tables={**TABLES, "calls": CALLS},
    )


def test_corrections_and_new_facts_are_no_rewriting(tmp_path: Path) -> None:
    then = extract(tmp_path / "then", date(2025, 6, 15), ("C1", MAY, 1), ("C2", JUNE, None))
    now = extract(
        tmp_path / "now", date(2025, 7, 15), ("C1", MAY, 1), ("C1", JULY, 4), ("C2", JUNE, None), ("C3", JULY, 2)
    )
    assert rewritten(then, now) == []


def test_a_value_changed_under_its_stamp_and_a_row_dated_back_are_named(tmp_path: Path) -> None:
    then = extract(tmp_path / "then", date(2025, 6, 15), ("C1", MAY, 1), ("C2", JUNE, None), ("C4", MAY, 3))
    now = extract(tmp_path / "now", date(2025, 7, 15), ("C1", MAY, 5), ("C2", JUNE, 0), ("C3", MAY, 2))
    assert rewritten(then, now) == [Rewritten("calls", "", 1, 1, 3), Rewritten("calls", "count", 2, 0, 3)]
