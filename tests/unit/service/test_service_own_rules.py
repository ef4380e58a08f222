"""What a member reads of the policy's rules: those on her own request that stands, and nothing of the group."""

from __future__ import annotations

import pytest

from riskscore.service.desks import Desks
from tests.unit.service.associations import bank_desk
from tests.unit.service.desks import BODY, STARTER_RULES, House, PlainDesk

OFFICER, HERSELF = ("officer", "all"), ("member", "self", "M1")

OF_GROUP = ("G01", "G05", "G07", "G08", "G09")


@pytest.fixture
def house(make_house) -> House:
    made = make_house(desk=Desks.of(PlainDesk(rules=STARTER_RULES), bank_desk()))
    for body in (BODY, BODY | {"subject": "M2", "amount": 900.0, "other_active_loans": 4}):
        assert made.client.post("/v1/scores", json=body, headers=made.headers(*OFFICER)).status_code == 201
    return made


def answer(house: House, who: tuple[str, ...], score_id: str = "s_1"):
    return house.client.get(f"/v1/scores/{score_id}", headers=house.headers(*who)).json()


def page(house: House, who: tuple[str, ...], lang: str = "es") -> str:
    return house.client.get(f"/scores/s_1?lang={lang}", headers=house.headers(*who) | {"Accept": "text/html"}).text


def test_her_answer_has_those_on_her_and_her_loan(house):
    told = answer(house, HERSELF)["rules"]
    assert [(one["code"], one["words"]["en"], one["bounds"]) for one in told] == [
        ("L01", "What is asked for and the last loan: 600 against 200.", {"above": "2", "at_most": "3"}),
        ("L05", "Savings with the group and what is asked for: 30 against 600.", {"below": "10 %"}),
    ]


def test_nobody_elses_answer_has_them(house):
    for who in (OFFICER, ("analyst", "all"), ("auditor", "all"), ("committee", "group", "B1")):
        assert "rules" not in answer(house, who)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "es",
            (
                "Lo que la política mira de su solicitud",
                "Por esto conviene conversar antes con usted. No es un rechazo, y su hoja no cambia.",
                "Lo que pide y su préstamo anterior: 600 contra 200.",
                "L01. Con más de 2 a 1 y hasta 3 a 1: conversar antes.",
            ),
        ),
        (
            "en",
            (
                "What the policy looks at in your request",
                "What is asked for and the last loan: 600 against 200.",
                "L01. With more than 2 to 1, at most 3 to 1: talk first.",
            ),
        ),
    ],
)
def test_her_page_says_them_in_words(house, lang, said):
    hers, officers = page(house, HERSELF, lang), page(house, OFFICER, lang)
    for one in said:
        assert hers.count(one) == 1, one
        assert one not in officers


def test_nothing_of_the_group_or_of_another_is_in_it(house):
    text, told = page(house, HERSELF), str(answer(house, HERSELF)["rules"])
    for code in (*OF_GROUP, "M01"):
        assert code not in text
        assert code not in told
    assert "900" not in told


def test_where_all_of_them_hold_there_is_no_word(make_house):
    house = make_house("sound", Desks.of(PlainDesk(rules=()), bank_desk()))
    assert house.client.post("/v1/scores", json=BODY, headers=house.headers(*OFFICER)).status_code == 201
    assert answer(house, HERSELF)["rules"] == []
    assert "Lo que la política mira" not in page(house, HERSELF)


def test_of_a_request_that_another_followed_or_that_she_withdrew_there_are_none(house):
    later = house.client.post("/v1/scores", json=BODY | {"amount": 300.0}, headers=house.headers(*OFFICER))
    assert later.json()["score_id"] == "s_3"
    assert answer(house, HERSELF)["rules"] == []
    assert [one["code"] for one in answer(house, HERSELF, "s_3")["rules"]] == []
    assert house.client.post("/v1/scores/s_3/withdrawn", headers=house.headers(*OFFICER)).status_code == 204
    assert answer(house, HERSELF, "s_3")["rules"] == []
