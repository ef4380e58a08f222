"""Who may do what: one table of roles and routes, and one of roles and views. What is not in it is refused."""

from __future__ import annotations

import json

import pytest

from riskscore.service.access import ROLES, SCOPES, Grant
from riskscore.service.problem import Problem
from riskscore.service.serializer import Serializer
from tests.unit.service.desks import BODY
from tests.unit.service.test_service_records import record

EVERYONE = set(ROLES)
READERS = {"member", "officer", "committee", "analyst", "auditor"}
MEETING = {"officer", "committee", "auditor"}
DECIDERS, SPEAKERS, OFFICER = {"officer", "committee"}, {"member", "officer"}, {"officer"}
TRIERS, ASKERS = {"member", "officer", "analyst"}, {"officer", "analyst"}

#: Who has the right to each route, about M1's score s_1 and her bank B1; every other role is answered 403.
#: A role with the right may still find nothing of the name: `test_what_lies_outside_is_not_there` is about that.
ROUTES: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/scores"): ASKERS,
    ("POST", "/v1/scores/batch"): ASKERS,
    ("GET", "/v1/scores/{score_id}"): EVERYONE,
    ("POST", "/v1/scores/{score_id}/what-if"): TRIERS,
    ("POST", "/v1/scores/{score_id}/opinions"): DECIDERS,
    ("POST", "/v1/scores/{score_id}/told"): OFFICER,
    ("POST", "/v1/scores/{score_id}/withdrawn"): OFFICER,
    ("POST", "/v1/scores/{score_id}/decisions"): DECIDERS,
    ("GET", "/v1/scores/{score_id}/decisions/{decision_id}"): DECIDERS,
    ("GET", "/v1/scores/{score_id}/objections"): SPEAKERS,
    ("POST", "/v1/scores/{score_id}/objections"): SPEAKERS,
    ("POST", "/v1/scores/{score_id}/objections/{objection_id}/answers"): OFFICER,
    ("POST", "/v1/decisions/upload"): DECIDERS,
    ("GET", "/v1/groups/{group_id}/sheet"): MEETING,
    ("GET", "/v1/models"): {"officer", "analyst", "auditor"},
    ("GET", "/v1/register"): EVERYONE,
    ("GET", "/scores/{score_id}"): EVERYONE,
    ("POST", "/scores/{score_id}/what-if"): TRIERS,
    ("POST", "/scores/{score_id}/again"): ASKERS,
    ("POST", "/scores/{score_id}/objections"): SPEAKERS,
    ("POST", "/scores/{score_id}/objections/{objection_id}/answers"): OFFICER,
    ("POST", "/scores/{score_id}/consents"): SPEAKERS,
    ("POST", "/scores/{score_id}/shown"): {"member"},
    ("GET", "/groups/{group_id}"): MEETING,
    ("POST", "/groups/{group_id}/requests"): OFFICER,
    ("POST", "/groups/{group_id}/opinions"): DECIDERS,
    ("POST", "/groups/{group_id}/decisions"): DECIDERS,
    ("POST", "/groups/{group_id}/told"): OFFICER,
    ("POST", "/groups/{group_id}/withdrawn"): OFFICER,
    ("POST", "/groups/{group_id}/files/committee"): OFFICER,
    ("POST", "/groups/{group_id}/files/officer"): OFFICER,
    ("POST", "/groups/{group_id}/uploads"): DECIDERS,
    ("GET", "/apply"): ASKERS,
    ("POST", "/apply"): ASKERS,
    ("GET", "/officer"): OFFICER,
    ("GET", "/models"): {"officer", "analyst", "auditor"},
    ("GET", "/policy"): {"officer", "analyst", "auditor"},
    ("GET", "/trail"): {"auditor"},
    ("GET", "/trail/{score_id}"): {"auditor"},
    ("POST", "/trail/{score_id}/replay"): {"auditor"},
    ("GET", "/v1/trail"): {"auditor"},
    ("GET", "/metrics"): {"officer", "analyst", "auditor"},
    ("GET", "/sessions"): EVERYONE,
    ("POST", "/sessions/{session_id}/end"): EVERYONE,
}

#: Routes that ask nobody who she is.
OPEN = {
    *("/", "/enter", "/leave", "/login", "/login/provider", "/login/provider/back"),
    *("/livez", "/healthz", "/readyz", "/openapi.json", "/docs.json"),
}

#: What the templates name, and the scope each role has here; all but that of an organisation reach M1.
IDS = {"score_id": "s_1", "group_id": "B1", "decision_id": "d_0", "objection_id": "o_0", "session_id": "b_0"}
SCOPE = {"all": None, "branch": "N", "group": "B1", "organisation": "P1", "self": "M1"}


@pytest.fixture
def askers(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    return house, {role: house.headers(role, SCOPES[role][0], SCOPE[SCOPES[role][0]]) for role in ROLES}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_role_has_the_right_that_the_table_says(askers, method, path):
    house, headers = askers
    rightful = {
        role
        for role in ROLES
        if house.client.request(
            method, path.format(**IDS), headers=headers[role] | {"Idempotency-Key": role}, follow_redirects=False
        ).status_code
        not in (401, 403)
    }
    assert rightful == ROUTES[method, path]


def test_the_table_names_every_route(house):
    routes = {
        (method, route.path)
        for route in house.client.app.routes
        for method in route.methods - {"HEAD"}
        if route.path not in OPEN
    }
    assert routes == set(ROUTES)


@pytest.mark.parametrize("path", ["/v1/scores/s_1", "/scores/s_1"])
def test_what_lies_outside_is_not_there(askers, path):
    house, headers = askers
    assert {role for role in ROLES if house.client.get(path, headers=headers[role]).status_code == 200} == READERS


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
