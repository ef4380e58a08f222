"""What leaves by the side doors: log, metrics, health, the OpenAPI document."""

from __future__ import annotations

import json
import logging
import re

import pytest

from riskscore.service import logs
from riskscore.service.intake import EXAMPLE, ScoreBody
from riskscore.service.openapi import document
from tests.unit.service.desks import BODY


def test_the_log_names_no_path_value_or_token(house, caplog):
    headers = house.headers("officer", "all")
    token = headers["Authorization"].removeprefix("Bearer ")
    key = house.access.link(token)
    with caplog.at_level(logging.DEBUG):
        house.client.post("/v1/scores", json=BODY | {"amount": 567.25}, headers=headers)
        house.client.get("/v1/scores/s_1", headers=headers)
        house.client.get(f"/enter?key={key}&next=/scores/s_1")
        house.client.get("/no/such/M1")
    lines = [record.getMessage() for record in caplog.records if record.name == "riskscore.service"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "POST /v1/scores 201",
        "GET /v1/scores/{score_id} 200",
        "GET /enter 303",
        "GET /scores/{score_id} 200",
        "GET unknown 404",
    ]
    for secret in (token, key, "s_1", "M1", "567.25", "working_capital"):
        assert secret not in "\n".join(lines)


def test_metrics_count_and_are_not_for_everyone(house):
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers=officer)
    house.client.post("/v1/scores", json={}, headers=officer)
    for role, scope, status in [
        ("officer", "all", 200),
        ("analyst", "all", 200),
        ("auditor", "all", 200),
        ("committee", "group", 403),
        ("member", "self", 403),
    ]:
        answer = house.client.get("/metrics", headers=house.headers(role, scope, "B1"))
        assert answer.status_code == status
    text = house.client.get("/metrics", headers=officer).text
    assert 'riskscore_scores_total{grade="C",model_version="3",recipe="member_default"} 1.0' in text
    assert 'riskscore_requests_total{method="POST",route="/v1/scores",status="201"} 1.0' in text
    assert 'riskscore_requests_total{method="POST",route="/v1/scores",status="422"} 1.0' in text
    assert 'riskscore_request_seconds_count{method="POST",route="/v1/scores"} 2.0' in text
    assert 'riskscore_refusals_total{reason="The request is not valid"} 1.0' in text
    assert 'riskscore_refusals_total{reason="Your role may not do this"} 2.0' in text
    assert "riskscore_requests_in_progress 1.0" in text  # the one that reads the metrics
    assert "riskscore_cold_waiting 0.0" in text
    assert "riskscore_ready 1.0" in text
    assert "riskscore_data_age_days 2.0" in text
    assert 'riskscore_model_info{model_version="3",recipe="member_default"} 1.0' in text
    assert re.search(r'riskscore_build_info{version="\d', text)
    entries = house.records.length()
    assert f"riskscore_chain_entries {float(entries)}" in text
    assert entries == 5  # a score, that it was seen, and three refusals
    assert "M1" not in text


@pytest.mark.parametrize("given", ["0af7651916cd43dd8448eb211c80319c", "5F0C2F4E-3b1d-4f0a-9a57-0d6a4c1be7a2"])
def test_a_request_id_that_is_one_is_kept(house, given):
    for path in ("/livez", "/v1/scores/x", "/nowhere"):
        assert house.client.get(path, headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["M0000041", "44556677", "Rosa Quispe", "0af7651916cd43dd8448eb211c80319c\t", "", "{}"]
)
def test_what_could_be_anything_else_is_not_taken_for_a_request_id(house, given, caplog):
    with caplog.at_level(logging.INFO):
        told = house.client.get("/v1/scores/x", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", told)
    assert given == "" or given not in caplog.text


def test_the_same_refusal_is_the_same_body_whatever_the_request_is_called(house):
    officer = house.headers("officer", "branch", "S")
    bodies = {house.client.get(f"/v1/scores/{name}", headers=officer).content for name in ("x", "y")}
    assert len(bodies) == 1


def test_the_log_as_json_has_one_object_a_line_with_the_requests_id(house, capsys, monkeypatch):
    logger = logging.getLogger("riskscore")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logs, "_OTHERS", ())  # the handlers of the test run itself
    logs.set_up("json")
    named = "0af7651916cd43dd8448eb211c80319c"
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all") | {"X-Request-ID": named})
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line.pop("token").startswith("t_")
    assert line.pop("ms") >= 0
    assert {name: line[name] for name in ("level", "logger", "request_id", "method", "route", "status")} == {
        "level": "INFO",
        "logger": "riskscore.service",
        "request_id": named,
        "method": "POST",
        "route": "/v1/scores",
        "status": 201,
    }


def test_health_needs_no_token(house):
    assert house.client.get("/livez").status_code == 200
    assert house.client.get("/readyz").status_code == 200


def test_every_answer_forbids_keeping_it(house):
    for path in ("/livez", "/v1/scores/x", "/nowhere", "/openapi.json"):
        headers = house.client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/openapi.json", "/docs.json"])
def test_the_document_names_every_route(house, path):
    found = house.client.get(path).json()
    routes = {route.path for route in house.client.app.routes} - {"/openapi.json", "/docs.json", "/healthz"}
    assert set(found["paths"]) == routes
    post = found["paths"]["/v1/scores"]["post"]
    assert " ".join(post["responses"]) == "201 401 403 404 405 408 413 414 415 422 429 431 500 503 504"
    assert post["requestBody"]["content"]["application/json"]["examples"]["ScoreBody"]["value"] == EXAMPLE


def test_the_example_is_a_valid_request():
    ScoreBody.model_validate(EXAMPLE)
    assert set(document()["components"]["schemas"]["ScoreBody"]["properties"]) == set(ScoreBody.model_fields)
