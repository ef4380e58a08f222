"""The search on simulated institutions: what was planted is found, and nothing else is suspected."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

from riskscore import Project
from riskscore.catalog import Catalog
from riskscore.evaluation.leaks import LeakReport, Thresholds
from riskscore.modelling.leaks import find_leaks
from riskscore.portfolio import Portfolio, write_portfolio
from riskscore.simulator import SIMULATED_TABLES, simulate

pytestmark = pytest.mark.slow

EXPERIMENT = Path(__file__).parents[3] / "experiments" / "leaks"
PROJECT = Project.open(Path(__file__).parents[3])

#: A feature that somebody might write on the simulator's own table.
TEMPTING = """
from riskscore.catalog import Feature, FeatureSet, Source, days, ever
from .sources import CollectionCalls

Calls = Source("calls", table="collection_calls", keys={"member": "member_id"})


class Called(FeatureSet, source=Calls, family="repayment"):
    calls_ever = Feature(
        "sum(calls)", window=ever(), risk="rises", es="Llamadas", en="Calls",
    )
    calls_lately = Feature(
        "coalesce(sum(calls), 0)", window=days(20), risk="rises", es="Llamadas recientes", en="Calls lately",
    )
"""


def suspected(found: LeakReport) -> set[str]:
    return {finding.where for finding in found.findings}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("made") / "portfolio", members=500, seed=3)


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(EXPERIMENT))
    import plant as module

    yield module
    sys.modules.pop("plant", None)


def test_the_planted_calls_are_found_and_nothing_else(made: Portfolio) -> None:
    told: list[str] = []
    found = find_leaks(made, SIMULATED_TABLES, PROJECT.catalog().lock(), progress=told.append)
    assert suspected(found) == {"collection_calls.calls", "collection_calls (that there are rows)"}
    calls = found.findings[0]
    assert calls.where == "collection_calls.calls"
    assert "too good" in calls.tests
    assert any("carry the very stamp of the application they name" in note for note in calls.notes)
    assert any("of the loans that went bad and for" in note for note in calls.notes)
    assert {"outcomes", "collection_calls", "features"} <= set(told)
    # Every table that reaches a loan was read, and every predictor.
    read = {one.where.split(".")[0] for one in found.examined if one.kind != "feature"}
    assert {"applications", "loans", "members", "groups", "branches", "savings", "attendance", "budgets"} <= read
    features = {one.where for one in found.examined if one.kind == "feature"}
    assert features == {feature.name for feature in PROJECT.catalog().lock().predictors}


def test_a_feature_on_the_planted_table_is_found(made: Portfolio, tmp_path: Path) -> None:
    PROJECT.copy_to(tmp_path)
    (tmp_path / "features" / "tempting.py").write_text(TEMPTING, encoding="utf-8")
    lock = Catalog.from_folder(tmp_path / "features").lock()
    names = ("calls_ever", "calls_lately", "late_share_3_cycles")
    found = find_leaks(made, {}, lock, features=names)
    assert "feature calls_lately" in suspected(found)
    assert "feature late_share_3_cycles" not in suspected(found)


@pytest.mark.parametrize(
    ("planting", "strength", "test"),
    [
        ("noisy_outcome", 0.1, "too good"),
        ("times_called", 3.0, "too good"),
        ("status", 1.0, "too good"),
        ("balance_at_end", 4.0, "too good"),
        ("group_rate", 0.0, "too good"),
    ],
)
def test_leaks_of_other_kinds_are_found(
    made: Portfolio, plant: ModuleType, tmp_path: Path, planting: str, strength: float, test: str
) -> None:
    planted = getattr(plant, planting)(plant.known(made), np.random.default_rng(1), strength)
    written, tables = plant.write(planted, made, tmp_path / "planted", dict(SIMULATED_TABLES))
    only = {planted.table.name: tables[planted.table.name]}
    found = find_leaks(written, only, PROJECT.catalog().lock(), features=())
    hits = [finding for finding in found.findings if finding.where == planted.where]
    assert hits, [(one.where, one.auc) for one in found.examined[:3]]
    assert test in hits[0].tests


@pytest.mark.parametrize(("planting", "strength"), [("honest_rating", 0.7), ("honest_group_rate", 0.0)])
def test_honest_columns_of_an_own_table_are_not_suspected(
    made: Portfolio, plant: ModuleType, tmp_path: Path, planting: str, strength: float
) -> None:
    planted = getattr(plant, planting)(plant.known(made), np.random.default_rng(1), strength)
    written, tables = plant.write(planted, made, tmp_path / "planted", dict(SIMULATED_TABLES))
    only = {planted.table.name: tables[planted.table.name]}
    assert find_leaks(written, only, PROJECT.catalog().lock(), features=()).findings == ()


def test_rows_stamped_before_the_loan_they_name_are_a_finding_of_their_own(
    made: Portfolio, plant: ModuleType, tmp_path: Path
) -> None:
    planted = plant.honest_rating(plant.known(made), np.random.default_rng(1), 0.7)
    early = planted.frame.with_columns(pl.col("event_at", "known_at").dt.offset_by("-1d"))
    moved = plant.Planted(planted.table, early, planted.where)
    written, tables = plant.write(moved, made, tmp_path / "planted", dict(SIMULATED_TABLES))
    found = find_leaks(written, {"ratings": tables["ratings"]}, PROJECT.catalog().lock(), features=())
    assert suspected(found) == {"ratings.application_id"}
    assert found.findings[0].tests == ("only after the date",)


def test_too_few_bads_are_said_to_be_too_few(made: Portfolio) -> None:
    found = find_leaks(made, {}, PROJECT.catalog().lock(), thresholds=Thresholds(minimum_bads=10_000))
    assert found.findings == ()
    assert found.examined == ()
    assert found.untested[0].startswith(f"Everything: {found.bads} bads and ")


def test_an_earlier_extract_proves_what_was_overwritten(made: Portfolio, tmp_path: Path) -> None:
    frames = {name: made.table(name) for name in made.manifest.rows}
    calls = frames["collection_calls"]
    frames["collection_calls"] = calls.with_columns(calls=pl.when(pl.col("calls") > 3).then(1).otherwise("calls"))
    manifest = made.manifest
    before = write_portfolio(
        tmp_path / "before",
        frames,
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
        tables=SIMULATED_TABLES,
    )
    lock, quick = PROJECT.catalog().lock(), Thresholds(minimum_bads=10_000)
    found = find_leaks(made, SIMULATED_TABLES, lock, thresholds=quick, earlier=before)
    assert suspected(found) == {"collection_calls.calls"}
    changed = (calls["calls"] > 3).sum()
    assert f"{changed:,} of {calls.height:,} rows said something else" in found.findings[0].signs[0].seen
    assert find_leaks(made, SIMULATED_TABLES, lock, thresholds=quick, earlier=made).findings == ()


# experiments/leaks does the same for every scenario with every one of five seeds.
@pytest.mark.parametrize(("scenario", "seed"), [("normal", 1), ("recession", 2), ("el_nino", 3)])
def test_no_honest_column_or_feature_is_suspected(tmp_path: Path, scenario: str, seed: int) -> None:
    portfolio = simulate(tmp_path / "portfolio", members=1500, seed=seed, scenario=scenario)
    found = find_leaks(portfolio, SIMULATED_TABLES, PROJECT.catalog().lock())
    assert suspected(found) == {"collection_calls.calls", "collection_calls (that there are rows)"}
