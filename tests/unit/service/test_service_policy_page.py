"""The policy's page: every rule in force with its limits, in words, for those who may read it."""

from __future__ import annotations

import pytest

from riskscore.errors import InvalidInput
from riskscore.project import starter_dir
from riskscore.scoring import Policy
from riskscore.service.policy_page import policy_page
from riskscore.words import load_all
from tests.unit.service.desks import PlainShelf

SERVING = starter_dir() / "serving"
POLICY = Policy.load(SERVING / "policy.toml")


@pytest.fixture(scope="module")
def words():
    return load_all(SERVING / "words")


def rules(words, language: str):
    return {rule.code: rule for _, every in policy_page(POLICY, words[language]).layers for rule in every}


def test_every_rule_of_the_file_is_on_it_once(words):
    for language in ("es", "en"):
        shown = [rule.code for _, every in policy_page(POLICY, words[language]).layers for rule in every]
        assert sorted(shown) == sorted(rule.code for rule in POLICY.rules)
        assert len(policy_page(POLICY, words[language]).limits) == len(POLICY.thresholds)


def test_limits_are_said_in_words(words):
    found = rules(words, "es")
    assert found["G01"].where == "En la ciudad."
    assert found["G01"].bands == (
        "El banco comunal tiene menos de 7 socias: conversar antes.",
        "El banco comunal tiene 7 o más socias: lista para decidir.",
    )
    assert found["G05"].bands[1:] == (
        "Tienen una cuota vencida más de 10 de cada 100 y hasta 25 de cada 100 socias: conversar antes.",
        "Tienen una cuota vencida más de 25 de cada 100 socias: conversar antes; quien sigue escribe por qué.",
    )
    assert found["G06"].bands[0] == "Piden por primera vez hasta 50 de cada 100 socias: lista para decidir."
    assert found["M01"].bands[1] == "Otros préstamos que declaró: 3: conversar antes."
    assert found["M01"].note == "La lee la asesora. Falta que alguien de aquí lo confirme."
    assert found["L01"].bands[0] == "Lo que pide y su préstamo anterior: hasta 2 a 1: lista para decidir."
    assert found["L02"].where == "En el primer ciclo. En PEN."
    assert found["L04"].bands[1] == "El plazo es de 90 a 245 días: lista para decidir."
    assert rules(words, "en")["L04"].bands[2] == "The term is more than 245 days: talk first."


def test_risk_and_debts_are_said_in_words(words):
    page = policy_page(POLICY, words["es"])
    assert page.version == f"Política starter, versión {POLICY.version}."
    assert page.risk == (
        "Menos de 12 de 100 parecidas con problemas: lista para decidir.",
        "Desde 12 de 100 parecidas con problemas: conversar antes.",
    )
    assert page.levels[3] == "Las cuotas pasan de lo que le sobra"
    assert [states[3] for _, states in page.matrix] == ["conversar antes", "conversar antes"]
    assert [states[0] for _, states in page.matrix] == ["lista para decidir", "conversar antes"]
    assert (
        page.limits[0] == "De cada 100 que le sobran, las cuotas toman hasta 70. Falta que alguien de aquí lo confirme."
    )
    assert page.limits[4] == "Es demasiado desde 100 de cada 100 que le sobran."  # somebody checked it


@pytest.mark.parametrize("lang", ["es", "en"])
def test_officers_read_it(house, lang):
    answer = house.client.get(f"/policy?lang={lang}", headers=house.headers("officer", "all"))
    assert answer.status_code == 200
    assert POLICY.version in answer.text
    named = "Regla" if lang == "es" else "Rule"
    assert all(f"<h3>{named} {rule.code}</h3>" in answer.text for rule in POLICY.rules)


def test_one_that_cannot_be_read_is_said(make_house):
    class Broken(PlainShelf):
        def policy(self):
            raise InvalidInput.of("policy.toml", "It is no TOML.", "Restore it.")

    house = make_house(shelf=Broken())
    assert house.client.get("/policy", headers=house.headers("officer", "all")).status_code == 503
