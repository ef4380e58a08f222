"""Over-indebtedness beside the PD: where a household stands, a probability where one makes sense, signs, and a flag."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.dataset import member_cycles
from riskscore.errors import InvalidInput
from riskscore.modelling.recipe import Recipe
from riskscore.scoring import OverIndebtednessScorer, Scorer, Snapshot, tightened
from riskscore.scoring.signals import SIGNALS

RECIPE = (Path(__file__).parents[3] / "training" / "over_indebtedness.toml").read_text("utf-8")
INDICES = ("nii_now", "nii_post", "nii_stress")


@pytest.fixture(scope="module")
def answering(champion, policy) -> OverIndebtednessScorer:
    """The scorecard by hand, under the recipe of over-indebtedness."""
    recipe = Recipe.parse(RECIPE.replace('offsets = ["first_loan"]', "offsets = []"))
    return OverIndebtednessScorer(replace(champion, recipe=recipe), policy)


@pytest.fixture(scope="module")
def frame(answering, snapshot, asked) -> pl.DataFrame:
    return answering.batch(snapshot, asked, explain=True)


def test_no_probability_for_who_is_over_indebted_already_nor_where_it_is_not_known(frame):
    without = frame.filter(pl.col("p_over_indebted").is_null())
    assert set(without["level_now"]) == {"OVER_INDEBTED", "UNKNOWN"}
    told = frame.drop_nulls("p_over_indebted")
    assert {"SOLVENT"} < set(told["level_now"]) <= {"NO_DEBT", "SOLVENT", "AT_RISK"}
    about = [name for name in frame.columns if name in ("score", "grade") or "points" in name or "reason" in name]
    assert without.select(pl.col(about).is_null().all()).row(0) == (True,) * len(about)
    assert without["nii_stress"].is_not_null().any()


def test_the_answers_stand_apart(frame):
    assert not {"pd", "state", "ceiling"} & set(frame.columns)
    assert frame["sacrifice"].dtype == pl.Boolean
    assert {f"signal.{signal.name}" for signal in SIGNALS} < set(frame.columns)
    assert frame["signal.chronic_arrears"].any()
    # Nobody was asked and nobody flagged are two things.
    assert set(frame["sacrifice"].unique()) >= {None, False}


def test_the_indices_are_those_beside_the_pd(frame, scores):
    for row in frame.iter_rows(named=True):
        beside = scores[row["member_id"]].indebtedness
        assert {name: row[f"signal.{name}"] for name in beside.signals} == beside.signals
        assert row["sacrifice"] is beside.sacrifice
        assert (row["level"], row["level_now"]) == (beside.level, beside.level_now)
        assert all(row[name] == getattr(beside, name) for name in (*INDICES, "headroom", "largest_amount"))


def test_alone_equals_in_a_batch(answering, snapshot, asked, frame):
    for place in range(0, asked.height, 7):
        row, alone = frame.row(place, named=True), answering.answer(snapshot, asked[place])
        assert row["p_over_indebted"] == pytest.approx(alone.probability, abs=1e-12)
        assert (row["p_low"], row["p_high"]) == (alone.interval or (None, None))
        assert row["sacrifice"] is alone.sacrifice
        assert {name: row[f"signal.{name}"] for name in alone.signals} == alone.signals
        codes = [row[f"reason_{number}"] for number in range(1, 5)]
        assert [code for code in codes if code is not None] == [reason.code for reason in alone.reasons]


def test_off_the_support_there_is_a_probability_and_no_interval(answering, snapshot, asked, frame):
    inside = frame.drop_nulls(["p_over_indebted", "p_low"])
    member = inside["member_id"][0]
    values = snapshot.values.copy()
    values[snapshot.places[member], snapshot.names.index("worst_delay_180d")] = 9000.0
    moved = answering.answer(replace(snapshot, values=values), asked.filter(member_id=member))
    assert moved.probability is not None
    assert moved.interval is None


def test_an_answer_is_json_with_words_for_every_sign(answering, snapshot, asked):
    told = json.loads(json.dumps(answering.answer(snapshot, asked[0]).to_dict()))
    assert [sign["name"] for sign in told["signals"]] == [signal.name for signal in SIGNALS]
    assert all(sign["es"] and sign["en"] for sign in told["signals"])
    assert all(told[name] is None or told[name] <= 10 for name in INDICES)


def test_a_champion_of_default_does_not_answer(champion, policy):
    with pytest.raises(InvalidInput, match="not about households"):
        OverIndebtednessScorer(champion, policy)


def test_what_is_about_households_is_never_read_as_a_pd(answering, policy):
    with pytest.raises(InvalidInput, match="gives no PD"):
        Scorer(answering.champion, policy)


def test_who_is_no_member_is_told(answering, snapshot, asked):
    stranger = asked[0].with_columns(member_id=pl.lit("nobody"))
    with pytest.raises(InvalidInput, match="no member"):
        answering.answer(snapshot, stranger)


@pytest.mark.slow
def test_a_label_rests_on_the_index_that_the_page_would_have_shown(portfolio, lock, champion, policy):
    """What a training row says of t0 is what the scorer computes at t0, to the last digits."""
    cycles = member_cycles(portfolio, lock).filter(pl.col("nii_then").is_not_nan() & (pl.col("nii_then") > 0))
    applications = portfolio.table("applications").unique("id", keep="first").rename({"id": "application_id"})
    scorer = Scorer(champion, policy)
    compared = 0
    for row in cycles[:: max(1, cycles.height // 5)].iter_rows(named=True):
        snapshot = Snapshot.build(portfolio, lock, row["as_of"], members=[row["member_id"]])
        asked = applications.filter(application_id=row["application_id"]).with_columns(
            pl.col("amount").cast(pl.Float64)
        )
        shown = scorer.batch(snapshot, asked)
        assert shown["nii_now"][0] == pytest.approx(row["nii_then"], abs=1e-9)
        compared += 1
    assert compared >= 5
    assert np.isfinite(cycles["nii_then"].to_numpy()).any()


def test_beside_a_pd_the_probability_only_tightens_the_state(scorer, answering, snapshot, asked, policy):
    plain, answers = scorer.batch(snapshot, asked), answering.batch(snapshot, asked)
    from_here = policy.value("indebtedness.probability_talk_from")
    beside = tightened(plain, answers, policy)
    untouched = [name for name in plain.columns if name != "state"]
    assert beside.select(untouched).equals(plain.select(untouched))
    moved = beside.filter(plain["state"] != beside["state"])
    assert set(moved["state"]) <= {"talk_first"}
    assert (moved["p_over_indebted"] >= from_here).all()
    likely = beside.filter(pl.col("p_over_indebted") >= from_here)
    assert set(likely["state"]) <= {"talk_first"}
    # Nothing is opened where it is low or unknown.
    certain = answers.with_columns(p_over_indebted=pl.lit(0.0))
    assert tightened(plain, certain, policy)["state"].equals(plain["state"])
    worst = tightened(plain, answers.with_columns(p_over_indebted=pl.lit(1.0)), policy)
    assert set(worst["state"].drop_nulls()) == {"talk_first"}
