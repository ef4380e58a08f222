"""A learnt model of communal banks with the structure of its run beside it: kept, read, refused, and what it tells."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from riskscore.catalog import Catalog
from riskscore.errors import ArtefactError, InvalidInput
from riskscore.modelling import artefact
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.communal_bank.behind import Standing
from riskscore.modelling.communal_bank.structural import COLUMN, FAMILY, Structural
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import Band, FeatureReference, Reference
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.project import Project
from riskscore.reports.register_page import register_page
from riskscore.scoring.bank_pd import BankPD, learnt_pd
from riskscore.scoring.communal_bank import outlook, outlook_frame, outlooks
from riskscore.scoring.register import RegisterWords, register
from tests.unit.modelling.test_communal_bank import LEVEL, STRUCTURE

ROOT = Path(__file__).parents[3]
SCALE = ScoreScale(600, 50, 20)


@pytest.fixture(scope="module")
def lock():
    return Catalog.from_folder(ROOT / "features").lock()


def card_of(lock, family):
    """Return a scorecard of the first feature of a family: below 5 safer, log-odds -3 -/+ 0.9."""
    name = next(one.name for one in lock.predictors if one.family == family)
    bins = Bins(name, (5.0,), (1.0, -1.0), 0.0, 0.0, -0.9, (80, 15, 5), (4, 6, 0))
    return CalibratedModel(Scorecard((name,), -3.0, (bins,)), {name: family}, 1.0, 0.0, {}, SCALE)


@pytest.fixture
def keep(lock, tmp_path):
    """Write a champion: the structure itself, or a learnt one with or without it."""
    structure = Structural(card_of(lock, "repayment"), STRUCTURE, LEVEL, -4.0)

    def written(name, *, learnt=True, beside=True):
        model = card_of(lock, "group") if learnt else CalibratedModel(structure, {COLUMN: FAMILY}, 1.0, -0.4, {}, SCALE)
        bands = (
            Band(None, 580.0, 50, 6, 20, 0.12, 0.05, 0.20, 0.9),
            Band(580.0, None, 90, 2, 30, 0.02, 0.01, 0.06, 0.9),
        )
        return artefact.save(
            tmp_path / name,
            model=model,
            lock=lock,
            recipe=Recipe.parse((ROOT / "training" / "group_default.toml").read_text(encoding="utf-8")),
            reference=Reference(
                features={one: FeatureReference(4.0, 4.0, 0.0, 10.0, 0.0) for one in model.features},
                bands=bands,
                metrics={"gates": []},
            ),
            card="# Card\n",
            structure=structure if beside else None,
        )

    return written


def members():
    return Standing(
        np.full(15, 0.08), np.repeat(np.arange(3), 5), *(np.full(15, one) for one in (300.0, 40.0, 15.0)), 0, 0
    )


def test_the_structure_beside_it_is_hashed_and_read_as_it_was_written(keep, lock):
    champion = artefact.load(keep("learnt"))
    assert champion.model.kind == "woe_scorecard"
    assert champion.structure.to_json() == Structural(card_of(lock, "repayment"), STRUCTURE, LEVEL, -4.0).to_json()
    assert champion.structure.level == LEVEL
    folder = keep("touched")
    text = (folder / "structure.json").read_text(encoding="utf-8")
    (folder / "structure.json").write_text(text.replace('"mean": -4.0', '"mean": -3.0'), encoding="utf-8")
    with pytest.raises(ArtefactError, match="SHA-256"):
        artefact.load(folder)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda content: None, "structure.json"),
        (lambda content: {**content, "kind": "woe_scorecard"}, "structure.json"),
        (lambda content: {**content, "mean": None}, "structure.json: margin.mean"),
        (lambda content: {**content, "member": {**content["member"], "a": -1.0}}, "structure.json: margin.member.a"),
    ],
)
def test_a_forged_structure_is_not_built(keep, change, where):
    folder = keep("forged")
    forge(folder, change(json.loads((folder / "structure.json").read_text(encoding="utf-8"))))
    with pytest.raises(ArtefactError) as told:
        artefact.load(folder)
    assert [fault.where for fault in told.value.faults] == [where]


def test_a_structure_of_other_features_is_refused(keep):
    folder = keep("other")
    text = (folder / "structure.json").read_text(encoding="utf-8")
    name = json.loads(text)["member"]["features"][0]
    forge(folder, json.loads(text.replace(f'"{name}"', '"unheard_of"')))
    with pytest.raises(ArtefactError) as told:
        artefact.load(folder)
    assert [fault.where for fault in told.value.faults] == ["structure.json: unheard_of"]


def forge(folder, content):
    """Change the structure and let the manifest vouch for it."""
    raw = json.dumps(content).encode()
    (folder / "structure.json").write_bytes(raw)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["structure.json"] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_structural_model_holds_its_own_and_none_lies_beside_it(keep):
    with pytest.raises(ArtefactError) as told:
        artefact.load(keep("both", learnt=False))
    assert [fault.where for fault in told.value.faults] == ["structure.json"]


def test_a_learnt_one_of_before_loads_and_says_that_it_has_no_outlook(keep):
    champion = artefact.load(keep("older", beside=False))
    assert champion.structure is None
    with pytest.raises(InvalidInput, match="it has a PD and no outlook"):
        outlooks(champion, None, datetime(2025, 1, 1))


def test_a_learnt_pd_has_the_range_of_its_band_and_none_outside_what_was_learnt_from(keep):
    champion = artefact.load(keep("learnt"))
    low, high, beyond = (learnt_pd(champion, {champion.model.features[0]: value}) for value in (3.0, 9.0, 11.0))
    # Log-odds -3.9 and -2.1; scores 599.6 and 547.7.
    assert low.pd == pytest.approx(0.019840, abs=1e-6)
    assert (low.low, low.high) == (0.01, 0.06)
    assert high.pd == pytest.approx(0.109097, abs=1e-6)
    assert (high.low, high.high) == (0.05, 0.20)
    assert beyond == BankPD(high.pd, None, None, 0.0)


def told(champion, learnt):
    of = None if learnt is None else BankPD(learnt, 0.01, 0.06, 0.0)
    return outlook(champion, members(), "X", "B", "open_request", datetime(2025, 1, 1), learnt=of)


def test_one_probability_of_external_default_and_everything_else_agrees_with_it(keep):
    own = told(artefact.load(keep("structural", learnt=False, beside=False)), None)
    champion = artefact.load(keep("learnt"))
    for pd in (0.01, 0.12):
        found = told(champion, pd)
        assert (found.pd, found.pd_from, found.prior_share) == (pd, "woe_scorecard", 0.0)
        assert (found.in_arrears, found.cover, found.structural_pd) == (own.in_arrears, own.cover, own.structural_pd)
        assert found.expected_loss / pd == pytest.approx(own.expected_loss / own.pd)
        fall = found.waterfall
        assert fall.by_lender == found.expected_loss
        assert fall.loss == pytest.approx(
            fall.by_savings + fall.by_group + fall.by_fund + fall.by_untold + fall.by_lender
        )
    assert told(champion, 0.01).covers_falls >= told(champion, 0.12).covers_falls
    assert told(champion, 0.01).state == "ready"
    assert told(champion, 0.12).state == "talk_first"


def test_a_pd_that_the_worlds_cannot_have_stands_alone_in_its_row(keep):
    found = told(artefact.load(keep("learnt")), 0.95)
    row = outlook_frame([found]).row(0, named=True)
    assert (row["pd"], row["grade"], row["state"]) == (0.95, "E", "talk_first")
    missing = {name for name, value in row.items() if value is None}
    amounts = {"loss", "by_savings", "by_group", "by_fund", "by_untold", "by_lender"}
    assert missing == amounts | {f"p_{k}_plus" for k in (1, 2, 3)} | {
        "expected_loss",
        "expected_in_arrears",
        "covers_falls",
    }


def test_the_cover_of_one_fall_is_the_waterfalls(keep):
    cover = told(artefact.load(keep("learnt")), 0.02).cover
    # Of three falls .1, .2 and 1.0 of a loan of 300 are missing; savings pay 0, 0 and .1, the group .1, .1 and .2.
    assert (cover.lent, cover.one_fall) == pytest.approx((4_500.0, 130.0))
    assert (cover.savings, cover.group) == pytest.approx((10.0, 40.0))
    assert (cover.fund, cover.savings_untold, cover.spare_untold) == (225.0, 0, 0)


@pytest.mark.parametrize(
    ("beside", "language", "words"),
    [
        (True, "es", "sale de la estructura del mismo entrenamiento"),
        (True, "en", "comes from the structure of the same training run"),
        (False, "es", "no tiene perspectiva"),
        (False, "en", "it has no outlook"),
    ],
)
def test_pages_say_where_the_outlook_comes_from(keep, beside, language, words):
    champion = artefact.load(keep("page", beside=beside))
    entry = register(
        champion, Project.open(ROOT).policy(), RegisterWords.load(ROOT / "serving" / "register.toml"), language
    )
    page = register_page(entry, country="PE", currency="", folder=ROOT / "serving" / "reports")
    assert words in page
    figures = {"days_after_maturity": 30, "days_late": 31, "indeterminate_days_late": 9}
    assert (entry["system"]["outcome"], entry["system"]["maturity_rule"]) == ("group_external", figures)
    # Two features of the lock: its own, and what the members' scorecard beside it reads.
    assert len(entry["logic"]["features"]) == (2 if beside else 1)
    assert (("Severidad" if language == "es" else "Severity") in page) == beside
