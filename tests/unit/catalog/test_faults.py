"""Every fault of a folder is found, at once, and named by file, class and feature."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscore.catalog import Catalog
from riskscore.errors import InvalidInput

HEAD = """
from riskscore.catalog import *
Rows = Source("rows", table="settled_instalments", keys={"member": "member_id"}, clock="due_on",
              columns={"late": "greatest(0, date_diff('day', due_on, as_of))"})
"""


def faults(tmp_path: Path, text: str, head: str = HEAD) -> list[tuple[str, str, str]]:
    (tmp_path / "bad.py").write_text(head + text, encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        Catalog.from_folder(tmp_path)
    return [(fault.where, fault.what, fault.remedy) for fault in raised.value.faults]


def one_feature(tmp_path: Path, feature: str) -> list[tuple[str, str, str]]:
    return faults(tmp_path, f'class Set(FeatureSet, source=Rows, family="f"):\n    x = Feature({feature})\n')


@pytest.mark.parametrize(
    ("feature", "what", "remedy"),
    [
        ('"max(due_onn)", window=ever()', "There is no column 'due_onn'.", "Did you mean due_on?"),
        ('"late", window=ever()', "It has no aggregate", "Write count, sum"),
        ('"max(late) + number", window=ever()', "The column number stands outside", "Put it inside"),
        ('"avg(amount)", window=ever()', "AVG is not in the closed list", "sum(x)::DOUBLE / nullif(count(x), 0)"),
        ('"stddev(late)", window=ever()', "STDDEV is not in the closed list", "Use only count"),
        ('"quantile_cont(late, 0.5)", window=ever()', "QUANTILE_CONT is not", "Use only count"),
        ('"max(random())", window=ever()', "RANDOM is not in the closed list", "another value every time"),
        ("\"max(date_diff('day', due_on, current_date))\", window=ever()", "CURRENT_DATE is not", "use as_of"),
        ('"sum(periods_per_month)", window=ever()', "SUM(periods_per_month) sums DOUBLE", "Sum a DECIMAL"),
        ('"sum(amount) / count(*)", window=ever()', "may divide by zero", "Divide by nullif(COUNT(*), 0)"),
        ('"max(due_on)", window=ever()', "It gives a DATE, and a feature is a number.", "Count, compare"),
        ('"max(ledger)", window=ever()', "It gives a VARCHAR, and a feature is a number.", "Count, compare"),
        ('"sum(ledger)", window=ever()', "DuckDB refuses it", "Mend the types"),
        ('"max(late", window=ever()', "It cannot be read as SQL", "Mend the expression"),
        ('"max(late), 1", window=ever()', "It must be a single expression", "Mend"),
        ('"max(late)"', "It has no window.", "Add window="),
        ('"max(late)", window=days(0)', "The window days(0) is empty.", "Count one or more"),
        ('"max(late)", window=cycles(-1)', "The window cycles(-1) is empty.", "Count one or more"),
        ('"late", window=latest(max_age=days(0))', "The window latest(0) is empty.", "Count one or more"),
        ('"late", window=latest(ago=days(0))', "The window latest(ago=0) is empty.", "Count one or more"),
        ('"late", window=latest(ago=cycles(2))', "The window latest(ago=cycles(2)) is not in days.", "max_age=days(n)"),
        ('"late", window=latest(max_age=cycles(2))', "The window latest(cycles(2)) is not in days.", "ago=days(n)"),
        ('"late", window=latest(ago=ever())', "The window latest(ago=ever()) is not in days.", "ago=days(n)"),
        ('"late", window=latest(ago=30)', "The window latest(ago=30) is not in days.", "ago=days(n)"),
        ('"late", window=latest(ago=days(30.5))', "The window latest(ago=30.5) is no whole number.", "Count one"),
        ('"late", window=latest(ago=days("30"))', "The window latest(ago='30') is no whole number.", "Count one"),
        ('"late", window=latest(days(30), ago=days(30))', "latest(30, ago=30) ends before it begins.", "fewer than"),
        ('"max(late)", window=days(30.5)', "The window days(30.5) is no whole number.", "Count one or more"),
        ('"max(late)", window=days(True)', "The window days(True) is no whole number.", "Count one or more"),
        ('"max(late)", window=latest(max_age=days(0))', "is an aggregate, and here there is one row", "row-wise"),
        ('"max(late)", window=ever(), risk="raises"', "risk='raises' is no direction.", "Did you mean rises?"),
        ('"max(late)", window=ever(), es="Atraso"', "The title has no text in 'en'.", 'Add en="..."'),
        (
            '"max(late)", window=ever(), reason=Reason("R01", es="Hubo atraso.")',
            "The reason has no text in 'en'.",
            'Add en="..." to the Reason.',
        ),
        (
            '"max(late)", window=ever(), reason=Reason("1", es="Hubo {valor}.", en="There was.")',
            "The reason's code '1'",
            'Write code="R01".',
        ),
        (
            '"max(late)", window=ever(), reason=Reason("R01", es="Hubo.", en="Was.")',
            "The direction is free, so the reason would be given for low values and for high ones.",
            "at_least=1",
        ),
        (
            '"max(late)", window=ever(), risk="rises", '
            'reason=Reason("R01", es="Hubo.", en="Was.", at_least=3, at_most=2)',
            "none is at least 3 and at most 2",
            "Swap the two.",
        ),
        (
            '"max(late)", window=ever(), risk="rises", reason=Reason("R01", es="Hubo.", en="Was.", at_least="1")',
            "The reason's at_least is no number.",
            "Write at_least=1",
        ),
        (
            '"max(late)", window=ever(), risk="rises", '
            'reason=Reason("R01", es="Hubo.", en="Was.", at_most=float("nan"))',
            "The reason's at_most is no number.",
            "Write at_most=1",
        ),
        (
            '"max(late)", window=ever(), risk="falls", '
            'reason=Reason("R01", es="Bajó {value}.", en="Fell {value}.", unit="fall")',
            "The reason tells of a fall, and would be given for a rise.",
            "Add at_most=-0.005.",
        ),
        ('"max(late)", window=ever(), protected=True, fact=True', "It is both protected and a fact.", "Keep"),
    ],
)
def test_a_feature_with_a_fault_is_refused_with_a_remedy(tmp_path: Path, feature: str, what: str, remedy: str) -> None:
    found = one_feature(tmp_path, feature)
    assert {where.split(".py: ")[1] for where, _, _ in found} == {"Set.x"}
    assert any(what in said and remedy in told for _, said, told in found), found


def test_the_place_is_folder_file_class_and_feature(tmp_path: Path) -> None:
    assert one_feature(tmp_path, '"max(late)", window=days(0)')[0][0] == f"{tmp_path.name}/bad.py: Set.x"


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(
        "from .bad import Rows\nfrom riskscore.catalog import *\n"
        'class Other(FeatureSet, source=Rows, family="f"):\n    twice = Feature("max(late)", window=days(0))\n',
        encoding="utf-8",
    )
    found = faults(
        tmp_path,
        'class Set(FeatureSet, source=Rows, family="f"):\n'
        '    twice = Feature("max(late)", window=ever())\n'
        '    again = Feature("max(late)", window=ever())\n'
        '    again = Feature("min(late)", window=ever())\n'
        '    wrong = Feature("max(lat)", window=ever(), risk="fals")\n',
    )
    assert [(where.split("/")[1], what) for where, what, _ in found] == [
        ("bad.py: Set.wrong", "risk='fals' is no direction."),
        ("bad.py: Set.again", "The class declares this name twice."),
        ("bad.py: Set.twice", f"The name is also declared by {tmp_path.name}/other.py: Other.twice."),
        ("other.py: Other.twice", f"The name is also declared by {tmp_path.name}/bad.py: Set.twice."),
        ("bad.py: Set.wrong", "There is no column 'lat'."),
        ("other.py: Other.twice", "The window days(0) is empty."),
    ]


@pytest.mark.parametrize(
    ("source", "what", "remedy"),
    [
        ('"s", table="instalment", keys={}', "There is no table 'instalment'.", "Did you mean instalments?"),
        ('"s", table="savings", keys={"member": "membr_id"}', "The key 'membr_id' is no column", "mean member_id?"),
        ('"s", table="savings", keys={"woman": "member_id"}', "'woman' is no subject.", "There are"),
        ('"s", table="savings", keys={}, clock="kind"', "The clock 'kind' is a VARCHAR.", "DATE or TIMESTAMP"),
        ('"s", table="savings", keys={}, cycle="loan_on"', "The cycle 'loan_on' is no column", "There are"),
        ('"s", table="savings", keys={}, where="amuont > 1"', "There is no column 'amuont'.", "Did you mean amount?"),
        ('"s", table="savings", keys={}, columns={"kind": "1"}', "savings has a column of this name.", "another name"),
        ('"s", table="savings", keys={}, columns={"n": "now()"}', "now is not in the closed list", "Use only"),
        ('"s", table="savings", keys={}, lookups={"m": Lookup("members")}', "needs one of on and where", "exactly one"),
        (
            '"s", table="savings", keys={}, lookups={"m": Lookup("membrs", on="member_id")}',
            "no table 'membrs'",
            "members?",
        ),
        ('"s", table="savings", keys={}, where="amount + kind"', "DuckDB refuses it", "Mend the source."),
    ],
)
def test_a_source_with_a_fault_is_refused(tmp_path: Path, source: str, what: str, remedy: str) -> None:
    found = faults(tmp_path, f"Bad = Source({source})\n")
    assert any(what in said and remedy in told for _, said, told in found), found


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('class P(PeerSet, family="g"):\n    p = Feature("sum(x)", risk="rises")\n', "sums DOUBLE"),
        ('class P(PeerSet, family="g"):\n    p = Feature("count(y)")\n', "There is no column 'y'."),
        ('class P(PeerSet, peers="street", family="g"):\n    p = Feature("count(x)")\n', "no circle of peers"),
        ('class P(PeerSet, family="g"):\n    p = Feature("count(x)", window=ever())\n', "A peer feature has a window."),
        ('class F(Formulas, family="g"):\n    p = Feature("amout / nullif(x, 0)")\n', "There is no column 'amout'."),
        ('class F(Formulas, family="g"):\n    p = Feature("max(x)")\n', "is an aggregate, and here there is one row"),
        ('class F(Formulas, family="g"):\n    p = Feature("x / term_days")\n', "may divide by zero"),
        ('class F(Formulas, family="g"):\n    p = Feature("q + 1")\n    q = Feature("p + 1")\n', "need one another"),
        ('class F(Formulas):\n    p = Feature("x + 1")\n', "It has no family."),
        ('class F(Formulas, family="g"):\n    p = Feature("x::VARCHAR = \'1\'")\n', "CAST(x AS TEXT) is not."),
        ('class S(FeatureSet, family="g"):\n    p = Feature("count(*)", window=ever())\n', "It names no source."),
        (
            'class S(FeatureSet, source=Rows, subject="bank", family=""):\n    p = Feature("max(late)", window=ever())',
            "has no key for 'bank'",
        ),
    ],
)
def test_peers_and_formulas_are_checked_alike(tmp_path: Path, text: str, what: str) -> None:
    good = 'class Set(FeatureSet, source=Rows, family="f"):\n    x = Feature("max(late)", window=ever())\n'
    assert any(what in said for _, said, _ in faults(tmp_path, good + text))


def test_a_file_that_cannot_run_is_named(tmp_path: Path) -> None:
    (where, what, _), *others = faults(tmp_path, "class Set(FeatureSett):\n    pass\n")
    assert where == f"{tmp_path.name}/bad.py"
    assert "NameError" in what
    assert others == []


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no declarations"):
        Catalog.from_folder(tmp_path)
