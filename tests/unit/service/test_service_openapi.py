"""The document's examples are what the service takes, and its samples of faults what it answers."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import pytest
from starlette.routing import Route

from riskscore.service import decisions, examples, objections
from riskscore.service.access import Place
from riskscore.service.bank_facts import group_record
from riskscore.service.desks import Desks
from riskscore.service.openapi import document
from riskscore.service.openapi.names import NAMES
from riskscore.service.openapi.score_examples import SCORE_OF_MEMBER
from tests.unit.service import desks as houses
from tests.unit.service.associations import PlainAssociationDesk, bank_desk, producer_desk
from tests.unit.service.desks import House, PlainDesk, build

DOCUMENT = document()
JSON, FORM, PROBLEM = "application/json", "application/x-www-form-urlencoded", "application/problem+json"
METHODS = ("get", "post", "put", "patch", "delete")
#: The document says nothing of itself, nor of the probe's second name.
SELF = {"/openapi.json", "/docs.json", "/healthz"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, described in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in described:
                yield method, path, described[method]


def faults_in(schema: dict[str, Any], value: Any) -> list[str]:
    """Return where `value` breaks a schema of the document."""
    whole = {**schema, "components": DOCUMENT["components"]}
    return [str(error) for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]


def samples(content: dict[str, Any]) -> list[Any]:
    told = [content["example"]] if "example" in content else []
    return told + [one["value"] for one in content.get("examples", {}).values()]


def test_every_example_fits_its_own_schema():
    told = 0
    for method, path, operation in operations():
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for kind, content in ((kind, one) for body in bodies for kind, one in body.get("content", {}).items()):
            if kind in (JSON, PROBLEM):
                for value in samples(content):
                    assert faults_in(content["schema"], value) == [], (method, path)
                    told += 1
        for parameter in [*DOCUMENT["paths"][path].get("parameters", []), *operation.get("parameters", [])]:
            if "example" in parameter:
                assert faults_in(parameter["schema"], parameter["example"]) == [], (method, path, parameter["name"])
                told += 1
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for value in schema.get("examples", []):
            assert faults_in(schema, value) == [], name
            told += 1
    assert told > 60


def test_every_body_of_json_has_an_example_and_no_form_is_an_empty_object():
    for method, path, operation in operations():
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind == JSON:
                assert samples(content), (method, path)
            else:
                assert content["schema"]["properties"], (method, path)


def test_every_answer_of_json_has_an_example():
    without = {
        f"{method} {path}"
        for method, path, operation in operations()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and JSON in answer.get("content", {}) and not samples(answer["content"][JSON])
    }
    assert without == set()


def test_every_operation_of_a_program_has_a_name_of_its_own_and_every_operation_a_tag():
    names = {f"{method} {path}": operation.get("operationId") for method, path, operation in operations()}
    told = {where: name for where, name in names.items() if name is not None}
    assert told == NAMES
    assert len(set(told.values())) == len(told)
    assert {where for where, name in names.items() if name is None and " /v1/" in where} == set()
    tags = [one["name"] for one in DOCUMENT["tags"]]
    assert {tag for _, _, operation in operations() for tag in operation["tags"]} == set(tags)


# ------------------------------------------------------------------------------------------------ sent as they stand


#: What the service adds to what a desk answers.
ADDED = ("score_id", "regulation", "recorded_at", "notice", "request")


class Demo(PlainDesk):
    """A desk that knows the people of the examples, and no others; what it says of them is what the example does."""

    currency = examples.CURRENCY

    def place(self, subject: str) -> Place | None:
        return PEOPLE.get(subject)


PEOPLE = {
    name: Place(name, examples.GROUP, examples.BANK, examples.BRANCH) for name in (examples.MEMBER, examples.NEIGHBOUR)
}


def _association(desk: PlainAssociationDesk, place: Place) -> PlainAssociationDesk:
    desk.places, desk.currency = {place.subject: place}, examples.CURRENCY
    return desk


@pytest.fixture
def demo(monkeypatch) -> Iterator[House]:
    monkeypatch.setattr(houses, "PLACES", PEOPLE)
    bank = Place(examples.BANK, None, examples.BANK, examples.BRANCH)
    association = Place(examples.ASSOCIATION, None, None, examples.BRANCH, examples.ASSOCIATION)
    every = Desks.of(
        Demo(
            currency=examples.CURRENCY,
            moment=datetime.fromisoformat(SCORE_OF_MEMBER["as_of"]),
            answer={name: value for name, value in copy.deepcopy(SCORE_OF_MEMBER).items() if name not in ADDED},
        ),
        _association(bank_desk(), bank),
        _association(producer_desk(), association),
    )
    ids = iter([examples.SCORE, *(f"s_{place}" for place in range(100))])
    with TemporaryDirectory(prefix="riskscore-examples-") as folder:
        house = build(
            Path(folder), every, new_id=lambda: next(ids), clock=lambda: f"{examples.DAY}T20:00:00.000000+00:00"
        )
        yield house


def _named(monkeypatch, path: str) -> None:
    """Let what the service names next have the id that the document gives it."""
    module = {"decisions": decisions, "objections": objections}.get(path.rpartition("/")[2])
    for below, described in DOCUMENT["paths"].items():
        if module is not None and below.startswith(f"{path}/{{"):
            name = described["parameters"][1]["example"].partition("_")[2]
            monkeypatch.setattr(module, "secrets", SimpleNamespace(token_hex=lambda _, name=name: name))


def _sent(house: House, method: str, path: str, value: Any, headers: dict[str, str]) -> Any:
    """Send an operation with every example it has."""
    described = DOCUMENT["paths"][path]
    operation, query, carried = described[method], {}, dict(headers)
    for parameter in [*described.get("parameters", []), *operation.get("parameters", [])]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
        elif "example" in parameter:
            (query if parameter["in"] == "query" else carried)[parameter["name"]] = parameter["example"]
    # Two requests of one route would be sent under the one key of the example.
    if value is not None and len(samples(operation["requestBody"]["content"][JSON])) > 1:
        carried.pop("Idempotency-Key", None)
    return house.client.request(method, path, params=query, json=value, headers=carried)


#: In the order of a meeting: what comes later needs what came before.
STORY = (
    *(("post", "/v1/scores", place, 201) for place in range(4)),
    ("post", "/v1/scores/batch", 0, 201),
    ("get", "/v1/scores/{score_id}", None, 200),
    ("post", "/v1/scores/{score_id}/what-if", 0, 200),
    ("post", "/v1/scores/{score_id}/told", None, 204),
    ("post", "/v1/scores/{score_id}/opinions", 0, 201),
    ("post", "/v1/scores/{score_id}/decisions", 0, 201),
    ("get", "/v1/scores/{score_id}/decisions/{decision_id}", None, 200),
    ("post", "/v1/decisions/upload", 0, 201),
    ("post", "/v1/scores/{score_id}/objections", 0, 201),
    ("get", "/v1/scores/{score_id}/objections", None, 200),
    ("post", "/v1/scores/{score_id}/objections/{objection_id}/answers", 0, 201),
    ("get", "/v1/groups/{group_id}/sheet", None, 200),
    ("get", "/v1/models", None, 200),
    ("get", "/v1/register", None, 200),
    ("post", "/v1/scores/{score_id}/withdrawn", None, 204),
)


def test_what_the_service_adds_to_a_score_is_in_its_example(demo):
    body = samples(DOCUMENT["paths"]["/v1/scores"]["post"]["requestBody"]["content"][JSON])[0]
    answer = demo.client.post("/v1/scores", json=body, headers=demo.headers("officer", "all"))
    assert answer.json() == SCORE_OF_MEMBER


def test_every_example_is_answered_as_it_stands_where_the_portfolio_has_its_people(demo, monkeypatch):
    officer = demo.headers("officer", "branch", examples.BRANCH)
    for method, path, place, status in STORY:
        body = DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {}).get(JSON)
        value = None if body is None or place is None else samples(body)[place]
        with monkeypatch.context() as patch:
            _named(patch, path)
            answer = _sent(demo, method, path, value, officer)
        assert answer.status_code == status, (method, path, answer.text)
        if status in (200, 201):
            told = DOCUMENT["paths"][path][method]["responses"][str(status)]["content"][JSON]
            assert faults_in(told["schema"], answer.json()) == [], (method, path)
    left = {path for _, path, operation in operations() if path.startswith("/v1/")} - {path for _, path, *_ in STORY}
    assert left == {"/v1/trail"}
    auditor = demo.headers("auditor", "all")
    assert _sent(demo, "get", "/v1/trail", None, auditor).status_code == 200


@pytest.mark.parametrize(
    ("role", "kind"), [("committee", "group"), ("officer", "branch"), ("auditor", "all")], ids=lambda one: one
)
def test_the_sheet_of_each_role_fits_its_schema(demo, role, kind):
    scope = {"group": examples.BANK, "branch": examples.BRANCH, "all": None}[kind]
    officer = demo.headers("officer", "all")
    body = {**samples(DOCUMENT["paths"]["/v1/scores"]["post"]["requestBody"]["content"][JSON])[0]}
    assert demo.client.post("/v1/scores", json=body, headers=officer).status_code == 201
    assert demo.client.post(f"/v1/scores/{examples.SCORE}/told", headers=officer).status_code == 204
    opinion = DOCUMENT["components"]["schemas"]["OpinionBody"]["examples"][0]
    url = f"/v1/scores/{examples.SCORE}/opinions"
    assert demo.client.post(url, json=opinion, headers=officer).status_code == 201
    shown = demo.client.get(f"/v1/groups/{examples.BANK}/sheet", headers=demo.headers(role, kind, scope)).json()
    schema = DOCUMENT["paths"]["/v1/groups/{group_id}/sheet"]["get"]["responses"]["200"]["content"][JSON]
    assert faults_in(schema["schema"], shown) == []
    assert shown["outlook"]["of_100"] == 3
    assert sorted(one["recommendation"] is None for one in shown["members"]) == [False, True]
    assert set(schema["example"]["members"][0]["group_record"]) == set(group_record({}))
    if role == "committee":  # the example is hers
        assert set(shown) == set(schema["example"])
        assert set(shown["outlook"]) == set(schema["example"]["outlook"])


# ------------------------------------------------------------------------------------------------ what is refused

#: How each operation is called so that its sample comes back: a path after the example's, and a body.
WRONG: dict[str, dict[str, Any]] = {
    "post /v1/scores": {"json": {"recipe": "member_default"}},
    "post /v1/scores/batch": {"json": {"requests": [{}, {"amount": 0}]}},
    "post /v1/scores/{score_id}/what-if": {"json": {"grid": {"amounts": [1] * 101, "term_days": [1, 2]}}},
    "post /v1/scores/{score_id}/decisions": {"json": {"decided_on": "2026-02-30"}},
    "post /v1/scores/{score_id}/opinions": {"json": {"would_approve": "less", "written_on": examples.DAY}},
    "post /v1/scores/{score_id}/objections": {
        "json": {"topic": "none", "text": "No."},
        "headers": {"Idempotency-Key": "k"},
    },
    "post /v1/scores/{score_id}/objections/{objection_id}/answers": {"json": {}},
    "post /v1/decisions/upload": {
        "json": {"format": "riskscore-decisions-1", "decisions": [{"decided_on": "2026-02-30"}]}
    },
    "get /officer": {"params": {"page": "0"}},
    "get /trail": {"params": {"before": "x"}},
    "get /v1/trail": {"params": {"before": "x"}},
    "get /trail/{score_id}": {"params": {"before": "x"}},
}
#: Without a session, or with a token, nobody reads the form of these.
BROWSERS = ("/login", "/leave", "/sessions/{session_id}/end")
#: She is told, or not, of a request that she has withdrawn.
TALKS = ("post /v1/scores/{score_id}/told", "post /v1/scores/{score_id}/withdrawn")


def test_every_sample_of_a_fault_is_one_the_operation_answers(demo):
    officer, auditor = demo.headers("officer", "all"), demo.headers("auditor", "all")
    body = samples(DOCUMENT["paths"]["/v1/scores"]["post"]["requestBody"]["content"][JSON])[0]
    assert demo.client.post("/v1/scores", json=body, headers=officer).status_code == 201
    assert demo.client.post(f"/v1/scores/{examples.SCORE}/opinions", json={}, headers=officer).status_code == 422
    objection = samples(DOCUMENT["paths"]["/v1/scores/{score_id}/objections"]["post"]["requestBody"]["content"][JSON])[
        0
    ]
    objected = demo.client.post(
        f"/v1/scores/{examples.SCORE}/objections", json=objection, headers=officer | {"Idempotency-Key": "k-1"}
    ).json()["objection_id"]
    token, _ = demo.access.grant("officer", "all")
    demo.client.get("/enter", params={"key": demo.access.link(token)}, follow_redirects=False)
    told, seen = [], set()
    for method, path, operation in operations():
        if "422" not in operation["responses"]:
            continue
        sample = operation["responses"]["422"]["content"][PROBLEM]["example"]["errors"][0]
        if f"{method} {path}" in TALKS:
            continue
        seen.add(f"{method} {path}")
        told.append(sample["field"])
        call = {"headers": {}} | WRONG.get(f"{method} {path}", {"content": b"\xff", "headers": {"Content-Type": FORM}})
        call["headers"] = (auditor if "trail" in path else officer) | call["headers"]
        if path in BROWSERS:
            call["headers"] = {"Content-Type": FORM}
        for name, example in (
            ("score_id", examples.SCORE),
            ("group_id", examples.BANK),
            ("objection_id", objected),
            ("session_id", "b_0"),
        ):
            path = path.replace(f"{{{name}}}", example)
        answer = demo.client.request(method, path, **call, follow_redirects=False)
        assert answer.status_code == 422, (method, path, answer.text)
        assert sample in answer.json()["errors"], (method, path, answer.text)
    assert set(WRONG) <= seen
    assert told.count("other_active_loans") == 1


@pytest.mark.parametrize("name", TALKS)
def test_the_sample_of_a_talk_is_what_a_withdrawn_request_gets(demo, name):
    officer = demo.headers("officer", "all")
    body = samples(DOCUMENT["paths"]["/v1/scores"]["post"]["requestBody"]["content"][JSON])[0]
    demo.client.post("/v1/scores", json=body, headers=officer)
    assert demo.client.post(f"/v1/scores/{examples.SCORE}/withdrawn", headers=officer).status_code == 204
    answer = demo.client.post(f"/v1/scores/{examples.SCORE}/told", headers=officer)
    responses = DOCUMENT["paths"][name.split()[1]]["post"]["responses"]
    assert answer.json()["errors"] == responses["422"]["content"][PROBLEM]["example"]["errors"]


# ------------------------------------------------------------------------------------------------ methods


def test_every_method_of_every_route_is_in_the_document_and_no_other(house):
    routes: dict[str, set[str]] = {}
    for route in house.client.app.routes:
        assert isinstance(route, Route)
        routes.setdefault(route.path, set()).update({one.lower() for one in route.methods or ()} - {"head"})
    named = {path: {one for one in METHODS if one in described} for path, described in DOCUMENT["paths"].items()}
    assert named == {path: methods for path, methods in routes.items() if path not in SELF}


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_a_method_that_an_address_has_not_is_told_which_it_has(house, path):
    described = DOCUMENT["paths"][path]
    right = {one.upper() for one in METHODS if one in described}
    # A score could have the name that a batch has: whoever reads it finds none.
    wrong = {one.upper() for one in METHODS} - right - ({"GET"} if path == "/v1/scores/batch" else set())
    for method in wrong:
        answer = house.client.request(method, re.sub(r"\{\w+\}", "x", path), headers=house.headers("officer", "all"))
        assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
        assert set(answer.headers["allow"].split(", ")) - {"HEAD"} == right
        assert faults_in({"$ref": "#/components/schemas/Problem"}, json.loads(answer.content)) == []
    for method in right:
        assert described[method.lower()]["responses"]["405"] == {"$ref": "#/components/responses/MethodNotAllowed"}
