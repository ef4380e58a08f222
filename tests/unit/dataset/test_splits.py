"""Splits by time, folds of whole clusters, and the random split on the same test rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.dataset import TrainingSet, group_folds, out_of_time, random_twins, whole_folds
from riskscore.dataset.split import held_out_clusters
from riskscore.errors import InvalidInput, Refused

Maker = Callable[..., TrainingSet]

DAY = timedelta(days=1)
START = datetime(2024, 1, 1)


def long_history(make: Maker, n: int = 1000, term: int = 120) -> TrainingSet:
    draw = np.random.default_rng(1)
    as_of = sorted(START + timedelta(days=int(day)) for day in draw.integers(0, 900, n))
    return make(
        as_of=as_of,
        final_at=[at + timedelta(days=term) for at in as_of],
        cluster=[f"C{number:02d}" for number in draw.integers(0, 50, n)],
        label=["bad" if luck < 0.1 else "good" for luck in draw.random(n)],
    )


def ids(ts: TrainingSet) -> set[str]:
    return set(ts.frame["application_id"].to_list())


def test_no_training_outcome_was_known_after_the_first_test_moment(make: Maker) -> None:
    ts = long_history(make)
    split = out_of_time(ts, test_share=0.3, held_out_groups=0.2, embargo_days=7)
    first = min(split.same_groups.frame["as_of"].min(), split.other_groups.frame["as_of"].min())
    assert split.first_test == first
    assert split.train.frame["final_at"].max() < first - 7 * DAY
    assert split.embargoed > 0
    assert len(split.same_groups) + len(split.other_groups) == pytest.approx(300, abs=2)


def test_same_groups_trained_and_other_groups_never_did(make: Maker) -> None:
    split = out_of_time(long_history(make), test_share=0.3, held_out_groups=0.2)
    trained = set(split.train.clusters)
    assert set(split.same_groups.clusters) <= trained
    assert not set(split.other_groups.clusters) & trained
    assert len(split.held_out) == 10
    assert not ids(split.train) & (ids(split.same_groups) | ids(split.other_groups))


def test_a_group_founded_after_the_cut_is_another_group(make: Maker) -> None:
    ts = make(
        as_of=[START, START + DAY, START + 400 * DAY, START + 401 * DAY],
        final_at=[START + 90 * DAY, START + 90 * DAY, START + 500 * DAY, START + 500 * DAY],
        cluster=["old", "old", "old", "new"],
        label=["good", "bad", "good", "good"],
    )
    split = out_of_time(ts, test_share=0.5, held_out_groups=0.0)
    assert split.same_groups.clusters.tolist() == ["old"]
    assert split.other_groups.clusters.tolist() == ["new"]


def test_the_outcome_on_the_very_moment_does_not_train(make: Maker) -> None:
    ts = make(
        as_of=[START, START, START, START + 100 * DAY],
        final_at=[START + 99 * DAY, START + 99 * DAY, START + 100 * DAY, START + 200 * DAY],
        label=["good", "bad", "bad", "good"],
    )
    split = out_of_time(ts, test_share=0.25, held_out_groups=0.0)
    assert len(split.train) == 2
    assert split.embargoed == 1


def test_settings_out_of_range_are_named_all_at_once(make: Maker) -> None:
    with pytest.raises(InvalidInput) as caught:
        out_of_time(long_history(make), test_share=0.0, held_out_groups=0.9, embargo_days=-1)
    assert [fault.where for fault in caught.value.faults] == [
        "split.test_share",
        "split.held_out_groups",
        "split.embargo_days",
    ]


def test_a_history_too_short_to_train_is_refused(make: Maker) -> None:
    with pytest.raises(Refused, match="no outcome was final"):
        out_of_time(long_history(make, term=2000), test_share=0.3, held_out_groups=0.0)


def test_too_few_bads_to_train_is_refused(make: Maker) -> None:
    with pytest.raises(Refused, match="training rows: holds"):
        out_of_time(long_history(make), test_share=0.3, held_out_groups=0.0, min_bads=500)


def test_held_out_clusters_are_like_the_rest() -> None:
    clusters = np.repeat([f"C{number:03d}" for number in range(200)], 10)
    bad = np.random.default_rng(0).random(2000) < np.repeat(np.random.default_rng(1).uniform(0, 0.4, 200), 10)
    held = held_out_clusters(clusters, bad.astype(float), 0.2, seed=3)
    assert len(held) == 40
    apart = np.isin(clusters, held)
    assert bad[apart].mean() == pytest.approx(bad[~apart].mean(), abs=0.02)
    assert set(held) != set(held_out_clusters(clusters, bad.astype(float), 0.2, seed=4))


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=80),
    st.integers(2, 5),
    st.integers(0, 3),
)
def test_a_cluster_is_never_parted(rows: list[tuple[int, bool]], k: int, seed: int) -> None:
    clusters, bad = [row[0] for row in rows], [float(row[1]) for row in rows]
    if len(set(clusters)) < k:
        with pytest.raises(Refused, match="cannot fill"):
            whole_folds(clusters, bad, k, seed)
        return
    folds = whole_folds(clusters, bad, k, seed)
    assert set(folds) == set(range(k))
    assert len({(cluster, fold) for cluster, fold in zip(clusters, folds, strict=True)}) == len(set(clusters))


def test_folds_share_bads_and_rows_evenly(make: Maker) -> None:
    ts = long_history(make, n=4000)
    folds = group_folds(ts, 5, seed=0)
    rows, bads = np.bincount(folds), np.bincount(folds, ts.bad)
    assert rows.max() - rows.min() < 0.1 * rows.mean()
    assert bads.max() - bads.min() < 0.2 * bads.mean()
    assert (folds == group_folds(ts, 5, seed=0)).all()


def test_single_rows_are_dealt_evenly_too() -> None:
    folds = whole_folds(np.arange(1000), (np.arange(1000) < 220).astype(float), 5, seed=1)
    assert np.bincount(folds).tolist() == [200] * 5
    assert np.bincount(folds[:220]).tolist() == [44] * 5


def test_one_fold_is_no_fold() -> None:
    with pytest.raises(InvalidInput, match="folds"):
        whole_folds([1, 2], [0, 1], 1, seed=0)


def test_the_random_split_tests_the_very_same_rows(make: Maker) -> None:
    ts = long_history(make)
    split = out_of_time(ts, test_share=0.3, held_out_groups=0.2)
    pairs = list(random_twins(ts, split.same_groups, split, seed=5))
    tested = [ids(test) for _, test in pairs]
    assert tested[0] | tested[1] == ids(split.same_groups)
    assert not tested[0] & tested[1]
    for train, test in pairs:
        assert len(train) == len(split.train)
        assert not ids(train) & ids(test)
        # It flatters because later rows, and the held-out groups, may teach.
        assert train.frame["as_of"].max() > split.first_test


def test_a_strange_test_row_is_refused(make: Maker) -> None:
    ts = long_history(make)
    split = out_of_time(ts, test_share=0.3, held_out_groups=0.2)
    with pytest.raises(InvalidInput, match="not among"):
        next(random_twins(split.train, split.same_groups, split))
