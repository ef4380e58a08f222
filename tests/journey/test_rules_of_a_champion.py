"""The policy's rules on the sheets of a simulated institution: each as it answers of the portfolio by itself."""

from __future__ import annotations

import pytest

from riskscore.scoring.group_reading import read_group
from riskscore.scoring.rule_answers import answer_rules
from tests.journey.conftest import ask

pytestmark = pytest.mark.slow

#: Rules on the group that rest on no request: the sheet has its own, as scored.
OF_BOOKS = {"G01", "G02", "G05", "G06", "G07", "G08"}


def test_each_bank_is_answered_of_as_the_portfolio_says(house, desk, portfolio):
    officer, asked = house.headers("officer", "all"), 0
    for bank_id in sorted(desk.banks):
        rules = answer_rules(desk.rules, read_group(portfolio, bank_id, desk.moment)).answers
        due = {(one.rule.code, one.words("es")) for one in rules if one.state != "ready" and one.rule.code in OF_BOOKS}
        told = house.client.get(f"/v1/groups/{bank_id}/sheet", headers=officer).json()["rules"]
        shown = {(one["code"], one["words"]["es"]) for one in told["not_met"] if one["code"] in OF_BOOKS}
        assert shown == due
        asked += len(shown)
    assert asked > 0


def test_what_is_asked_for_is_held_against_her_last_loan(house, desk, bodies):
    officer = house.headers("officer", "all")
    facts = {one.member_id: one for bank in desk.banks for one in desk.group(bank).members}
    body = next(one for one in bodies if facts[one["subject"]].last_loan is not None)
    last = facts[body["subject"]].last_loan
    bank_id = desk.place(body["subject"]).bank_id
    ask(house, body | {"other_active_loans": 3})
    sheet = house.client.get(f"/v1/groups/{bank_id}/sheet", headers=officer).json()
    (hers,) = [one for one in sheet["members"] if one["member"] == body["subject"]]
    told = {one["code"]: one["words"]["en"] for one in hers["rules"]}
    assert told["M01"] == "Other loans declared: 3."
    assert ("L01" in told) == (body["amount"] > 2 * last)
