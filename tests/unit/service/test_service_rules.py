"""The policy's rules on the sheet of a meeting: who reads which, what they ask for, and that they only tighten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from riskscore.service.desks import Desks
from tests.unit.service.associations import bank_desk
from tests.unit.service.chance import without_chance
from tests.unit.service.desks import BODY, MEMBER_FACTS, STARTER_RULES, House, PlainDesk
from tests.unit.service.test_service_meeting_files import committee_file, inside, officer_file

OFFICER, AUDITOR, COMMITTEE = ("officer", "all"), ("auditor", "all"), ("committee", "group", "B1")

#: Of a member of whom the starter's rules hold, whatever she asks of the amounts here.
SOUND = replace(
    MEMBER_FACTS, in_arrears=False, marks=(8, 8), business_days=900, last_loan=Decimal(400), savings=Decimal(90)
)

#: Rules on the group that rest on its own books, without the one on its size.
BOOKS = tuple(one for one in STARTER_RULES if one.code in {"G04", "G05", "G07"})


def opened(make_house, desk: PlainDesk, name: str = "one", *bodies: Mapping[str, Any]) -> House:
    """Open a house whose bank B1 has M1 in s_1 and M2 in s_2, with 600 asked for by each and one loan elsewhere."""
    house = make_house(name, Desks.of(desk, bank_desk()))
    for body in bodies or (BODY, BODY | {"subject": "M2"}):
        answer = house.client.post("/v1/scores", json=dict(body), headers=house.headers(*OFFICER))
        assert answer.status_code == 201
    return house


@pytest.fixture
def house(make_house) -> House:
    return opened(make_house, PlainDesk(rules=STARTER_RULES))


def sheet(house: House, who: tuple[str, ...]) -> dict[str, Any]:
    return house.client.get("/v1/groups/B1/sheet", headers=house.headers(*who)).json()


def codes(house: House, who: tuple[str, ...]) -> list[str]:
    return [one["code"] for one in sheet(house, who)["rules"]["not_met"]]


def page(house: House, who: tuple[str, ...], lang: str = "es") -> str:
    return house.client.get(f"/groups/B1?lang={lang}", headers=house.headers(*who)).text


def test_a_committee_reads_the_rules_on_its_own_books(house):
    told = sheet(house, COMMITTEE)
    assert told["rules"] == {
        "state": "talk_first",
        "not_met": [
            {
                "code": "G01",
                "measure": "group_size",
                "audience": "committee",
                "state": "talk_first",
                "exception": False,
                "measured": {"es": "2", "en": "2"},
                "words": {"es": "El banco comunal tiene 2 socias.", "en": "The communal bank has 2 members."},
                "verified": False,
                "bounds": {"below": "7"},
            },
            {
                "code": "G05",
                "measure": "share_in_arrears",
                "audience": "committee",
                "state": "talk_first",
                "exception": True,
                "measured": {"es": "2 de 2", "en": "2 of 2"},
                "words": {
                    "es": "Tienen una cuota vencida 2 de 2 socias.",
                    "en": "Behind with an instalment: 2 of 2 members.",
                },
                "verified": False,
                "bounds": {"above": "25 %"},
            },
            {
                "code": "G07",
                "measure": "share_attended",
                "audience": "committee",
                "state": "talk_first",
                "exception": False,
                "measured": {"es": "8 de 16", "en": "8 of 16"},
                "words": {"es": "Asistencia a las reuniones: 8 de 16.", "en": "Attendance at meetings: 8 of 16."},
                "verified": False,
                "bounds": {"below": "70 %"},
            },
        ],
    }
    assert all("rules" not in one for one in told["members"])


def test_an_officer_reads_all_of_them_and_those_on_a_member_beside_her_request(house):
    told = sheet(house, OFFICER)
    assert [one["code"] for one in told["rules"]["not_met"]] == ["G01", "G05", "G07", "G08", "G09"]
    for one in told["members"]:
        assert [(rule["code"], rule["words"]["en"], rule["bounds"]) for rule in one["rules"]] == [
            ("L01", "What is asked for and the last loan: 600 against 200.", {"above": "2", "at_most": "3"}),
            ("L05", "Savings with the group and what is asked for: 30 against 600.", {"below": "10 %"}),
        ]


def test_an_auditor_reads_what_an_officer_does_under_pseudonyms(house):
    told = sheet(house, AUDITOR)
    assert [[rule["code"] for rule in one["rules"]] for one in told["members"]] == [["L01", "L05"]] * 2
    assert codes(house, AUDITOR) == codes(house, OFFICER)
    for text in (json.dumps(told), page(house, AUDITOR)):
        assert '"M1"' not in text
        assert ">M1<" not in text


@pytest.mark.parametrize(
    ("lang", "of_group", "private", "hers"),
    [
        (
            "es",
            (
                "Lo que la política pide al grupo",
                'El banco comunal tiene 2 socias. <span class="soft">G01. Con menos de 7: conversar antes.</span>',
                'Tienen una cuota vencida 2 de 2 socias. <span class="soft">G05. Con más de 25 de cada 100: conversar '
                "antes; quien sigue escribe por qué.</span>",
            ),
            'Empiezan un negocio 2 de 2 socias. <span class="soft">G08. Con más de 20 de cada 100: conversar antes. '
            "La lee solo la asesora.</span>",
            'Lo que pide y su préstamo anterior: 600 contra 200. <span class="soft">L01. Con más de 2 a 1 y hasta 3 a '
            "1: conversar antes.</span>",
        ),
        (
            "en",
            (
                "What the policy asks of the group",
                'The communal bank has 2 members. <span class="soft">G01. With fewer than 7: talk first.</span>',
                'Behind with an instalment: 2 of 2 members. <span class="soft">G05. With more than 25 of each 100: '
                "talk first, or write why.</span>",
            ),
            'Starting a business are 2 of 2 members. <span class="soft">G08. With more than 20 of each 100: talk '
            "first. Only the officer reads it.</span>",
            'What is asked for and the last loan: 600 against 200. <span class="soft">L01. With more than 2 to 1, at '
            "most 3 to 1: talk first.</span>",
        ),
    ],
)
def test_the_page_says_it_in_words(house, lang, of_group, private, hers):
    committee, officer = page(house, COMMITTEE, lang), page(house, OFFICER, lang)
    for said in of_group:
        assert committee.count(said) == officer.count(said) == 1
    assert (committee.count(private), officer.count(private)) == (0, 1)
    assert (committee.count(hers), officer.count(hers)) == (0, 2)
    for code in ("G08", "G09", "L01", "L05"):
        assert code not in committee
    for text in (committee, officer):
        assert " %" not in text


def test_the_groups_state_is_tightened_with_the_codes_as_reason(make_house):
    tight = opened(make_house, PlainDesk(rules=STARTER_RULES), "tight")
    assert sheet(tight, COMMITTEE)["outlook"]["recommendation"] == {
        "state": "talk_first",
        "why": ["G01", "G05", "G07"],
    }
    assert sheet(tight, OFFICER)["outlook"]["recommendation"]["why"] == ["G01", "G05", "G07", "G08", "G09"]
    held = opened(make_house, PlainDesk(rules=BOOKS, facts=SOUND), "held")
    assert sheet(held, COMMITTEE)["outlook"]["recommendation"] == {"state": "ready", "why": []}


def test_rules_that_hold_loosen_nothing(make_house):
    desk = bank_desk(recommendation={"state": "talk_first"})
    house = make_house(desk=Desks.of(PlainDesk(rules=BOOKS, facts=SOUND), desk))
    told = sheet(house, OFFICER)
    assert told["rules"] == {"state": "ready", "not_met": []}
    assert told["outlook"]["recommendation"] == {"state": "talk_first", "why": []}


def test_of_rules_that_hold_no_page_says_anything(make_house):
    sound = tuple(one for one in STARTER_RULES if one.code not in {"G01", "G09"})
    house = opened(make_house, PlainDesk(rules=sound, facts=SOUND))
    for who in (COMMITTEE, OFFICER, AUDITOR):
        assert sheet(house, who)["rules"] == {"state": "ready", "not_met": []}
        assert "política pide" not in page(house, who)
    assert [one["rules"] for one in sheet(house, OFFICER)["members"]] == [[], []]


def test_an_officers_rule_does_not_move_what_a_committee_reads(make_house):
    desk = PlainDesk(rules=(*BOOKS, *(one for one in STARTER_RULES if one.audience == "officer")), facts=SOUND)
    house = opened(make_house, desk)
    assert codes(house, OFFICER) == ["G09"]
    assert sheet(house, COMMITTEE)["rules"] == {"state": "ready", "not_met": []}
    assert sheet(house, COMMITTEE)["outlook"]["recommendation"] == {"state": "ready", "why": []}


def test_what_is_not_known_is_said_with_its_reason_and_never_ready(make_house):
    desk = PlainDesk(rules=STARTER_RULES, facts=replace(SOUND, in_arrears=None, marks=(0, 0), savings=None))
    house = opened(make_house, desk)
    told = {one["code"]: one for one in sheet(house, COMMITTEE)["rules"]["not_met"]}
    assert list(told) == ["G01", "G05", "G07"]
    assert {(told[code]["state"], told[code]["measured"], told[code]["bounds"]) for code in ("G05", "G07")} == {
        ("UNKNOWN", None, None)
    }
    assert told["G05"]["words"] == {"es": "No se sabe de 2 de 2.", "en": "It is not known of 2 of 2."}
    assert (
        'Socias con una cuota vencida. No se sabe de 2 de 2. <span class="soft">G05. Si no se sabe: conversar antes.'
        in page(house, COMMITTEE)
    )
    assert "Savings with the group and what is asked for. No savings are on record." in page(house, OFFICER, "en")


def test_rules_speak_of_the_request_on_the_sheet_and_not_of_one_that_was_lowered(make_house):
    """The core system still has 900 of each; one lowered hers in private to 140, the other asks for 600."""
    house = opened(make_house, PlainDesk(rules=BOOKS, facts=SOUND))
    assert codes(house, COMMITTEE) == []
    lowered = BODY | {"subject": "M2", "amount": 140.0}
    house.client.post("/v1/scores", json=lowered, headers=house.headers(*OFFICER))
    assert "La solicitud mayor y la menor: 600 contra 140." in page(house, COMMITTEE)
    assert house.client.post("/v1/scores/s_3/withdrawn", headers=house.headers(*OFFICER)).status_code == 204
    assert codes(house, COMMITTEE) == []  # she is as if she had not asked


def test_who_asks_for_nothing_has_no_rule_beside_her(make_house):
    house = opened(make_house, PlainDesk(rules=STARTER_RULES), "one", BODY)
    assert [[rule["code"] for rule in one["rules"]] for one in sheet(house, OFFICER)["members"][:1]] == [["L01", "L05"]]
    assert "rules" not in sheet(house, OFFICER)["members"][1]


def test_no_score_on_record_changes(house):
    before = [house.records.get(score_id).score for score_id in ("s_1", "s_2")]
    sheet(house, OFFICER), page(house, COMMITTEE)
    assert [house.records.get(score_id).score for score_id in ("s_1", "s_2")] == before
    assert all("rules" not in score for score in before)
    assert [one["recommendation"]["state"] for one in sheet(house, OFFICER)["members"]] == ["talk_first"] * 2


def test_the_files_for_the_road_say_what_the_pages_do(house):
    committee, officer = committee_file(house), inside(officer_file(house).text)
    of_group = "Tienen una cuota vencida 2 de 2 socias."
    assert (committee.count(of_group), officer.count(of_group)) == (1, 1)
    assert officer.count("Empiezan un negocio 2 de 2 socias.") == 1
    assert officer.count("Lo que pide y su préstamo anterior: 600 contra 200.") == 2
    for code in ("G08", "G09", "L01", "L05"):
        assert code not in without_chance(committee)


def test_what_is_the_officers_alone_goes_on_no_paper(make_house, house):
    text = page(house, OFFICER)
    for said in ("Empiezan un negocio", "Lo que pide y su préstamo anterior"):
        assert text.count(f'<li class="screen">{said}') == text.count(said) > 0
    assert "<li>Tienen una cuota vencida" in text
    only_hers = PlainDesk(rules=tuple(one for one in STARTER_RULES if one.code == "G08"))
    assert 'class="state talk screen"' in page(opened(make_house, only_hers, "hers"), OFFICER)


def test_what_a_board_wrote_is_never_markup(make_house):
    (rule,) = (one for one in STARTER_RULES if one.code == "G05")
    nasty = replace(rule, words={"es": "<b>{value}</b>", "en": "<b>{value}</b>"})
    text = page(opened(make_house, PlainDesk(rules=(nasty,))), COMMITTEE)
    assert "&lt;b&gt;2 de 2&lt;/b&gt;" in text
    assert "<b>" not in text
