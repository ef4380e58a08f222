"""Scores on Spark: the same file, with points and reasons, from parts that no executor has seen together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from riskscore import Catalog
from riskscore.modelling import Recipe, artefact, train
from riskscore.scoring import Policy, Scorer, Snapshot, latest_applications
from riskscore.scoring.on_spark import write_scores_on_spark
from riskscore.scoring.score_file import write_scores
from riskscore.simulator import simulate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


def test_the_file_is_the_same(institutions_spark: SparkSession, tmp_path: Path) -> None:
    portfolio = simulate(tmp_path / "portfolio", members=600, seed=7)
    text = (ROOT / "training" / "member_default.toml").read_text("utf-8")
    recipe = Recipe.parse(text.replace("trials = 12", "trials = 1").replace("min_bads = 100", "min_bads = 20"))
    run = train(recipe, Catalog.from_folder(ROOT / "features"), portfolio, folder=tmp_path / "artefacts")
    policy = Policy.load(ROOT / "serving" / "policy.toml")
    for trained in run.candidates:
        scorer = Scorer(artefact.load(trained.folder), policy)
        snapshot = Snapshot.build(portfolio, scorer.champion.lock)
        asked = latest_applications(portfolio, snapshot.as_of)
        files = {name: tmp_path / trained.kind / f"{name}.parquet" for name in ("duckdb", "spark", "empty")}
        counts = [
            write_scores(scorer, snapshot, asked, files["duckdb"], explain=True),
            write_scores_on_spark(scorer, snapshot, asked, files["spark"], explain=True, session=institutions_spark),
        ]
        one, other = (pl.read_parquet(files[name]) for name in ("duckdb", "spark"))
        assert other.schema == one.schema
        assert other.equals(one)
        assert counts == [one.height - one["score"].null_count()] * 2
        assert 0 < counts[0] < asked.height
        write_scores_on_spark(scorer, snapshot, asked[:0], files["empty"], explain=True, session=institutions_spark)
        assert pl.read_parquet(files["empty"]).schema == one.schema
        assert sorted(one.name for one in files["spark"].parent.iterdir()) == sorted(f.name for f in files.values())
