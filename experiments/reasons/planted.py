"""Marks that go with a cause and are none, put into a simulated portfolio as an institution's own table."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from riskscore.catalog import Catalog, Lock
from riskscore.portfolio import TABLES, Portfolio, Table, write_portfolio
from riskscore.simulator import Truth

HERE = Path(__file__).parent

#: How strongly each mark goes with what it goes with.
CORRELATION = 0.8

MARKS = ("mark_with_repayment", "mark_with_capacity", "mark_with_risk")


def catalogue(starter: Path, scratch: Path) -> Catalog:
    """Return the starter's features and the three marks."""
    folder = scratch / "features"
    shutil.copytree(starter, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "features" / "planted.py", folder / "planted.py")
    return Catalog.from_folder(folder)


def spoken(lock: Lock) -> Lock:
    """Return the same definitions with words given to the marks, as by somebody who takes them for causes."""
    reason = {"es": "Marca: {value}.", "en": "Mark: {value}.", "unit": "number"}
    words = {
        name: {**without_concept(lock.words[name]), "reason": {**reason, "code": f"R9{number}"}}
        for number, name in enumerate(MARKS)
    }
    return Lock(lock.definition, {**lock.words, **words})


def silent(lock: Lock) -> Lock:
    """Return the same definitions with marks that go with no concept: their points are nobody's."""
    return Lock(lock.definition, {**lock.words, **{name: without_concept(lock.words[name]) for name in MARKS}})


def without_concept(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in words.items() if name != "concept"}


def with_marks(portfolio: Portfolio, told: Truth, out: Path, own: tuple[Table, ...], seed: int) -> Portfolio:
    """Write the portfolio with the marks of every application, known when it was asked."""
    rows, draw = told.applications, np.random.default_rng(seed)
    direct = rows["p_direct"].to_numpy()

    def mark(cause: np.ndarray) -> pl.Series:
        noise = np.sqrt(1 - CORRELATION**2) * draw.standard_normal(len(cause))
        return pl.Series(CORRELATION * (cause - cause.mean()) / cause.std() + noise)

    frame = rows.select(
        id=pl.format("MK-{}", "application_id"),
        event_at=pl.col("as_of") - timedelta(minutes=20),
        known_at=pl.col("as_of"),
        application_id="application_id",
        member_id="member_id",
        with_repayment=mark(rows["cause_repayment"].to_numpy()),
        with_capacity=mark(rows["cause_capacity"].to_numpy()),
        with_risk=mark(np.log(direct / (1 - direct))),
    )
    frames = {name: portfolio.table(name) for name in portfolio.manifest.rows}
    manifest = portfolio.manifest
    return write_portfolio(
        out,
        {**frames, "marks": frame},
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
        complete_from=manifest.complete_from,
        tables={**TABLES, **{table.name: table for table in own}},
    )
