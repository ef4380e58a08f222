import pytest

from riskscore.errors import InvalidInput
from riskscore.scoring import ScoreRequest


def faults(body, snapshot):
    with pytest.raises(InvalidInput) as error:
        ScoreRequest.read(body, snapshot, recipe="member_default")
    return {fault.where: str(fault) for fault in error.value.faults}


def test_a_good_request(asked, body_of, snapshot):
    found = ScoreRequest.read(body_of(asked.row(0, named=True), amount=300), snapshot, recipe="member_default")
    assert (found.amount, found.as_of) == (300.0, snapshot.as_of)
    assert found.to_dict()["as_of"] == "2026-01-01T00:00:00"


def test_an_empty_body_names_every_field(snapshot):
    assert set(faults({}, snapshot)) == {
        "recipe",
        "subject",
        "amount",
        "currency",
        "term_days",
        "frequency",
        "purpose",
        "other_active_loans",
    }


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", -5, "positive number"),
        ("amount", float("inf"), "positive number"),
        ("amount", True, "positive number"),
        ("amount", 5_000, "Ask for 100 to 1000"),
        ("currency", "PEN", "The portfolio is kept in USD"),
        ("term_days", 10, "Ask for 91 to 243 days"),
        ("term_days", 120.5, "whole number of days"),
        ("frequency", "bimonthly", "Choose one of"),
        ("frequency", "monthly", "Choose one of: fortnightly, weekly"),
        ("purpose", "party", "Choose one of"),
        ("other_active_loans", -1, "Ask her"),
        ("other_active_loans", None, "Ask her"),
        ("as_of", "2099-01-01", "ahead of what the portfolio knows"),
        ("as_of", "2025-06-01", "The values at hand"),
        ("as_of", "yesterday", "not a moment that can be read"),
        ("recipe", "group_default", "Use 'member_default'"),
        ("sex", "female", "no field of this name"),
    ],
)
def test_each_fault_says_what_to_do(asked, body_of, snapshot, field, value, said):
    found = faults(body_of(asked.row(0, named=True)) | {field: value}, snapshot)
    assert list(found) == [field]
    assert said in found[field]


def test_all_faults_at_once(asked, body_of, snapshot):
    body = body_of(asked.row(0, named=True)) | {"amount": -1, "currency": "EUR", "as_of": "2099-01-01", "age": 40}
    assert set(faults(body, snapshot)) == {"amount", "currency", "as_of", "age"}
