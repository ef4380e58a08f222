"""The sheet of a group's meeting: who sees what, and in what order things happen."""

from __future__ import annotations

import copy
import json
import re

import pytest

from riskscore.service import csrf
from riskscore.service.access import Place
from riskscore.service.bank_facts import LedgerArrears
from riskscore.service.decisions import decisions
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.verification import verify
from tests.unit.service import desks
from tests.unit.service.chance import without_chance
from tests.unit.service.desks import BODY, SCORE, STARTER_RULES, House, PlainDesk
from tests.unit.service.readability import fernandez_huerta, sentences
from tests.unit.service.test_service_pages import Page
from tests.unit.service.test_service_scores import fields_at_fault
from tests.unit.service.worlds import CANARY, canary_desk

SHEET = "/v1/groups/B1/sheet"

OPINION = {"would_approve": "less", "amount": 400.0, "words": "Vendió poco.", "written_on": "2026-02-02"}

DECISION = {
    "who": "Comité Las Flores",
    "role": "committee",
    "amount_approved": 280.0,
    "currency": "PEN",
    "decided_on": "2026-02-02",
    "reason": "Le alcanza.",
}

OUTLOOK = {
    "of_100": 6,
    "low": 3,
    "high": 11,
    "falls_expected": 2,
    "members": 27,
    "covers_falls": 3,
    "order_judged": True,
    "waterfall": {
        "loss": 540.0,
        "by_savings": 210.0,
        "by_group": 160.0,
        "by_fund": 120.0,
        "by_untold": 0.0,
        "by_lender": 50.0,
    },
    "cover": {"lent": 16_200.0, "one_fall": 240.0, "savings": 90.0, "group": 70.0, "fund": 810.0},
    "recommendation": {"state": "ready"},
}


def ask(house: House, *members: str, **changes: object) -> None:
    officer = house.headers("officer", "all")
    for member in members:
        answer = house.client.post("/v1/scores", json=BODY | {"subject": member} | changes, headers=officer)
        assert answer.status_code == 201


@pytest.fixture
def asked(house: House) -> House:
    """M1 has the score s_1 and M2 s_2, both of the bank B1; M9 of B9 has s_3."""
    ask(house, "M1", "M2", "M9")
    return house


@pytest.fixture
def committee(asked: House) -> dict[str, str]:
    return asked.headers("committee", "group", "B1")


def member(house: House, headers: dict[str, str], name: str = "M1") -> dict[str, object]:
    (found,) = [one for one in house.client.get(SHEET, headers=headers).json()["members"] if one["member"] == name]
    return found


def test_the_state_comes_after_the_talks_and_the_opinion(asked, committee):
    assert member(asked, committee)["recommendation"] is None
    asked.opined("s_1")
    asked.heard("s_1")
    one = member(asked, committee)  # M2 was not spoken with yet
    assert (one["recommendation"], one["opinion_needed"], one["not_ready"]) == (None, False, True)
    assert asked.client.get("/v1/scores/s_1", headers=committee).json()["recommendation"] is None
    assert "Conversar antes" not in asked.client.get("/scores/s_1?lang=es", headers=committee).text
    assert "Conversar antes" not in asked.client.get("/groups/B1?lang=es", headers=committee).text
    asked.heard("s_2")
    assert member(asked, committee)["recommendation"] == {"state": "talk_first", "ceiling": 280.0}
    assert member(asked, committee, "M2")["recommendation"] is None
    assert asked.client.get("/v1/scores/s_1", headers=committee).json()["recommendation"]["state"] == "talk_first"
    assert "Conversar antes" in asked.client.get("/groups/B1?lang=es", headers=committee).text


def test_officer_and_auditor_see_the_state_at_once(asked):
    assert member(asked, asked.headers("officer", "branch", "N"))["recommendation"]["state"] == "talk_first"
    shown = asked.client.get(SHEET, headers=asked.headers("auditor", "all"))
    assert [one["recommendation"]["ceiling"] for one in shown.json()["members"]] == [280.0, 280.0]
    names = [one["member"] for one in shown.json()["members"]]
    assert names == sorted(names)
    assert all(re.fullmatch("P[0-9a-f]{12}", name) for name in names)
    page = asked.client.get("/groups/B1", headers=asked.headers("auditor", "all")).text
    for text in (shown.text, page):
        assert '"M1"' not in text
        assert ">M1<" not in text


@pytest.mark.parametrize(
    ("role", "kind", "scope", "status"),
    [
        ("officer", "all", None, 200),
        ("officer", "branch", "N", 200),
        ("officer", "branch", "S", 404),
        ("officer", "group", "B1", 200),
        ("committee", "group", "B1", 200),
        ("committee", "group", "B9", 404),
        ("committee", "group", "S1", 404),
        ("member", "self", "M1", 403),
        ("lender", "all", None, 403),
        ("assistant", "group", "B1", 403),
        ("analyst", "all", None, 403),
        ("auditor", "all", None, 200),
    ],
)
def test_each_role(asked, role, kind, scope, status):
    headers = asked.headers(role, kind, scope)
    for path in (SHEET, "/groups/B1"):
        assert asked.client.get(path, headers=headers).status_code == status
    assert asked.client.get(SHEET).status_code == 401


def test_another_groups_sheet_is_the_same_404_as_an_unknown_one(asked, committee):
    other = asked.client.get("/v1/groups/B9/sheet", headers=committee)
    unknown = asked.client.get("/v1/groups/B77/sheet", headers=committee)
    assert (other.status_code, other.content) == (404, unknown.content)


def test_each_sight_of_a_state_is_on_record(asked, committee):
    asked.client.get(SHEET, headers=committee)
    assert [(seen.role, seen.action) for seen in asked.records.sightings("s_1")] == [
        ("committee", "sheet"),
        ("officer", "asked"),
    ]
    assert [seen.role for seen in asked.records.sightings("s_3")] == ["officer"]
    verify(asked.records.database)


def test_who_withdraws_is_as_if_she_had_not_asked(asked, committee):
    officer = asked.headers("officer", "all")
    assert asked.client.post("/v1/scores/s_1/withdrawn", headers=officer).status_code == 204
    assert asked.client.post("/v1/scores/s_1/withdrawn", headers=officer).status_code == 204
    assert fields_at_fault(asked.client.post("/v1/scores/s_1/told", headers=officer)) == ["score_id"]
    one = member(asked, committee)
    assert (one["score_id"], one["request"], one["recommendation"]) == (None, None, None)
    unknown = asked.client.get("/v1/scores/s_77", headers=committee)
    for answer in (
        asked.client.get("/v1/scores/s_1", headers=committee),
        asked.client.get("/scores/s_1", headers=committee),
        asked.client.post("/v1/scores/s_1/opinions", json=OPINION, headers=committee),
    ):
        assert (answer.status_code, answer.content) == (404, unknown.content)
    asked.heard("s_2")  # nobody else has to be waited for
    asked.opined("s_2")
    assert member(asked, committee, "M2")["recommendation"] is not None
    ask(asked, "M1", amount=300.0)
    assert member(asked, committee)["request"]["amount"] == 300.0


def test_what_she_asked_for_before_she_changed_it_is_nothing_to_her_neighbours(asked, committee):
    """She heard *talk first* alone and asked for less; else her committee would read the state of her first request."""
    asked.heard("s_1", "s_2")
    ask(asked, "M1", amount=300.0)
    asked.heard("s_4")
    assert member(asked, committee)["score_id"] == "s_4"
    unknown = asked.client.get("/v1/scores/nobody", headers=committee)
    opinion = asked.client.post("/v1/scores/s_1/opinions", json=OPINION, headers=committee)
    page = [asked.client.get(f"/scores/{name}", headers=committee) for name in ("s_1", "nobody")]
    decision = asked.client.post(
        "/v1/scores/s_1/decisions", json=DECISION, headers=committee | {"Idempotency-Key": "k"}
    )
    for answer in (asked.client.get("/v1/scores/s_1", headers=committee), opinion, decision):
        assert (answer.status_code, answer.content) == (404, unknown.content)
    assert (page[0].status_code, page[0].content) == (404, page[1].content)
    officer = asked.headers("officer", "all")
    assert asked.client.get("/v1/scores/s_1", headers=officer).status_code == 200
    # Nor does the first one come back where she takes the second back.
    assert asked.client.post("/v1/scores/s_4/withdrawn", headers=officer).status_code == 204
    assert asked.client.get("/v1/scores/s_1", headers=committee).content == unknown.content


def test_what_a_committee_decided_stays_with_it_when_she_asks_anew(asked, committee):
    asked.heard("s_1", "s_2")
    asked.opined("s_1")
    key = committee | {"Idempotency-Key": "k"}
    first = asked.client.post("/v1/scores/s_1/decisions", json=DECISION, headers=key)
    assert first.status_code == 201
    ask(asked, "M1", amount=300.0)  # nobody spoke with her about it yet: the sheet is closed
    again = asked.client.post("/v1/scores/s_1/decisions", json=DECISION, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = asked.client.post("/v1/scores/s_1/decisions", json=DECISION | {"amount_approved": 0.0}, headers=key)
    assert fields_at_fault(other) == ["score_id"]
    assert asked.client.get(first.headers["location"], headers=committee).json() == first.json()


def test_what_a_score_was_computed_from_says_nothing_of_the_books(asked, committee):
    """Of a day on which she told something her values are of another hour: an instalment has fallen due by then."""
    asked.heard("s_1", "s_2")
    path = asked.client.get("/v1/scores/s_1", headers=committee), asked.client.get("/scores/s_1", headers=committee)
    assert path[0].json()["group_record"] == member(asked, committee)["group_record"]
    asked.source.held.values = asked.source.held.values | {"late_share_cycle": 0.0625}
    asked.service.state.look()
    books, ours = member(asked, committee)["group_record"], asked.client.get("/v1/scores/s_1", headers=committee).json()
    assert (books["late_share"], ours["group_record"]) == (0.0625, books)


def test_what_an_analyst_asks_is_nothing_to_a_committee(asked, committee):
    answer = asked.client.post("/v1/scores", json=BODY, headers=asked.headers("analyst", "all"))
    asked.heard("s_1", "s_2", "s_4")
    assert answer.json()["score_id"] == "s_4"
    assert asked.client.get("/v1/scores/s_4", headers=committee).status_code == 404
    assert asked.client.get("/v1/scores/s_1", headers=committee).status_code == 200


def test_a_committee_notes_no_talk(asked, committee):
    for path in ("/v1/scores/s_1/told", "/v1/scores/s_1/withdrawn"):
        assert asked.client.post(path, headers=committee).status_code == 403


def test_an_opinion_is_written_once(asked, committee):
    first = asked.client.post("/v1/scores/s_1/opinions", json=OPINION, headers=committee)
    again = asked.client.post("/v1/scores/s_1/opinions", json=OPINION, headers=committee)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = asked.client.post("/v1/scores/s_1/opinions", json=OPINION | {"amount": 300.0}, headers=committee)
    assert fields_at_fault(other) == ["would_approve"]
    assert member(asked, committee)["opinion"] == {"would_approve": "less", "amount": 400.0, "words": "Vendió poco."}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"would_approve": "perhaps"}, "would_approve"),
        ({"would_approve": "yes"}, "amount"),
        ({"would_approve": "no"}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": 600.0}, "amount"),
        ({"amount": 0}, "amount"),
        ({"words": "CANARY" * 100}, "words"),
        ({"written_on": "2026-02-30"}, "written_on"),
        ({"written_on": "2026-02-01"}, "written_on"),
        ({"written_on": "2026-02-03"}, "written_on"),
        ({"state": "ready"}, "state"),
    ],
)
def test_each_fault_of_an_opinion(asked, committee, change, field):
    answer = asked.client.post("/v1/scores/s_1/opinions", json=OPINION | change, headers=committee)
    assert fields_at_fault(answer) == [field]
    assert "CANARY" not in answer.text
    assert member(asked, committee)["opinion"] is None


def test_words_that_an_officer_entered_stay_with_her(asked, committee):
    officer = asked.headers("officer", "all")
    body = OPINION | {"words": "CANARY: gana 7777."}
    assert asked.client.post("/v1/scores/s_1/opinions", json=body, headers=officer).status_code == 201
    assert member(asked, officer)["opinion"]["words"] == "CANARY: gana 7777."
    for path in (SHEET, "/groups/B1"):
        assert not re.search(CANARY, without_chance(asked.client.get(path, headers=committee).text))


# Before it is shown, no state can be told from the other; and nothing ever from what lies outside the group's table.


def ready_desk() -> PlainDesk:
    return PlainDesk(answer=copy.deepcopy(SCORE) | {"recommendation": {"state": "ready", "ceiling": 900.0, "why": []}})


def answers(house: House, steps: str) -> list[tuple[int, object, str]]:
    """What a committee's token is answered on every route of the meeting."""
    headers = house.headers("committee", "group", "B1") | {"Idempotency-Key": "1"}
    if "o" in steps:
        house.opined("s_1")
    if "t" in steps:
        house.heard("s_1")
    whole = {
        "who": "Comité",
        "role": "committee",
        "amount_approved": 600.0,
        "currency": "PEN",
        "decided_on": "2026-02-02",
    }
    line = whole | {"key": "k", "score_id": "s_1"}
    file = {"format": "riskscore-decisions-1", "decisions": [line]}
    opinion = {"would_approve": "yes", "written_on": "2026-02-02"}
    # Its second line is refused whatever the first one's state is, and nothing is written.
    probe = file | {"decisions": [line | {"opinion": opinion}, line | {"key": "l", "score_id": "s_77"}]}
    found = []
    for method, path, body in (
        ("GET", SHEET, None),
        ("GET", "/groups/B1?lang=es", None),
        ("GET", "/groups/B1?lang=en", None),
        ("GET", "/groups/B9", None),
        ("GET", "/v1/scores/s_1", None),
        ("GET", "/scores/s_1?lang=es", None),
        ("POST", "/v1/scores/s_1/opinions", {"would_approve": "never"}),
        ("POST", "/v1/scores/s_1/told", None),
        ("POST", "/v1/scores/s_1/decisions", whole),
        ("POST", "/v1/decisions/upload", file),
        ("POST", "/v1/decisions/upload", probe),
        ("POST", "/groups/B1/files/committee", None),
    ):
        answer = house.client.request(method, path, json=body, headers=headers)
        text = re.sub("[od]_[0-9a-f]{32}", "id", answer.text)  # random ids
        found.append((answer.status_code, sorted(answer.headers.items()), text))
    return found


@pytest.mark.parametrize("steps", ["", "o", "t"])
def test_until_it_is_shown_no_state_can_be_told_from_the_other(make_house, steps):
    found = []
    for name, desk in (("talk", PlainDesk()), ("ready", ready_desk())):
        house = make_house(name, desk)
        ask(house, "M1")
        found.append(answers(house, steps))
    assert found[0] == found[1]


def test_once_shown_the_states_differ(make_house):
    """The test above would pass on answers that never say anything."""
    found = []
    for name, desk in (("talk", PlainDesk()), ("ready", ready_desk())):
        house = make_house(name, desk)
        ask(house, "M1")
        found.append(answers(house, "ot"))
    assert found[0] != found[1]


@pytest.mark.parametrize("steps", ["", "o", "ot"])
def test_nothing_depends_on_what_lies_outside_the_groups_table(make_house, steps):
    found = []
    for name, desk, more in (("plain", PlainDesk(), {}), ("canary", canary_desk(), {"other_active_loans": 7})):
        house = make_house(name, desk)
        ask(house, "M1", **more)
        ask(house, "M2")
        house.heard("s_2")
        found.append(answers(house, steps))
    assert found[0] == found[1]
    assert not re.search(CANARY, without_chance(str(found)))


# The page.


def entered(house: House, role: str, scope: str | None = "B1") -> str:
    """Let a browser in, and return the word of its pages."""
    token, _ = house.access.grant(role, "group" if scope else "all", scope)
    house.client.get("/enter", params={"key": house.access.link(token)}, follow_redirects=False)
    return csrf.word(house.client.cookies["riskscore_session"])


def send(house: House, form: str, word: str, **fields: str):
    body = {"csrf_token": word, "score_id": "s_1"} | fields
    return house.client.post(f"/groups/B1/{form}", data=body, follow_redirects=False)


DECIDED = {"choice": "approve", "amount_approved": "280", "who": "Comité", "decided_on": "2026-02-02", "key": "k1"}


def test_a_committee_goes_the_whole_way_on_its_page(asked):
    asked.heard("s_1", "s_2")
    word = entered(asked, "committee")
    page = asked.client.get("/groups/B1?lang=es").text
    assert page.count('name="would_approve" value="yes"') == 1
    assert page.count("falta la opinión") == 2
    assert 'name="choice"' not in page
    less = {"would_approve": "less", "amount": "400,5", "words": "Vendió poco.", "written_on": "2026-02-02"}
    answer = send(asked, "opinions", word, **less)
    assert (answer.status_code, answer.headers["location"]) == (303, "/groups/B1#m-s_1")
    page = asked.client.get("/groups/B1?lang=es").text
    assert "Ustedes opinaron: aprobar S/\xa0400.50." in page
    assert page.count('name="choice" value="approve"') == 1
    against = send(asked, "decisions", word, **DECIDED | {"amount_approved": "600"})
    assert against.status_code == 422
    assert "Esta decisión va contra la recomendación o una regla. Escriba por qué." in against.text
    assert 'value="600"' in against.text  # nobody has to write it again
    assert send(asked, "decisions", word, **DECIDED).status_code == 303
    assert send(asked, "decisions", word, **DECIDED).status_code == 303  # pressed twice
    (kept,) = decisions(asked.records.database)
    assert (kept.decision.role, kept.decision.amount_approved, kept.overrides) == ("committee", 280.0, False)
    assert "Decidido el 2 de febrero de 2026: se aprueba S/\xa0280." in asked.client.get("/groups/B1?lang=es").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"choice": ""}, "El monto va de 0 a lo que ella pide."),
        ({"amount_approved": ""}, "El monto va de 0 a lo que ella pide."),
        ({"amount_approved": "mucho"}, "El monto va de 0 a lo que ella pide."),
        ({"amount_approved": "1,500"}, "El monto va de 0 a lo que ella pide."),  # not one and a half
        ({"amount_approved": "1.500"}, "Escriba los miles sin punto ni coma."),
        ({"who": " "}, "Escriba quién decide."),
        ({"decided_on": "2026-02-30"}, "El día no puede ser futuro ni anterior al cálculo."),
    ],
)
def test_what_a_form_lacks_is_said_in_the_language_of_the_page(asked, fields, said):
    asked.heard("s_1", "s_2")
    asked.opined("s_1")
    word = entered(asked, "committee")
    answer = send(asked, "decisions", word, **DECIDED | fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert decisions(asked.records.database) == ()


def test_a_field_at_fault_says_which_fault_is_its_own(asked):
    asked.heard("s_1", "s_2")
    word = entered(asked, "committee")
    clean = asked.client.get("/groups/B1").text
    assert 'aria-invalid="true"' not in clean
    less = {"would_approve": "less", "amount": "900", "words": "x" * 501, "written_on": "2026-02-02"}
    opinion = send(asked, "opinions", word, **less).text
    asked.opined("s_1")
    decision = send(asked, "decisions", word, **DECIDED | {"who": " ", "amount_approved": "mucho"}).text
    for page, fields in ((opinion, ["amount", "words"]), (decision, ["amount_approved", "who"])):
        assert re.findall(r'name="(\w+)" aria-invalid="true" aria-describedby="f-\1"', page) == fields
        assert sorted(re.findall(r'<li id="f-(\w+)">', page)) == fields


def test_a_form_without_the_word_of_the_page_writes_nothing(asked):
    asked.heard("s_1", "s_2")
    entered(asked, "committee")
    for word in ("", "forged"):
        less = {"would_approve": "no", "written_on": "2026-02-02"}
        assert send(asked, "opinions", word, **less).status_code == 403
    assert member(asked, asked.headers("officer", "all"))["opinion"] is None


def test_a_form_about_another_group_is_not_found(asked):
    word = entered(asked, "committee")
    answer = send(asked, "opinions", word, score_id="s_3", would_approve="no", written_on="2026-02-02")
    assert answer.status_code == 404


def test_an_officer_leads_from_her_page(asked):
    word = entered(asked, "officer", None)
    assert "Falta conversar con 2 socias." in asked.client.get("/groups/B1?lang=es").text
    assert send(asked, "told", word).status_code == 303
    assert "Falta conversar con 1 socia." in asked.client.get("/groups/B1?lang=es").text
    assert send(asked, "withdrawn", word, score_id="s_2").status_code == 303
    assert "Ya conversó con todas." in asked.client.get("/groups/B1?lang=es").text
    # Nobody is left who asks: nobody is said to have been heard.
    assert send(asked, "withdrawn", word).status_code == 303
    assert "Ya conversó" not in asked.client.get("/groups/B1?lang=es").text


def test_a_committee_that_always_follows_is_warned_of_to_others(asked, monkeypatch):
    monkeypatch.setattr("riskscore.evaluation.agreement.STAMPED_FROM", 2)
    officer = asked.headers("officer", "all")
    for number in ("1", "2"):
        body = {
            "who": "Comité",
            "role": "committee",
            "amount_approved": 280.0,
            "currency": "PEN",
            "decided_on": "2026-02-02",
            "opinion": "Bien.",
        }
        url = f"/v1/scores/s_{number}/decisions"
        assert asked.client.post(url, json=body, headers=officer | {"Idempotency-Key": number}).status_code == 201
    shown = asked.client.get(SHEET, headers=officer).json()["agreement"]
    assert shown == {"decisions": 2, "agreed": 2, "rubber_stamp": True}
    assert "siguió casi siempre la hoja" in asked.client.get("/groups/B1?lang=es", headers=officer).text
    committee = asked.headers("committee", "group", "B1")
    assert "agreement" not in asked.client.get(SHEET, headers=committee).json()
    assert "siguió casi siempre" not in asked.client.get("/groups/B1?lang=es", headers=committee).text


@pytest.fixture
def full(make_house, monkeypatch) -> House:
    """A bank of 27, its outlook, everybody spoken with, half of the opinions written."""
    places = {f"M{n:07d}": Place(f"M{n:07d}", "S1", "B1", "N") for n in range(41, 68)}
    monkeypatch.setattr(desks, "PLACES", places)
    for module in ("groups", "meeting_files"):
        monkeypatch.setattr(f"riskscore.service.routes.{module}.outlook_at", lambda *_: GroupOutlook(OUTLOOK))
    desk = PlainDesk(own_loan=LedgerArrears(1, 5400.0, 120.0, 9), rules=STARTER_RULES)
    house = make_house(desk=desk)
    ask(house, *places)
    ids = [f"s_{number}" for number in range(1, 28)]
    house.heard(*ids)
    for score_id in ids[:14]:
        house.opined(score_id)
    return house


@pytest.mark.parametrize("role", ["committee", "officer"])
def test_the_page_of_27_is_small_whole_and_easy_to_read(full, role):
    entered(full, role, "B1" if role == "committee" else None)
    for language in ("es", "en"):
        answer = full.client.get(f"/groups/B1?lang={language}")
        assert answer.status_code == 200
        assert len(answer.content) < 100_000
        page = Page(answer.text)
        assert not page.open
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        for _, attributes in page.tags:
            assert "style" not in attributes
            assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)
        said = [text for text in page.paragraphs if text.strip()]
        assert max(len(one.split()) for text in said for one in sentences(text)) <= 20
        if language == "es":
            assert fernandez_huerta(" ".join(f"{text.strip()} ." for text in said)) >= 65


def test_the_page_says_what_the_outlook_says(full):
    text = full.client.get("/groups/B1?lang=es", headers=full.headers("committee", "group", "B1")).text
    for said in (
        "De 100 bancos comunales parecidos, 6 no pagarían todo a tiempo.",
        "Pueden ser entre 3 y 11.",
        "En un ciclo como este suelen caer 2 de 27 socias.",
        "El grupo puede cubrir 3 caídas.",
        "Faltaría en total",
        "S/\xa0540",
        "Queda sin pagar",
        "El banco comunal debe S/\xa05,400. Tiene S/\xa0120 vencido desde hace 9 días.",
    ):
        assert said in text, said


def test_without_a_champion_the_page_says_so(asked, committee):
    shown = asked.client.get(SHEET, headers=committee).json()
    assert (shown["outlook"], shown["outlook_missing"]) == (None, "no_champion")
    assert (
        "Todavía no hay un modelo en uso para el grupo entero."
        in asked.client.get("/groups/B1?lang=es", headers=committee).text
    )


# Decisions in a file.

LINE = {
    "key": "0123abcd",
    "score_id": "s_1",
    "who": "Comité B1",
    "role": "committee",
    "amount_approved": 280.0,
    "currency": "PEN",
    "decided_on": "2026-02-02",
    "reason": None,
    "opinion": OPINION,
}


def file_of(*lines: dict[str, object]) -> dict[str, object]:
    return {"format": "riskscore-decisions-1", "group": "B1", "decisions": list(lines)}


def unfitting(answer) -> list[str]:
    assert answer.status_code == 409
    return [one["field"] for one in answer.json()["errors"]]


def test_a_file_is_entered_once_however_often_it_is_sent(asked):
    officer = asked.headers("officer", "all")
    other = LINE | {"key": "1", "score_id": "s_2", "amount_approved": 600.0, "reason": "La conocemos."}
    first = asked.client.post("/v1/decisions/upload", json=file_of(LINE, other), headers=officer)
    assert (first.status_code, [one["overrides"] for one in first.json()["decisions"]]) == (201, [False, True])
    asked.heard("s_1", "s_2")
    again = asked.client.post(
        "/v1/decisions/upload", json=file_of(other, LINE), headers=asked.headers("committee", "group", "B1")
    )
    assert again.json()["decisions"] == first.json()["decisions"][::-1]
    assert len(decisions(asked.records.database)) == 2
    assert member(asked, officer)["opinion"]["amount"] == 400.0
    verify(asked.records.database)


def test_a_file_may_be_sent_again_when_the_sheet_has_closed(asked, committee):
    asked.heard("s_1", "s_2")
    first = asked.client.post("/v1/decisions/upload", json=file_of(LINE), headers=committee)
    assert first.status_code == 201
    ask(asked, "M2", amount=300.0)
    again = asked.client.post("/v1/decisions/upload", json=file_of(LINE), headers=committee)
    assert (again.status_code, again.json()) == (201, first.json())
    more = file_of(LINE, LINE | {"key": "2", "amount_approved": 0.0, "reason": "No."})
    assert unfitting(asked.client.post("/v1/decisions/upload", json=more, headers=committee)) == [
        "decisions[1].score_id"
    ]


def test_what_an_officer_entered_is_not_told_a_committee_that_was_not_shown_it(asked, committee):
    """Whether a decision overrides tells the recommendation."""
    officer = asked.headers("officer", "all")
    assert asked.client.post("/v1/decisions/upload", json=file_of(LINE), headers=officer).status_code == 201
    answer = asked.client.post("/v1/decisions/upload", json=file_of(LINE), headers=committee)
    assert unfitting(answer) == ["decisions[0].score_id"]


def test_of_a_file_with_a_fault_nothing_is_written(asked):
    officer = asked.headers("officer", "all")
    wrong = [
        LINE,
        LINE | {"key": "two words", "score_id": "s_2", "amount_approved": 601.0},
        LINE | {"key": "3", "score_id": "s_77"},
        LINE | {"key": "4", "opinion": OPINION | {"amount": 700.0}, "decided_on": "2026-02-30"},
        LINE | {"key": "5", "amount_approved": 600.0},
    ]
    answer = asked.client.post("/v1/decisions/upload", json=file_of(*wrong), headers=officer)
    assert fields_at_fault(answer) == [
        "decisions[1].key",
        "decisions[2].score_id",
        "decisions[3].decided_on",
        "decisions[4].reason",
    ]
    assert decisions(asked.records.database) == ()
    assert member(asked, officer)["opinion"] is None


def test_a_committee_hears_that_a_reason_is_missing_once_its_opinion_is_on_record(asked, committee):
    asked.heard("s_1", "s_2")
    whole = LINE | {"amount_approved": 600.0}
    probe = file_of(whole, LINE | {"key": "2", "score_id": "s_77"})
    answer = asked.client.post("/v1/decisions/upload", json=probe, headers=committee)
    assert unfitting(answer) == ["decisions[1].score_id"]
    assert member(asked, committee)["opinion_needed"]
    answer = asked.client.post("/v1/decisions/upload", json=file_of(whole), headers=committee)
    assert unfitting(answer) == ["decisions[0].reason"]
    assert member(asked, committee)["opinion"]["amount"] == 400.0  # it was sent, and is not changed any more
    assert decisions(asked.records.database) == ()
    late = whole | {"reason": "La conocemos.", "opinion": OPINION | {"amount": 500.0}}
    assert asked.client.post("/v1/decisions/upload", json=file_of(late), headers=committee).status_code == 201
    assert member(asked, committee)["opinion"]["amount"] == 400.0
    assert [one.overrides for one in decisions(asked.records.database)] == [True]


def test_a_key_that_names_another_decision_stops_the_whole_file(asked):
    officer = asked.headers("officer", "all")
    assert asked.client.post("/v1/decisions/upload", json=file_of(LINE), headers=officer).status_code == 201
    changed = file_of(LINE | {"score_id": "s_2", "key": "new"}, LINE | {"amount_approved": 200.0})
    answer = asked.client.post("/v1/decisions/upload", json=changed, headers=officer)
    assert unfitting(answer) == ["decisions[1].Idempotency-Key"]
    assert len(decisions(asked.records.database)) == 1


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "body"),
        (b"[]", "format"),
        (b"{", "body"),
        (b"[" * 100_000, "body"),
        (b"\xff", "body"),
        (json.dumps(file_of()).encode(), "decisions"),
        (json.dumps(file_of(LINE) | {"format": "other"}).encode(), "format"),
        (json.dumps(file_of(LINE) | {"more": 1}).encode(), "format"),
        (json.dumps(file_of(*[LINE] * 201)).encode(), "decisions"),
        (b'{"format": "riskscore-decisions-1", "decisions": [7]}', "decisions[0].body"),
        (json.dumps(file_of(LINE)).encode().replace(b'"key"', b'"amount_approved": 1, "key"'), "body"),
    ],
)
def test_what_is_no_file(asked, content, field):
    answer = asked.client.post("/v1/decisions/upload", content=content, headers=asked.headers("officer", "all"))
    assert fields_at_fault(answer) == [field]


def test_a_committee_uploads_what_its_file_could_have_shown(asked, committee):
    answer = asked.client.post(
        "/v1/decisions/upload", json=file_of(LINE | {"amount_approved": 600.0}), headers=committee
    )
    assert unfitting(answer) == ["decisions[0].score_id"]  # not spoken with yet: no reason is asked for
    stranger = asked.client.post("/v1/decisions/upload", json=file_of(LINE | {"score_id": "s_3"}), headers=committee)
    unknown = asked.client.post("/v1/decisions/upload", json=file_of(LINE | {"score_id": "s_77"}), headers=committee)
    assert (stranger.status_code, stranger.content) == (409, unknown.content)


def test_a_file_comes_in_by_the_page_too(asked):
    word = entered(asked, "officer", None)
    assert send(asked, "uploads", word, file=json.dumps(file_of(LINE))).status_code == 303
    assert len(decisions(asked.records.database)) == 1
    wrong = send(asked, "uploads", word, file="no")
    assert (wrong.status_code, "No se anotó ninguna decisión de él." in wrong.text) == (422, True)
