"""A recipe is read whole or refused with everything that is wrong with it."""

import re
from pathlib import Path

import pytest

from riskscore.errors import InvalidInput
from riskscore.modelling import Recipe
from riskscore.modelling.toml_file import read_toml
from riskscore.scoring import Policy
from riskscore.scoring.watched import Watched

STARTER = Path(__file__).parents[3] / "training" / "member_default.toml"


@pytest.fixture(scope="module")
def text():
    return STARTER.read_text(encoding="utf-8")


def wheres(text):
    with pytest.raises(InvalidInput) as told:
        Recipe.parse(text, where="r")
    return sorted(re.sub(r"^r:\d+:", "r:", fault.where) for fault in told.value.faults)


def test_the_starter_is_the_agreed_one():
    recipe = Recipe.load(STARTER)
    assert (recipe.name, recipe.subject, recipe.ledger) == ("member_default", "member", "internal")
    assert recipe.caps == {"group": 20.0}
    assert (recipe.scale.base, recipe.scale.odds, recipe.scale.pdo) == (600.0, 50.0, 20.0)
    assert [one.kind for one in recipe.candidates] == ["woe_scorecard", "lightgbm"]
    assert recipe.gates.leakage_auc == 0.90
    assert recipe.gates.max_ici == 0.01
    assert [grade.name for grade in recipe.grades] == ["A", "B", "C", "D", "E"]
    assert recipe.grades[-1].below == 1.0
    assert recipe.words["es"].question.startswith("¿")
    assert recipe.text == STARTER.read_text(encoding="utf-8")


def test_every_fault_at_once(text):
    broken = (
        text.replace('ledger = "internal"', 'ledger = "informal"')
        .replace("pdo = 20", "pdo = -20")
        .replace("trials = 12", "trails = 12")
        .replace("slope = [0.80, 1.25]", "slope = [1.25, 0.80]")
        .replace('names = ["A", "B", "C", "D", "E"]', 'names = ["A", "B"]')
        .replace("[words.en]", "[words.fr]")
    )
    assert wheres(broken) == [
        "r: candidates[2].trails",
        "r: candidates[2].trials",
        "r: gates.slope",
        "r: grades.names",
        "r: ledger",
        "r: scale.pdo",
        "r: words.en",
        "r: words.en.question",
        "r: words.en.title",
        "r: words.fr",
    ]


def test_a_file_that_is_none_is_told_as_every_other_toml_is(tmp_path):
    latin = tmp_path / "latin.toml"
    latin.write_bytes('name = "a"\n# año\n'.encode("latin-1"))
    torn = tmp_path / "torn.toml"
    torn.write_text('name = "a\n', encoding="utf-8")
    for read in (Recipe.load, Policy.load, read_toml, Watched.load):
        with pytest.raises(InvalidInput) as told:
            read(tmp_path / "absent.toml")
        assert str(told.value).endswith(
            "absent.toml: It cannot be read: No such file or directory. Copy the starter's with `riskscore init`."
        )
        with pytest.raises(InvalidInput) as told:
            read(latin)
        assert str(told.value) == "latin.toml: Line 2 has a character that is no UTF-8. Save the file as UTF-8."
        with pytest.raises(InvalidInput, match=r"^torn\.toml: It is no TOML: .*line 1.* Mend the line named\.$"):
            read(torn)


def test_a_misspelt_field_is_met_with_the_nearest(text):
    with pytest.raises(InvalidInput, match="Did you mean 'trials'"):
        Recipe.parse(text.replace("trials = 12", "trails = 12"))


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("group = 20 ", "group = 0 ", "r: caps.group"),
        ("min_auc = 0.62", "min_auc = 0.95", "r: gates.leakage_auc"),
        ("trees = 200", "trees = 400", "r: candidates[2].trees"),
        ("leaves = [3, 15]", "leaves = [3, 31]", "r: candidates[2].search.leaves"),
        ("pd_below = [0.03, 0.06, 0.12, 0.25]", "pd_below = [0.03, 0.06, 0.12, 1.25]", "r: grades.pd_below"),
        ("score_edges = [520, 535", "score_edges = [535, 520", "r: bands.score_edges"),
        ("odds = 50 ", "odds = true ", "r: scale.odds"),
        ('kind = "lightgbm"', 'kind = "forest"', "r: candidates[2].kind"),
        ('"bank_size_off_design",', "3,", "r: features.exclude"),
        ("min_bads = 100 ", "min_bads = 99.5 ", "r: min_bads"),
    ],
)
def test_a_value_out_of_bounds_is_named(text, before, after, where):
    assert before in text
    assert where in wheres(text.replace(before, after, 1))


def test_no_toml_and_no_file(tmp_path):
    with pytest.raises(InvalidInput, match="no TOML"):
        Recipe.parse("name = ")
    with pytest.raises(InvalidInput, match="cannot be read"):
        Recipe.load(tmp_path / "nowhere.toml")


def test_two_candidates_of_one_kind(text):
    twice = text.replace('kind = "lightgbm"', 'kind = "woe_scorecard"')
    assert "r: candidates" in wheres(twice)


def test_an_offset_is_named_once(text):
    assert wheres(text.replace('["first_loan"]', '["first_loan", "first_loan"]')) == ["r: calibration.offsets"]


def test_a_fault_names_its_line(text):
    broken = (
        text.replace("pdo = 20", "pdo = -20").replace("ridge = 3.0", "rigde = 3.0").replace("[words.en]", "[words.fr]")
    )
    lines = broken.splitlines()
    with pytest.raises(InvalidInput) as told:
        Recipe.parse(broken, where="r")
    named = {}
    for fault in told.value.faults:
        place, _, field = fault.where.rpartition(": ")
        named[field] = place.partition(":")[2]
    assert lines[int(named["scale.pdo"]) - 1] == "pdo = -20"
    assert lines[int(named["candidates[1].rigde"]) - 1].startswith("rigde = 3.0")
    assert lines[int(named["candidates[1].ridge"]) - 1] == "[[candidates]]"  # where the missing field should stand
    assert lines[int(named["words.fr"]) - 1] == "[words.fr]"
    assert named["words.en"] == ""  # no line of the file is about it


def test_the_line_of_an_entry_of_a_list_is_its_own(text):
    recipe = Recipe.parse(text, where="r")
    where = recipe.at("features.exclude", "board_complete")
    number = int(where.split(":")[1])
    assert text.splitlines()[number - 1].strip() == '"board_complete",'
    assert recipe.at("features.exclude", "nothing_of_the_kind").startswith("r:35:")


def test_a_file_saved_as_latin_1_is_named_with_its_line(text, tmp_path):
    path = tmp_path / "riesgo.toml"
    path.write_bytes(text.replace("serious", "s\xe9rio").encode("latin-1", "replace"))
    line = text[: text.index("ó")].count("\n") + 1
    with pytest.raises(InvalidInput) as told:
        Recipe.load(path)
    (fault,) = told.value.faults
    assert (fault.where, fault.what) == ("riesgo.toml", f"Line {line} has a character that is no UTF-8.")


@pytest.mark.parametrize("edge", ["nan", "inf", "1" + "0" * 400])
def test_a_list_of_numbers_holds_no_infinity(text, edge):
    assert wheres(text.replace("595, 610]", f"595, {edge}]")) == ["r: bands.score_edges"]
