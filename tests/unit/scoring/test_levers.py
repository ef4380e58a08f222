import numpy as np
import pytest

from riskscore.scoring.cases import Cases
from riskscore.scoring.levers import LEVERS, Facts, proposals
from riskscore.scoring.products import Product

OFFER = Product("INT", "Banco comunal", 100.0, 1000.0, 10.0, 91, 243, ("weekly", "fortnightly"), 0.025, "flat", 2.0)
ASKED = Cases(
    places=np.array([4]),
    amount=np.array([300.0]),
    term_days=np.array([168.0]),
    frequency=["fortnightly"],
    purpose=["materials"],
    other_active_loans=np.array([1.0]),
    products=[OFFER],
)
KNOWN = Facts(group_savings=45.0, within_reach=35.0, debts=(60.0, 1.0, np.nan, np.nan))


def alone(facts=KNOWN):
    grid = proposals(ASKED, facts)
    return {lever: [row for row, kind in enumerate(grid.kinds) if kind == lever] for lever in LEVERS}, grid


def test_each_lever_alone_the_nearest_first():
    rows, grid = alone()
    cases = grid.cases
    assert cases.amount[rows["amount"]].tolist() == [float(one) for one in range(290, 90, -10)]
    assert cases.term_days[rows["term"]].tolist() == [182.0, 196.0, 210.0, 224.0, 238.0]
    assert [cases.frequency[row] for row in rows["frequency"]] == ["weekly"]
    assert grid.savings[rows["savings"]].tolist() == [10.0, 20.0, 30.0]
    assert grid.finishes[rows["debt"]].tolist() == [True]


def test_steps_from_what_she_asked_for():
    rows, grid = alone()
    first = {lever: float(grid.steps[rows[lever][0]]) for lever in LEVERS}
    assert first == pytest.approx(
        {"amount": 10 * 10 / 300, "term": 14 / 30.4375, "frequency": 1.0, "savings": 10 * 10 / 300, "debt": 3.0}
    )


def test_what_a_lever_moves_and_what_it_leaves():
    rows, grid = alone()
    instead, cases = grid.cases.instead, grid.cases
    assert instead["group_savings"][rows["savings"]].tolist() == [55.0, 65.0, 75.0]
    assert set(instead["group_savings"][rows["amount"]]) == {45.0}
    debt = rows["debt"][0]
    assert (instead["declared_service"][debt], instead["declared_count"][debt]) == (0.0, 0.0)
    assert np.isnan(instead["bureau_service"][debt])  # no report is no report, with or without the debt
    assert (cases.other_active_loans[debt], cases.other_active_loans[rows["term"][0]]) == (0.0, 1.0)
    assert set(cases.purpose) == {"materials"}
    assert set(cases.places.tolist()) == {4}


@pytest.mark.parametrize(
    ("facts", "lever"),
    [
        (Facts(np.nan, 35.0, KNOWN.debts), "savings"),
        (Facts(45.0, np.nan, KNOWN.debts), "savings"),
        (Facts(45.0, 9.0, KNOWN.debts), "savings"),
        (Facts(45.0, 35.0, (60.0, 2.0, np.nan, np.nan)), "debt"),
        (Facts(45.0, 35.0, (60.0, 1.0, 80.0, 2.0)), "debt"),
    ],
)
def test_what_is_unknown_or_more_than_one_is_no_lever(facts, lever):
    rows, _ = alone(facts)
    assert rows[lever] == []
    assert rows["amount"]


def test_pairs_are_of_two_levers_and_their_steps_add_up():
    grid = proposals(ASKED, KNOWN)
    pair = grid.kinds.index("amount_and_savings")
    given_up = 10 * (300 - grid.cases.amount[pair]) / 300
    assert grid.steps[pair] == pytest.approx(given_up + 10 * grid.savings[pair] / 300)
    kinds = {kind for kind in grid.kinds if "_and_" in kind}
    assert len(kinds) == 10
    assert len(grid.kinds) < 400
    assert (grid.cases.amount <= 300).all()
    assert (grid.cases.term_days >= 168).all()
