"""The form of an application, and another amount asked for from a page: everything at once, and nothing twice."""

from __future__ import annotations

import re

import pytest

from riskscore.service.chain import canonical
from riskscore.service.consents import consents
from tests.unit.service.desks import BODY

FILLED = {
    "subject": "M1",
    "amount": "600",
    "term_days": "120",
    "frequency": "weekly",
    "purpose": "working_capital",
    "other_active_loans": "1",
}


@pytest.fixture
def officer(house):
    token, _ = house.access.grant("officer", "branch", "N")
    house.client.get(f"/enter?key={house.access.link(token)}&next=/apply")
    return house


def form_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form, as a browser sends them."""
    return dict(re.findall(r'<input type="hidden" name="(csrf_token|key)" value="([^"]+)"', page))


def send(house, **changes: str):
    hidden = form_of(house.client.get("/apply?lang=es").text)
    return house.client.post("/apply", data=hidden | FILLED | changes, follow_redirects=False)


def scores(house) -> list[dict]:
    return [record.request for record in house.records.scores("member_default")]


def test_an_application_leads_to_its_score(officer):
    answer = send(officer)
    assert answer.status_code == 303
    page = officer.client.get(answer.headers["location"] + "?lang=es")
    assert "Solicitud de M1" in page.text
    (request,) = scores(officer)
    assert {name: request[name] for name in BODY} == BODY


def test_sent_again_after_a_broken_connection_it_is_scored_once(officer):
    hidden = form_of(officer.client.get("/apply").text)
    first, again = (
        officer.client.post("/apply", data=hidden | FILLED, follow_redirects=False).headers["location"]
        for _ in range(2)
    )
    assert first == again
    assert len(scores(officer)) == 1
    other = officer.client.post("/apply", data=hidden | FILLED | {"amount": "500"})
    assert other.status_code == 422
    assert len(scores(officer)) == 1
    send(officer)  # the same words under a new key are a new request
    assert len(scores(officer)) == 2


def test_everything_wrong_is_told_at_once_next_to_its_field(officer):
    answer = send(
        officer, subject="M9", amount="5000", term_days="soon", frequency="", purpose="", other_active_loans=""
    )
    assert answer.status_code == 404  # as wherever somebody is out of reach
    named = re.findall(r'<strong class="fault hint" id="x-(\w+)">', answer.text)
    assert named == ["subject", "amount", "term_days", "frequency", "purpose", "other_active_loans"]
    for name in named:
        assert f'aria-describedby="h-{name} x-{name}" aria-invalid="true"' in answer.text
        assert f'<a href="#f-{name}">' in answer.text
    assert "Pregúntele cuántos otros préstamos tiene. No se puede suponer." in answer.text
    assert 'value="5000"' in answer.text  # nobody writes twice
    assert scores(officer) == []


@pytest.mark.parametrize("subject", ["M9", "nobody"])
def test_a_member_out_of_reach_is_one_who_is_not_there(officer, subject):
    answer = send(officer, subject=subject)
    assert answer.status_code == 404
    assert "No hay una socia con ese código que usted pueda ver." in answer.text


@pytest.mark.parametrize(
    "text", ["0", "-1", "nan", "inf", "1e400", "6oo", "1,500", "1.500", "9" * 20, "1_000", "1e3", "٦٠٠"]
)
def test_numbers_that_are_none_are_refused(officer, text):
    answer = send(officer, amount=text)
    assert re.findall(r'id="x-(\w+)"', answer.text) == ["amount"]


def test_consent_is_written_down_before_the_score_and_keeps_its_day(officer):
    send(officer, consent_bureau="yes")
    given = consents(officer.records.database, "M1")
    assert [(one.purpose, one.given, one.since.isoformat(), one.role) for one in given] == [
        ("bureau", True, "2026-02-02", "officer")
    ]
    with officer.records.database.read() as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM entries ORDER BY sequence").scalars().all()
    assert kinds == ["consent", "score", "access"]


@pytest.mark.parametrize(
    ("role", "scope", "scope_id"), [("member", "self", "M1"), ("committee", "group", "B1"), ("auditor", "all", None)]
)
def test_only_who_asks_for_scores_has_the_form(house, role, scope, scope_id):
    assert house.client.get("/apply", headers=house.headers(role, scope, scope_id)).status_code == 403


def test_another_site_cannot_send_it(officer):
    hidden = form_of(officer.client.get("/apply").text)
    assert officer.client.post("/apply", data=FILLED | {"key": hidden["key"]}).status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert officer.client.post("/apply", data=hidden | FILLED, headers=elsewhere).status_code == 403
    assert scores(officer) == []


def test_what_was_tried_is_answered_on_the_page_and_noted(officer):
    page = officer.client.get(send(officer).headers["location"] + "?lang=es")
    address = page.url.path
    hidden = form_of(page.text)
    answer = officer.client.post(f"{address}/what-if", data=hidden | {"amount": "280.0", "term_days": "98"})
    assert answer.status_code == 200
    assert "Con S/\xa0280 a 98 días, su puntaje sería 560, nota C. Estaría lista para decidir." in answer.text
    assert '<option value="280.0" selected>' in answer.text
    with officer.records.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM entries WHERE kind = 'what_if'").scalar() == 1
    refused = officer.client.post(f"{address}/what-if", data=hidden | {"amount": "9000", "term_days": "98"})
    assert refused.status_code == 422
    assert "Ese monto o plazo no se ofrece." in refused.text


def test_another_amount_is_a_new_score_of_its_own(officer):
    page = officer.client.get(send(officer).headers["location"] + "?lang=es")
    tried = form_of(page.text) | {"amount": "280.0", "term_days": "98"}
    first, again = (
        officer.client.post(f"{page.url.path}/again", data=tried, follow_redirects=False).headers["location"]
        for _ in range(2)
    )
    assert first == again != page.url.path
    assert [(one["amount"], one["term_days"]) for one in scores(officer)] == [(600, 120), (280, 98)]


def test_a_member_tries_but_does_not_ask(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    token, _ = house.access.grant("member", "self", "M1")
    house.client.get(f"/enter?key={house.access.link(token)}&next=/scores/s_1")
    page = house.client.get("/scores/s_1?lang=es").text
    assert "/scores/s_1/what-if" in page
    assert "/again" not in page
    tried = form_of(page) | {"amount": "280.0", "term_days": "98"}
    assert house.client.post("/scores/s_1/what-if", data=tried).status_code == 200
    assert house.client.post("/scores/s_1/again", data=tried).status_code == 403


def test_the_history_is_kept_with_the_score_and_shown_to_whom_it_concerns(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    record = house.records.get("s_1")
    assert [one["cycle_no"] for one in record.history] == [2, 3]
    assert canonical(record.history) == canonical(house.service.state.desk.history)
    line = "Ciclo 3: S/\xa0500. Pagó tarde 2 de 16 cuotas. Su peor atraso fue de 9 días."
    for role, shown in ((("member", "self", "M1"), True), (("committee", "group", "B1"), False)):
        page = house.client.get("/scores/s_1?lang=es", headers=house.headers(*role)).text
        assert (line in page) == shown
        assert ('id="history"' in page) == shown
