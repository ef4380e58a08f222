"""A communal bank's page: whole for the officer, an aggregate for who assists it, nothing for its neighbours."""

from __future__ import annotations

import copy

import pytest

from riskscore.service.bank_page import bank_page
from riskscore.service.desks import Desks
from riskscore.words import load_all
from tests.unit.service.associations import BANK_BODY, BANK_SCORE, bank_desk
from tests.unit.service.desks import BODY, STARTER_RULES, PlainDesk
from tests.unit.service.test_service_pages import SERVING, Page

WORDS = load_all(SERVING / "words")["es"]
CONTEXT = {"country": "PE", "currency": "PEN", "time_zone": "America/Lima"}
OFFICER = ("officer", "branch", "N")


@pytest.fixture
def house(make_house):
    made = make_house(desk=Desks.of(PlainDesk(), bank_desk()))
    answer = made.client.post("/v1/scores", json=BANK_BODY, headers=made.headers("officer", "all"))
    assert answer.status_code == 201, answer.text
    return made


def get(house, *grant, lang="es"):
    return house.client.get(f"/scores/s_1?lang={lang}", headers=house.headers(*grant) | {"Accept": "text/html"})


def page_of(**changes):
    view = copy.deepcopy(BANK_SCORE) | {"score_id": "s_1"} | changes
    return bank_page(WORDS, view, CONTEXT, sightings=(), meeting=None, reader="officer")


@pytest.mark.parametrize("lang", ["es", "en"])
def test_it_is_one_small_document_that_can_be_read_aloud(house, lang):
    answer = get(house, *OFFICER, lang=lang)
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    page = Page(answer.text)
    assert not page.open
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe"}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for labelled in (*page.having("section"), *page.having("svg")):
        assert set((labelled["aria-labelledby"] or "").split()) <= set(ids)


def test_the_officer_reads_how_many_fall_who_bears_it_and_what_it_rests_on(house):
    text = get(house, *OFFICER).text
    for said in (
        "Perspectiva del banco comunal B1",
        "Se calculó con su pedido abierto.",
        "Lista para decidir",
        "De 100 bancos comunales parecidos, 3 no pagarían todo a tiempo.",
        "El grupo puede cubrir 3 caídas.",
        "De 19 socias, 2 tienen una cuota vencida.",
        "Caen 0: 39 de 100. Cae 1: 34 de 100. Caen 2: 17 de 100. Caen 3: 10 de 100.",
        "Quedan sin pagar, en promedio, S/\xa012.31 por ciclo.",
        "De 100 partes de la respuesta, 61 salen de cómo se cubren entre socias. Otras 39 salen de casos ya vistos.",
        "De 2 socias no se sabe cuánto ahorran.",
        "De 5 socias no se sabe cuánto les sobra al mes.",
        "la asesora pidió el cálculo",
    ):
        assert said in text, said


def test_rare_ends_are_told_together():
    falls = page_of(in_arrears=[0.6, 0.3, 0.096, 0.003, 0.001]).falls
    assert [(one.label, one.shown) for one in falls] == [
        ("Caen 0", "60 de 100"),
        ("Cae 1", "30 de 100"),
        ("Caen 2", "10 de 100"),
        ("Caen 3 o más", "menos de 1 de 100"),
    ]
    assert [one.width for one in falls] == [340.0, 170.0, 54.4, 2.3]


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (0, "De 19 socias, ninguna tiene una cuota vencida."),
        (1, "De 19 socias, 1 tiene una cuota vencida."),
        (3, "De 19 socias, 3 tienen una cuota vencida."),
    ],
)
def test_nobody_one_and_several_are_said_as_people_say_it(late, said):
    assert page_of(arrears={"late": late, "members": 19}).arrears == said


def test_what_is_not_known_is_said_to_be_unknown():
    untold = ("in_arrears", "expected_loss", "waterfall", "covers_falls", "expected_in_arrears", "arrears")
    page = page_of(**dict.fromkeys(untold), prior_share=None, pd_interval=None)
    assert (page.falls, page.arrears) == ((), "")
    assert page.loss == "No se sabe cuánto quedaría sin pagar."
    assert page.group_outlook.outlook.covers == "No se sabe cuántas caídas puede cubrir el grupo."
    assert page.rests_on == (
        "De 2 socias no se sabe cuánto ahorran.",
        "De 5 socias no se sabe cuánto les sobra al mes.",
    )


def test_who_assists_it_reads_the_aggregate_alone(house):
    text = get(house, "assistant", "group", "B1").text
    assert "De 100 bancos comunales parecidos, 3 no pagarían todo a tiempo." in text
    for kept in ("Caen 0", "S/", "socias no se sabe"):
        assert kept not in text


@pytest.mark.parametrize("role", ["committee", "member"])
def test_it_is_not_there_for_those_whose_budgets_it_rests_on(house, role):
    kind, scope = ("group", "B1") if role == "committee" else ("self", "M1")
    assert get(house, role, kind, scope).status_code == 404


def test_an_auditor_reads_it_without_the_name(house):
    text = get(house, "auditor", "all").text
    assert "Perspectiva del banco comunal P" in text
    assert "B1" not in text


@pytest.mark.parametrize("who", [OFFICER, ("analyst", "all"), ("auditor", "all")])
def test_the_rules_on_the_group_stand_there_as_on_the_sheet(make_house, who):
    made = make_house("ruled", Desks.of(PlainDesk(rules=STARTER_RULES), bank_desk()))
    for body in (BODY, BANK_BODY):
        assert made.client.post("/v1/scores", json=body, headers=made.headers("officer", "all")).status_code == 201
    text = made.client.get("/scores/s_2?lang=es", headers=made.headers(*who) | {"Accept": "text/html"}).text
    for said in (
        "Lo que la política pide al grupo",
        "Tienen una cuota vencida 2 de 2 socias.",
        "G05. Con más de 25 de cada 100: conversar antes; quien sigue escribe por qué.",
        "G08. Con más de 20 de cada 100: conversar antes. La lee solo la asesora.",
    ):
        assert text.count(said) == 1, said
    assert text.count("Datos hasta el 31 de enero de 2026") == 2  # of the score, and of the rules, which answer now
    assert "Lista para decidir" not in text
    assert "Conversar antes" in text
    assert "Por su puntaje está lista. Lo piden reglas de la política; están más abajo." in text
    assert made.records.get("s_2").score["recommendation"] == {"state": "ready"}  # on record it stays what it was
    assert "L01" not in text


def test_who_assists_a_bank_reads_no_rule_and_without_rules_there_is_no_word(make_house, house):
    made = make_house("assisted", Desks.of(PlainDesk(rules=STARTER_RULES), bank_desk()))
    assert made.client.post("/v1/scores", json=BANK_BODY, headers=made.headers("officer", "all")).status_code == 201
    for one, who in ((made, ("assistant", "group", "B1")), (house, OFFICER)):
        text = get(one, *who).text
        assert "política pide" not in text
        assert "G05" not in text
