"""The board's table of PD against indebtedness: whole, tightening, and never ready for who is over-indebted."""

from itertools import product
from pathlib import Path

import pytest

from riskscore.errors import InvalidInput
from riskscore.indebtedness import LEVELS
from riskscore.scoring import Policy

TEXT = (Path(__file__).parents[3] / "serving" / "policy.toml").read_text(encoding="utf-8")
MATRIX = TEXT[TEXT.index("[[matrix]]") :]


def with_matrix(*rows):
    """Each row a bound and the states of NO_DEBT, SOLVENT, AT_RISK, OVER_INDEBTED and UNKNOWN; r is ready."""
    words = {"r": "ready", "t": "talk_first"}
    written = ""
    for below, states in rows:
        cells = "\n".join(f'{level} = "{words[one]}"' for level, one in zip(LEVELS, states, strict=True))
        written += f"[[matrix]]\npd_below = {below}\n{cells}\n\n"
    return TEXT.replace(MATRIX, written)


def whys(policy, pd, level):
    above_cap = {"OVER_INDEBTED": True, "AT_RISK": True, "UNKNOWN": None}.get(level, False)
    found = policy.whys(pd, above_cap=above_cap, amount=300.0, previous=None, growth=2.0, level=level)
    return [why.code for why in found]


def test_trap_04_a_low_pd_is_no_proof_that_she_can_bear_the_loan():
    policy = Policy.parse(TEXT)
    for pd in (0.0, 0.0001, 0.01, 0.119):
        assert whys(policy, pd, "SOLVENT") == []
        assert "over_indebted" in whys(policy, pd, "OVER_INDEBTED")
        assert "indebtedness_unknown" in whys(policy, pd, "UNKNOWN")
    # Nor can a board write that it is: the file is at fault, level by level.
    with pytest.raises(InvalidInput) as error:
        Policy.parse(with_matrix((0.12, "rrrrr"), (1.0, "ttttt")))
    assert [fault.where for fault in error.value.faults] == [
        "policy.toml: matrix[1].OVER_INDEBTED",
        "policy.toml: matrix[1].UNKNOWN",
    ]
    # And were the cap raised to all that is left over, over-indebted would still not be ready.
    raised = Policy.parse(TEXT.replace("value = 0.70", "value = 1.00"))
    assert "over_indebted" in whys(raised, 0.001, "OVER_INDEBTED")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (with_matrix((0.12, "rtrtt"), (1.0, "ttttt")), "matrix[1].AT_RISK"),
        (with_matrix((0.12, "trttt"), (1.0, "ttttt")), "matrix[1].SOLVENT"),
        (with_matrix((0.05, "rtttt"), (1.0, "rrttt")), "matrix[2].SOLVENT"),
        (with_matrix((0.12, "rrttt"), (0.12, "ttttt"), (1.0, "ttttt")), "matrix[2].pd_below"),
        (with_matrix((0.12, "rrttt"), (0.9, "ttttt")), "matrix[2].pd_below"),
        (TEXT.replace(MATRIX, ""), "matrix"),
        (TEXT.replace('AT_RISK = "talk_first"\n', "", 1), "matrix[1].AT_RISK"),
        (TEXT.replace('AT_RISK = "talk_first"', 'AT_RISK = "refuse"', 1), "matrix[1].AT_RISK"),
        (TEXT.replace('AT_RISK = "talk_first"', 'AT_RISK = "talk_first"\nRICH = "ready"', 1), "matrix[1].RICH"),
    ],
)
def test_a_cell_that_is_missing_or_loosens_is_a_fault_of_the_file(text, where):
    with pytest.raises(InvalidInput) as error:
        Policy.parse(text)
    assert f"policy.toml: {where}" in [fault.where for fault in error.value.faults]


def test_a_tighter_cell_tightens_the_state_where_no_other_rule_speaks():
    policy = Policy.parse(with_matrix((0.04, "rrttt"), (1.0, "rtttt")))
    assert whys(policy, 0.03, "SOLVENT") == []
    assert whys(policy, 0.05, "SOLVENT") == ["pd_and_level"]
    assert whys(policy, 0.05, "NO_DEBT") == []


def test_no_cell_of_the_matrix_loosens_what_another_rule_asks():
    policy = Policy.parse(TEXT)
    for pd, level in product((None, 0.01, 0.2, 0.9), LEVELS):
        without = policy.whys(
            pd, above_cap=level not in ("NO_DEBT", "SOLVENT"), amount=300.0, previous=None, growth=2.0
        )
        assert not without or whys(policy, pd, level)
