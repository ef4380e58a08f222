"""A score's answer names the supervisor's table in force on its day, for whoever reads the score in full."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import pytest

from riskscore.service.context import Context
from tests.unit.service.desks import BODY, PlainDesk

PERU = {
    "country": "PE",
    "authority": "Superintendencia de Banca, Seguros y AFP (SBS)",
    "norm": "Resolución SBS 11356-2008",
    "effective_from": "2010-07-01",
    "verified": True,
}


@dataclass
class In(PlainDesk):
    """A desk of another country."""

    country: str = "BO"

    @property
    def context(self) -> Context:
        return Context(country=self.country, currency="PEN", time_zone="America/Lima", features=self.features)


def asked(house):
    answer = house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    assert answer.status_code == 201
    return answer.json()


def test_it_is_told_with_the_score_and_is_no_part_of_what_is_on_record(house):
    assert asked(house)["regulation"] == PERU
    assert "regulation" not in house.records.get("s_1").score
    for role, kind, scope in (("member", "self", "M1"), ("analyst", "all", None), ("auditor", "all", None)):
        told = house.client.get("/v1/scores/s_1", headers=house.headers(role, kind, scope)).json()
        assert told["regulation"] == PERU, role
    committee = house.client.get("/v1/scores/s_1", headers=house.headers("committee", "group", "B1"))
    assert "regulation" not in committee.json()


def test_one_that_nobody_verified_says_so_and_warns_nobody(make_house):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = asked(make_house(desk=In()))["regulation"]
    assert (told["country"], told["effective_from"], told["verified"]) == ("BO", "2010-12-17", False)


@pytest.mark.parametrize(("country", "day"), [("EC", "2026-01-31"), ("PE", "2009-12-31")])
def test_where_no_table_is_at_hand_there_is_none(make_house, country, day):
    house = make_house(desk=In(country=country))
    answer = house.client.post("/v1/scores", json=BODY | {"as_of": day}, headers=house.headers("officer", "all"))
    assert (answer.status_code, answer.json()["regulation"]) == (201, None)
