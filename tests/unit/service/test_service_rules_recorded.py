"""What the policy's rules answered, on record: once for each answer, without names, and computed again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from riskscore.service.database import CONTENTS, ENTRIES, Database
from riskscore.service.desks import Desks
from riskscore.service.erasure import erase, export
from riskscore.service.records import Records
from riskscore.service.rules_recorded import rules_by_id, rules_of_score
from riskscore.service.rules_replay import replay_rules
from riskscore.service.verification import verify
from tests.unit.service.associations import bank_desk
from tests.unit.service.desks import BODY, STARTER_RULES, House, PlainDesk, WithPolicy
from tests.unit.service.stores import fresh
from tests.unit.service.test_service_meeting import entered

OFFICER, AUDITOR, COMMITTEE = ("officer", "all"), ("auditor", "all"), ("committee", "group", "B1")


@pytest.fixture
def house(make_house) -> House:
    made = make_house(desk=Desks.of(WithPolicy(rules=STARTER_RULES), bank_desk()))
    for body in (BODY, BODY | {"subject": "M2"}):
        assert made.client.post("/v1/scores", json=body, headers=made.headers(*OFFICER)).status_code == 201
    return made


def sheet(house: House, who: tuple[str, ...] = OFFICER) -> dict[str, Any]:
    return house.client.get("/v1/groups/B1/sheet", headers=house.headers(*who)).json()


def on_record(house: House) -> list[tuple[str | None, str | None, dict[str, Any]]]:
    """Return subject, score and content of each entry of rules."""
    with house.service.records.database.read() as connection:
        rows = connection.execute(
            sa.select(CONTENTS.c.subject, CONTENTS.c.score_id, CONTENTS.c.content)
            .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
            .where(ENTRIES.c.kind == "rules")
            .order_by(CONTENTS.c.sequence)
        ).all()
    return [(row.subject, row.score_id, json.loads(row.content or "{}")) for row in rows]


def groups(house: House, **changes: Any):
    """Return what gives the group as the desk has it, with other facts of everybody."""

    def found(bank_id, moment):
        group = house.service.state.desk.group(bank_id, moment)
        return replace(group, members=tuple(replace(one, **changes) for one in group.members))

    return found


def rule(code: str, part: str, whole: str | None, bounds: dict[str, str], *, exception: bool = False) -> dict[str, Any]:
    measured = {"part": part, "whole": whole}
    return {"code": code, "state": "talk_first", "exception": exception, "measured": measured, "bounds": bounds}


HERS = [
    rule("L01", "600.0", "200", {"above": "2", "at_most": "3"}),
    rule("L05", "30", "600.0", {"below": "10 %"}),
]


def test_the_first_who_opens_the_sheet_puts_the_answers_on_record(house):
    assert on_record(house) == []
    sheet(house, COMMITTEE)
    first, second, of_group = on_record(house)
    assert first == ("M1", "s_1", {"not_met": HERS})
    assert second == ("M2", "s_2", {"not_met": HERS})
    assert of_group[:2] == ("B1", None)
    content = of_group[2]
    assert (content["as_of"], content["requests"]) == ("2026-02-01T00:00:00", ["s_1", "s_2"])
    assert content["not_met"] == [
        rule("G01", "2", None, {"below": "7"}),
        rule("G05", "2", "2", {"above": "25 %"}, exception=True),
        rule("G07", "8", "16", {"below": "70 %"}),
        rule("G08", "2", "2", {"above": "20 %"}),
        rule("G09", "2", "2", {"above": "50 %"}),
    ]
    assert '"M1"' not in json.dumps(content)
    verify(house.records.database)


def test_a_sheet_that_is_opened_again_adds_nothing(house):
    sheet(house)
    for who in (OFFICER, COMMITTEE, AUDITOR):
        sheet(house, who)
        house.client.get("/groups/B1", headers=house.headers(*who))
    assert len(on_record(house)) == 3


def test_of_many_who_open_it_at_once_one_writes(house):
    headers = house.headers(*OFFICER)
    with ThreadPoolExecutor(6) as pool:
        opened = pool.map(lambda _: house.client.get("/v1/groups/B1/sheet", headers=headers).status_code, range(12))
        assert set(opened) == {200}
    assert len(on_record(house)) == 3
    verify(house.records.database)


def test_one_score_writes_nothing_of_rules(house):
    assert on_record(house) == []


def test_another_request_is_another_answer_of_hers_and_of_the_group(house):
    sheet(house)
    lowered = BODY | {"subject": "M2", "amount": 140.0}
    assert house.client.post("/v1/scores", json=lowered, headers=house.headers(*OFFICER)).status_code == 201
    sheet(house)
    assert [(subject, score_id) for subject, score_id, _ in on_record(house)[3:]] == [("M2", "s_3"), ("B1", None)]
    assert on_record(house)[-1][2]["requests"] == ["s_1", "s_3"]
    assert on_record(house)[3][2] == {"not_met": []}


def test_answers_that_come_back_are_on_record_again(house):
    for mark, late in enumerate((True, False, True), start=2):
        facts = replace(PlainDesk().facts, in_arrears=late)
        house.source.held = Desks.of(WithPolicy(rules=STARTER_RULES, facts=facts), bank_desk())
        house.source.mark = mark
        house.service.state.look()
        sheet(house)
    told = [[one["code"] for one in content["not_met"]] for subject, _, content in on_record(house) if subject == "B1"]
    assert ["G05" in one for one in told] == [True, False, True]


def test_without_rules_there_is_nothing_to_record(make_house):
    house = make_house()
    sheet(house)
    assert on_record(house) == []


def test_pages_files_and_decisions_put_them_on_record_too(make_house, house):
    word = entered(house, "officer", None)
    made = house.client.post("/groups/B1/files/committee", data={"csrf_token": word})
    assert made.status_code == 200
    assert len(on_record(house)) == 3
    other = make_house("other", Desks.of(WithPolicy(rules=STARTER_RULES), bank_desk()))
    assert other.client.post("/v1/scores", json=BODY, headers=other.headers(*OFFICER)).status_code == 201
    assert other.client.get("/v1/scores/s_1", headers=other.headers("member", "self", "M1")).status_code == 200
    assert [(subject, score_id) for subject, score_id, _ in on_record(other)] == [("M1", "s_1"), ("B1", None)]


def test_they_are_computed_again_to_the_same(house):
    sheet(house)
    record = house.records.get("s_2")
    (ruled,) = rules_of_score(house.records.database, record)
    assert rules_by_id(house.records.database, ruled.rules_id) == ruled
    again = replay_rules(house.records, ruled, groups(house))
    assert (again.rules_id, again.erased, again.differences) == (ruled.rules_id, 0, ())
    assert rules_by_id(house.records.database, "r_unknown") is None


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"in_arrears": False}, ("G05",)),
        ({"marks": (5, 8)}, ("G07.measured",)),
        ({"last_loan": Decimal(150)}, ("s_1: L01.exception", "s_1: L01.measured", "s_1: L01.bounds")),
        ({"savings": None}, ("s_1: L05.state", "s_1: L05.measured", "s_1: L05.bounds")),
    ],
)
def test_what_comes_out_otherwise_is_named_by_its_place(house, changes, places):
    sheet(house)
    (ruled,) = rules_of_score(house.records.database, house.records.get("s_1"))
    found = replay_rules(house.records, ruled, groups(house, **changes)).differences
    assert set(places) <= set(found)
    assert {one.split(":")[-1].strip().split(".")[0] for one in found} == {
        place.split(":")[-1].strip().split(".")[0] for place in places
    }


def test_an_auditor_reads_them_and_computes_them_again(house, monkeypatch):
    sheet(house)
    auditor = house.headers(*AUDITOR)
    lines = [
        json.loads(one) for one in house.client.get("/v1/trail?kind=rules", headers=auditor).text.strip().split("\n")
    ]
    assert [one["says"]["not_met"] for one in lines] == [
        ["G01", "G05", "G07", "G08", "G09"],
        ["L01", "L05"],
        ["L01", "L05"],
    ]
    assert lines[0]["says"]["rules_id"].startswith("r_")
    assert lines[0]["subject"] != "B1"
    assert "Reglas" in house.client.get("/trail?lang=es&kind=rules", headers=auditor).text
    word = house.client
    word.get(f"/enter?key={house.access.link(house.access.grant(*AUDITOR)[0])}&next=/trail/s_1")
    page = word.get("/trail/s_1?lang=es").text
    told = page.split('name="csrf_token" value="')[1].split('"')[0]
    same = word.post("/trail/s_1/replay?lang=es", data={"csrf_token": told}).text
    assert "Las reglas de su reunión también salieron igual." in same
    desk = house.service.state.desk
    monkeypatch.setattr(desk, "facts", replace(desk.facts, marks=(5, 8)))
    differs = word.post("/trail/s_1/replay?lang=es", data={"csrf_token": told}).text
    assert "Las reglas de su reunión salieron distinto aquí:" in differs
    assert "<li>G07.measured</li>" in differs


def test_hers_are_handed_over_and_erased_with_her_records(house):
    sheet(house)
    given = export(house.records.database, "M1")["records"]
    assert [one["content"] for one in given if one["kind"] == "rules"] == [{"not_met": HERS}]
    erase(house.records.database, "M1", reason="Lo pidió ella.")
    assert on_record(house)[0] == (None, "s_1", {})
    (ruled,) = rules_of_score(house.records.database, house.records.get("s_2"))
    again = replay_rules(house.records, ruled, groups(house))
    assert (again.erased, again.differences) == (1, ())
    verify(house.records.database)


@pytest.mark.service
def test_on_postgresql_they_are_on_record_once_and_computed_again(make_house, server):
    records = Records(Database(fresh(server)))
    desk = Desks.of(WithPolicy(rules=STARTER_RULES), bank_desk())
    house = make_house("server", desk, records=records)
    assert house.client.post("/v1/scores", json=BODY, headers=house.headers(*OFFICER)).status_code == 201
    for who in (OFFICER, COMMITTEE):
        sheet(house, who)
    assert [(subject, score_id) for subject, score_id, _ in on_record(house)] == [("M1", "s_1"), ("B1", None)]
    (ruled,) = rules_of_score(records.database, records.get("s_1"))
    assert replay_rules(records, ruled, groups(house)).differences == ()
    records.database.close()
