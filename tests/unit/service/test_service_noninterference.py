"""What a committee meets does not depend on what lies outside its table.

Two services whose portfolios agree in what the group recorded and in the recommendation, and differ in everything
else: whatever a committee's token reaches is the same to the byte, and no canary is in it. Every route is called in
every state of a meeting (`tests.unit.service.calls`), well and badly; what is random is drawn from one seed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from riskscore.service import answers, problem, serializer, sheet
from riskscore.service.access import Grant
from riskscore.service.buckets import Buckets, Rate
from riskscore.service.limits import Limits
from riskscore.service.meeting import meeting_of
from riskscore.service.meeting_files import committee_file
from riskscore.service.outlooks import outlook_at
from riskscore.service.records import Record
from riskscore.service.rule_exceptions import Exceptions
from tests.unit.service.calls import MEETING, NOWHERE, TABLE, UNREADABLE, Call
from tests.unit.service.chance import without_chance
from tests.unit.service.desks import BODY, House, PlainDesk, build
from tests.unit.service.drive import Caller, Told, begin, log, one_loop, still, without_beginnings, without_times
from tests.unit.service.identity import NOBODY, toml, with_provider
from tests.unit.service.worlds import (
    CANARY,
    BankOfBooks,
    World,
    ask,
    canary_world,
    graded_world,
    other_desk,
    plain_world,
)

#: Every kind of answer but 429, which is a test of its own, and 503, which is nobody's in particular.
STATUSES = {200, 201, 303, 401, 403, 404, 405, 408, 409, 413, 414, 415, 422, 431, 500}

#: Nobody waits, and nobody has to: how often somebody asked is a test of its own.
PATIENT = Rate(per_minute=60, burst=50_000)


@dataclass
class Met:
    """What came back from a world: to the committee, in its files, and what a system's operator reads."""

    told: list[Told]
    files: list[str]
    lines: list[str]
    log: str
    metrics: str


def routes(house: House) -> set[str]:
    """Return every route as ``METHOD template``; what is mounted has no methods and would be an error here."""
    return {f"{method} {route.path}" for route in house.client.app.routes for method in route.methods - {"HEAD"}}


def files(house: House) -> list[str]:
    """Return the committee's file as `riskscore report meeting` writes it."""
    parts = house.service
    meeting = meeting_of(parts, "B1", Grant("command", "officer", "all", None))
    outlook = outlook_at(parts, "B1")
    return [committee_file(meeting, outlook, parts.serializer, parts.pages.files, one) for one in ("es", "en")]


def the_rest(caller: Caller) -> None:
    """Send whatever is no part of a meeting, and what is wrong of every route: methods, bodies and askers."""
    ends = ("POST /sessions/{session_id}/end", "POST /leave")
    for name, calls in TABLE.items():
        method, path = name.split()
        if name not in (*MEETING, *ends):
            caller.send(method, calls)
        first = calls[0]
        caller.send(method, [first], "nobody browser" if path.startswith("/v1/") else "nobody")
        for wrong in ("DELETE", "OPTIONS"):
            caller.send(wrong, [Call(first.path)], "token")
        if method == "GET":
            caller.send("HEAD", [first], "token")
        else:
            caller.send("POST", [Call(first.path, body, headers) for headers, body in UNREADABLE[::2]], "token")
    every = [Call("/v1/scores/s_1/decisions", body, headers) for headers, body in UNREADABLE]
    caller.send("POST", every, "token")
    caller.send("GET", NOWHERE, "token nobody")
    caller.send("GET", [Call("/scores/s_1"), Call("/v1/scores/s_1")], "forged")
    caller.send("GET", [Call("/v1/scores/s_1", headers={"X-Long": "x" * 17_000})], "token")
    caller.stall("/v1/scores/s_1/decisions")
    for name in ends:
        caller.send("POST", TABLE[name])


def break_down(caller: Caller, words: str) -> None:
    """Let the desk fail with a message that says everything."""
    desk = caller.house.service.state.desks.member
    desk.breaks = RuntimeError(words)
    caller.send("GET", [Call("/groups/B1"), Call("/v1/groups/B1/sheet"), Call("/scores/s_1")], "token")
    desk.breaks = None


def meet(house: House, world: World, *, whole: bool = True) -> Met:
    """Let a committee come four times: asked, with its opinion, once everybody was spoken with, once it decided."""
    committee = Caller(house, "committee", "group", "B1", {"decision": "d_0"})
    written, lines = [], []
    with log() as streams, one_loop(house.client):
        ask(house, world)
        committee.names["private"] = world.happened(house)
        for time in range(4):
            if time == 2:
                house.heard("s_1", "s_2")
            written += files(house)
            starts = [len(stream.getvalue()) for stream in streams]
            committee.come(time)
            for name in MEETING:
                committee.send(name.split()[0], TABLE[name])
            if whole and time == 3:
                break_down(committee, f"{world.officer_says} {world.hers.answer}")
                the_rest(committee)
            lines += [stream.getvalue()[start:] for stream, start in zip(streams, starts, strict=True)]
        house.service.refusals.flush()
        metrics = house.client.get("/metrics", headers=house.headers("officer", "all")).text
    logged = without_times("".join(stream.getvalue() for stream in streams))
    return Met(committee.told, written, [without_times(one) for one in lines], logged, without_beginnings(metrics))


@pytest.fixture(scope="module")
def patch():
    with pytest.MonkeyPatch.context() as context:
        still(context)
        context.setattr("riskscore.service.answers.SLOWEST_BODY", 0.01)
        context.setattr("riskscore.service.limits.ATTEMPTS", PATIENT)
        yield context


@pytest.fixture(scope="module")
def open_house(tmp_path_factory, patch) -> Callable[..., House]:
    """Open the house of a world; its clock stands still."""

    def opened(world: World, token: Rate = PATIENT) -> House:
        limits = Limits(Buckets(clock=lambda: 0.0), token=token, stranger=PATIENT)
        ids = iter(world.ids)
        begin()
        folder = tmp_path_factory.mktemp("world")
        house = build(folder, world.desks, limits=limits, new_id=lambda: next(ids))
        return with_provider(house, toml(NOBODY, folder))

    return opened


@pytest.fixture(scope="module")
def plain(open_house) -> Met:
    world = plain_world()
    return meet(open_house(world), world)


@pytest.fixture(scope="module")
def canary(open_house) -> Met:
    world = canary_world()
    return meet(open_house(world), world)


def same(one: list[Told], other: list[Told]) -> None:
    """Hold two sessions against each other, answer by answer."""
    for first, second in zip(one, other, strict=True):
        assert first == second, first[0]
        assert not re.search(CANARY, without_chance(f"{second[2]} {second[3].decode()}")), first[0]


def test_every_route_is_called(open_house):
    """A new route, or a method of one, has to be written into the table."""
    assert routes(open_house(plain_world())) == set(TABLE)


def test_whatever_a_committee_reaches_is_the_same_to_the_byte(plain, canary):
    same(plain.told, canary.told)


def test_every_kind_of_answer_was_among_them(plain):
    assert {status for _, status, _, _ in plain.told} == STATUSES


def test_its_files_are_the_same_in_every_state_of_a_meeting(plain, canary):
    assert plain.files == canary.files
    assert len(set(plain.files)) == 8
    assert not re.search(CANARY, without_chance("".join(canary.files)))


def test_the_log_tells_nothing_of_her(plain, canary):
    assert plain.lines == canary.lines
    assert len(plain.lines[-1].splitlines()) > 300
    assert "RuntimeError" in plain.lines[-1]
    for found in (canary.log, canary.metrics):
        assert len(found) > 1_000
        assert not re.search(CANARY, without_chance(found))


def test_a_pd_moves_nothing_that_a_committee_reaches(plain, open_house):
    world = graded_world()
    met = meet(open_house(world), world, whole=False)
    same(plain.told[: len(met.told)], met.told)  # all but what was sent wrongly at the end
    assert met.files == plain.files


def test_how_long_to_wait_is_the_same_too(open_house):
    found = []
    for world in (plain_world(), canary_world()):
        house = open_house(world, Rate(per_minute=60, burst=14))
        ask(house, world)
        world.happened(house)
        committee = Caller(house, "committee", "group", "B1")
        committee.come(1)
        committee.send("GET", TABLE["GET /v1/scores/{score_id}"])
        committee.send("GET", TABLE["GET /groups/{group_id}"])
        found.append(committee.told)
    same(*found)
    assert {told[1] for told in found[0][-3:]} == {429}


@pytest.mark.parametrize(
    ("role", "kind", "scope"),
    [
        ("member", "self", "M2"),
        ("board", "organisation", "PO1"),
        ("lender", "organisation", "PO1"),
        ("assistant", "group", "B1"),
        ("committee", "group", "B9"),
        ("officer", "branch", "S"),
    ],
)
def test_whoever_has_no_business_with_her_meets_nothing_of_her(two, role, kind, scope):
    """She is another woman in the two worlds: her record at the group's table, her state and her ceiling as well."""
    found = []
    for house in two:
        caller = Caller(house, role, kind, scope, {"decision": "d_0", "private": "d_1"})
        caller.come(f"{role} {scope}")
        with one_loop(house.client):
            for name, calls in TABLE.items():
                if name.startswith("GET") and name != "GET /metrics":  # an officer reads how many entries there are
                    caller.send("GET", calls, "token")
            for name in ("POST /v1/scores/{score_id}/what-if", "POST /v1/scores/{score_id}/decisions"):
                caller.send("POST", TABLE[name], "token")
        found.append(caller.told)
    same(*found)
    assert 200 in {status for _, status, _, _ in found[0]}


@pytest.fixture(scope="module")
def two(open_house) -> list[House]:
    """Houses in which everybody was spoken with, and in which M1 is another woman."""
    houses = []
    for world in (plain_world(), canary_world(other_desk())):
        house = open_house(world)
        ask(house, world)
        world.happened(house)
        house.heard("s_1", "s_2")
        houses.append(house)
    return houses


def test_an_auditor_meets_no_name(two):
    for house in two:  # what is seen in one is seen in the other: the tests share them, in any order
        caller = Caller(house, "auditor", "all", None)
        caller.come("auditor")
        for name, calls in TABLE.items():
            if name.startswith("GET") and "{" not in name.replace("{score_id}", ""):
                caller.send("GET", calls, "token")
    for what, _, headers, content in caller.told:
        assert not re.search(r"\bM[129]\b", f"{headers} {content.decode()}"), what
    assert len([status for _, status, _, _ in caller.told if status == 200]) > 15


def _count_of_debts(patch: pytest.MonkeyPatch) -> None:
    view = serializer.committee_view
    patch.setattr(serializer, "committee_view", lambda record, *seen: view(record, *seen) | _debts(record))


def _debts(record: Record) -> dict[str, int]:
    return {"loans": record.request["other_active_loans"]}


def _header_with_how_often_she_looked(patch: pytest.MonkeyPatch) -> None:
    answered = answers.page_answer

    def leaking(parts, request, html, language, *, status=200):
        answer = answered(parts, request, html, language, status=status)
        answer.headers["X-Seen"] = str(len(parts.records.sightings("s_1")))
        return answer

    patch.setattr("riskscore.service.routes.groups.page_answer", leaking)


def _order_by_risk(patch: pytest.MonkeyPatch) -> None:
    def leaking(meeting, viewer, hidden, outlook):
        shown = sheet.sheet(meeting, viewer, hidden, outlook)
        risk = {seat.member: seat.record.score["pd"] for seat in meeting.held.seats if seat.record is not None}
        return shown | {"members": sorted(shown["members"], key=lambda one: risk.get(one["member"], 0.0))}

    patch.setattr("riskscore.service.routes.groups.sheet", leaking)


def _outlook_by_budgets(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BankOfBooks, "outlook", lambda desk, bank_id, **_: desk.answer | {"pd": 0.0777, "subject": bank_id})


def _rules_for_the_officer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sheet, "audience_of", lambda _: "officer")


def _rules_beside_her(patch: pytest.MonkeyPatch) -> None:
    def leaking(meeting, viewer, hidden, outlook):
        shown = sheet.sheet(meeting, viewer, hidden, outlook)
        return shown | {"M1": [one.words("es") for one in meeting.rules.of_member("M1")]}

    patch.setattr("riskscore.service.routes.groups.sheet", leaking)


def _another_sentence(patch: pytest.MonkeyPatch) -> None:
    made = problem.Problem

    def leaking(*_: object, **__: object):
        return made(404, "Not found", "She withdrew it.")

    patch.setattr("riskscore.service.meeting.not_found", leaking)


@pytest.mark.parametrize(
    "leak",
    [
        _count_of_debts,
        _header_with_how_often_she_looked,
        _order_by_risk,
        _outlook_by_budgets,
        _rules_for_the_officer,
        _rules_beside_her,
        _another_sentence,
    ],
)
def test_a_leak_is_found(open_house, monkeypatch, leak):
    leak(monkeypatch)
    found = []
    for world in (plain_world(), canary_world()):
        house = open_house(world)
        ask(house, world)
        world.happened(house)
        committee = Caller(house, "committee", "group", "B1")
        committee.come(1)
        for name in ("GET /v1/scores/{score_id}", "GET /groups/{group_id}", "GET /v1/groups/{group_id}/sheet"):
            committee.send("GET", TABLE[name], "token")
        found.append(committee.told)
    with pytest.raises(AssertionError, match="token: GET"):
        same(*found)


def test_a_refusal_by_a_rule_on_her_would_be_found(open_house, monkeypatch):
    """M1 owes seven houses in one world: an officer's rule asks for a reason there, and must not ask a committee."""
    monkeypatch.setattr(Exceptions, "binding", lambda asking, _: asking.officer)
    found = []
    for world in (plain_world(), canary_world()):
        house = open_house(world)
        ask(house, world)
        world.happened(house)
        house.heard("s_1", "s_2")
        committee = Caller(house, "committee", "group", "B1", {"decision": "d_0", "private": "d_1"})
        committee.come(1)
        for name in ("POST /v1/scores/{score_id}/opinions", "POST /v1/scores/{score_id}/decisions"):
            committee.send("POST", TABLE[name], "token")
        found.append(committee.told)
    with pytest.raises(AssertionError, match="token: POST /v1/scores/s_1/decisions"):
        same(*found)


def test_the_committee_does_see_its_own_table(make_house):
    """The test of worlds would pass on an empty answer: this one says what stands in it."""
    plain = make_house()
    plain.client.post("/v1/scores", json=BODY, headers=plain.headers("officer", "all"))
    plain.heard("s_1")
    plain.opined("s_1")
    headers = plain.headers("committee", "group", "B1")
    assert plain.client.get("/v1/scores/s_1", headers=headers).json() == {
        "score_id": "s_1",
        "recipe": "member_default",
        "subject": "M1",
        "as_of": "2026-02-01T00:00:00",
        "request": {
            "amount": 600.0,
            "currency": "PEN",
            "term_days": 120,
            "frequency": "weekly",
            "purpose": "working_capital",
        },
        "group_record": {"cycle_no": 3.0, "late_share": 0.125, "attendance_rate": 0.9, "group_savings": 85.5},
        "recommendation": {"state": "talk_first", "ceiling": 280.0},
        "opinion_needed": False,
        "not_ready": False,
        "model_version": "3",
        "policy_version": "2026-01",
        "notice": {
            "es": "Lo calculó un sistema automático. Recomienda; deciden las personas.",
            "en": "Computed by an automatic system. It recommends; people decide.",
        },
    }
    page = plain.client.get("/scores/s_1", headers=headers).text
    for shown in ("Conversar antes", "S/\xa0600", "S/\xa0280", "88 de cada 100", "90 de cada 100", "S/\xa085.50"):
        assert shown in page


def test_a_new_field_of_a_score_does_not_reach_the_committee(make_house):
    desk = PlainDesk()
    desk.answer["surprise"] = "CANARY"
    desk.answer["recommendation"]["surprise"] = "CANARY"
    house = make_house(desk=desk)
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("committee", "group", "B1")
    assert "CANARY" not in house.client.get("/v1/scores/s_1", headers=headers).text
    assert "CANARY" not in house.client.get("/scores/s_1", headers=headers).text


def test_an_auditor_reads_everything_about_nobody(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("auditor", "all")
    answer = house.client.get("/v1/scores/s_1", headers=headers)
    page = house.client.get("/scores/s_1", headers=headers)
    assert answer.json()["pd"] == 0.0731
    name = answer.json()["subject"]
    assert re.fullmatch("P[0-9a-f]{12}", name)
    assert answer.json()["request"]["subject"] == name
    assert name in page.text
    for text in (answer.text, page.text):
        assert "M1" not in text


def test_the_member_reads_her_own_and_nobody_elses(house):
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers=officer)
    house.client.post("/v1/scores", json=BODY | {"subject": "M2"}, headers=officer)
    herself = house.headers("member", "self", "M1")
    assert house.client.get("/v1/scores/s_1", headers=herself).json()["pd"] == 0.0731
    assert house.client.get("/scores/s_1", headers=herself).status_code == 200
    assert house.client.get("/v1/scores/s_2", headers=herself).status_code == 404
    assert house.client.get("/scores/s_2", headers=herself).status_code == 404


def _shows(house: House, **facts: str) -> None:
    herself = house.headers("member", "self", "M1")
    assert (
        house.client.post("/scores/s_1/shown", data=facts, headers=herself, follow_redirects=False).status_code == 303
    )


def _of_a_meeting(house: House) -> list[Told]:
    committee = Caller(house, "committee", "group", "B1", {"decision": "d_0", "private": "d_1"})
    committee.come(1)
    for name in MEETING:
        if name.startswith("GET"):
            committee.send("GET", TABLE[name])
    return committee.told


@pytest.fixture
def shown(open_house) -> list[House]:
    """Two worlds before a meeting."""
    houses = []
    for world in (plain_world(), canary_world()):
        houses.append(open_house(world))
        ask(houses[-1], world)
        world.happened(houses[-1])
    return houses


def test_what_she_shows_is_all_that_differs(shown):
    """She has one loan elsewhere in the one world and seven in the other, and shows how many."""
    for house in shown:
        _shows(house, other_loans="yes")
    told = [_of_a_meeting(house) for house in shown]
    differ = [one[0] for one, other in zip(*told, strict=True) if one != other]
    assert set(differ) == {
        "token: GET /v1/groups/B1/sheet",
        *(f"{way}: GET /groups/B1?lang={one}" for way in ("token", "browser") for one in ("es", "en")),
    }
    words = (("Tiene 7 préstamos en otro", "Tiene un préstamo en otro"), ("She has 7 loans", "She has one loan"))
    for one, other in zip(*told, strict=True):
        if one == other:
            continue
        if "/v1/" in one[0]:
            assert b'"shown":{"other_loans":1}' in one[3]
            assert other[3].replace(b'{"other_loans":7}', b'{"other_loans":1}') == one[3]
            continue
        said = other[3].decode()
        for there, here in words:
            said = said.replace(there, here)
        assert said == one[3].decode()
    assert not re.search(CANARY, without_chance("".join(files(shown[1]))))


def test_what_she_took_back_leaves_no_trace(shown):
    """In the one world she never showed anything; in the other she did, and took it back."""
    _shows(shown[1], other_loans="yes", savings="yes", level="yes")
    _shows(shown[1])
    same(*(_of_a_meeting(house) for house in shown))
    assert files(shown[0]) == files(shown[1])
