"""On the page of a meeting there is one form, of the first woman with something to do; links open the others."""

from __future__ import annotations

import re

import pytest

from tests.unit.service.desks import House
from tests.unit.service.test_service_meeting import DECIDED, ask, entered, send

WOULD = {"would_approve": "yes", "written_on": "2026-02-02"}


@pytest.fixture
def asked(house: House) -> House:
    """M1 has the score s_1 and M2 s_2, both of the bank B1."""
    ask(house, "M1", "M2")
    return house


def page(house: House, lang: str = "es") -> str:
    return house.client.get(f"/groups/B1?lang={lang}").text


def open_forms(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<details open><summary>(.*?)</summary><form method="post" action="/groups/B1/(\w+)">', html)


def closed(html: str) -> list[str]:
    return re.findall(r'<p><a href="/groups/B1\?open=s_\d#open">(.*?)</a></p>', html)


def onward(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<p><a href="#m-(s_\d)">([^<]+)</a></p>', html)


def test_a_committee_is_led_from_one_to_the_next(asked):
    word = entered(asked, "committee")
    html = page(asked)
    assert open_forms(html) == [("M1, S/\xa0600: falta la opinión", "opinions")]
    assert closed(html) == ["M2, S/\xa0600: falta la opinión"]
    assert onward(html) == [("s_1", "Seguir con M1")]
    assert send(asked, "opinions", word, **WOULD).status_code == 303
    html = page(asked)  # nobody's state is shown yet: the next opinion is to be written
    assert (open_forms(html), closed(html)) == ([("M2, S/\xa0600: falta la opinión", "opinions")], [])
    assert onward(html) == [("s_2", "Seguir con M2")]
    asked.heard("s_1", "s_2")
    html = page(asked)
    assert open_forms(html) == [("M1, S/\xa0600: falta la decisión", "decisions")]
    assert closed(html) == ["M2, S/\xa0600: falta la opinión"]
    assert send(asked, "decisions", word, **DECIDED).status_code == 303
    html = page(asked)
    assert open_forms(html) == [("M2, S/\xa0600: falta la opinión", "opinions")]
    assert closed(html) == ["Corregir la decisión: M1"]
    send(asked, "opinions", word, **WOULD | {"score_id": "s_2"})
    send(asked, "decisions", word, **DECIDED | {"score_id": "s_2", "key": "k2"})
    html = page(asked)
    assert (open_forms(html), onward(html)) == ([], [])
    assert len(closed(html)) == 2


def test_a_link_opens_the_form_about_another(asked):
    word = entered(asked, "committee")
    html = asked.client.get("/groups/B1?lang=es&open=s_2").text
    assert '<h3 id="open">M2</h3>' in html  # where the link leads: who she is and what she asks for come first
    assert open_forms(html) == [("M2, S/\xa0600: falta la opinión", "opinions")]
    assert closed(html) == ["M1, S/\xa0600: falta la opinión"]
    asked.heard("s_1", "s_2")
    send(asked, "opinions", word, **WOULD)
    send(asked, "decisions", word, **DECIDED)
    html = asked.client.get("/groups/B1?lang=es&open=s_1").text
    assert open_forms(html) == [("Corregir la decisión: M1", "decisions")]
    assert closed(html) == ["M2, S/\xa0600: falta la opinión"]


@pytest.mark.parametrize("other", ["s_3", "s_77", "", "<b>", "M1"])
def test_what_is_not_of_this_meeting_opens_nothing_else(asked, other):
    ask(asked, "M9")  # of another communal bank: s_3
    entered(asked, "committee")
    answer = asked.client.get("/groups/B1", params={"lang": "es", "open": other})
    assert (answer.status_code, open_forms(answer.text)) == (200, [("M1, S/\xa0600: falta la opinión", "opinions")])


def test_in_english(asked):
    entered(asked, "committee")
    html = page(asked, "en")
    assert open_forms(html) == [("M1, S/\xa0600: opinion to be written", "opinions")]
    assert onward(html) == [("s_1", "Go on with M1")]


def test_a_form_that_was_not_taken_is_the_open_one(asked):
    word = entered(asked, "committee")
    wrong = send(asked, "opinions", word, **WOULD | {"would_approve": "less", "score_id": "s_2"}).text
    assert open_forms(wrong) == [("M2, S/\xa0600: falta la opinión", "opinions")]
    assert onward(wrong) == [("s_2", "Seguir con M2")]
    assert wrong.index("Seguir con M2") < wrong.index("</section>")  # in the alert


def test_an_officer_who_enters_decisions_is_led_too(asked):
    entered(asked, "officer", None)
    html = page(asked)  # to give an opinion is not hers
    assert (open_forms(html), onward(html)) == ([], [])
    assert len(closed(html)) == 2
    asked.opined("s_2")
    html = page(asked)
    assert open_forms(html) == [("M2, S/\xa0600: falta la decisión", "decisions")]
    assert onward(html) == [("s_2", "Seguir con M2")]


@pytest.mark.parametrize("grant", [("auditor", "all", None), ("committee", "group", "B1")])
def test_who_can_send_no_form_is_led_nowhere(asked, grant):
    html = asked.client.get("/groups/B1?lang=es", headers=asked.headers(*grant)).text
    assert (open_forms(html), closed(html), onward(html)) == ([], [], [])
