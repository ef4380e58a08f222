"""Every page fits into what a server may send before it hears back: it is there after one round trip."""

from __future__ import annotations

import gzip

import pytest

from riskscore.service import csrf
from riskscore.service.access import Place
from riskscore.service.desks import Desks
from tests.unit.service import desks
from tests.unit.service.associations import BANK_BODY, bank_desk
from tests.unit.service.desks import BODY, STARTER_RULES, PlainDesk
from tests.unit.service.producer_record import keep

#: Ten segments (RFC 6928) of 1,460 bytes, less what the headers take.
FIRST_FLIGHT = 10 * 1_460 - 1_000

OFFICER, ALL = "officer", ("all", None)


@pytest.fixture
def house(make_house, monkeypatch):
    """A meeting of 27 women in s_1 to s_27, their bank's score in s_28, a producer association's in s_pa."""
    women = {f"M{number:07d}": Place(f"M{number:07d}", "S1", "B1", "N") for number in range(41, 68)}
    monkeypatch.setattr(desks, "PLACES", women)
    made = make_house(desk=Desks.of(PlainDesk(rules=STARTER_RULES), bank_desk()))
    officer = made.headers("officer", "all")
    for body in (*(BODY | {"subject": member} for member in women), BANK_BODY):
        assert made.client.post("/v1/scores", json=body, headers=officer).status_code == 201
    keep(made.records)
    made.heard(*(f"s_{number}" for number in range(1, 28)))
    return made


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(
    ("role", "scope", "path"),
    [
        (OFFICER, ALL, "/officer"),
        (OFFICER, ALL, "/scores/s_1"),
        (OFFICER, ALL, "/scores/s_28"),
        (OFFICER, ALL, "/scores/s_pa"),
        (OFFICER, ALL, "/groups/B1"),
        (OFFICER, ALL, "/apply"),
        (OFFICER, ALL, "/models"),
        ("auditor", ALL, "/trail"),
        ("committee", ("group", "B1"), "/groups/B1"),
        ("committee", ("group", "B1"), "/scores/s_1"),
        ("member", ("self", "M0000041"), "/scores/s_1"),
        ("board", ("organisation", "PA1"), "/scores/s_pa"),
    ],
)
def test_a_page_is_there_after_one_round_trip(house, role, scope, path, lang):
    token, _ = house.access.grant(role, *scope)
    client = house.client
    client.get("/enter", params={"key": house.access.link(token), "next": "/"}, follow_redirects=False)
    with client.stream("GET", f"{path}?lang={lang}", headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert len(sent) <= FIRST_FLIGHT
    assert b"<h1" in gzip.decompress(sent)


def test_who_takes_nothing_compressed_is_sent_the_page_as_it_is(house):
    headers = house.headers("officer", "all") | {"Accept-Encoding": "identity"}
    answer = house.client.get("/scores/s_1", headers=headers)
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_word_is_another_one_each_time_and_holds_for_its_session_alone():
    one, other = csrf.word("cookie"), csrf.word("cookie")
    assert one != other
    for word in (one, other):
        assert csrf.holds("cookie", word)
        assert not csrf.holds("another", word)
    for wrong in ("", one[:-1], one.upper(), one[:64] + other[64:], "ñ" * 128, "0" * 128):
        assert not csrf.holds("cookie", wrong)
