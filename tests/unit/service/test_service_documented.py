"""The pages on HTTP say what the OpenAPI document says: routes, who asks, statuses, fields."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskscore.service.openapi import document
from tests.unit.service.test_service_roles import EVERYONE, ROUTES

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT = document()
PAGE = (DOCS / "http.md").read_text("utf-8")
SCHEMAS = DOCUMENT["components"]["schemas"]

#: As the page says it: what any route answers, and what one that takes a body does.
ALWAYS = {"401", "405", "414", "429", "431", "500", "503", "504"}
OF_A_BODY = {"408", "413", "415"}


def rows() -> dict[str, tuple[set[str], set[str], set[str], str]]:
    """Return by route who asks, what is answered where it is done, and beside that; and where more stands."""
    part = PAGE.partition("## Every route of a program")[2]
    found = re.findall(r"^\| `([A-Z]+ /v1\S+)` \|(.*)\|(.*)\|(.*)\|(.*)\|$", part, re.MULTILINE)
    every = {}
    for route, *said, more in found:
        every[route] = (*({one.strip() for one in each.split(",") if one.strip()} for each in said), more.strip())
    return every


ROWS = rows()


def test_the_page_has_every_route_of_a_program():
    assert ROWS.keys() == {
        f"{method.upper()} {path}"
        for path, described in DOCUMENT["paths"].items()
        for method in ("get", "post")
        if path.startswith("/v1/") and method in described
    }


@pytest.mark.parametrize("route", ROWS)
def test_who_asks_and_what_is_answered_are_as_in_the_document(route):
    who, done, beside, _ = ROWS[route]
    method, path = route.split()
    assert who == ({"everyone"} if ROUTES[method, path] == EVERYONE else ROUTES[method, path])
    described = DOCUMENT["paths"][path][method.lower()]
    body = OF_A_BODY if "requestBody" in described else set()
    assert set(described["responses"]) == done | beside | ALWAYS | body
    assert {one[0] for one in done} == {"2"}


def test_what_any_route_answers_stands_above_the_table():
    said = PAGE.partition("## Every route of a program")[2].partition("|")[0]
    every, _, body = said.partition("where it takes a body")
    assert set(re.findall(r"\b[45]\d\d\b", every)) == ALWAYS
    assert set(re.findall(r"\b[45]\d\d\b", body)) == OF_A_BODY


@pytest.mark.parametrize("route", [route for route, row in ROWS.items() if row[-1] != "above"])
def test_more_stands_where_the_table_leads(route):
    name, _, anchor = re.fullmatch(r"\[.*\]\((.*)\)", ROWS[route][-1])[1].partition("#")
    page = (DOCS / name).read_text("utf-8")
    headings = {heading.lower().replace(" ", "-").replace("'", "") for heading in re.findall(r"^## (.*)$", page, re.M)}
    assert not anchor or anchor in headings


def test_no_page_names_a_route_that_is_not_there():
    told = set()
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        told |= set(re.findall(r"\b(GET|POST) +(/[\w/{}-]+)", page.read_text("utf-8")))
    there = {
        (method, path): re.sub(r"\{\w+\}", "[^/]+", path) for path in DOCUMENT["paths"] for method in ("GET", "POST")
    }
    for method, path in told:
        known = [
            one
            for (way, one), shape in there.items()
            if way == method and method.lower() in DOCUMENT["paths"][one] and re.fullmatch(shape, path)
        ]
        assert known, (method, path)
    assert len(told) > 15


def test_the_fields_of_a_question_are_those_of_the_document():
    page = (DOCS / "http-members.md").read_text("utf-8")
    table = page.partition("| field | meaning |")[2].partition("\n\n")[0]
    fields = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1] if row else "")}
    assert fields == set(SCHEMAS["WhatIfBody"]["properties"])
    point = re.search(r"each point `([\w, \n]+)`", page)[1]
    assert re.split(r",\s*", point) == list(SCHEMAS["WhatIfPoint"]["properties"])


def test_the_tables_of_facts_are_those_of_the_document():
    page = (DOCS / "http-facts.md").read_text("utf-8")
    said = page.partition("\nTables: ")[2].partition(". Their columns")[0]
    (facts,) = [one for one in SCHEMAS["ScoreBody"]["properties"]["facts"]["anyOf"] if one.get("type") != "null"]
    named = facts if "properties" in facts else SCHEMAS[facts["$ref"].rpartition("/")[2]]
    assert set(re.findall(r"`(\w+)`", said)) == set(named["properties"])


def test_the_schemas_that_pages_name_are_there():
    for name in ("http.md", "http-members.md"):
        told = set(re.findall(r"`((?:[A-Z][a-z]+){2,})`", (DOCS / name).read_text("utf-8")))
        assert told, name
        assert told <= SCHEMAS.keys(), name
