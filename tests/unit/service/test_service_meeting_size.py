"""A meeting of 30 stays under 100 kB for whoever opens it, with all that may be written on it, and so does its file."""

from __future__ import annotations

from itertools import count

import pytest

from riskscore.service.access import Place
from riskscore.service.bank_facts import LedgerArrears
from riskscore.service.group_outlook import GroupOutlook
from tests.unit.service import desks
from tests.unit.service.desks import House, PlainDesk
from tests.unit.service.test_service_meeting import OUTLOOK, ask, entered

NAMES = [f"M{n:07d}" + "x" * 72 for n in range(30)]


@pytest.fixture
def meeting(make_house, monkeypatch) -> House:
    """30 with ids as long as may be asked for, each with a score, and everybody was spoken with."""
    monkeypatch.setattr(desks, "PLACES", {name: Place(name, "S1", "B1", "N") for name in NAMES})
    for module in ("groups", "meeting_files"):
        monkeypatch.setattr(f"riskscore.service.routes.{module}.outlook_at", lambda *_: GroupOutlook(OUTLOOK))
    numbers = count(1)
    house = make_house(
        desk=PlainDesk(own_loan=LedgerArrears(1, 5400.0, 120.0, 9)), new_id=lambda: f"s_{next(numbers):032x}"
    )
    ask(house, *NAMES)
    return house


def opine(house: House, score_id: str, words: str) -> None:
    body = {"would_approve": "less", "amount": 400.55, "words": words, "written_on": "2026-02-02"}
    committee = house.headers("committee", "group", "B1")
    assert house.client.post(f"/v1/scores/{score_id}/opinions", json=body, headers=committee).status_code == 201


def show(house: House, member: str, score_id: str) -> None:
    """She shows all she may."""
    herself = house.headers("member", "self", member)
    body = {"other_loans": "yes", "level": "yes", "savings": "yes"}
    shown = house.client.post(f"/scores/{score_id}/shown", data=body, headers=herself, follow_redirects=False)
    assert shown.status_code == 303


def decide(house: House, score_id: str) -> None:
    body = {
        "who": "Comité " + "x" * 73,
        "role": "committee",
        "amount_approved": 280.0,
        "currency": "PEN",
        "decided_on": "2026-02-02",
        "reason": "x" * 1000,
    }
    headers = house.headers("officer", "all") | {"Idempotency-Key": score_id}
    assert house.client.post(f"/v1/scores/{score_id}/decisions", json=body, headers=headers).status_code == 201


def sizes(house: House) -> list[tuple[str, str, int]]:
    """Return who opens what in which language, and how many bytes it has."""
    found = []
    for role, scope in (("officer", None), ("committee", "B1")):
        word = entered(house, role, scope)
        for lang in ("es", "en"):
            page = house.client.get(f"/groups/B1?lang={lang}")
            assert page.text.count("<h3") >= 30
            found.append((role, lang, len(page.content)))
            if role == "officer":
                file = house.client.post(f"/groups/B1/files/committee?lang={lang}", data={"csrf_token": word})
                assert "data-score" in file.text
                found.append(("file", lang, len(file.content)))
    return found


@pytest.mark.parametrize(
    ("step", "words", "read"),
    [
        ("asked", "", ""),
        ("told", "", ""),
        ("opined", "ñ" * 500, "«" + "ñ" * 500 + "»"),
        ("decided", "ñ" * 500, "«" + "ñ" * 500 + "»"),
        ("opined", '"' * 500, "«" + "&#34;" * 200 + "…»"),
        ("decided", "😀" * 500, "«" + "😀" * 250 + "…»"),
    ],
    ids=["asked", "told", "opined", "decided", "opined in quotation marks", "decided in pictures"],
)
def test_30_women_with_the_longest_words_are_under_100_kb(meeting, step, words, read):
    ids = [f"s_{number:032x}" for number in range(1, 31)]
    for name, score_id in zip(NAMES, ids, strict=True):
        show(meeting, name, score_id)
    if step != "asked":
        meeting.heard(*ids)
    for score_id in ids if step in ("opined", "decided") else ():
        opine(meeting, score_id, words)
    for score_id in ids if step == "decided" else ():
        decide(meeting, score_id)
    found = sizes(meeting)
    assert [one for one in found if one[2] >= 100_000] == []
    page = meeting.client.get("/groups/B1?lang=es", headers=meeting.headers("officer", "all")).text
    assert page.count(read) == 30 or not words
