"""The officer's list: what is hers, what waits, and nothing of another branch."""

from __future__ import annotations

import re

import pytest

from riskscore.scoring.bank_calendar import BankRow
from riskscore.service.access import Grant
from riskscore.service.chain import Statement, append
from riskscore.service.database import Database
from riskscore.service.lately import lately
from riskscore.service.records import Records
from tests.unit.service.desks import BODY, SCORE, PlainDesk
from tests.unit.service.stores import fill

READY = SCORE | {"recommendation": {"state": "ready", "ceiling": 600.0, "why": []}}


def get(house, path, *grant):
    return house.client.get(path, headers=house.headers(*(grant or ("officer", "all"))) | {"Accept": "text/html"})


def ask(house, subject: str = "M1"):
    answer = house.client.post("/v1/scores", json=BODY | {"subject": subject}, headers=house.headers("officer", "all"))
    assert answer.status_code == 201
    return answer.json()["score_id"]


def part(text: str, name: str) -> list[str]:
    body = text.split(f'id="{name}"')[1].split("</section>")[0]
    rows = body.split('class="rows"')[1].split("<li>")[1:] if 'class="rows"' in body else []
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def mark(house, kind: str, score_id: str):
    with house.records.database.write() as connection:
        append(connection, Statement(kind, {"role": "officer"}, "M1", score_id))


def test_it_lists_banks_by_their_next_meeting_and_what_waits(house):
    ask(house)
    house.source.held = PlainDesk(answer=READY)
    house.source.mark = 2
    house.service.state.look()
    mark(house, "told", ask(house, "M2"))
    text = get(house, "/officer?lang=es").text
    assert part(text, "banks") == [
        "B1 27 socias reunión: 6 de febrero de 2026 2 pedidos abiertos",
        "B9 14 socias sin reunión prevista 1 pedido abierto",
    ]
    assert [re.sub(r" \d{1,2} de [a-z]+ de \d{4} ", " TODAY ", row) for row in part(text, "lately")] == [
        "M2 TODAY B1 S/ 600 Lista para decidir",
        "M1 TODAY B1 S/ 600 Conversar antes",
    ]
    (talk,), (decision,) = part(text, "talk"), part(text, "decision")
    assert (talk[:2], talk[2:].endswith(" B1 S/ 600 Conversar antes")) == ("M1", True)
    assert (decision[:2], decision[2:].endswith(" B1 S/ 600 Lista para decidir")) == ("M2", True)
    assert 'href="/groups/B1"' in text
    assert 'href="/scores/s_1"' in text
    assert 'href="/apply"' in text
    assert "Datos hasta el 31 de enero de 2026" in text
    for hidden in ("560", "nota", "7 tuvieron", "SOLVENT", "84"):  # a list is no score: state and amount alone
        assert hidden not in re.sub(r"<style>.*?</style>", "", text, flags=re.S), hidden


@pytest.mark.parametrize(
    ("marks", "waits"),
    [
        ((), "talk"),
        (("told",), "decision"),
        (("told", "withdrawn"), "nothing"),
        (("told", "decision"), "nothing"),
        (("decision",), "nothing"),
    ],
)
def test_what_a_score_waits_for(house, marks, waits):
    score_id = ask(house)
    for kind in marks:
        mark(house, kind, score_id)
    officer = Grant("t", "officer", "all", None)
    assert [one.waits for one in lately(house.records, officer, "2000")] == [waits]


def test_a_talk_is_waited_for_whatever_her_state(make_house):
    house = make_house(desk=PlainDesk(answer=READY))
    ask(house)
    officer = Grant("t", "officer", "all", None)
    assert [(one.ready, one.waits) for one in lately(house.records, officer, "2000")] == [(True, "talk")]


def test_a_score_that_a_later_one_replaced_waits_for_nothing(house):
    first, second = ask(house), ask(house)
    officer = Grant("t", "officer", "all", None)
    assert [(one.score_id, one.waits) for one in lately(house.records, officer, "2000")] == [
        (second, "talk"),
        (first, "nothing"),
    ]
    assert lately(house.records, officer, "2999") == ()


def test_another_branch_and_another_group_stay_out(house):
    ask(house, "M1")
    ask(house, "M9")
    for grant, own, strange in (
        (("officer", "branch", "N"), ("B1", "M1"), ("B9", "M9")),
        (("officer", "branch", "S"), ("B9", "M9"), ("B1", "M1")),
        (("officer", "group", "B9"), ("B9", "M9"), ("B1", "M1")),
    ):
        for path in ("/officer", "/officer?part=banks", "/officer?part=lately", f"/officer?find={strange[1]}"):
            text = get(house, path, *grant).text
            for name in strange:
                assert f">{name}<" not in text, (grant, path)
        text = get(house, "/officer", *grant).text
        for name in own:
            assert f">{name}<" in text
    # Of a solidarity group: its members, and not the communal bank around it.
    text = get(house, "/officer", "officer", "group", "S1").text
    assert ">M1<" in text
    assert "No hay bancos comunales a su cargo." in text


@pytest.mark.parametrize(
    "grant",
    [
        ("committee", "group", "B1"),
        ("member", "self", "M1"),
        ("board", "organisation", "PA1"),
        ("analyst", "all"),
        ("auditor", "all"),
    ],
)
def test_it_is_the_officer_s(house, grant):
    ask(house)
    assert get(house, "/officer", *grant).status_code == 403
    assert house.client.get("/officer").status_code == 401


def test_an_id_is_found_by_a_part_of_it(house):
    ask(house, "M1")
    ask(house, "M9")
    text = get(house, "/officer?find=m9").text
    assert [row[:2] for row in part(text, "lately")] == ["M9"]
    assert part(text, "banks") == []
    assert [row[:2] for row in part(get(house, "/officer?find=b9").text, "banks")] == ["B9"]
    assert "No hay nada con ese código." in get(house, "/officer?find=%3Cscript%3E").text
    assert "<script>" not in get(house, "/officer?find=%3Cscript%3E").text


def test_long_lists_go_on_without_a_script(make_house):
    desk = PlainDesk()
    desk.banks = tuple(BankRow(f"B{n:03}", "N", 20, None, 0) for n in range(95))
    house = make_house(desk=desk)
    text = get(house, "/officer?lang=es").text
    assert len(part(text, "banks")) == 8
    assert '<a href="/officer?part=banks">Ver los 95</a>' in text
    found, address = [], "/officer?part=banks"
    while address:
        text = get(house, address).text
        found += [row[:4] for row in part(text, "banks")]
        onward = re.search(r'href="([^"]+)" rel="next"', text)
        address = onward and onward.group(1).replace("&amp;", "&")
    assert found == [f"B{n:03}" for n in range(95)]
    assert part(get(house, "/officer?part=banks&page=99").text, "banks")[0].startswith("B080")
    assert "<script" not in text
    assert len(text.encode()) < 100_000


def test_without_a_portfolio_the_scores_are_still_there(make_house):
    house = make_house()
    ask(house)
    house.service.state._desks = None
    text = get(house, "/officer?lang=es").text
    assert "Ahora no se pueden leer los datos." in text
    assert [row[:2] for row in part(text, "talk")] == ["M1"]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("part=x&page=0", ["page", "part"]),
        ("page=1e9", ["page"]),
        ("page=99999", ["page"]),
        ("page=&find=", ["page"]),
        (f"find={'x' * 81}", ["find"]),
    ],
)
def test_what_cannot_be_asked_is_named_at_once(house, query, fields):
    answer = house.client.get(f"/officer?{query}", headers=house.headers("officer", "all"))
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.json()["errors"]) == fields


def test_that_she_looked_is_on_record(house):
    get(house, "/officer")
    with house.records.database.read() as connection:
        text = connection.exec_driver_sql("SELECT content FROM contents").scalar_one()
    assert '"action":"list"' in text


def test_every_database_tells_the_same(database: Database):
    fill(database)
    found = lately(Records(database), Grant("t", "officer", "branch", "N"), "2000")
    assert [(one.score_id, one.waits) for one in found] == [("s_2", "talk"), ("s_1", "nothing")]
    assert lately(Records(database), Grant("t", "officer", "branch", "S"), "2000") == ()
