"""A protected trait reaches no predictor, by whatever way."""

from pathlib import Path

import pytest

from riskscore.catalog import Catalog
from riskscore.errors import InvalidInput

HEAD = """
from riskscore.catalog import *
from riskscore.portfolio import Column, Table

Visits = Table("visits", "Visits.", (Column("member_id", "text"), Column("faith", "text", protected=True)))
Members = Source("members", table="members", keys={"member": "id"}, columns={"woman": "sex = 'female'"})
Women = Source("women", table="members", keys={"member": "id"}, where="sex = 'female'")
Savers = Source(
    "savers", table="savings", keys={"member": "member_id"}, lookups={"who": Lookup("members", on="member_id")}
)
Calls = Source("calls", table="visits", keys={"member": "member_id"})
"""


def faults(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    (tmp_path / "declared.py").write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        Catalog.from_folder(tmp_path)
    return [(fault.where.rsplit(".", 1)[1], fault.what) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("source", "expression", "trait"),
    [
        ("Members", "count(*) FILTER (WHERE sex = 'female')", "members.sex"),
        ("Members", "max(CASE WHEN woman THEN 1 ELSE 0 END)", "members.sex"),
        ("Members", "max(travel_minutes)", "members.travel_minutes"),
        ("Women", "count(*)", "members.sex"),
        ("Savers", "count(*) FILTER (WHERE who.language = 'quechua')", "members.language"),
        ("Calls", "count(faith)", "visits.faith"),
    ],
)
def test_a_feature_of_a_protected_column_has_to_be_protected(tmp_path, source, expression, trait):
    text = f'class Set(FeatureSet, source={source}, family="f"):\n    x = Feature("{expression}", window=standing()'
    assert faults(tmp_path, f"{text})\n") == [("x", f"It rests on {trait}, which is protected.")]
    assert faults(tmp_path, f"{text}, fact=True)\n") == [("x", f"It rests on {trait}, which is protected.")]
    (tmp_path / "declared.py").write_text(f"{HEAD}{text}, protected=True)\n", encoding="utf-8")
    assert Catalog.from_folder(tmp_path).lock().predictors == ()


def test_peers_and_formulas_carry_it_on(tmp_path):
    told = faults(
        tmp_path,
        """
class Set(FeatureSet, source=Members, family="audit"):
    woman_flag = Feature("max(CASE WHEN woman THEN 1 ELSE 0 END)", window=standing(), protected=True)
    joined = Feature("count(joined_on)", window=standing())

class Peers(PeerSet, peers="bank", family="group"):
    women = Feature("sum(woman_flag::DECIMAL(18,0))::DOUBLE / nullif(count(*), 0)")
    others = Feature("count(joined)")

class Row(Formulas, family="capacity"):
    twice = Feature("2 * once")
    once = Feature("women + 1")
    fine = Feature("others + 1")
""",
    )
    assert told == [(name, "It rests on members.sex, which is protected.") for name in ("women", "twice", "once")]
