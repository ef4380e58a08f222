"""From a portfolio to a champion of twenty cases, and to one row an association."""

import json
import re

import numpy as np
import polars as pl
import pytest

from riskscore.errors import ArtefactError, InvalidInput
from riskscore.modelling import Recipe, artefact, train
from riskscore.modelling.expert.belief import Cases, mode_after
from riskscore.modelling.expert.interval import told
from riskscore.modelling.expert.pools import levels_of
from riskscore.scoring.producers import score_producers

from .conftest import RECIPE


@pytest.fixture(scope="module")
def scores(champion, institution):
    return score_producers(champion, institution, "2025-06-30", explain=True)


def test_the_champion_is_text_and_comes_back_as_it_was(trained, champion, institution):
    assert sorted(path.name for path in trained.folder.iterdir()) == [
        "card.md",
        "lock.json",
        "manifest.json",
        "model.json",
        "recipe.toml",
        "reference.json",
    ]
    before, after = trained.winner.developed.model.margin, champion.model.margin
    X = trained.winner.later.X
    assert after.contributions(X).tolist() == before.contributions(X).tolist()
    levels = {pool: [""] * len(X) for pool in before.scorecard.pools}
    one, two = told(before.belief, before.z(X), levels), told(after.belief, after.z(X), levels)
    assert two.pd.tolist() == one.pd.tolist()
    assert two.low == pytest.approx(one.low, rel=1e-4)


def test_contributions_and_base_are_the_margin_and_the_mean_is_nought(trained, champion):
    margin, X = champion.model.margin, trained.winner.later.X
    by_hand = margin.belief.mode[0] + margin.z(X) @ margin.belief.coefficients
    assert margin.base + margin.contributions(X).sum(axis=1) == pytest.approx(by_hand, abs=1e-12)
    assert champion.model.log_odds(X) == pytest.approx(by_hand, abs=1e-12)


def test_what_was_answered_on_the_day_knew_nothing_later(trained, recipe, starter_lock, institution):
    """Outcomes that became final after a day are turned round: the answers of that day and before stay."""
    from riskscore.dataset import TrainingSet
    from riskscore.modelling.expert.points import dimension_points, expert_log_odds, points_of
    from riskscore.modelling.expert.training import answers_of_the_day

    candidate = recipe.candidates[0]
    rows = TrainingSet.build(institution, starter_lock, recipe.outcome)
    X = rows.frame.select(candidate.features).fill_null(np.nan).to_numpy()
    z = expert_log_odds(
        candidate.anchor,
        candidate.dimensions,
        dimension_points(candidate.dimensions, candidate.indicators, points_of(candidate.indicators, X)),
    )
    levels = levels_of(institution, rows.frame)
    day = rows.frame["as_of"].sort()[len(rows) * 2 // 3]
    turned = rows.frame.with_columns(
        bad=pl.when(pl.col("final_at") >= day).then(1 - pl.col("bad")).otherwise(pl.col("bad"))
    )
    other = TrainingSet(turned, rows.features, rows.outcome, rows.content_hash, rows.lock_sha256)
    first, second = (answers_of_the_day(recipe, candidate, one, z, levels) for one in (rows, other))
    early = (rows.frame["as_of"] <= day).to_numpy()
    assert first[early].tolist() == second[early].tolist()
    assert (first[~early] != second[~early]).any()


def test_the_card_lays_prior_and_posterior_side_by_side(trained):
    card = trained.winner.card
    assert "verified = false" in card
    assert re.search(r"\| Governance \| 25 \| 1\.000 ± 0\.500 \| \d\.\d{3} ± 0\.\d{3} \|", card)
    assert re.search(r"prior predictive p-value \| 0?\.?\d", card)
    assert re.search(r"\d+ % expert, \d+ % data", card)
    assert "AUC |" not in card.split("## Gates")[0].replace("| segment | rows | bads | AUC", "")


def test_there_is_one_row_an_association_and_points_add_up(scores, institution):
    kinds = institution.table("groups").filter(kind="producer_association")["id"].unique()
    asked = institution.table("applications").filter(pl.col("group_id").is_in(kinds.to_list()))
    before = asked.filter(pl.col("known_at") <= pl.datetime(2025, 6, 30))["group_id"].unique()
    assert scores["group_id"].to_list() == sorted(before.to_list())
    points = [name for name in scores.columns if name.startswith("points")]
    summed = scores.select(pl.sum_horizontal(points)).to_series()
    assert (summed - scores["score"]).abs().max() < 1e-9


def test_every_answer_has_its_interval_and_says_whose_word_it_is(scores):
    assert ((scores["low"] < scores["pd"]) & (scores["pd"] < scores["high"])).all()
    assert (scores["low"] > 0).all()
    assert (scores["high"] < 1).all()
    assert scores["prior_share"].is_between(0.3, 1.0).all()
    assert (scores["effective_n"] > 0).all()
    assert scores["whose_word"].str.contains(r"^\d+ % experto, \d+ % datos$").all()
    dimensions = [name for name in scores.columns if name.startswith("expert_points.")]
    assert len(dimensions) == 5
    assert (scores.select(pl.sum_horizontal(dimensions)).to_series() - scores["expert_points"]).abs().max() < 1e-9
    assert scores["expert_points"].is_between(0, 100).all()


def test_alone_is_as_in_the_file(scores, champion, institution):
    """The mode of a score is the design of its own row: nothing of the others is in it."""
    margin = champion.model.margin
    effects = {pool: scores[f"points.pool_{pool}"] / -champion.model.scale.factor for pool in margin.scorecard.pools}
    names = [f"points.{name}" for name in margin.features]
    log_odds = margin.base + scores.select(pl.sum_horizontal(names)).to_series() / -champion.model.scale.factor
    for one in effects.values():
        log_odds = log_odds + one
    pd = 1 / (1 + (-log_odds).exp())
    assert (pd - scores["pd"]).abs().max() < 1e-12


def test_the_truth_lies_in_most_intervals(scores, institution):
    from riskscore.simulator import truth

    known = truth(institution.path).producers.join(scores, on="application_id")
    held = ((known["low"] <= known["p_bad"]) & (known["p_bad"] <= known["high"])).mean()
    assert known.height >= 15
    assert held >= 0.75


def test_seed_and_portfolio_make_the_same_model(trained, recipe, starter_lock, institution, tmp_path):
    again = train(recipe, starter_lock, institution, seed=1, folder=tmp_path)
    assert (again.folder / "model.json").read_text() == (trained.folder / "model.json").read_text()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda model: model["margin"]["mode"].pop(), "margin"),
        (lambda model: model["margin"]["draws"][0].append(1.0), "margin.draws"),
        (lambda model: model["margin"].pop("covariance"), "margin"),
        (lambda model: model["margin"]["levels"].pop("season"), "margin.levels"),
        (lambda model: model.update(a=1.1), "a"),
    ],
)
def test_a_changed_model_is_refused_before_it_is_built(trained, tmp_path, change, where):
    import hashlib
    import shutil

    folder = tmp_path / "changed"
    shutil.copytree(trained.folder, folder)
    model = json.loads((folder / "model.json").read_text())
    change(model)
    text = json.dumps(model).encode()
    (folder / "model.json").write_bytes(text)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["model.json"] = {"sha256": hashlib.sha256(text).hexdigest(), "size": len(text)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtefactError) as error:
        artefact.load(folder)
    assert any(fault.where.startswith(f"model.json: {where}") for fault in error.value.faults)


def test_what_the_recipe_may_not_ask_for_is_told_at_once(starter_lock, institution):
    text = RECIPE.read_text(encoding="utf-8").replace("held_out_groups = 0.0", "held_out_groups = 0.2")
    text = text.replace('feature = "equity_ratio"', 'feature = "equity_share"')
    with pytest.raises(InvalidInput) as error:
        train(Recipe.parse(text), starter_lock, institution)
    assert [fault.where.rpartition(" ")[2] for fault in error.value.faults] == [
        "candidates[1].indicators[9].feature",
        "split.held_out_groups",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("label", "bad"), [("good", 0), ("bad", 1), ("indeterminate", None)])
def test_a_fund_of_one_outcome_is_trained_and_scored_all_the_same(
    recipe, starter_lock, institution, tmp_path, label, bad
):
    """No bad at all, nothing but bads, and nothing that can be told either way."""
    from riskscore.dataset import TrainingSet
    from riskscore.modelling.expert.training import train_on_cases

    built = TrainingSet.build(institution, starter_lock, recipe.outcome)
    frame = built.frame.with_columns(label=pl.lit(label), bad=pl.lit(bad, dtype=pl.Int8))
    rows = TrainingSet(frame, built.features, built.outcome, built.content_hash, built.lock_sha256)
    run = train_on_cases(
        recipe,
        starter_lock,
        rows,
        levels_of(institution, frame),
        recipe.candidates[0],
        data_date="2025-12-31",
        seed=1,
        folder=tmp_path,
        progress=lambda _: None,
    )
    scores = score_producers(artefact.load(run.folder), institution, "2025-06-30")
    assert scores["pd"].is_between(0.002, 0.98).all()
    assert (scores["low"] > 0).all()
    assert (scores["high"] < 1).all()
    assert scores["conflict"].unique().to_list() == [label == "bad"]
    assert ("no concuerdan" in scores["conflict_es"][0]) is (label == "bad")
    assert run.winner.evaluations["later"].too_few is not None
    if label == "indeterminate":
        assert scores["prior_share"].to_list() == pytest.approx([1.0] * len(scores))
        assert run.winner.developed.model.margin.belief.base_rate == pytest.approx(0.10)


def test_a_fund_without_a_bad_still_has_a_model(candidate):
    z = np.zeros((20, 5))
    levels = {pool: [str(n) for n in range(20)] for pool in candidate.pools}
    for bads, inside in ((0, (0.02, 0.10)), (20, (0.2, 0.9))):
        mode = mode_after(candidate.prior, Cases(z, levels, np.r_[np.ones(bads), np.zeros(20 - bads)]))
        assert inside[0] < 1 / (1 + np.exp(-mode.at[0])) < inside[1]
