"""Who may do what: one table of roles and routes, and one of roles and views. What is not in it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from riskscore.service.access import ROLES, SCOPES, Grant
from riskscore.service.problem import Problem
from riskscore.service.serializer import Serializer
from tests.unit.service.desks import BODY
from tests.unit.service.test_service_records import record

DECISION = {"who": "x", "role": "officer", "amount_approved": 280.0, "currency": "PEN", "decided_on": "2026-02-02"}

#: Method and route (with ids of subject M1's score), what is sent, and who is answered; every other role gets 403.
ROUTES: dict[tuple[str, str], tuple[dict[str, Any] | None, set[str]]] = {
    ("POST", "/v1/scores"): (BODY, {"officer", "analyst"}),
    ("GET", "/v1/scores/s_1"): (None, {"member", "officer", "committee", "analyst", "auditor"}),
    ("GET", "/scores/s_1"): (None, {"member", "officer", "committee", "analyst", "auditor"}),
    ("POST", "/v1/scores/s_1/decisions"): (DECISION, {"officer", "committee"}),
    ("GET", "/v1/scores/s_1/decisions/d_0"): (None, {"officer", "committee"}),
    ("GET", "/metrics"): (None, {"officer", "analyst", "auditor"}),
    ("GET", "/sessions"): (None, set(ROLES)),
    ("POST", "/sessions/b_0/end"): (None, set(ROLES)),
}

#: Routes that ask nobody who she is.
OPEN = {"/", "/enter", "/leave", "/login", "/livez", "/healthz", "/readyz", "/openapi.json", "/docs.json"}

#: The scope each role has here; each reaches M1.
SCOPE = {"all": None, "branch": "N", "group": "B1", "self": "M1"}


@pytest.fixture
def askers(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    return house, {role: house.headers(role, SCOPES[role][0], SCOPE[SCOPES[role][0]]) for role in ROLES}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_role_is_answered_or_refused_as_the_table_says(askers, method, path):
    house, headers = askers
    body, allowed = ROUTES[method, path]
    answered = {
        role
        for role in ROLES
        if house.client.request(method, path, json=body, headers=headers[role] | {"Idempotency-Key": role}).status_code
        not in (401, 403)
    }
    assert answered == allowed


def test_the_table_names_every_route(house):
    templates = {
        (method, route.path)
        for route in house.client.app.routes
        for method in route.methods - {"HEAD"}
        if route.path not in OPEN
    }
    ids = {"score_id": "s_1", "decision_id": "d_0", "session_id": "b_0"}
    assert {(method, path.format(**ids)) for method, path in templates} == set(ROUTES)


#: Fields that tell of what lies outside the group (class C), and who may read them.
OUTSIDE = {"pd", "score", "grade", "points", "indebtedness", "reasons", "what_would_change", "data_quality"}
FULL = {"member", "officer", "analyst", "auditor"}
SEEN = FULL | {"committee"}


@pytest.mark.parametrize("role", [*ROLES, "one of tomorrow"])
def test_each_role_is_shown_as_much_as_the_table_says(role):
    viewer = Grant("t", role, "all", None)  # type: ignore[arg-type]
    if role not in SEEN:
        with pytest.raises(Problem) as caught:
            Serializer("secret").score(record("s_1"), viewer)
        assert caught.value.status == 403
        return
    shown = Serializer("secret").score(record("s_1"), viewer)
    assert (set(shown) & OUTSIDE == OUTSIDE) is (role in FULL)
    assert role in FULL or not set(shown) & OUTSIDE
    assert ('"M1"' in json.dumps(shown)) is (role != "auditor")
