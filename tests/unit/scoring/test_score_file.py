"""A file of scores: the parts are the whole, and a failure leaves what stood there."""

from __future__ import annotations

import polars as pl
import pytest

from riskscore.scoring.score_file import write_scores


def test_the_parts_are_what_one_batch_gives(scorer, snapshot, asked, tmp_path):
    told: list[int] = []
    stranger = asked[:1].with_columns(member_id=pl.lit("M_nobody"))
    applications = pl.concat([asked, stranger])
    file = tmp_path / "new" / "scores.parquet"
    scored = write_scores(scorer, snapshot, applications, file, explain=True, chunk=40, done=told.append)
    assert pl.read_parquet(file).equals(scorer.batch(snapshot, applications, explain=True))
    assert scored == asked.height
    assert sum(told) == applications.height
    assert max(told) == 40
    assert [one.name for one in file.parent.iterdir()] == ["scores.parquet"]


def test_a_part_in_which_nobody_is_scored_has_the_columns_of_the_others(scorer, snapshot, asked, tmp_path):
    strangers = asked[:3].with_columns(member_id=pl.lit("M_nobody"))
    file = tmp_path / "scores.parquet"
    assert write_scores(scorer, snapshot, pl.concat([strangers, asked[:5]]), file, explain=True, chunk=3) == 5
    assert pl.read_parquet(file)["score"].is_null().to_list() == [True] * 3 + [False] * 5


@pytest.mark.parametrize("explain", [True, False])
def test_no_application_makes_a_file_without_rows(scorer, snapshot, asked, tmp_path, explain):
    file = tmp_path / "scores.parquet"
    assert write_scores(scorer, snapshot, asked[:0], file, explain=explain) == 0
    assert pl.read_parquet(file).schema == scorer.batch(snapshot, asked[:2], explain=explain).schema


def test_a_failure_half_way_leaves_the_file_that_stood_there(scorer, snapshot, asked, tmp_path):
    file = tmp_path / "scores.parquet"
    write_scores(scorer, snapshot, asked[:4], file)
    before = file.read_bytes()
    called: list[int] = []

    def fail(rows: int) -> None:
        called.append(rows)
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        write_scores(scorer, snapshot, asked, file, chunk=10, done=fail)
    assert called == [10]
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["scores.parquet"]
