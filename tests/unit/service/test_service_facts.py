"""Facts as they arrive: rows held against the contract, refusals by role and place, what is kept and what is shown."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from pydantic import ValidationError

from riskscore.portfolio import TABLES
from riskscore.portfolio.borrower import BORROWER
from riskscore.portfolio.contracts import value_faults
from riskscore.portfolio.kinds import schema
from riskscore.service.access import ROLES, SCOPES
from riskscore.service.erasure import erase, export
from riskscore.service.facts import LONGEST_WITH_FACTS, MOST_FAULTS, MOST_ROWS, facts_of, sent_model
from riskscore.service.facts_example import FACTS_EXAMPLE
from riskscore.service.intake import ScoreBody
from riskscore.service.openapi import document
from tests.unit.service.desks import BODY

AT = {"event_at": "2026-01-10T09:00:00", "known_at": "2026-01-10T18:00:00"}
BUDGET = {"id": "BU1", **AT, "member_id": "M1", "business_revenue": "900.50", "currency": "PEN"}
PAYMENT = {"id": "P1", **AT, "loan_id": "L1", "amount": 60, "currency": "PEN", "payer": "self", "reversed": False}
FACTS = {"budgets": [BUDGET], "payments": [PAYMENT, PAYMENT | {"id": "P2", "amount": "7654.32"}]}


def post(house, body, role="officer", scope="all", scope_id=None):
    return house.client.post("/v1/scores", json=body, headers=house.headers(role, scope, scope_id))


def fields(answer):
    return [error["field"] for error in answer.json()["errors"]]


def test_every_borrowers_table_is_of_the_contract_and_none_tells_an_outcome():
    assert set(BORROWER) < set(TABLES)
    assert not set(BORROWER) & {"outcomes_given", "recommendations", "groups", "offices", "sector_prices", "climate"}
    assert [name for name in TABLES if name in BORROWER] == list(BORROWER)


def test_what_was_sent_is_named_in_the_answer_and_kept_as_a_digest(house):
    answer = post(house, BODY | {"facts": FACTS})
    assert answer.status_code == 201
    assert answer.json()["facts"] == {"source": "sent", "tables": {"payments": 2, "budgets": 1}, "rows": 3}
    kept = house.records.get(answer.json()["score_id"]).facts
    assert kept == {"tables": {"payments": 2, "budgets": 1}, "rows": 3, "digest": kept["digest"]}
    held = export(house.records.database, "M1")
    (score,) = (one for one in held["records"] if one["kind"] == "score")
    assert score["content"]["facts"] == kept
    assert "7654.32" not in json.dumps(held)
    erase(house.records.database, "M1", reason="asked for by herself")
    assert house.records.get(answer.json()["score_id"]) is None


def test_a_committee_is_not_told_that_facts_were_sent(house):
    committee = house.headers("committee", "group", "B1")
    seen = []
    for facts in ({}, {"facts": FACTS}):
        name = post(house, BODY | facts).json()["score_id"]
        house.heard(name)
        house.opined(name)
        seen.append(house.client.get(f"/v1/scores/{name}", headers=committee).text.replace(name, "S"))
    assert seen[0] == seen[1]
    assert '"state"' in seen[0]
    assert "facts" not in seen[1]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_ask_may_send(house, role):
    kind = SCOPES[role][0]
    scope_id = {"all": None, "branch": "N", "group": "B1", "organisation": "P1", "self": "M1"}[kind]
    status = post(house, BODY | {"facts": FACTS}, role, kind, scope_id).status_code
    assert status == (201 if role in ("officer", "analyst") else 403)


def test_every_value_at_fault_is_named_at_its_place_and_repeated_nowhere(house):
    facts = {
        "budgets": [BUDGET, BUDGET | {"business_revenue": "12.345", "member_id": ""}],
        "payments": [
            PAYMENT | {"amount": -5, "payer": "somebody", "event_at": "2026-01-10", "note/1": "7654.32"},
            {"id": "P9"},
            7654.32,
        ],
        "groups": [],
        "salaries": [],
        "savings": "7654.32",
    }
    answer = post(house, BODY | {"facts": facts, "amount": "much"})
    assert answer.status_code == 422
    assert fields(answer) == [
        "amount",
        "facts/budgets/1/business_revenue",
        "facts/budgets/1/member_id",
        "facts/groups",
        "facts/payments/0/amount",
        "facts/payments/0/event_at",
        "facts/payments/0/note~11",
        "facts/payments/0/payer",
        "facts/payments/1/amount",
        "facts/payments/1/currency",
        "facts/payments/1/event_at",
        "facts/payments/1/known_at",
        "facts/payments/1/loan_id",
        "facts/payments/1/payer",
        "facts/payments/1/reversed",
        "facts/payments/2",
        "facts/salaries",
        "facts/savings",
    ]
    for value in ("7654.32", "12.345", "somebody", "much", "2026-01-10"):
        assert value not in answer.text.replace("2026-01-31", "")


def test_of_many_faults_the_rest_is_counted(house):
    answer = post(house, BODY | {"facts": {"payments": [{}] * 100}})
    assert len(fields(answer)) == MOST_FAULTS + 1
    # Eight columns of a payment have to stand.
    (rest,) = (error for error in answer.json()["errors"] if error["field"] == "facts")
    assert rest["message"] == f"There are {100 * 8 - MOST_FAULTS} faults more."


@pytest.mark.parametrize("facts", [{}, {"loans": None}])
def test_facts_name_at_least_one_table(house, facts):
    assert fields(post(house, BODY | {"facts": facts})) == ["facts"]


def test_rows_and_bytes_are_bounded(house):
    half = [PAYMENT] * (MOST_ROWS // 2)
    over = {
        "payments": half,
        "savings": [],
        "loan_events": [{**AT, "id": "E", "loan_id": "L1", "kind": "restructured"}],
    }
    assert post(house, BODY | {"facts": over}).status_code == 201
    over["budgets"] = [BUDGET] * (MOST_ROWS // 2)
    assert fields(post(house, BODY | {"facts": over})) == ["facts"]
    headers = house.headers("officer", "all") | {"Content-Type": "application/json"}
    too_long = house.client.post("/v1/scores", content=b" " * (LONGEST_WITH_FACTS + 1), headers=headers)
    assert too_long.status_code == 413
    deep = b'{"facts": ' + b'{"loans": [' * 50_000
    assert house.client.post("/v1/scores", content=deep, headers=headers).status_code == 422


def test_nobody_known_sends_no_long_body(house):
    answer = house.client.post("/v1/scores", content=b"x" * (LONGEST_WITH_FACTS + 1))
    assert answer.status_code == 401


def test_a_meeting_takes_no_facts(house):
    rows = [BODY, BODY | {"facts": FACTS}]
    answer = house.client.post("/v1/scores/batch", json={"requests": rows}, headers=house.headers("officer", "all"))
    assert answer.status_code == 422
    assert fields(answer) == ["requests[1].facts"]
    assert answer.json()["errors"][0]["remedy"] == "Send this one to POST /v1/scores."


def test_a_member_elsewhere_and_one_unknown_to_a_branch_are_answered_alike_where_rows_are_at_fault(house):
    answers = [
        post(house, BODY | {"subject": subject, "facts": {"budgets": [{}]}}, "officer", "branch", "N")
        for subject in ("M9", "M-nobody")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert post(house, BODY | {"subject": "M9", "facts": FACTS}, "officer", "branch", "N").status_code == 404


def test_the_digest_is_of_the_values_and_not_of_how_they_were_written():
    def digest(*rows):
        body = ScoreBody.model_validate_json(json.dumps(BODY | {"facts": {"payments": rows}}))
        return facts_of(body.facts.model_dump(), "America/Lima").digest

    one, two = PAYMENT, PAYMENT | {"id": "P2"}
    same = one | {"amount": "60.00", "event_at": "2026-01-10T14:00:00Z", "known_inferred": None}
    assert digest(one, two) == digest(two, same)
    assert digest(one) != digest(one | {"amount": "60.01"})
    assert digest(one) != digest(one, two)


def test_moments_with_an_offset_become_local_and_money_is_exact():
    row = PAYMENT | {"event_at": "2026-01-10T14:00:00Z", "amount": 0.1}
    body = ScoreBody.model_validate_json(json.dumps(BODY | {"facts": {"payments": [row]}}))
    frame = facts_of(body.facts.model_dump(), "America/Lima").frames["payments"]
    assert frame.schema == pl.Schema(schema(TABLES["payments"]))
    assert frame["event_at"].to_list()[0].isoformat() == "2026-01-10T09:00:00"
    assert frame["amount"].to_list() == [Decimal("0.10")]


#: One breach of each kind, as a file would have it and as it is sent.
BREACHES = [("payer", "somebody"), ("amount", "0.00"), ("loan_id", None), ("reversed", None)]


@pytest.mark.parametrize(("column", "value"), BREACHES)
def test_the_contract_of_a_file_and_of_a_request_refuse_the_same(column, value):
    row = PAYMENT | {column: value}
    with pytest.raises(ValidationError) as refused:
        sent_model().model_validate_json(json.dumps({"payments": [row]}))
    assert [error["loc"] for error in refused.value.errors()] == [("payments", 0, column)]
    read = PAYMENT | {"event_at": datetime(2026, 1, 10, 9), "known_at": datetime(2026, 1, 10, 18)}
    read |= {"amount": Decimal(60), column: Decimal(value) if column == "amount" else value}
    frame = pl.DataFrame([read], schema=schema(TABLES["payments"]))
    assert [fault.where for fault in value_faults(TABLES["payments"], frame)] == [f"payments.{column}"]


def test_the_document_has_a_schema_of_every_table_made_of_the_contract():
    schemas = document()["components"]["schemas"]
    for name in BORROWER:
        row = schemas["RowOf" + "".join(part.capitalize() for part in name.split("_"))]
        assert set(row["properties"]) == {column.name for column in TABLES[name].all_columns}
        assert set(row["required"]) == {c.name for c in TABLES[name].all_columns if not (c.nullable or c.optional)}
    assert schemas["RowOfPayments"]["properties"]["payer"]["enum"] == ["self", "group", "savings"]
    assert set(schemas["SentFacts"]["properties"]) == set(BORROWER)
    assert "facts" not in schemas["MeetingRow"]["properties"]
    examples = document()["paths"]["/v1/scores"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert ScoreBody.model_validate_json(json.dumps(examples["ScoreBodyWithFacts"]["value"]))
    assert examples["ScoreBodyWithFacts"]["value"] == FACTS_EXAMPLE
