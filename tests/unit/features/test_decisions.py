"""What people made of earlier recommendations on her, as of the moment."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from riskscore.project import Project
from tests.unit.features.literal_portfolio import LOCK, bank, found, group, member, stay, written


def recommended(name: str, state: str, decision: str | None, day: int) -> dict[str, Any]:
    at = datetime(2026, 1, day)
    return {
        "id": name,
        "event_at": at,
        "known_at": at,
        "member_id": "M1",
        "group_id": "CB",
        "application_id": None,
        "state": state,
        "decided_by": None if decision is None else "committee",
        "decision": decision,
        "model_version": "1",
        "policy_version": "p",
    }


def shares(tmp_path: Path, day: int) -> tuple[float | None, float | None]:
    tables = {
        "groups": [bank("CB", None), group("SG", "CB")],
        "branches": [
            {
                "id": "BR",
                "event_at": datetime(2023, 1, 1),
                "known_at": datetime(2023, 1, 1),
                "name": "one",
                "region": None,
                "rural": None,
                "opened_on": datetime(2023, 1, 1).date(),
            }
        ],
        "members": [member("M1")],
        "memberships": [stay("S1", "M1", "SG")],
        "recommendations": [
            recommended("R1", "ready", None, 3),
            recommended("R1", "ready", "rejected", 5),
            recommended("R2", "talk_first", "approved", 8),
            recommended("R3", "ready", "approved", 12),
        ],
    }
    row = found(written(tmp_path / "p", tables), "M1", datetime(2026, 1, day))
    return row["decided_stricter_share_36m"], row["decided_looser_share_36m"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (4, (None, None)),  # recommended, and not yet decided
        (5, (None, None)),  # what was decided at this very moment is not seen
        (6, (1.0, 0.0)),
        (9, (0.5, 0.5)),
        (20, (pytest.approx(1 / 3), pytest.approx(1 / 3))),
    ],
)
def test_only_what_was_decided_before_the_moment_counts(tmp_path, day, expected):
    assert shares(tmp_path, day) == expected


def test_no_recipe_of_the_starter_takes_them():
    project = Project.open(Path(__file__).parents[3])
    names = {one.name for one in LOCK.features if one.family == "decisions"}
    assert names == {"decided_stricter_share_36m", "decided_looser_share_36m"}
    for recipe in project.recipes:
        assert "decisions" not in project.recipe(recipe).features.families
