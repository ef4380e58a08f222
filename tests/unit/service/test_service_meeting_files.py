"""The files of a meeting: what the committee's may hold, and that the officer's alone tells what would be otherwise."""

from __future__ import annotations

import base64
import json
import re

import pytest

from riskscore.service.sealed import Sealed, unseal
from tests.unit.service.chance import without_chance
from tests.unit.service.desks import BODY, House, PlainDesk
from tests.unit.service.test_service_meeting import ask, entered, ready_desk
from tests.unit.service.worlds import CANARY, canary_desk

PASSPHRASE = "cuatro palabras al azar"


def committee_file(house: House, lang: str = "es") -> str:
    word = entered(house, "officer", None)
    answer = house.client.post(f"/groups/B1/files/committee?lang={lang}", data={"csrf_token": word})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="committee.html"'
    return answer.text


def officer_file(house: House, passphrase: str = PASSPHRASE, again: str | None = None):
    word = entered(house, "officer", None)
    fields = {"csrf_token": word, "passphrase": passphrase, "again": passphrase if again is None else again}
    return house.client.post("/groups/B1/files/officer?lang=es", data=fields)


def inside(html: str) -> str:
    (text,) = re.findall('<script id="sealed" type="application/json">(.*?)</script>', html)
    parts = json.loads(text)
    return unseal(Sealed(parts["salt"], parts["nonce"], parts["closed"], parts["rounds"]), PASSPHRASE)


@pytest.fixture
def asked(house: House) -> House:
    ask(house, "M1", "M2")
    return house


def states_in(html: str) -> list[str]:
    return [json.loads(base64.b64decode(code))[0] for code in re.findall('data-state="([^"]+)"', html)]


def test_the_committees_file_holds_states_once_everybody_was_spoken_with(asked):
    asked.heard("s_1")
    early = committee_file(asked)
    assert states_in(early) == []
    assert "Este archivo no tiene ninguna recomendación." in early
    asked.heard("s_2")
    text = committee_file(asked)
    assert states_in(text) == ["Conversar antes. Monto sugerido: hasta S/\xa0280."] * 2
    assert "Conversar antes" not in text  # out of sight
    assert "No tiene candado." in text


def test_the_committees_file_knows_what_goes_against_a_state_and_the_first_day_of_a_decision(asked):
    asked.heard("s_1", "s_2")
    html = committee_file(asked)
    code = re.findall('data-state="([^"]+)"', html)[0]
    assert json.loads(base64.b64decode(code))[1:] == [False, 280]
    assert re.findall('data-first="([^"]*)"', html) == ["2026-02-02"]


def test_until_then_the_committees_file_is_the_same_for_both_states(make_house):
    files = []
    for name, desk in (("talk", PlainDesk()), ("ready", ready_desk())):
        house = make_house(name, desk)
        ask(house, "M1")
        files.append(committee_file(house))
    assert files[0] == files[1]


@pytest.mark.parametrize("told", [False, True])
def test_the_committees_file_does_not_depend_on_what_lies_outside_its_table(make_house, told):
    files = []
    for name, desk, more in (("plain", PlainDesk(), {}), ("canary", canary_desk(), {"other_active_loans": 7})):
        house = make_house(name, desk)
        ask(house, "M1", **more)
        if told:
            house.heard("s_1")
        files.append([committee_file(house, lang) for lang in ("es", "en")])
    assert files[0] == files[1]
    assert not re.search(CANARY, without_chance(str(files)))


def test_a_file_asks_nobody_for_anything(asked):
    for html in (committee_file(asked), officer_file(asked).text):
        (policy,) = re.findall('http-equiv="Content-Security-Policy" content="([^"]+)"', html)
        assert "default-src &#39;none&#39;" in policy
        assert "connect-src &#39;none&#39;" in policy
        assert "form-action &#39;none&#39;" in policy
        assert "unsafe" not in policy
        assert re.findall(r'(?:src|action)="|href="(?!#)', html) == []
        assert len(html.encode()) < 100_000


def test_the_officers_file_is_closed_and_tells_what_would_be_otherwise(asked):
    html = officer_file(asked).text
    # What is closed is letters by chance, and any two of them are among so many.
    assert "M1" not in without_chance(re.sub('<script id="sealed".*?</script>', "", html))
    text = inside(html)
    for said in (
        "M1",
        "M2",
        "Conversar antes",
        "Sus cuotas pasan el límite.",
        "conversar, 72",
        "conversar, &gt;\u00a0100",
    ):
        assert said in text, said
    assert "<table>" not in committee_file(asked)


def test_a_weak_passphrase_or_two_that_differ_write_no_file(asked):
    for answer, said in (
        (officer_file(asked, "corta"), "La clave necesita 14 letras o más"),
        (officer_file(asked, again="otra cosa del todo"), "Las dos claves no son iguales."),
    ):
        assert answer.status_code == 422
        assert said in answer.text
        for passphrase in ('"corta"', PASSPHRASE):
            assert passphrase not in answer.text


def test_only_an_officer_writes_files(asked):
    for role, kind, scope in (("committee", "group", "B1"), ("auditor", "all", None), ("member", "self", "M1")):
        for name in ("committee", "officer"):
            headers = asked.headers(role, kind, scope)
            assert asked.client.post(f"/groups/B1/files/{name}", headers=headers).status_code == 403


def test_writing_a_file_is_on_record(asked):
    committee_file(asked)
    assert ("officer", "file") in [(seen.role, seen.action) for seen in asked.records.sightings("s_2")]


def test_what_a_table_says_is_never_markup(make_house):
    desk = PlainDesk()
    nasty = "<script>alert(1)</script>"
    desk.answer["reasons"] = [{"code": "R01", "es": nasty, "en": nasty, "value": 1.0}]
    house = make_house(desk=desk)
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    text = inside(officer_file(house).text)
    assert nasty not in text
    assert "&lt;script&gt;" in text
