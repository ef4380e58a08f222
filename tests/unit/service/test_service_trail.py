"""The auditor's trail: everything that happened, about nobody, and whether it fits."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from riskscore.errors import NotFound
from riskscore.service import csrf
from riskscore.service.database import Database
from riskscore.service.erasure import erase
from riskscore.service.replay import Difference, Replay
from riskscore.service.serializer import Serializer
from riskscore.service.trail import Asked, head, trail
from riskscore.service.verification import faults_of, verify
from tests.unit.service.chance import without_chance
from tests.unit.service.desks import BODY
from tests.unit.service.stores import fill

AUDITOR = ("auditor", "all")
M1 = Serializer("secret").pseudonym("M1")


@pytest.fixture
def filled(house):
    """Entries 1 to 8 of `fill`; what is asked afterwards adds its own."""
    fill(house.records.database)
    return house


def get(house, path, *grant):
    return house.client.get(path, headers=house.headers(*(grant or AUDITOR)) | {"Accept": "text/html"})


def lines(text: str) -> list[str]:
    body = text.split('class="lines"')[1].split("</ol>")[0]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one)).strip() for one in body.split("<li")[1:]]


def test_it_tells_everything_in_words_the_newest_first(filled):
    answer = get(filled, "/trail?lang=es")
    assert answer.status_code == 200
    told = [line.split("> ", 1)[-1] for line in lines(answer.text)]
    assert len(told) == 9  # eight, and that an auditor looks
    for said, line in zip(
        (
            "Vista auditoría miró el registro",
            f"Vista la asesora pidió el cálculo · {Serializer('secret').pseudonym('M2')} s_2",
            f"Puntaje Riesgo de una socia, {Serializer('secret').pseudonym('M2')}, modelo 3. Conversar antes. s_2",
            "Negativa la asesora GET /v1/scores/{score_id}: 404",
            "Decisión el comité Aprobado por menos. Fecha: 2026-02-03. s_1",
            f"Pregunta «y si» la asesora {M1} s_1",
            f"Vista la asesora abrió la hoja · {M1} s_1",
            f"Vista la asesora pidió el cálculo · {M1} s_1",
            f"Puntaje Riesgo de una socia, {M1}, modelo 3. Conversar antes. s_1",
        ),
        told,
        strict=True,
    ):
        assert line.endswith(said), (said, line)
    assert "Las 9 entradas de esta página encajan" in answer.text
    assert head(filled.records) in answer.text


def test_nobody_is_named_and_nobody_s_own_words_are_shown(filled):
    for path in ("/trail", "/trail?lang=en", "/v1/trail", "/trail/s_1", "/v1/trail?score_id=s_1"):
        text = get(filled, path).text
        for said in ('"M1"', ">M1", " M1", "Comité B1", "Paga bien", " 913", "7.31", "913.0"):
            assert said not in without_chance(text), (path, said)
        assert M1 in text


@pytest.mark.parametrize("path", ["/trail", "/trail/s_1", "/v1/trail", "/trail/unknown"])
@pytest.mark.parametrize(
    "grant",
    [
        ("committee", "group", "B1"),
        ("officer", "all"),
        ("analyst", "all"),
        ("member", "self", "M1"),
        ("board", "organisation", "PA1"),
    ],
)
def test_it_is_the_auditor_s_alone(filled, path, grant):
    assert get(filled, path, *grant).status_code == 403
    assert filled.client.post("/trail/s_1/replay", headers=filled.headers(*grant)).status_code == 403


def test_filters_and_pages_go_on_where_the_last_one_ended(filled):
    records, viewer = filled.records, grant_of(filled)
    serializer = Serializer("secret")
    every = [entry.sequence for entry in trail(records, serializer, viewer, Asked())[0]]
    assert every == [8, 7, 6, 5, 4, 3, 2, 1]
    found, before = [], None
    while True:
        entries, before = trail(records, serializer, viewer, Asked(before=before), most=3)
        found += [entry.sequence for entry in entries]
        if before is None:
            break
        assert len(entries) == 3
    assert found == every
    assert [one.sequence for one in trail(records, serializer, viewer, Asked(kind="access"))[0]] == [8, 3, 2]
    assert [one.sequence for one in trail(records, serializer, viewer, Asked(score_id="s_2"))[0]] == [8, 7]
    answer = get(filled, "/v1/trail?kind=access&score_id=s_1")
    assert [json.loads(line)["sequence"] for line in answer.text.splitlines()] == [3, 2]


def grant_of(house, scope_kind: str = "all", scope_id: str | None = None):
    return house.access.grant("auditor", scope_kind, scope_id)[1]


def test_pages_link_to_the_older_ones_with_their_filter(filled):
    for _ in range(60):
        filled.records.seen("s_1", grant_of(filled), "page")
    text = get(filled, "/trail?kind=access").text
    address = re.search(r'href="(/trail\?[^"]+)" rel="next"', text).group(1).replace("&amp;", "&")
    assert "kind=access" in address
    older = get(filled, address)
    numbers = [int(number) for number in re.findall(r">(\d+) · ", text)]
    following = [int(number) for number in re.findall(r">(\d+) · ", older.text)]
    assert len(numbers) == 50
    assert max(following) < min(numbers)
    assert f'href="?{address.split("?")[1].replace("&", "&amp;")}&amp;lang=en"' in older.text


def test_an_auditor_of_a_branch_sees_its_scores_alone(filled):
    records, serializer = filled.records, Serializer("secret")
    assert [one.sequence for one in trail(records, serializer, grant_of(filled, "branch", "N"), Asked())[0]] == [
        *(8, 7, 5, 4, 3, 2, 1)  # without the refusal, which is of no branch
    ]
    assert trail(records, serializer, grant_of(filled, "branch", "S"), Asked()) == ((), None)
    assert get(filled, "/trail/s_1", "auditor", "branch", "S").status_code == 404
    assert get(filled, "/trail/s_9").status_code == 404
    assert head(records) not in get(filled, "/trail", "auditor", "branch", "N").text


def test_what_an_auditor_of_a_branch_is_shown_is_looked_for_within_bounds(filled, monkeypatch):
    monkeypatch.setattr("riskscore.service.trail.LOOKED_THROUGH", 3)
    entries, older = trail(filled.records, Serializer("secret"), grant_of(filled, "branch", "N"), Asked())
    assert ([one.sequence for one in entries], older) == ([8, 7], 6)
    entries, older = trail(filled.records, Serializer("secret"), grant_of(filled, "branch", "N"), Asked(before=older))
    assert ([one.sequence for one in entries], older) == ([5, 4, 3], 3)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("kind=nothing", ["kind"]),
        ("before=-1&score_id=%00", ["before", "score_id"]),
        ("before=9999999999999999999", ["before"]),
        ("kind=&before=&score_id=", []),
    ],
)
def test_what_cannot_be_asked_is_named_at_once(filled, query, fields):
    answer = filled.client.get(f"/trail?{query}", headers=filled.headers(*AUDITOR))
    assert answer.status_code == (422 if fields else 200)
    if fields:
        assert sorted(error["field"] for error in answer.json()["errors"]) == fields


def test_an_entry_that_was_changed_does_not_fit(filled, tmp_path):
    with sqlite3.connect(tmp_path / "one" / "records.db") as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE contents SET content = replace(content, '280.0', '580.0') WHERE sequence = 5")
        raw.execute("UPDATE entries SET hash = ? WHERE sequence = 2", ("0" * 64,))
    with filled.records.database.read() as connection:
        faults = faults_of(connection, range(1, 9))
    assert {number for number, fault in faults.items() if fault is not None} == {2, 3, 5}
    text = get(filled, "/trail?lang=es").text
    assert "No encajan estas entradas: 5, 3, 2." in text
    assert [line for line in lines(text) if "No encaja." in line] == [
        line for line in lines(text) if re.search(r"(^|> )[235] ·", line)
    ]


def test_whole_chains_fit_entry_by_entry_as_they_do_together(filled):
    database = filled.records.database
    erase(database, "M2", reason="asked for by herself")
    assert verify(database).erased == 2
    with database.read() as connection:
        assert set(faults_of(connection, range(1, 10)).values()) == {None}
        assert faults_of(connection, []) == {}


def test_an_erased_score_is_told_as_erased(filled):
    erase(filled.records.database, "M1", reason="asked for by herself")
    answer = get(filled, "/trail/s_1?lang=es")
    assert answer.status_code == 200
    assert "El contenido se borró el" in answer.text
    assert "La entrada 9 lo cuenta." in answer.text
    assert answer.text.count("Contenido borrado.") == 5
    assert "<button>" not in answer.text
    assert get(filled, "/trail/s_1", "auditor", "branch", "N").status_code == 404
    told = get(filled, "/trail?kind=erasure&lang=es").text
    assert "Se borraron 5 entradas de P" in told
    assert "asked for by herself" not in told


def test_that_somebody_looked_is_on_record(filled):
    get(filled, "/trail/s_1")
    assert [sighting.action for sighting in filled.records.sightings("s_1")] == ["trail", "what_if", "page", "asked"]
    assert verify(filled.records.database).entries == 9


# The replay


def session(house, grant=AUDITOR):
    token, _ = house.access.grant(*grant)
    cookie = house.sessions.enter(house.access.link(token))
    house.client.cookies.set("riskscore_session", cookie)
    return csrf.word(cookie)


def replayed(house, outcome, monkeypatch):
    asked = []

    def again(record, registry):
        asked.append((record.score_id, registry))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr("riskscore.service.routes.trail.replay_from", again)
    word = session(house)
    answer = house.client.post("/trail/s_1/replay?lang=es", data={"csrf_token": word})
    house.client.cookies.clear()
    assert answer.status_code == 200
    assert asked == [("s_1", "the registry")]
    return answer.text


@pytest.fixture
def registered(make_house):
    house = make_house(registry="the registry")
    fill(house.records.database)
    return house


def test_a_button_computes_it_again_and_says_so(registered, monkeypatch):
    text = replayed(registered, Replay("s_1", "3", "2026-01", ()), monkeypatch)
    assert "Salió igual, hasta el último dígito." in text
    assert "Modelo 3, política 2026-01." in text
    assert registered.records.sightings("s_1")[0].action == "replay"


def test_what_differs_is_named_by_its_place_never_by_its_value(registered, monkeypatch):
    differences = tuple(Difference(f"points.features.f{n}", 7654.25, 7654.5) for n in range(14))
    text = replayed(registered, Replay("s_1", "3", "2026-01", differences), monkeypatch)
    assert "Salió distinto en 14 lugares:" in text
    assert "points.features.f11" in text
    assert "points.features.f12" not in text
    assert "y 2 más" in text
    assert "7654.25" not in text
    assert "7654.5" not in text


def test_a_model_that_is_gone_is_said_to_be(registered, monkeypatch):
    text = replayed(registered, NotFound.of("x", "What a path says.", "remedy"), monkeypatch)
    assert "el modelo no está a mano" in text
    assert "What a path says." not in text


def test_a_replay_from_a_browser_needs_the_word_of_a_page(registered):
    session(registered)
    page = registered.client.get("/trail/s_1", headers={"Accept": "text/html"}).text
    word = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)[1]
    assert csrf.holds(registered.client.cookies["riskscore_session"], word)
    for data in ({}, {"csrf_token": "another"}):
        assert registered.client.post("/trail/s_1/replay", data=data).status_code == 403
    registered.client.cookies.clear()


def test_a_service_without_a_registry_says_that_it_cannot(filled):
    filled.client.post("/v1/scores", json=BODY, headers=filled.headers("officer", "all"))
    answer = filled.client.post("/trail/s_1/replay?lang=en", headers=filled.headers(*AUDITOR))
    assert answer.status_code == 200
    assert "It could not be computed" in answer.text


def test_every_database_gives_the_same_trail(database: Database):
    from riskscore.service.access import Grant
    from riskscore.service.records import Records

    fill(database)
    viewer = Grant("t_9", "auditor", "branch", "N")
    entries, older = trail(Records(database), Serializer("secret"), viewer, Asked(kind="decision"))
    assert ([one.sequence for one in entries], older) == ([5], None)
    assert entries[0].fault is None
    assert entries[0].says == {
        "result": "reduced",
        "overrides": False,
        "decided_on": "2026-02-03",
        "reason_given": False,
        "opinion_given": True,
        "rules": None,
    }
