"""The estimators among scikit-learn's: its own checks, labels of any kind, exact sums, what is said and refused."""

import math
import warnings
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from riskscore.errors import ArtefactError, InvalidInput
from riskscore.modelling.estimators import (
    ColumnsLeftOut,
    MonotoneTreesClassifier,
    NothingLearnt,
    ScorecardClassifier,
    scored_table,
)
from riskscore.modelling.estimators.points_table import points_table
from riskscore.modelling.estimators.saved import written

QUICK = {"trials": 1, "fits": 2, "trees": 40, "folds": 2, "rows_per_leaf": (1, 20), "calibration_folds": 3}

#: scikit-learn's checks that an estimator does not pass, and why: none.
EXPECTED_TO_FAIL: dict[str, str] = {}


def card(**more: object) -> ScorecardClassifier:
    return ScorecardClassifier(**{"calibration_folds": 2, **more})


def trees(**more: object) -> MonotoneTreesClassifier:
    return MonotoneTreesClassifier(**{**QUICK, **more})


def dirty(n: int, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """Return a table as institutions have them, and labels that its columns tell of."""
    draw = np.random.default_rng(seed)
    late, trade = draw.poisson(1.0, n).astype(float), draw.choice(["weaving", "shop", "farm"], n)
    code = draw.random(n) < 0.1
    income = np.where(draw.random(n) < 0.1, np.nan, draw.lognormal(6.0, 0.7, n).round(2))
    z = -1.8 + 0.8 * late + 0.9 * (trade == "farm") + 1.2 * code + 0.5 * np.isnan(income)
    bad = (draw.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    ratio = np.where(draw.random(n) < 0.02, np.inf, draw.random(n))
    asked = [
        "?" if one else str(number)
        for one, number in zip(draw.random(n) < 0.05, draw.integers(100, 999, n), strict=True)
    ]
    table = pl.DataFrame(
        {
            "loan": np.arange(n) + 5000,
            "late": np.where(code, 98.0, late),
            "trade": trade,
            "income": pl.Series(income).fill_nan(None),
            "ratio": ratio,
            "asked": asked,
            "savings": draw.random(n) < 0.5,
            "country": ["PE"] * n,
        }
    )
    return table, bad


@pytest.mark.parametrize("estimator", [card(), trees()], ids=["scorecard", "trees"])
def test_it_passes_every_check_of_scikit_learn(estimator) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(estimator, expected_failed_checks=EXPECTED_TO_FAIL, on_skip=None, on_fail=None)
    assert {one["check_name"]: str(one["exception"]) for one in found if one["status"] == "failed"} == {}
    # The array API is a switch of scipy's, off unless asked for; nothing else is passed over.
    assert {one["check_name"] for one in found if one["status"] == "skipped"} <= {"check_array_api_input"}
    assert sum(one["status"] == "passed" for one in found) > 50


@pytest.fixture(scope="module", params=["scorecard", "trees"])
def fitted(request):
    table, bad = dirty(600)
    estimator = card() if request.param == "scorecard" else trees(calibration_folds=2)
    with pytest.warns(ColumnsLeftOut) as said:
        estimator.fit(table, bad)
    return estimator, table, bad, str(said[0].message)


def test_an_id_and_a_constant_are_left_out_and_said(fitted) -> None:
    estimator, *_, said = fitted
    assert estimator.coding_.kept == ("late", "trade", "income", "ratio", "asked", "savings")
    assert "'loan': another whole number in every row" in said
    assert "'country': the same value in every row" in said
    assert estimator.coding_.codes == {"late": (98.0,)}
    assert estimator.coding_.levels == {"trade": ("farm", "shop", "weaving")}


def test_it_ranks_and_its_probabilities_have_the_right_level(fitted) -> None:
    estimator, *_ = fitted
    table, bad = dirty(3000, seed=1)
    p = estimator.predict_proba(table)[:, 1]
    assert abs(p.mean() - bad.mean()) < 0.05
    assert p[bad == 1].mean() > p[bad == 0].mean() + 0.1


def test_every_kind_of_table_gives_the_same_answer_and_its_own_kind_back(fitted) -> None:
    estimator, table, *_ = fitted
    expected = estimator.decision_function(table)
    pandas, arrow = table.to_pandas(), table.to_arrow()
    for one in (pandas, arrow, table.with_columns(pl.col("trade").cast(pl.Categorical))):
        np.testing.assert_array_equal(estimator.decision_function(one), expected)
    assert type(scored_table(estimator, pandas)) is type(pandas)
    assert isinstance(scored_table(estimator, arrow), pa.Table)
    scored = scored_table(estimator, table)
    points = scored.select(pl.sum_horizontal("base", pl.col("^points_.*$"))).to_series()
    np.testing.assert_allclose(points, scored["score"], rtol=0, atol=1e-9)
    assert clone(estimator).set_params(random_state=3).get_params()["random_state"] == 3


def test_contributions_come_as_the_frame_one_asks_for(fitted) -> None:
    estimator, table, bad, _ = fitted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColumnsLeftOut)
        frames = clone(estimator).set_output(transform="polars").fit(table, bad)
    out = frames.transform(table)
    assert isinstance(out, pl.DataFrame)
    assert out.columns == ["late", "trade", "income", "ratio", "asked", "savings"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    late=st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
    trade=st.one_of(st.none(), st.sampled_from(["farm", "shop", "weaving", "never seen", " farm "])),
    income=st.one_of(st.none(), st.floats(-1e12, 1e12)),
    asked=st.sampled_from(["12", "?", "", "1e3"]),
)
def test_contributions_add_up_whatever_the_row_holds(fitted, late, trade, income, asked) -> None:
    estimator, table, *_ = fitted
    row = table[:1].with_columns(
        late=pl.lit(late, pl.Float64),
        trade=pl.lit(trade, pl.String),
        income=pl.lit(income, pl.Float64),
        asked=pl.lit(asked),
    )
    why = estimator.explain(row)
    assert abs(why.base + why.phi.sum() - estimator.decision_function(row)[0]) < 1e-9
    p = estimator.predict_proba(row)
    assert p.sum() == pytest.approx(1.0)
    assert 0.0 < p[0, 1] < 1.0


def test_one_row_reads_as_it_does_among_others(fitted) -> None:
    estimator, table, *_ = fitted
    whole = estimator.decision_function(table[:40])
    alone = np.concatenate([estimator.decision_function(table[row]) for row in range(40)])
    np.testing.assert_array_equal(alone, whole)


def test_saved_as_json_it_is_the_same_estimator(fitted) -> None:
    estimator, table, *_ = fitted
    again = type(estimator).from_json(estimator.to_json())
    np.testing.assert_array_equal(again.predict_proba(table), estimator.predict_proba(table))
    assert again.get_params() == estimator.get_params()
    other = ScorecardClassifier if isinstance(estimator, MonotoneTreesClassifier) else MonotoneTreesClassifier
    with pytest.raises(ArtefactError, match="It is a"):
        other.from_json(estimator.to_json())
    with pytest.raises(ArtefactError, match="no saved estimator"):
        type(estimator).from_json('{"format": 1}')


def test_points_table_adds_up_to_the_score() -> None:
    table, bad = dirty(800)
    model = card().fit(table.drop("loan", "country"), bad)
    points = model.points_table()
    assert points.columns == ["column", "bin", "rows", "bads", "bad_rate", "woe", "points"]
    base = points.row(0)
    assert base[0] == "(base)"
    # A farmer of 98 "delays" (a code of its own), by hand from the table against the estimator.
    row = pl.DataFrame(
        {"late": [98.0], "trade": ["farm"], "income": [None], "ratio": [0.5], "asked": ["500"], "savings": [True]}
    )
    why = model.explain(row)
    told = {name: -28.853900817779268 * phi for name, phi in zip(why.features, why.phi[0], strict=True)}
    code = points.filter(pl.col("column") == "late").filter(pl.col("bin").str.contains("or more"))
    assert code["points"][0] == pytest.approx(told["late"])
    farm = points.filter(pl.col("column") == "trade").filter(pl.col("bin").str.contains("farm"))
    assert farm["points"][0] == pytest.approx(told["trade"])
    assert code["rows"][0] == int((table["late"] == 98.0).sum())
    assert base[-1] + sum(told.values()) == pytest.approx(487.12287602509124 - 28.853900817779268 * why.log_odds[0])


def test_trees_have_no_points_table_and_a_strange_margin_is_not_saved() -> None:
    table, bad = dirty(300)
    model = trees(trials=1, fits=1).fit(table.select("late", "savings"), bad)
    with pytest.raises(InvalidInput, match=r"A model of the kind 'lightgbm' has no bins\. Ask a ScorecardClassifier"):
        points_table(model.model_, model.coding_)
    inner = model.model_.margin.inner.members[0]  # one booster alone: no estimator fits it
    with pytest.raises(ArtefactError, match="A margin of the kind 'lightgbm' is not saved as JSON"):
        written(replace(model.model_, margin=inner, families={"f0": "table", "f1": "table"}), model.coding_, {})


def test_labels_may_be_any_two_and_the_bad_one_is_named() -> None:
    table, bad = dirty(500)
    words = np.where(bad == 1, "bad", "good")
    usual = card().fit(table.drop("loan", "country"), bad)
    named = card(bad_label="bad").fit(table.drop("loan", "country"), words)
    assert named.classes_.tolist() == ["bad", "good"]
    np.testing.assert_allclose(
        named.predict_proba(table.drop("loan", "country"))[:, 0],
        usual.predict_proba(table.drop("loan", "country"))[:, 1],
    )
    np.testing.assert_array_equal(
        named.predict(table.drop("loan", "country")) == "bad", usual.predict(table.drop("loan", "country")) == 1
    )
    with pytest.raises(InvalidInput, match="none of the labels"):
        ScorecardClassifier(bad_label="worse").fit(table, words)


def test_dates_lists_and_directions_are_refused_all_at_once() -> None:
    table, bad = dirty(100)
    odd = table.with_columns(born=pl.lit(date(1980, 1, 1)), ids=pl.lit([1, 2]))
    with pytest.raises(InvalidInput) as refused:
        ScorecardClassifier().fit(odd, bad)
    assert [fault.where for fault in refused.value.faults] == ["born", "ids"]
    with pytest.raises(InvalidInput) as refused:
        ScorecardClassifier(directions={"late": "up", "nowhere": "rises", "trade": "rises"}).fit(
            table.drop("loan", "country"), bad
        )
    assert [fault.where for fault in refused.value.faults] == [
        "directions.nowhere",
        "directions.late",
        "directions.trade",
    ]
    with pytest.raises(NotFittedError):
        ScorecardClassifier().explain(table)


def test_directions_are_kept() -> None:
    draw = np.random.default_rng(3)
    X = pl.DataFrame({"late": draw.poisson(2.0, 800).astype(float), "noise": draw.normal(size=800)})
    bad = (draw.random(800) < 1 / (1 + np.exp(2.0 - 0.5 * X["late"].to_numpy()))).astype(int)
    ladder = pl.DataFrame({"late": np.arange(12.0), "noise": np.zeros(12)})
    for estimator in (card(directions={"late": "rises"}), trees(directions={"late": "rises"})):
        margins = estimator.fit(X, bad).decision_function(ladder)
        assert (np.diff(margins) >= -1e-12).all()
        assert margins[-1] > margins[0]


def test_a_special_code_follows_no_direction() -> None:
    draw = np.random.default_rng(4)
    never = draw.random(1500) < 0.2
    late = np.where(never, -1.0, draw.poisson(3.0, 1500).astype(float))
    bad = (draw.random(1500) < np.where(never, 0.6, 1 / (1 + np.exp(3.0 - 0.4 * late)))).astype(int)
    X, ladder = pl.DataFrame({"late": late}), pl.DataFrame({"late": [-1.0, 0.0, 3.0, 8.0]})
    for estimator in (card(directions={"late": "rises"}), trees(directions={"late": "rises"})):
        code, *ordinary = estimator.fit(X, bad).predict_proba(ladder)[:, 1]
        assert code > 0.4
        assert ordinary == sorted(ordinary)
        assert ordinary[0] < 0.2


def test_groups_stay_whole() -> None:
    # The outcome is the group's and a column names the group: only whole-group folds see that it tells nothing new.
    draw = np.random.default_rng(8)
    group = np.repeat(np.arange(80), 6)
    bad = (draw.random(80) < 0.4).astype(int)[group]
    X = pl.DataFrame(
        {"mark": draw.normal(size=80)[group] + 1e-6 * draw.normal(size=480), "late": draw.poisson(1.0, 480)}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NothingLearnt)
        apart = trees(calibration_folds=5, trees=80).fit(X, bad, groups=group)
        mixed = trees(calibration_folds=5, trees=80).fit(X, bad)
    assert apart.model_.a < 0.7 * mixed.model_.a


def test_few_rows_get_wide_bins() -> None:
    table, bad = dirty(400)
    smallest = {}
    for least in (1, 30):
        bins = card(min_rows=least).fit(table.drop("loan", "country"), bad).points_table()
        values = bins.filter(~pl.col("bin").is_in(["", "missing"]), pl.col("column").is_in(["income", "ratio"]))
        smallest[least] = values["rows"].min()
    assert smallest[30] >= 30 > smallest[1]


def test_the_best_settings_are_averaged_and_a_seed_each() -> None:
    table, bad = dirty(400)
    model = trees(trials=3, fits=6).fit(table.drop("loan", "country"), bad)
    members = model.model_.margin.inner.members
    rates = [one.text.split("[learning_rate: ")[1].split("]")[0] for one in members]
    assert rates[:3] == rates[3:]
    assert len(set(rates)) == 3
    assert len({one.text for one in members}) == 6


def test_what_tells_nothing_gives_everybody_the_bad_rate() -> None:
    draw = np.random.default_rng(0)
    X, bad = pl.DataFrame({"noise": draw.normal(size=60)}), np.r_[np.ones(12), np.zeros(48)].astype(int)
    with pytest.warns(NothingLearnt):
        p = card().fit(X, bad).predict_proba(X)[:, 1]
    assert np.allclose(p, 0.2, atol=0.01)


def test_a_column_that_parts_bad_from_good_is_binned_and_not_hidden() -> None:
    draw = np.random.default_rng(2)
    bad = (draw.random(400) < 0.3).astype(int)
    X = pl.DataFrame({"closed_on": bad * 10.0 + draw.random(400)})
    model = card().fit(X, bad)
    assert model.score(X, bad) == 1.0
    assert not math.isinf(model.points_table()["woe"].drop_nulls().abs().max())


def test_it_stands_in_a_pipeline(fitted) -> None:
    estimator, table, bad, _ = fitted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColumnsLeftOut)
        assert make_pipeline("passthrough", clone(estimator)).fit(table, bad).score(table, bad) > 0.6
