from pathlib import Path

import pytest

from riskscore.errors import InvalidInput
from riskscore.scoring import Policy

TEXT = (Path(__file__).parents[3] / "serving" / "policy.toml").read_text(encoding="utf-8")
TWO_BANDS = TEXT[TEXT.index("[[bands]]") : TEXT.index("[indebtedness.cap]")]


def with_bands(*bands):
    written = "\n".join(f'[[bands]]\npd_from = {a}\npd_below = {b}\nstate = "{state}"\n' for a, b, state in bands)
    return TEXT.replace(TWO_BANDS, written + "\n")


def codes(policy, pd=0.05, above_cap=False, amount=300.0, previous=200.0):
    found = policy.whys(pd, above_cap=above_cap, amount=amount, previous=previous, growth=policy.growth(None))
    return [why.code for why in found]


def test_the_starter():
    policy = Policy.parse(TEXT)
    assert (policy.numbers.cap, policy.numbers.haircut, policy.numbers.shock) == (0.70, 0.10, 0.20)
    assert "indebtedness.cap" in policy.unverified
    assert "indebtedness.over_above" not in policy.unverified


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, []),
        ({"pd": 0.12}, ["pd_band"]),
        ({"pd": 1.0}, ["pd_band"]),
        ({"pd": None}, ["pd_missing"]),
        ({"pd": float("nan")}, ["pd_missing"]),
        ({"pd": 0.001, "above_cap": True}, ["above_cap"]),
        ({"above_cap": None}, ["indebtedness_unknown"]),
        ({"amount": 400.0}, []),
        ({"amount": 410.0}, ["growth"]),
        ({"amount": 900.0, "previous": None}, []),
        ({"pd": 0.5, "above_cap": True, "amount": 900.0}, ["pd_band", "above_cap", "growth"]),
    ],
)
def test_what_asks_for_a_talk(case, expected):
    assert codes(Policy.parse(TEXT), **case) == expected


@pytest.mark.parametrize(
    ("bands", "least"),
    [
        ([(0, 0.1, "ready"), (0.1, 1, "talk_first")], 0.1),
        ([(0, 0.1, "ready"), (0.1, 0.3, "talk_first"), (0.3, 1, "talk_first")], 0.1),
        ([(0, 1, "talk_first")], 0.0),
        ([(0, 1, "ready")], float("inf")),
    ],
)
def test_the_least_probability_that_alone_asks_for_a_talk(bands, least):
    policy = Policy.parse(with_bands(*bands))
    assert policy.talk_from == least
    for pd in (0.0, 0.0999, 0.1, 0.31, 1.0):
        assert ("pd_band" in codes(policy, pd=pd)) == (pd >= least)


def test_the_tighter_growth_counts():
    policy = Policy.parse(TEXT)
    assert policy.growth(None) == 2.0
    assert policy.growth(1.5) == 1.5
    assert policy.growth(3.0) == 2.0


def test_a_later_band_may_only_tighten():
    with pytest.raises(InvalidInput) as error:
        Policy.parse(with_bands((0, 0.1, "talk_first"), (0.1, 1, "ready")))
    assert [fault.where for fault in error.value.faults] == ["policy.toml: bands[2].state"]
    assert "loosens" in str(error.value)


def test_gaps_and_overlaps_are_named_all_at_once():
    with pytest.raises(InvalidInput) as error:
        Policy.parse(with_bands((0.01, 0.1, "ready"), (0.2, 0.3, "ready"), (0.25, 0.9, "talk_first")))
    said = str(error.value)
    assert "0.1 to 0.2: a gap" in said
    assert "0.25 to 0.3 again: an overlap" in said
    assert len(error.value.faults) == 4


def test_every_fault_of_the_file_at_once():
    broken = TEXT.replace("value = 0.70", "value = 7").replace('state = "talk_first"', 'state = "refuse"', 1)
    broken += "\n[more]\na = 1\n"
    with pytest.raises(InvalidInput) as error:
        Policy.parse(broken)
    assert {fault.where for fault in error.value.faults} == {
        "policy.toml: indebtedness.cap.value",
        "policy.toml: bands[2].state",
        "policy.toml: more",
    }


def test_a_comment_keeps_the_version_and_a_number_changes_it():
    policy = Policy.parse(TEXT)
    assert Policy.parse(TEXT + "\n# minutes of 3 May\n").version == policy.version
    assert Policy.parse(TEXT.replace("pd_below = 0.12", "pd_below = 0.1").replace("pd_from = 0.12", "pd_from = 0.1"))
    assert Policy.parse(TEXT.replace("value = 0.70", "value = 0.65")).version != policy.version


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(InvalidInput, match="riskscore init"):
        Policy.load(tmp_path / "policy.toml")


#: As policies were before PD and level stood in one table: neither the table nor the number that came with it.
_TALK = TEXT.index("# Read only where a model of over-indebtedness")
OLD = (
    TEXT[:_TALK]
    + TEXT[TEXT.index("[progression.growth_max]") : TEXT.index("# PD and net indebtedness after this loan")]
)


def test_a_policy_in_force_needs_its_matrix():
    with pytest.raises(InvalidInput) as error:
        Policy.parse(OLD)
    assert [fault.where for fault in error.value.faults] == [
        "policy.toml: indebtedness.probability_talk_from",
        "policy.toml: matrix",
    ]


@pytest.mark.parametrize(
    ("level", "then", "now"),
    [("SOLVENT", [], []), ("AT_RISK", [], ["pd_and_level"]), ("OVER_INDEBTED", [], ["over_indebted"])],
)
def test_a_policy_on_record_answers_by_the_rules_of_its_time(level, then, now):
    case = {"above_cap": False, "amount": 300.0, "previous": 200.0, "growth": 2.0, "level": level}
    assert [why.code for why in Policy.of_record(OLD).whys(0.05, **case)] == then
    assert [why.code for why in Policy.of_record(TEXT).whys(0.05, **case)] == now


def test_the_version_of_an_old_policy_is_the_one_of_its_records():
    # As `sha256` of its content gives it, whichever reader the library has.
    assert Policy.of_record(OLD).version == "1bbae0f0f2e6"
    assert Policy.of_record(TEXT) == Policy.parse(TEXT)


def test_a_record_excuses_nothing_else():
    broken = OLD.replace("value = 0.70", "value = 7.0", 1)
    with pytest.raises(InvalidInput, match=r"policy\.toml: indebtedness.cap\.value: 7\.0 is out of bounds"):
        Policy.of_record(broken)
    without_a_row = TEXT[: TEXT.index("[[matrix]]")] + "matrix = []\n"
    with pytest.raises(InvalidInput, match="matrix"):
        Policy.of_record(without_a_row)


def test_another_policy_is_called_by_its_own_name(tmp_path):
    path = tmp_path / "stricter.toml"
    path.write_text(TEXT.replace("value = 0.70", "value = 7.0", 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"^stricter\.toml: indebtedness\.cap\.value"):
        Policy.load(path)
