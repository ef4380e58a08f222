import numpy as np
import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.simulator import Truth, asked_otherwise, simulate, truth


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Truth:
    path = tmp_path_factory.mktemp("otherwise") / "portfolio"
    simulate(path, members=150, seed=3)
    return truth(path)


@pytest.fixture(scope="module")
def as_asked(told):
    return told.applications.select(
        "application_id",
        amount=pl.col("cents") / 100,
        term_days="term",
        frequency=pl.when(pl.col("spacing") == 7).then(pl.lit("weekly")).otherwise(pl.lit("fortnightly")),
        savings=0.0,
        service_less=0.0,
    )


def test_the_same_request_has_the_same_chances(told, as_asked):
    found = asked_otherwise(told, as_asked)
    assert np.allclose(found["p_direct"], told.applications["p_direct"], rtol=0, atol=1e-12)
    # Members whose application lies after the data date pull others too, and stand in no table.
    assert (np.abs(found["p_bad"] - told.applications["p_bad"]) < 1e-12).mean() > 0.9


@pytest.mark.parametrize(
    ("change", "falls"),
    [
        ({"amount": pl.col("amount") * 0.8}, "all"),
        ({"amount": pl.col("amount") * 1.2}, "none"),
        ({"savings": pl.lit(20.0)}, "with_a_past"),
        ({"service_less": pl.lit(30.0)}, "with_debts"),
    ],
)
def test_what_each_lever_does(told, as_asked, change, falls):
    before = asked_otherwise(told, as_asked)
    after = asked_otherwise(told, as_asked.with_columns(**change))
    fell = (after["p_direct"] < before["p_direct"]).to_numpy()
    truth_of = told.applications
    full = ((truth_of["savings"] / truth_of["cents"]) >= 0.6).to_numpy()
    at_most = (truth_of["cause_capacity"] >= 1.5 * 0.9 - 1e-9).to_numpy()
    old = (truth_of["previous"] > 0).to_numpy()
    if falls == "all":
        assert fell[~at_most].all()
    elif falls == "none":
        assert not fell.any()
    elif falls == "with_a_past":
        assert (fell == (old & ~full)).all()
    else:
        owes = (truth_of["service"] > 0).to_numpy()
        assert not fell[~owes].any()
        assert fell[owes & ~at_most].all()


def test_by_hand(told, as_asked):
    row = told.applications.with_row_index("row").filter(
        pl.col("previous") > 0, pl.col("cause_capacity").is_between(-0.5, 0.5), pl.col("spacing") == 7
    )[0]
    place = row["row"][0]
    less = as_asked[place].with_columns(amount=pl.col("amount") - 50)
    found = asked_otherwise(told, less)["p_direct"][0]
    amount, count = row["cents"][0] - 5000, row["term"][0] // 7
    monthly = np.ceil(amount * (1 + 0.025 * row["term"][0] / 30) / count) / 100 * 52 / 12
    capacity = 1.5 * ((row["service"][0] + monthly) / row["surplus"][0] - 0.6)
    growth = 1.3 * (np.log(amount / row["previous"][0]) - 0.10)
    saved = -1.5 * (min(0.6, row["savings"][0] / amount) - 0.15)
    causes = [name for name in row.columns if name.startswith("cause_")]
    others = sum(row[name][0] for name in causes) - sum(
        row[f"cause_{one}"][0] for one in ("capacity", "request", "savings")
    )
    z = told.law.intercept + others + capacity + growth + saved
    assert found == pytest.approx(1 / (1 + np.exp(-z)), abs=1e-12)


def test_what_was_never_simulated_is_refused(told, as_asked):
    with pytest.raises(InvalidInput, match="not simulated"):
        asked_otherwise(told, as_asked.head(1).with_columns(application_id=pl.lit("A9999999")))
    with pytest.raises(InvalidInput, match="frequency"):
        asked_otherwise(told, as_asked.head(1).with_columns(frequency=pl.lit("monthly")))
    old = Truth(told.applications.drop("surplus"), told.producers, told.law)
    with pytest.raises(InvalidInput, match="surplus"):
        asked_otherwise(old, as_asked)
