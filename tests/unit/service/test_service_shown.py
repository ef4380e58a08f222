"""What a member shows her committee of her own will: hers alone to show, for one request, until she takes it back."""

from __future__ import annotations

import json

import pytest

from riskscore.service.erasure import erase, export
from riskscore.service.meeting import meeting_of
from riskscore.service.meeting_files import committee_file
from riskscore.service.outlooks import outlook_at
from riskscore.service.verification import verify
from riskscore.service.written_meeting import OPERATOR
from tests.unit.service.desks import BODY, PlainDesk

EVERYTHING = {"other_loans": "yes", "level": "yes", "savings": "yes"}


@pytest.fixture
def asked(house):
    """Both members of her bank asked, and nothing was shown."""
    for subject in ("M1", "M2"):
        body = BODY | {"subject": subject}
        assert house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all")).status_code == 201
    return house


def show(house, score_id="s_1", who=("member", "self", "M1"), **facts):
    return house.client.post(
        f"/scores/{score_id}/shown", data=facts, headers=house.headers(*who), follow_redirects=False
    )


def sheet(house, who=("committee", "group", "B1")):
    members = house.client.get("/v1/groups/B1/sheet", headers=house.headers(*who)).json()["members"]
    return {one["member"]: one for one in members}


def page(house, who=("committee", "group", "B1"), path="/groups/B1?lang=es"):
    return house.client.get(path, headers=house.headers(*who)).text


def file(house):
    parts = house.service
    meeting = meeting_of(parts, "B1", OPERATOR)
    return committee_file(meeting, outlook_at(parts, "B1"), parts.serializer, parts.pages.files, "es")


def test_the_committee_reads_what_she_shows_and_that_it_is_her_choice(asked):
    assert show(asked, **EVERYTHING).status_code == 303
    assert sheet(asked)["M1"]["shown"] == {"other_loans": 1, "level": "SOLVENT", "savings": 41.0}
    for html in (page(asked), file(asked)):
        assert html.count("Lo muestra ella, por su voluntad:") == 1
        for line in (
            "Tiene un préstamo en otro lugar.",
            "Con este préstamo, las cuotas no pasan de lo que le sobra.",
            "Tiene ahorros suyos por S/\xa041.",
        ):
            assert html.count(f"<li>{line}</li>") == 1


def test_it_reads_that_and_no_more(asked):
    show(asked, other_loans="yes")
    assert sheet(asked)["M1"]["shown"] == {"other_loans": 1}
    for text in (page(asked), file(asked), json.dumps(sheet(asked))):
        assert "ahorros suyos" not in text
        assert "las cuotas no pasan" not in text


def test_of_who_shows_nothing_there_is_no_word(asked):
    before = (page(asked), file(asked), sheet(asked))
    show(asked, **EVERYTHING)
    assert "shown" not in sheet(asked)["M2"]
    assert show(asked).status_code == 303  # nothing ticked: all of it is taken back
    assert (page(asked), file(asked), sheet(asked)) == before
    assert "voluntad" not in before[0]


def test_it_holds_for_one_request_and_until_the_committee_decided(asked):
    show(asked, **EVERYTHING)
    officer = asked.headers("officer", "all")
    asked.heard("s_1", "s_2")
    asked.opined("s_1")
    decided = {
        "who": "Comité",
        "role": "committee",
        "amount_approved": 280.0,
        "currency": "PEN",
        "decided_on": "2026-02-02",
    }
    headers = asked.headers("committee", "group", "B1") | {"Idempotency-Key": "k"}
    assert "shown" in sheet(asked)["M1"]
    assert asked.client.post("/v1/scores/s_1/decisions", json=decided, headers=headers).status_code == 201
    assert "shown" not in sheet(asked)["M1"]
    assert asked.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    assert sheet(asked)["M1"]["score_id"] == "s_3"
    assert "shown" not in sheet(asked)["M1"]


def test_a_request_that_was_withdrawn_shows_nothing(asked):
    show(asked, **EVERYTHING)
    assert asked.client.post("/v1/scores/s_1/withdrawn", headers=asked.headers("officer", "all")).status_code == 204
    assert "shown" not in sheet(asked)["M1"]


@pytest.mark.parametrize(
    "who", [("officer", "all"), ("committee", "group", "B1"), ("analyst", "all"), ("auditor", "all")]
)
def test_nobody_shows_it_for_her(asked, who):
    assert show(asked, who=who, **EVERYTHING).status_code == 403
    assert "shown" not in sheet(asked)["M1"]


def test_a_neighbour_finds_nothing_to_show(asked):
    assert show(asked, who=("member", "self", "M2"), **EVERYTHING).status_code == 404


def test_only_her_committee_reads_it(asked):
    before = page(asked, ("officer", "all")), page(asked, ("committee", "group", "B1"), "/scores/s_1?lang=es")
    show(asked, **EVERYTHING)
    assert all("shown" not in sheet(asked, who)["M1"] for who in (("officer", "all"),))
    assert "shown" not in json.dumps(sheet(asked, ("auditor", "all")))
    assert "por su voluntad" not in page(asked, ("officer", "all"))
    assert "por su voluntad" not in before[0]
    # The page of one score stays as it was: what she shows is for the meeting.
    assert page(asked, ("committee", "group", "B1"), "/scores/s_1?lang=es") == before[1]


def test_what_is_not_known_cannot_be_shown(make_house):
    desk = PlainDesk(values={})
    desk.answer["indebtedness"]["level"] = "UNKNOWN"
    house = make_house(desk=desk)
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    for fact in ("level", "savings"):
        assert show(house, **{fact: "yes"}).status_code == 422
    assert show(house, other_loans="yes").status_code == 303


def test_a_browser_needs_the_word_of_her_page(asked):
    token, _ = asked.access.grant("member", "self", "M1")
    client = asked.client
    client.get(f"/enter?key={asked.access.link(token)}&next=/")
    html = client.get("/scores/s_1?lang=es").text
    assert "Nadie puede pedirle que muestre algo." in html
    assert client.post("/scores/s_1/shown", data=EVERYTHING, follow_redirects=False).status_code == 403
    word = html.split('name="csrf_token" value="')[1].split('"')[0]
    sent = client.post("/scores/s_1/shown", data={"csrf_token": word, "level": "yes"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/scores/s_1#shown")
    html = client.get("/scores/s_1?lang=es").text
    assert [name for name in EVERYTHING if f'name="{name}" value="yes" checked' in html] == ["level"]


def test_officer_and_auditor_have_no_such_form(asked):
    for who in (("officer", "all"), ("auditor", "all")):
        token, _ = asked.access.grant(*who)
        asked.client.cookies.clear()
        asked.client.get(f"/enter?key={asked.access.link(token)}&next=/")
        assert "/shown" not in asked.client.get("/scores/s_1?lang=es").text


def test_it_is_on_record_once_goes_with_her_data_and_is_erased(asked):
    database = asked.records.database
    show(asked, level="yes")
    show(asked, level="yes")
    show(asked)
    told = [one for one in export(database, "M1")["records"] if one["kind"] == "shown"]
    assert [one["content"]["facts"] for one in told] == [["level"], []]
    assert {name for one in told for name in one["content"]} == {"facts", "role", "recorded_at"}
    erase(database, "M1", reason="Asked for by herself.")
    assert show(asked, level="yes").status_code == 404
    verify(database)  # raises where the chain does not hold
