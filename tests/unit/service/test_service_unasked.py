"""The score of everybody who has an open request, asked for by one button of the meeting's page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest

from riskscore.scoring.open_requests import OpenRequest
from riskscore.service import csrf
from tests.unit.service.desks import House, PlainDesk, build

FIRST = OpenRequest("M1", "B1", datetime(2026, 1, 20), 600.0, "PEN", 120, "weekly", "working_capital", 1)
SECOND = replace(FIRST, member_id="M2", amount=400.0, purpose=None)
ELSEWHERE = replace(FIRST, member_id="M9", bank_id="B9")

BUTTON = 'action="/groups/B1/requests"'


def house_of(folder, *requests: OpenRequest) -> House:
    return build(folder, PlainDesk(open=requests))


@pytest.fixture
def house(tmp_path) -> House:
    return house_of(tmp_path, FIRST, SECOND, ELSEWHERE)


def enter(house: House, role: str = "officer", scope: str = "all", scope_id: str | None = None) -> None:
    token, _ = house.access.grant(role, scope, scope_id)
    house.client.get(f"/enter?key={house.access.link(token)}&next=/")


def page(house: House, language: str = "es") -> str:
    answer = house.client.get(f"/groups/B1?lang={language}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return answer.text


def fields(text: str) -> dict[str, str]:
    form = text.split(BUTTON)[1].split("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def send(house: House, sent: dict[str, str]):
    return house.client.post("/groups/B1/requests", data=sent, follow_redirects=False)


def on_record(house: House) -> list[tuple[str, float, str]]:
    scores = house.records.scores("member_default")
    return [(one.place.subject, one.request["amount"], one.request["purpose"]) for one in scores]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ("2 socias tienen un pedido abierto.", "Pide S/ 400 a 120 días, cada semana.")),
        ("en", ("2 members have an open request.", "She asks for S/ 400 over 120 days, every week.")),
    ],
)
def test_what_would_be_asked_is_shown_first(house, language, said):
    enter(house)
    text = page(house, language).replace("\xa0", " ")
    for one in said:
        assert one in text
    assert on_record(house) == []


def test_one_button_asks_for_each_with_her_own_amount(house):
    enter(house, "officer", "branch", "N")
    answer = send(house, fields(page(house)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/groups/B1#members")
    assert on_record(house) == [("M1", 600.0, "working_capital"), ("M2", 400.0, "other")]
    assert BUTTON not in page(house)


def test_sent_twice_it_is_asked_once(house):
    enter(house)
    sent = fields(page(house))
    assert [send(house, sent).status_code for _ in range(2)] == [303, 303]
    assert len(on_record(house)) == 2


def test_who_has_a_score_since_she_asked_is_not_asked_again_though_she_withdrew(house):
    enter(house)
    send(house, fields(page(house)))
    headers = house.headers("officer", "all")
    assert house.client.post("/v1/scores/s_1/withdrawn", headers=headers).status_code in (204, 404)
    for record in house.records.scores("member_default"):
        assert house.client.post(f"/v1/scores/{record.score_id}/withdrawn", headers=headers).status_code == 204
    assert BUTTON not in page(house)


def test_a_request_that_came_after_her_score_is_asked_for(tmp_path):
    later = replace(FIRST, known_at=datetime(2026, 2, 2))  # after the moment of her score
    house = house_of(tmp_path, later)
    enter(house)
    send(house, fields(page(house)))
    assert BUTTON in page(house)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SECOND, other_active_loans=None),
        replace(SECOND, amount=90_000.0),
        replace(SECOND, currency="USD"),
        replace(SECOND, frequency="daily"),
    ],
)
def test_what_lacks_something_is_named_and_holds_nobody_up(tmp_path, wrong):
    house = house_of(tmp_path, FIRST, wrong)
    enter(house)
    text = page(house)
    part = text.split('id="unasked"')[1].split("</section>")[0]
    assert "1 socia tiene un pedido abierto." in part
    assert "<li>M2</li>" in part
    assert 'href="/apply"' in part
    assert send(house, fields(text)).status_code == 303
    assert on_record(house) == [("M1", 600.0, "working_capital")]


def test_the_others_see_no_such_part(house):
    for role, scope, scope_id in (("committee", "group", "B1"), ("auditor", "all", None)):
        enter(house, role, scope, scope_id)
        text = page(house)
        assert 'id="unasked"' not in text
        assert "S/\xa0400" not in text


def test_a_cookie_alone_asks_for_nothing(house):
    enter(house)
    sent = fields(page(house))
    assert send(house, {"key": sent["key"]}).status_code == 403
    assert send(house, sent | {csrf.FIELD: "of another page"}).status_code == 403
    assert on_record(house) == []
