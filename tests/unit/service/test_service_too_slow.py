"""What takes too long is answered as everything else that goes wrong, before whatever runs the service gives up."""

from __future__ import annotations

import asyncio
import logging
import re
import time

import pytest
from starlette.concurrency import run_in_threadpool

from riskscore.service import gate
from riskscore.service.gate import Gate
from riskscore.service.metrics import Metrics
from tests.unit.service.desks import TestClient

BEGIN = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"done"}


async def waits(scope, receive, send):
    await asyncio.sleep(5)
    raise AssertionError("it was waited for")


async def computes(scope, receive, send):
    await run_in_threadpool(time.sleep, 0.3)
    raise AssertionError("it was waited for")


async def tells_slowly(scope, receive, send):
    await send(BEGIN)
    await asyncio.sleep(0.2)
    await send(END)


async def gives_up(scope, receive, send):
    raise TimeoutError("of something else")


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(gate, "SLOWEST_ANSWER", 0.05)


@pytest.mark.parametrize("app", [waits, computes])
def test_it_is_told_as_a_problem(caplog, app):
    metrics = Metrics()
    with caplog.at_level(logging.INFO):
        answer = TestClient(Gate(app, metrics)).post("/v1/scores")
    assert (answer.status_code, answer.headers["content-type"]) == (504, "application/problem+json")
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert (answer.json()["title"], answer.json()["status"]) == ("It took too long", 504)
    assert "Idempotency-Key" in answer.json()["detail"]
    assert caplog.records[-1].getMessage().startswith("POST unknown 504 ")


def test_what_has_begun_is_not_cut_off():
    answer = TestClient(Gate(tells_slowly, Metrics())).get("/v1/trail")
    assert (answer.status_code, answer.text) == (200, "done")


def test_another_limit_is_another_fault():
    assert TestClient(Gate(gives_up, Metrics())).get("/v1/trail").status_code == 500
