"""Bins fixed on development, a bin for what is missing, and a critical value that knows clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.evaluation import drift, fixed_bins, psi

ACTUAL = [6, 8, 9, 10, 10, 11, 11, 11, 12, 12]


def test_golden_index_through_fixed_bins() -> None:
    base = np.repeat(np.arange(10.0), 100)
    found = drift(fixed_bins(base), np.repeat(np.arange(10.0), ACTUAL))
    assert found.psi == pytest.approx(0.036102, abs=5e-7)
    assert found.bins == 10
    assert found.plain_critical == pytest.approx(16.919 * (1 / 1000 + 1 / 100), abs=1e-4)
    assert found.verdict == "stable"


def test_what_is_missing_has_a_bin_of_its_own() -> None:
    base = np.r_[np.arange(90.0), [math.nan] * 10]
    now = np.r_[np.arange(50.0), [math.nan] * 50]
    found = drift(fixed_bins(base), now)
    assert (found.missing_development, found.missing) == (0.1, 0.5)
    assert found.verdict == "shift"


def test_a_column_that_is_all_missing_or_constant_has_no_index_to_speak_of() -> None:
    nothing = np.full(100, math.nan)
    assert drift(fixed_bins(nothing), nothing).psi == 0.0
    assert drift(fixed_bins(np.ones(100)), np.ones(60)).verdict == "stable"
    assert drift(fixed_bins(np.ones(100)), nothing).verdict == "shift"


def test_few_rows_are_a_word_and_no_number() -> None:
    found = drift(fixed_bins(np.arange(100.0)), np.arange(10.0))
    assert found.verdict == "too_few"
    assert found.to_dict()["psi"] is None


def test_the_season_before_is_counted_in_the_bins_of_development() -> None:
    draw = np.random.default_rng(1)
    fixed = fixed_bins(draw.normal(size=1000))
    last_year = draw.normal(1.0, 1.0, size=400)
    assert drift(fixed, last_year).verdict == "shift"
    assert drift(fixed.filled(last_year), draw.normal(1.0, 1.0, size=400)).verdict == "stable"


def test_the_clustered_critical_value_keeps_its_size_where_a_bank_shares_the_value() -> None:
    draw = np.random.default_rng(9)
    clusters = np.repeat(np.arange(60), 15)
    plain, clustered = [], []
    for _ in range(200):
        one, two = (np.repeat(draw.normal(size=60), 15) for _ in range(2))
        found = drift(fixed_bins(one, clusters, bins=5), two, clusters)
        plain.append(found.psi > found.plain_critical)
        clustered.append(found.psi > found.critical)
    assert np.mean(plain) > 0.8
    assert np.mean(clustered) < 0.10


@given(st.integers(0, 10_000))
def test_the_clustered_critical_value_is_never_under_the_plain_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    one, two = draw.integers(0, 4, 80).astype(float), draw.integers(0, 4, 60).astype(float)
    found = drift(fixed_bins(one, draw.integers(0, 9, 80)), two, draw.integers(0, 9, 60))
    assert found.critical >= found.plain_critical - 1e-12
    assert found.psi >= 0.0


@given(st.lists(st.integers(1, 50), min_size=3, max_size=3), st.lists(st.integers(1, 50), min_size=3, max_size=3))
def test_drift_is_the_index_of_the_counts(before: list[int], now: list[int]) -> None:
    one, two = (np.repeat(np.arange(3.0), 12 * np.array(counts)) for counts in (before, now))
    fixed = fixed_bins(one)
    counted = [np.bincount(fixed.of(column), minlength=4) for column in (one, two)]
    used = (counted[0] > 0) | (counted[1] > 0)
    if used.sum() > 1:
        assert drift(fixed, two).psi == pytest.approx(psi(counted[0][used], counted[1][used]))


def test_samples_of_one_population_alarm_no_oftener_than_promised_where_bins_hold_few() -> None:
    draw = np.random.default_rng(11)
    alarms = []
    for _ in range(800):
        found = drift(fixed_bins(draw.normal(size=1000)), draw.normal(size=60))
        alarms.append(found.psi > found.critical)
    assert np.mean(alarms) < 0.07
