"""Rules marked ``exception``: whoever approves in spite of one writes why. A committee is told of its own alone."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from riskscore.service.decisions import decisions
from riskscore.service.desks import Desks
from riskscore.service.erasure import export
from riskscore.service.rules_recorded import rules_of_score
from tests.unit.service.associations import BANK_BODY, PRODUCER_BODY, bank_desk, producer_desk
from tests.unit.service.desks import BODY, STARTER_RULES, House, PlainDesk
from tests.unit.service.test_service_meeting import entered, file_of, send, unfitting
from tests.unit.service.test_service_rules import SOUND
from tests.unit.service.test_service_scores import fields_at_fault

OFFICER, COMMITTEE = ("officer", "all"), ("committee", "group", "B1")

#: More than three times her last loan, and four loans elsewhere: L01 and M01 of the starter ask for a reason.
HEAVY = BODY | {"amount": 700.0, "other_active_loans": 4}

#: No rule on the group asks for a reason; her last loan is as small as the starter's facts have it.
SOUND_BUT_HER_LOAN = replace(SOUND, last_loan=Decimal(200))

DECISION = {
    "who": "Quien decide",
    "role": "committee",
    "amount_approved": 280.0,
    "currency": "PEN",
    "decided_on": "2026-02-02",
}
REASON = {"reason": "Se pusieron al día ayer."}


def opened(make_house, desk: PlainDesk, name: str = "one") -> House:
    """Open a house in which M1 asks for much in s_1; everybody heard hers, and the committee wrote what it thinks."""
    house = make_house(name, Desks.of(desk, bank_desk(), producer_desk()))
    officer = house.headers(*OFFICER)
    for body in (HEAVY, BODY | {"subject": "M2"}, BANK_BODY, PRODUCER_BODY):
        assert house.client.post("/v1/scores", json=body, headers=officer).status_code == 201
    house.heard("s_1", "s_2")
    house.opined("s_1")
    return house


@pytest.fixture
def late(make_house) -> House:
    """Both of its members are late: G05, which is for a committee, asks for a reason."""
    return opened(make_house, PlainDesk(rules=STARTER_RULES))


@pytest.fixture
def sound(make_house) -> House:
    """Nothing asks for a reason but the two rules on M1 and her loan."""
    return opened(make_house, PlainDesk(rules=STARTER_RULES, facts=SOUND_BUT_HER_LOAN), "sound")


def decide(house: House, who: tuple[str, ...], score_id: str = "s_1", key: str = "k1", **changes: Any):
    headers = house.headers(*who) | {"Idempotency-Key": key}
    return house.client.post(f"/v1/scores/{score_id}/decisions", json=DECISION | changes, headers=headers)


def swap(house: House, desk: PlainDesk | None) -> None:
    """Serve another portfolio from now on, or no member's desk."""
    house.source.held = Desks.of(bank_desk()) if desk is None else Desks.of(desk, bank_desk())
    house.source.mark = 2
    house.service.state.look()


def test_a_committee_is_refused_without_a_reason_and_told_of_its_own_rule_alone(late):
    refused = decide(late, COMMITTEE)
    assert fields_at_fault(refused) == ["reason"]
    (fault,) = refused.json()["errors"]
    assert fault["remedy"] == "Write why the decision goes against rule G05."
    assert decisions(late.records.database) == ()
    taken = decide(late, COMMITTEE, **REASON)
    assert (taken.status_code, taken.json()["overrides"], taken.json()["rules"]) == (201, True, ["G05"])
    (kept,) = decisions(late.records.database)
    assert (kept.overrides, kept.rules, kept.result) == (True, ("G05",), "reduced")


@pytest.mark.parametrize(("amount", "result"), [(None, "postponed"), (0.0, "rejected")])
def test_who_does_not_approve_goes_against_no_rule(late, amount, result):
    taken = decide(late, COMMITTEE, amount_approved=amount).json()
    assert (taken["result"], taken["overrides"], taken["rules"]) == (result, False, [])
    assert rules_of_score(late.records.database, late.records.get("s_1")) == ()  # nor was any looked at for it


def test_both_grounds_are_named_once_the_state_may_be_shown(late):
    (fault,) = decide(late, COMMITTEE, amount_approved=700.0).json()["errors"]
    assert fault["remedy"] == "Write why the decision goes against the recommendation, rule G05."


def test_a_committee_never_hears_of_a_rule_on_a_member(sound):
    taken = decide(sound, COMMITTEE).json()
    assert (taken["overrides"], taken["rules"]) == (False, [])
    refused = decide(sound, COMMITTEE, key="k2", role="officer")
    assert fields_at_fault(refused) == ["role"]
    assert not {"L01", "M01"} & set(refused.text.replace('"', " ").replace(".", " ").split())


def test_an_officer_is_bound_by_all_that_she_reads(late):
    refused = decide(late, OFFICER, role="officer")
    assert refused.json()["errors"][0]["remedy"] == "Write why the decision goes against rule G05, rule M01, rule L01."
    taken = decide(late, OFFICER, role="officer", **REASON).json()
    assert (taken["overrides"], taken["rules"]) == (True, ["G05", "M01", "L01"])
    (ruled,) = rules_of_score(late.records.database, late.records.get("s_1"))
    assert [one["code"] for one in ruled.of_group if one["exception"]] == ["G05"]
    assert [one["code"] for one in ruled.of_members["s_1"] if one["exception"]] == ["M01", "L01"]


def test_what_an_officer_enters_for_a_committee_is_bound_by_the_committees(late, sound):
    paper = {"opinion": "Paga bien."}
    assert decide(sound, OFFICER, **paper).json()["rules"] == []
    assert fields_at_fault(decide(late, OFFICER, **paper)) == ["reason"]


def test_an_officer_is_bound_by_the_request_that_she_decides_on(sound):
    """Another request followed it: the sheet's rules speak of that one, hers of the one decided on."""
    lowered = sound.client.post("/v1/scores", json=BODY | {"amount": 300.0}, headers=sound.headers(*OFFICER))
    assert lowered.json()["score_id"] == "s_5"
    assert decide(sound, OFFICER, "s_5", role="officer").json()["rules"] == []
    assert fields_at_fault(decide(sound, OFFICER, "s_1", role="officer")) == ["reason"]


def test_the_page_asks_for_it_too(late):
    word = entered(late, "committee", "B1")
    form = {"choice": "approve", "amount_approved": "280", "who": "Comité", "decided_on": "2026-02-02", "key": "k"}
    refused = send(late, "decisions", word, score_id="s_1", **form)
    assert refused.status_code == 422
    assert "Esta decisión va contra la recomendación o una regla. Escriba por qué." in refused.text
    assert send(late, "decisions", word, score_id="s_1", **form, **REASON).status_code == 303
    assert decisions(late.records.database)[0].rules == ("G05",)


def test_so_does_a_file_and_all_of_it_or_nothing_is_taken(late):
    line = DECISION | {"key": "a", "score_id": "s_1"}
    put_off = line | {"key": "b", "amount_approved": None}
    for who in (COMMITTEE, OFFICER):
        answer = late.client.post("/v1/decisions/upload", json=file_of(put_off, line), headers=late.headers(*who))
        assert unfitting(answer) == ["decisions[1].reason"]
    assert decisions(late.records.database) == ()
    taken = late.client.post(
        "/v1/decisions/upload", json=file_of(put_off, line | REASON), headers=late.headers(*COMMITTEE)
    )
    assert [one["rules"] for one in taken.json()["decisions"]] == [[], ["G05"]]


def test_the_committees_file_asks_before_it_is_sent(late, sound):
    for house, asks in ((late, True), (sound, False)):
        word = entered(house, "officer", None)
        text = send(house, "files/committee", word).text
        assert ("data-owed=" in text) is asks


def test_what_was_taken_once_is_taken_again_whatever_the_rules_answer_since(sound):
    headers = sound.headers(*COMMITTEE) | {"Idempotency-Key": "once"}
    url = "/v1/scores/s_1/decisions"
    first = sound.client.post(url, json=DECISION, headers=headers)
    line = DECISION | {"key": "file", "score_id": "s_1"}
    sent = sound.client.post("/v1/decisions/upload", json=file_of(line), headers=sound.headers(*OFFICER))
    assert (first.status_code, sent.status_code) == (201, 201)
    swap(sound, PlainDesk(rules=STARTER_RULES))
    assert sound.client.post(url, json=DECISION, headers=headers).json() == first.json()
    again = sound.client.post("/v1/decisions/upload", json=file_of(line), headers=sound.headers(*OFFICER))
    assert again.json() == sent.json()
    assert fields_at_fault(decide(sound, COMMITTEE, key="new")) == ["reason"]


def test_while_nothing_is_served_no_rule_is_answered_and_the_record_says_so(late):
    swap(late, None)
    taken = decide(late, OFFICER, role="officer")
    assert (taken.status_code, taken.json()["rules"], taken.json()["overrides"]) == (201, None, False)


def test_on_a_banks_own_loan_an_officer_is_bound_by_the_rules_on_the_group(late):
    whole = {"role": "officer", "amount_approved": 11400.0}
    assert fields_at_fault(decide(late, OFFICER, "s_3", **whole)) == ["reason"]
    taken = decide(late, OFFICER, "s_3", **whole, **REASON).json()
    assert (taken["overrides"], taken["rules"]) == (True, ["G05"])


def test_of_a_producer_association_no_rule_speaks(late):
    taken = decide(late, OFFICER, "s_4", role="officer", amount_approved=9000.0).json()
    assert (taken["overrides"], taken["rules"]) == (False, [])


def test_an_auditor_reads_which_rules_were_gone_against(late):
    decide(late, COMMITTEE, **REASON)
    auditor = late.headers("auditor", "all")
    line = json.loads(late.client.get("/v1/trail?kind=decision", headers=auditor).text)
    assert (line["says"]["overrides"], line["says"]["rules"]) == (True, ["G05"])
    assert "A pesar de estas reglas: G05." in late.client.get("/trail?lang=es&kind=decision", headers=auditor).text


def test_what_she_is_handed_tells_of_no_rule_on_the_group(late):
    decide(late, OFFICER, role="officer", **REASON)
    (hers,) = [one["content"] for one in export(late.records.database, "M1")["records"] if one["kind"] == "decision"]
    assert hers["overrides"] is True
    assert "rules" not in hers
