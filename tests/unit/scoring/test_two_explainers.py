"""Two independent explainers of one model of real features: contributions agree, and so do the reasons."""

import numpy as np
import pytest

from riskscore.dataset import TrainingSet
from riskscore.modelling.boosting import Settings, fit_trees
from riskscore.modelling.calibrated import CalibratedModel, groups_of
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import FeatureReference
from riskscore.modelling.rows import columns_of, rows_of
from riskscore.scoring.reasons import Reasons
from tests.unit.scoring.conftest import ROOT

pd = pytest.importorskip("pandas", reason="woodelf takes data frames")
woodelf = pytest.importorskip("woodelf", reason="pip install 'riskscore[bulk]'")


@pytest.fixture(scope="module")
def fitted(portfolio, lock):
    """The starter's recipe fitted on a simulated institution, without the search for settings."""
    recipe = Recipe.parse((ROOT / "training" / "member_default.toml").read_text("utf-8"))
    columns = columns_of(recipe, lock)
    rows = rows_of(TrainingSet.build(portfolio, lock), columns.names, recipe.first_cycle)
    groups = groups_of(columns.names, columns.families, tuple(recipe.caps))
    kept = rows.decided
    settings = Settings(0.06, 8, 40, 5.0, 0.7, 0.8, 120)
    trees = fit_trees(rows.X[kept], rows.y[kept], columns.names, columns.risks, groups, settings, seed=1)
    return CalibratedModel(trees, columns.families, 1.1, -0.2, recipe.caps), rows.X


def by_woodelf(model, X):
    filled = X.copy()
    for column, name in enumerate(model.features):
        if name in model.margin.stand_ins:
            filled[np.isnan(X[:, column]), column] = model.margin.stand_ins[name]
    import lightgbm

    booster = lightgbm.Booster(model_str=model.margin.text)
    frame = pd.DataFrame(filled, columns=list(model.features))
    return np.asarray(woodelf.WoodelfExplainer(booster).shap_values(frame, verbose=False), dtype=np.float64)


def test_woodelf_and_lightgbm_agree_to_a_hundred_thousandth_of_the_margin(fitted):
    model, X = fitted
    assert np.isnan(X).any()
    assert np.abs(model.margin.contributions(X)).max() > 0.1
    np.testing.assert_allclose(by_woodelf(model, X), model.margin.contributions(X), rtol=0, atol=1e-5)


def test_they_give_the_same_reasons(fitted, lock):
    model, X = fitted
    support = {
        name: FeatureReference.of(X[:, place], X[:, place], lock.feature(name).risk)
        for place, name in enumerate(model.features)
    }
    reasons = Reasons(lock, model.features, support)
    ours, theirs = (model.scale.points(model.a * phi) for phi in (model.margin.contributions(X), by_woodelf(model, X)))
    same = (reasons.places(ours, X) == reasons.places(theirs, X)).all(axis=1)
    # The rest are ties, or effects at the edge of half a point, to within what single precision tells apart.
    assert same.mean() > 0.99
