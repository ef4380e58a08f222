"""What neighbours may read of a bank's outlook says nothing of one member: who she is, or what she alone brings."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from riskscore.modelling.communal_bank.behind import standings
from riskscore.modelling.recipe import Recipe
from riskscore.scoring.communal_bank import SCHEMA, outlook, outlook_frame
from tests.unit.modelling.test_communal_bank import structural

RECIPE = Path(__file__).parents[3] / "training" / "group_default.toml"
CHAMPION = SimpleNamespace(
    grade=lambda pd: "B",
    metrics={"gates": []},
    version="1",
    structure=None,
    model=SimpleNamespace(kind="structural", margin=structural()),
    recipe=Recipe.parse(RECIPE.read_text(encoding="utf-8")),
)

#: Six members; every figure of theirs is one that no sum or mean of the bank comes to.
LOANS = [301.0, 307.0, 311.0, 313.0, 317.0, 331.0]
SURPLUS = [211.37, 223.19, 227.53, 229.71, 233.93, 239.17]


def told(names=tuple("ABCDEF"), surplus=SURPLUS, savings=(41.0,) * 6):
    """Return the outlook of one bank, by the way that `outlooks` takes."""
    settings = CHAMPION.recipe.liability
    frame = pl.DataFrame(
        {
            "request_id": ["X"] * 6,
            "application_id": [f"A-{name}" for name in names],
            "member_id": [f"M-{name}" for name in names],
            "group_id": ["G1"] * 3 + ["G2"] * 3,
            "amount": LOANS,
            "term_days": [112.0] * 6,
            "group_savings": savings,
            "surplus": surplus,
            "service_after": [17.29] * 6,
        }
    )
    ((request, members),) = standings(frame, np.array([0.11, 0.13, 0.17, 0.07, 0.19, 0.23]), settings)
    return outlook(CHAMPION, members, request, "B", "open_request", datetime(2025, 1, 1), learnt=None)


def test_another_name_is_in_no_column():
    assert told() == told(names=("CANARY", *"BCDEF"))
    assert "CANARY" not in str(asdict(told(names=("CANARY", *"BCDEF"))))


def test_whose_budget_it_is_is_in_no_column():
    """Two members' surplus changes hands: where payments tell what groups pay, no budget is in any figure."""
    one, other = told(), told(surplus=[SURPLUS[1], SURPLUS[0], *SURPLUS[2:]])
    assert outlook_frame([one]).equals(outlook_frame([other]))
    assert one == other


def test_a_member_without_recorded_savings_is_counted_in_the_whole_bank_alone():
    first, last = (told(savings=tuple(None if one == who else 41.0 for one in range(6))) for who in (0, 5))
    assert first.cover.savings_untold == last.cover.savings_untold == 1
    # Of six members and three falls of the record, in the last of which savings pay 0.1 of the loan: 5 of 18 rows.
    assert first.cover.savings == pytest.approx((30.7 + 31.1 + 31.3 + 31.7 + 33.1) / 18)
    assert last.cover.savings == pytest.approx((30.1 + 30.7 + 31.1 + 31.3 + 31.7) / 18)


def test_no_value_is_one_members_and_none_leaves_one_out():
    found = told()
    assert set(outlook_frame([found]).columns) == set(SCHEMA)
    values = [value for value in outlook_frame([found]).row(0) if isinstance(value, float)]
    values += [*asdict(found.cover).values(), *asdict(found.waterfall).values(), *found.in_arrears]
    for amounts in (LOANS, SURPLUS, [41.0] * 6):
        for one in amounts:
            alone, without = one, sum(amounts) - one
            assert all(value != pytest.approx(alone, abs=1e-6) for value in values)
            assert all(value != pytest.approx(without, abs=1e-6) for value in values)
    assert len(found.in_arrears) == found.members + 1
    assert not any(isinstance(dtype, pl.List | pl.Struct | pl.Array) for dtype in SCHEMA.values())
