"""The policy's rules on the sheets of a simulated institution: each as it answers of the portfolio by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from riskscore.scoring.group_reading import read_group, read_groups
from riskscore.scoring.rule_answers import answer_rules
from riskscore.service.database import CONTENTS
from riskscore.service.rules_recorded import rules_by_id
from riskscore.service.rules_replay import replay_rules
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


def test_she_reads_her_own_and_her_officer_writes_why(house, desk, bodies):
    officer, body = house.headers("officer", "all"), bodies[1] | {"other_active_loans": 4}
    asked = ask(house, body)
    bank_id = desk.place(body["subject"]).bank_id
    sheet = house.client.get(f"/v1/groups/{bank_id}/sheet", headers=officer).json()
    (hers,) = [one for one in sheet["members"] if one["member"] == body["subject"]]
    herself = house.headers("member", "self", body["subject"])
    assert house.client.get(f"/v1/scores/{asked['score_id']}", headers=herself).json()["rules"] == hers["rules"]
    owed = [one["code"] for one in (*sheet["rules"]["not_met"], *hers["rules"]) if one["exception"]]
    assert "M01" in owed
    decision = {
        "who": "La asesora",
        "role": "officer",
        "amount_approved": body["amount"],
        "currency": body["currency"],
        "decided_on": "2026-02-02",
    }
    url, headers = f"/v1/scores/{asked['score_id']}/decisions", officer | {"Idempotency-Key": "k"}
    refused = house.client.post(url, json=decision, headers=headers)
    assert "reason" in {one["field"] for one in refused.json()["errors"]}
    assert all(f"rule {code}" in refused.text for code in owed)
    taken = house.client.post(url, json=decision | {"reason": "Terminó de pagar dos."}, headers=headers)
    assert (taken.status_code, taken.json()["overrides"], taken.json()["rules"]) == (201, True, owed), taken.text


def test_what_was_on_a_sheet_is_computed_again_from_the_portfolio(house, desk, portfolio):
    officer, records = house.headers("officer", "all"), house.records
    for bank_id in sorted(desk.banks):
        assert house.client.get(f"/v1/groups/{bank_id}/sheet", headers=officer).status_code == 200
    everything = read_groups(portfolio, desk.moment)
    late = {bank: replace(one, members=tuple(map(fallen, one.members))) for bank, one in everything.items()}
    with records.database.read() as connection:
        on_record = sa.select(CONTENTS.c.record_id).where(CONTENTS.c.record_id.startswith("r_"))
        ids = connection.execute(on_record).scalars().all()
    assert len(ids) >= len(desk.banks)
    again = [rules_by_id(records.database, one) for one in ids]
    assert {replay_rules(records, one, lambda bank, _: everything[bank]).differences for one in again} == {()}
    otherwise = {place for one in again for place in replay_rules(records, one, lambda bank, _: late[bank]).differences}
    assert {place.split(".")[0] for place in otherwise} == {"G05"}


def fallen(member):
    """Return her as late: of nobody else's day is anything moved."""
    return replace(member, in_arrears=True)
