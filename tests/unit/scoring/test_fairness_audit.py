"""The audit of a champion: the simulator's planted proxy is found, and what nobody may watch is refused."""

from pathlib import Path

import pytest

from riskscore.errors import InvalidInput
from riskscore.evaluation import auc
from riskscore.modelling.refitting import refitted
from riskscore.scoring.fairness import fairness_audit
from riskscore.scoring.watched import Watched
from riskscore.simulator import simulate
from tests.unit.scoring.conftest import ROOT
from tests.unit.scoring.judged import judged_on

FILE = ROOT / "serving" / "fairness.toml"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("fairness") / "portfolio", members=900, seed=23)


@pytest.fixture(scope="module")
def judging(champion, large):
    return judged_on(champion, large)


@pytest.fixture(scope="module")
def found(judging, large, policy):
    return fairness_audit(judging, large, policy, Watched.load(FILE), language="en")


def test_the_planted_proxy_is_found(found):
    language = next(one for one in found.proxies if one.trait == "speaks_spanish")
    planted = next(one for one in language.proxies if one.feature == "travel_minutes")
    assert planted.suspect
    assert planted.auc.low > 0.7
    assert planted.standing == "for audits alone"  # it is watched, so no model may read it
    watched = [one for one in language.proxies if one.standing == "for audits alone"]
    assert watched[0].feature == "travel_minutes"  # of two that were planted, and traits that tell nothing
    assert watched.index(planted) < [one.feature for one in watched].index("age_years")


def test_no_trait_is_in_the_model(found, judging):
    assert set(judging.champion.model.features).isdisjoint(one.name for one in found.traits)
    assert found.not_watched == ()


def test_a_portfolio_of_women_has_no_ratio_by_sex(found):
    sex = next(one for one in found.traits if one.name == "sex_female")
    assert not sex.computable
    assert {one.ratio.verdict for one in sex.groups} == {"not computable"}


def test_on_other_rows_refits_are_held_against_a_refit_with_every_feature(found, judging):
    assert not judging.same_portfolio
    base, *others = found.alternatives
    assert base.without == ()
    again = refitted(judging.champion, judging.train_rows).pd(judging.later_rows.X)
    assert base.auc == pytest.approx(auc(found.judged.y, again))
    assert base.auc != pytest.approx(auc(found.judged.y, found.judged.pd))  # the champion learnt elsewhere
    assert others
    assert all(one.without for one in others)


def test_a_refit_keeps_caps_and_offsets_of_what_is_left(judging):
    model = refitted(judging.champion, judging.train_rows, ("peer_late_share",))
    assert "peer_late_share" not in model.features
    assert model.caps == {}  # the only feature of the capped family is gone
    assert refitted(judging.champion, judging.train_rows).caps == {"group": 20.0}


@pytest.mark.parametrize(("without", "what"), [(("nobody",), "nobody: the champion has none.")])
def test_a_refit_without_what_is_not_there_is_refused(judging, without, what):
    with pytest.raises(InvalidInput) as error:
        refitted(judging.champion, judging.train_rows, without)
    assert error.value.faults[0].what == what


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = FILE.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "fairness.toml"
    file.write_text(text, "utf-8")
    return file


def test_every_fault_of_the_file_is_told_at_once(tmp_path):
    file = changed(
        tmp_path,
        ("line = 0.80", "line = 8"),
        ("cuts = [30, 45, 62]", "cuts = [30, 45]"),
        ('traits = ["lives_rural", "speaks_spanish"]', 'traits = ["lives_rural", "wealth"]'),
    )
    with pytest.raises(InvalidInput) as error:
        Watched.load(file)
    assert [(fault.where, fault.what) for fault in error.value.faults] == [
        ("fairness.toml: line", "8 is out of bounds."),
        ("fairness.toml: traits[3].es", "4 names for 3 groups."),
        ("fairness.toml: traits[3].en", "4 names for 3 groups."),
        ("fairness.toml: crossings[1].traits", "wealth is not watched."),
    ]


def test_a_feature_that_is_not_protected_is_no_trait(tmp_path, judging, large, policy):
    file = changed(tmp_path, ('feature = "district_d001"', 'feature = "loans_elsewhere"'))
    with pytest.raises(InvalidInput, match="It is not protected"):
        fairness_audit(judging, large, policy, Watched.load(file))
