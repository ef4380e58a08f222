"""What she says against a score: by herself or her officer, answered, exported, erased, never for her neighbours."""

from __future__ import annotations

import re

import pytest

from riskscore.service.erasure import erase, export
from riskscore.service.verification import verify
from tests.unit.service.desks import BODY

SAID = {"topic": "correction", "text": "Tengo un solo préstamo, no dos."}
LIST = "/v1/scores/s_1/objections"


@pytest.fixture
def scored(house):
    assert house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all")).status_code == 201
    return house


def keyed(headers: dict[str, str], key: str = "k1") -> dict[str, str]:
    return headers | {"Idempotency-Key": key}


def signed_in(house, role: str, scope: str, scope_id: str | None = None) -> str:
    """Open the page as a browser and return the word that it carries."""
    token, _ = house.access.grant(role, scope, scope_id)
    house.client.get(f"/enter?key={house.access.link(token)}&next=/scores/s_1")
    return word_of(house.client.get("/scores/s_1?lang=es").text)


def word_of(page: str) -> str:
    return re.search('name="csrf_token" value="([^"]+)"', page).group(1)


def test_she_objects_and_an_officer_answers(scored):
    member, officer = scored.headers("member", "self", "M1"), scored.headers("officer", "all")
    first = scored.client.post(LIST, json=SAID, headers=keyed(member))
    assert first.status_code == 201
    said = first.json()
    assert said == {
        "objection_id": said["objection_id"],
        "score_id": "s_1",
        **SAID,
        "role": "member",
        "recorded_at": "2026-02-02T12:00:00.000000+00:00",
        "answers": [],
    }
    path = f"{LIST}/{said['objection_id']}/answers"
    assert scored.client.post(path, json={"answer": "Se corrigió."}, headers=keyed(member)).status_code == 403
    answered = scored.client.post(path, json={"answer": "Se corrigió."}, headers=keyed(officer))
    assert [one["text"] for one in answered.json()["answers"]] == ["Se corrigió."]
    assert scored.client.get(LIST, headers=member).json() == {"objections": [answered.json()]}
    assert "(2 veces)" not in scored.client.get("/scores/s_1?lang=es", headers=member).text.split('id="seen"')[1]
    verify(scored.records.database)


def test_the_same_words_under_the_same_key_are_on_record_once(scored):
    member = scored.headers("member", "self", "M1")
    first, again = (scored.client.post(LIST, json=SAID, headers=keyed(member)) for _ in range(2))
    assert first.json() == again.json()
    other = scored.client.post(LIST, json=SAID | {"text": "Otra cosa."}, headers=keyed(member))
    assert other.status_code == 422
    assert [fault["field"] for fault in other.json()["errors"]] == ["Idempotency-Key"]
    assert len(scored.client.get(LIST, headers=member).json()["objections"]) == 1


def test_every_fault_is_told_at_once_and_nothing_repeated(scored):
    answer = scored.client.post(LIST, json={"topic": 7, "text": "x" * 1001}, headers=scored.headers("officer", "all"))
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["Idempotency-Key", "text", "topic"]
    assert "xxx" not in answer.text
    unknown = scored.client.post(LIST, json=SAID | {"topic": "gossip"}, headers=keyed(scored.headers("officer", "all")))
    assert "gossip" not in unknown.text
    assert [fault["field"] for fault in unknown.json()["errors"]] == ["topic"]


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        (("committee", "group", "B1"), LIST, 403),
        (("auditor", "all", None), LIST, 403),
        (("analyst", "all", None), LIST, 403),
        (("member", "self", "M2"), LIST, 404),
        (("officer", "branch", "S"), LIST, 404),
        (("officer", "all", None), "/v1/scores/s_7/objections", 404),
    ],
)
def test_nobody_else_writes_or_reads_them(scored, role, scope, status):
    headers = keyed(scored.headers(*role))
    assert scored.client.post(scope, json=SAID, headers=headers).status_code == status
    assert scored.client.get(scope, headers=headers).status_code == status


def test_the_page_shows_them_to_whom_they_concern(scored):
    scored.client.post(LIST, json=SAID, headers=keyed(scored.headers("member", "self", "M1")))
    for role, words in (
        (("member", "self", "M1"), True),
        (("officer", "all"), True),
        (("auditor", "all"), False),
        (("committee", "group", "B1"), False),
    ):
        page = scored.client.get("/scores/s_1?lang=es", headers=scored.headers(*role)).text
        assert (SAID["text"] in page) == words, role
        assert ("Un dato está mal, 2 de febrero de 2026, la socia" in page) == (role[0] != "committee"), role
        assert "<form" not in page  # a token has no open page to write from


def test_the_forms_of_her_page_write_and_lead_back(scored):
    word = signed_in(scored, "member", "self", "M1")
    sent = {"csrf_token": word, "key": "k1", **SAID}
    for _ in range(2):  # pressed twice
        answer = scored.client.post("/scores/s_1/objections", data=sent, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/scores/s_1#object")
    page = scored.client.get("/scores/s_1?lang=es").text
    assert page.count(f'<p class="words">{SAID["text"]}</p>') == 1
    assert "/answers" not in page  # she does not answer herself
    assert scored.client.post("/scores/s_1/objections", data=sent | {"csrf_token": "x"}).status_code == 403
    assert scored.client.post("/scores/s_1/objections", content=b"\xff").status_code == 422


def test_what_was_not_accepted_is_still_in_the_form(scored):
    word = signed_in(scored, "officer", "all")
    sent = {"csrf_token": word, "key": "k1", "topic": "review", "text": "y" * 1001}
    answer = scored.client.post("/scores/s_1/objections", data=sent)
    assert answer.status_code == 422
    assert "Elija una opción y escriba algo" in answer.text
    assert "y" * 1001 in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="review" required checked' in answer.text


def test_an_officer_answers_by_the_form(scored):
    said = scored.client.post(LIST, json=SAID, headers=keyed(scored.headers("member", "self", "M1"))).json()
    word = signed_in(scored, "officer", "all")
    path = f"/scores/s_1/objections/{said['objection_id']}/answers"
    sent = {"csrf_token": word, "key": "k1", "answer": "Se revisó.\r\nEstá bien."}
    assert scored.client.post(path, data=sent, follow_redirects=False).status_code == 303
    page = scored.client.get("/scores/s_1?lang=es").text
    assert '<h4>Respuesta del 2 de febrero de 2026</h4><p class="words">Se revisó.\nEstá bien.</p>' in page
    assert scored.client.post("/scores/s_1/objections/o_none/answers", data=sent | {"key": "k2"}).status_code == 404


def test_they_are_handed_over_and_erased_with_her_records(scored):
    scored.client.post(LIST, json=SAID, headers=keyed(scored.headers("member", "self", "M1")))
    word = signed_in(scored, "officer", "all")
    sent = {"csrf_token": word, "purpose": "bureau", "given": "yes", "since": "2026-01-30"}
    scored.client.post("/scores/s_1/consents", data=sent)
    database = scored.records.database
    kinds = {record["kind"]: record["content"] for record in export(database, "M1")["records"]}
    assert kinds["objection"]["text"] == SAID["text"]
    assert kinds["consent"]["since"] == "2026-01-30"
    assert "token_id" not in kinds["objection"]
    erase(database, "M1", reason="asked for by herself")
    verify(database)
    with database.read() as connection:
        assert SAID["text"] not in str(connection.exec_driver_sql("SELECT * FROM contents").all())


def test_consent_is_told_with_its_day_and_can_be_taken_back(scored):
    page = scored.client.get("/scores/s_1?lang=es", headers=scored.headers("officer", "all")).text
    assert page.count("No está anotado. Hay que preguntarle.") == 2
    word = signed_in(scored, "officer", "all")
    sent = {"csrf_token": word, "purpose": "assessment", "given": "yes", "since": "2026-01-30"}
    for _ in range(2):
        assert scored.client.post("/scores/s_1/consents", data=sent, follow_redirects=False).status_code == 303
    page = scored.client.get("/scores/s_1?lang=es").text
    assert "Dado el 30 de enero de 2026. Lo anotó la asesora." in page
    assert page.count("No está anotado.") == 1
    her_word = signed_in(scored, "member", "self", "M1")
    back = {"csrf_token": her_word, "purpose": "assessment", "given": "no", "since": "2026-02-02"}
    scored.client.post("/scores/s_1/consents", data=back)
    assert "Retirado el 2 de febrero de 2026. Lo anotó la socia." in scored.client.get("/scores/s_1?lang=es").text
    kinds = [record["kind"] for record in export(scored.records.database, "M1")["records"]]
    assert kinds.count("consent") == 2  # the same word twice is on record once


@pytest.mark.parametrize("change", [{"since": "2026-02-30"}, {"since": "2026-03-01"}, {"purpose": "everything"}])
def test_a_consent_that_cannot_be_is_not_written(scored, change):
    word = signed_in(scored, "officer", "all")
    sent = {"csrf_token": word, "purpose": "assessment", "given": "yes", "since": "2026-01-30"} | change
    answer = scored.client.post("/scores/s_1/consents", data=sent)
    assert answer.status_code == 422
    assert "Escriba un día que ya pasó, o el de hoy." in answer.text
    assert "Dado el" not in answer.text
