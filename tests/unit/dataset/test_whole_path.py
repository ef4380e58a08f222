"""From a simulated institution's tables to training rows, with the project's own declarations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog, Lock
from riskscore.dataset import TrainingSet, out_of_time, spine
from riskscore.errors import Refused
from riskscore.portfolio import Portfolio
from riskscore.simulator import simulate

FEATURES = Path(__file__).parents[3] / "features"


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("institution") / "portfolio", members=300, seed=3)


@pytest.fixture(scope="module")
def lock() -> Lock:
    return Catalog.from_folder(FEATURES).lock()


@pytest.fixture(scope="module")
def rows(portfolio: Portfolio, lock: Lock) -> TrainingSet:
    return TrainingSet.build(portfolio, lock)


def test_every_mature_application_once_and_no_other(portfolio: Portfolio, rows: TrainingSet) -> None:
    asked = spine(portfolio)
    assert rows.frame["application_id"].is_unique().all()
    assert set(rows.frame["application_id"]) < set(asked["application_id"])
    assert rows.frame["final_at"].max() <= portfolio.moment()
    assert (rows.frame["final_at"] > rows.frame["as_of"]).all()
    assert rows.frame["as_of"].min().date() >= portfolio.manifest.complete_from
    open_rows = asked.filter(~pl.col("application_id").is_in(rows.frame["application_id"].implode()))
    assert open_rows["as_of"].max() > rows.frame["as_of"].max()


def test_facts_and_protected_columns_are_beside_and_not_among_the_features(rows: TrainingSet, lock: Lock) -> None:
    apart = {feature.name for feature in lock.features if feature.fact or feature.protected}
    assert apart
    assert not apart & set(rows.features)
    assert apart < set(rows.frame.columns)
    assert rows.X.shape == (len(rows), len(lock.predictors))


def test_no_person_and_no_bank_lies_in_two_clusters(rows: TrainingSet) -> None:
    for key in ("member_id", "bank_id"):
        assert rows.frame.group_by(key).agg(pl.col("cluster").n_unique())["cluster"].max() == 1
    assert len(np.unique(rows.clusters)) > 5


def test_it_splits_by_time_and_by_group(rows: TrainingSet) -> None:
    split = out_of_time(rows, test_share=0.3, held_out_groups=0.2)
    assert split.train.final_at.max() < split.same_groups.as_of.min()
    assert not set(split.train.frame["member_id"]) & set(split.other_groups.frame["member_id"])
    with pytest.raises(Refused, match="the recipe asks for"):
        out_of_time(rows, test_share=0.3, held_out_groups=0.2, min_bads=10_000)


def test_a_group_is_judged_in_the_external_ledger(portfolio: Portfolio) -> None:
    asked = spine(portfolio, subject="group", ledger="external")
    assert asked.height > 0
    assert asked["member_id"].is_null().all()
    assert (asked["bank_id"] == asked["group_id"]).all()
