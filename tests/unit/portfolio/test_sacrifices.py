"""The sacrifice questionnaire: one flag comes in, answers never, and some things are not asked."""

from datetime import datetime

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio.sacrifices import SacrificeCut, answers_of_sacrifices, sacrifice_flags

DAY = datetime(2025, 3, 1, 10)
EVENING = datetime(2025, 3, 1, 18)


def answers(*rows):
    """Member, sacrifice, times in twelve months, whether she accepts it."""
    frame = pl.DataFrame(
        list(rows),
        schema={
            "member_id": pl.String,
            "sacrifice": pl.String,
            "frequency": pl.Int64,
            "acceptable": pl.Boolean,
        },
        orient="row",
    )
    return frame.with_columns(event_at=pl.lit(DAY), known_at=pl.lit(EVENING))


def flags(frame, cut=None):
    return dict(sacrifice_flags(frame, cut).select("member_id", "answer").iter_rows())


def test_one_unacceptable_sacrifice_three_times_is_the_flag():
    told = answers(
        ("M1", "eat_less", 3, False),
        ("M1", "work_more", 9, True),
        ("M2", "eat_less", 2, False),
        ("M2", "sell_assets", 2, False),
        ("M3", "work_more", 12, True),
        ("M4", "use_savings", None, False),
        ("M5", "use_savings", 5, None),
        ("M6", "migrate", 0, False),
    )
    assert flags(told) == {"M1": 1.0, "M2": 0.0, "M3": 0.0, "M6": 0.0}


def test_the_cut_is_the_institutions_and_says_that_nobody_checked_it():
    told = answers(("M1", "eat_less", 2, False))
    assert SacrificeCut().frequency_from == 3
    assert SacrificeCut().verified is False
    assert flags(told) == {"M1": 0.0}
    assert flags(told, SacrificeCut(frequency_from=2, verified=True)) == {"M1": 1.0}


def test_what_comes_in_is_the_flag_and_no_answer():
    made = sacrifice_flags(answers(("M1", "eat_less", 3, False), ("M1", "borrow_to_repay", 4, False)))
    assert made.select("instrument", "question", "scale_max", "event_at", "known_at").rows() == [
        ("sacrifices", "flag", 1.0, DAY, EVENING)
    ]
    assert "sacrifice" not in made.columns
    assert "frequency" not in made.columns


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("skipped_health_visits", "health is never recorded"),
        ("violencia_en_casa", "violence is never recorded"),
        ("family_conflict", "conflict at home is never recorded"),
        ("peleas", "conflict at home is never recorded"),
        ("something_else", "is not known"),
    ],
)
def test_what_may_not_be_asked_is_refused_by_name_all_at_once(item, why):
    with pytest.raises(InvalidInput) as error:
        sacrifice_flags(answers(("M1", item, 3, False), ("M1", "eat_less", 3, False), ("M1", "hambre", 9, False)))
    assert {fault.where for fault in error.value.faults} == {f"sacrifice: {item}", "sacrifice: hambre"}
    assert why in str(error.value)
    assert "M1" not in str(error.value)


def test_a_portfolio_with_answers_is_refused():
    surveys = pl.DataFrame(
        {
            "id": ["S1", "S2", "S3", "S4", "S5"],
            "instrument": ["sacrifices"] * 4 + ["peer_monitoring"],
            "question": ["flag", "eat_less", "flag", "flag", "visits"],
            "answer": [1.0, 3.0, 0.4, 3.0, 2.0],
            "scale_max": [1.0, 12.0, 1.0, 12.0, 4.0],
        }
    )
    found = list(answers_of_sacrifices({"surveys": surveys}))
    assert [fault.where for fault in found] == ["surveys.question", "surveys.answer"]
    assert "S2" in found[0].what
    assert "S3, S4" in found[1].what
    assert list(answers_of_sacrifices({"surveys": surveys.filter(pl.col("id").is_in(["S1", "S5"]))})) == []
