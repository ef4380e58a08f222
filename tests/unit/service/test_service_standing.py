"""The score that stands at a meeting: not what an analyst asks, and not a look back beside a later answer."""

from __future__ import annotations

import pytest

from tests.unit.service.desks import BODY, House
from tests.unit.service.test_service_meeting import SHEET, ask, member


@pytest.fixture
def asked(house: House) -> House:
    """M1 has the score s_1 of 600, and was spoken with."""
    ask(house, "M1")
    house.heard("s_1")
    return house


def ask_as(house: House, role: str, **changes: object) -> str:
    answer = house.client.post("/v1/scores", json=BODY | changes, headers=house.headers(role, "all"))
    assert answer.status_code == 201
    return answer.json()["score_id"]


def at_the_table(house: House) -> tuple[object, ...]:
    headers = house.headers("committee", "group", "B1")
    one = member(house, headers)
    return (
        one["score_id"],
        one["request"]["amount"],
        one["as_of"],
        house.client.get(SHEET, headers=headers).json()["not_ready"],
    )


STANDS = ("s_1", 600.0, "2026-02-01T00:00:00", False)


@pytest.mark.parametrize(
    ("role", "changes"),
    [
        ("analyst", {"amount": 500.0}),
        ("analyst", {"as_of": "2025-12-01T00:00:00"}),
        ("officer", {"amount": 500.0, "as_of": "2026-01-31T23:59:00"}),
    ],
)
def test_a_trial_and_a_look_back_take_nobodys_place(asked, role, changes):
    assert at_the_table(asked) == STANDS
    ask_as(asked, role, **changes)
    assert at_the_table(asked) == STANDS


def test_a_new_answer_does_and_has_to_be_heard(asked):
    assert ask_as(asked, "officer", amount=500.0) == "s_2"
    assert at_the_table(asked) == ("s_2", 500.0, "2026-02-01T00:00:00", True)


def test_what_waits_for_the_officer_is_what_stands(asked):
    for role, changes in (("analyst", {}), ("officer", {"as_of": "2026-01-31T23:59:00"})):
        ask_as(asked, role, **changes)
    asked.client.get(f"/enter?key={asked.access.link(asked.access.grant('officer', 'all')[0])}&next=/officer")
    page = asked.client.get("/officer?lang=es").text
    waiting = {part: page.split(f'id="{part}"')[1].split("</section>")[0] for part in ("talk", "decision")}
    assert waiting["decision"].count('href="/scores/s_1"') == 1
    assert [score for score in ("s_2", "s_3") if any(f'"/scores/{score}"' in text for text in waiting.values())] == []


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("es", "Calculado con datos hasta el 30 de noviembre de 2025."),
        ("en", "Computed with data up to 30 November 2025."),
    ],
)
def test_a_score_older_than_the_sheet_has_its_day_beside_it(house, lang, said):
    page = f"/groups/B1?lang={lang}"
    ask_as(house, "officer", as_of="2025-12-01T00:00:00")
    headers = house.headers("committee", "group", "B1")
    assert said in house.client.get(page, headers=headers).text
    ask_as(house, "officer")
    assert said.split(" 30")[0] not in house.client.get(page, headers=headers).text
