"""Debts borne by sacrifice: they push households over, and the law of distress does not know of them."""

import numpy as np
import polars as pl
import pytest


def next_one(applications: pl.DataFrame) -> pl.DataFrame:
    """Each application with her net indebtedness at the next one, where there is one."""
    later = pl.col("net_indebtedness").shift(-1).over("member_id")
    return applications.sort("member_id", "as_of").with_columns(later=later).drop_nulls("later")


@pytest.mark.parametrize("scenario", ["normal", "recession"])
def test_the_true_probability_to_pass_one_is_what_happens(make, scenario):
    asked = next_one(make(scenario).truth.applications).filter(pl.col("net_indebtedness") <= 1)
    truth, passed = asked["p_over_indebted"].to_numpy(), (asked["later"] > 1).to_numpy()
    noise = 3 * np.sqrt((truth * (1 - truth)).sum())
    # Who falls leaves more often, and is more troubled than who stays: a little less happens to those who ask again.
    assert abs(passed.sum() - truth.sum()) < noise + 0.05 * truth.sum()
    fifths = np.searchsorted(np.quantile(truth, [0.2, 0.4, 0.6, 0.8]), truth)
    shares = [passed[fifths == fifth].mean() for fifth in range(5)]
    assert shares[0] < 0.03
    assert shares[4] > 3 * shares[0]


def test_a_low_probability_of_distress_says_little_of_what_a_household_can_bear(normal):
    asked = normal.truth.applications
    over = (asked["net_indebtedness"] > 1).to_numpy()
    safest = (asked["p_bad"] < asked["p_bad"].median()).to_numpy()
    assert over[safest].mean() > 0.02
    assert over.mean() < 0.10


def test_a_recession_pushes_more_households_over(make):
    def share(scenario):
        asked = make(scenario).truth.applications.filter(pl.col("as_of") >= pl.datetime(2025, 1, 1))
        return (asked["net_indebtedness"] > 1).mean()

    assert share("recession") > 1.15 * share("normal")
