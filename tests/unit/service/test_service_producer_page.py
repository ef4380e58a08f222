"""A producer association's page: its own score in full for its board, the aggregate for who assists it."""

from __future__ import annotations

import re

import pytest

from riskscore.service.producer_drawings import TALL, month_columns, season_bars
from riskscore.service.serializer import Serializer
from riskscore.service.waterfall import WIDTH
from riskscore.words import Format, load_all
from tests.unit.service.producer_record import FACTS, SCORE, keep
from tests.unit.service.test_service_pages import SERVING, Page

WORDS = load_all(SERVING / "words")["es"]
FORM = Format("es", "PE", "PEN")
BOARD = ("board", "organisation", "PA1")


def get(house, *grant, lang: str = "es", score_id: str = "s_pa"):
    headers = house.headers(*(grant or BOARD)) | {"Accept": "text/html"}
    return house.client.get(f"/scores/{score_id}?lang={lang}", headers=headers)


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("grant", [BOARD, ("assistant", "organisation", "PA1")])
def test_it_is_one_small_document_that_can_be_read_aloud(house, grant, lang):
    keep(house.records)
    answer = get(house, *grant, lang=lang)
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    page = Page(answer.text)
    assert not page.open
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe"}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for section in page.having("section"):
        assert section["aria-labelledby"] in ids
    for drawing in page.having("svg"):
        assert set((drawing["aria-labelledby"] or "").split()) <= set(ids)


def test_the_board_reads_how_much_is_judgement_and_how_few_the_cases_are(house):
    keep(house.records)
    text = get(house).text
    for said in (
        "Conversar antes",
        "Conviene conversar con la directiva antes de decidir.",
        "De 100 asociaciones de productores parecidas, 11 no pagarían todo a tiempo. Podrían ser entre 2 y 34.",
        "De 100 partes de esta respuesta, 64 son del experto y 36 de los datos.",
        "Los datos valen lo que 7 casos parecidos. Son pocos.",
        "El experto y los datos dicen lo mismo.",
        "Con tan pocos casos, puede salir bien y puede salir mal.",
        "Ninguna asamblea de 2 años se celebró a tiempo.",
        "15 de 25",
        "S/\xa020,000",
        "la asesora pidió el cálculo",
    ):
        assert said in text, said
    assert re.findall(r"<dt>([^<]+)</dt><dd>(?:<span class=\"closed\">)?([^<]+)", text.split('id="gates"')[1])[:3] == [
        ("Es persona jurídica", "sí"),
        ("Estados financieros recientes", "no se sabe: falta el dato"),
        ("Alcanza para sus cuotas", "no"),
    ]
    assert "%" not in re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    assert text.count('class="dot hit"') == 11


def test_judgement_that_the_record_contradicts_is_said(house):
    keep(house.records, conflict={"found": True, "es": "", "en": ""}, open_outcomes=["bad"], effective_n=1.2)
    text = get(house).text
    assert "El experto y los datos no dicen lo mismo." in text
    assert "vean cuál de los dos se equivoca" in text
    assert "apuntan a que tenga problemas" in text
    assert "lo que 1 caso parecido" in text


def test_the_waterfall_opens_every_dimension_and_adds_up(house):
    keep(house.records)
    table = get(house).text.split('id="waterfall"')[1].split("<table>")[1].split("</table>")[0]
    rows = re.findall(r"<th scope=\"row\">([^<]+)</th><td class=\"n\">([^<]+)</td>", table)
    assert rows == [
        ("Puntaje común", "552"),
        ("Gobierno y organización", "−3"),
        ("Asambleas celebradas a tiempo, 2 años", "−3"),
        ("Capacidad de pago", "+2"),
        ("Cobertura del servicio de la deuda (sin dato)", "+2"),
        ("Lo que comparte con otras", "−4"),
        ("para qué es el préstamo", "−4"),
        ("Puntaje", "547"),
    ]
    points = SCORE["points"]
    assert points["shown_base"] + sum(points["shown_families"].values()) == points["shown_score"]


def test_contracts_season_and_governance_are_told_as_they_were(house):
    keep(house.records)
    text = get(house).text
    contracts = text.split('id="contracts"')[1].split("</section>")[0]
    assert (
        "Cosecha 2024: 164,600 kg. Con contrato 2024: 130,760 kg. "
        "Cosecha esperada 2026: 82,300 kg. Con contrato 2026: sin contrato." in contracts
    )
    year = text.split('id="year"')[1].split("</section>")[0]
    assert "oct 2026: ventas S/\xa033,085.33, cuotas S/\xa0500." in year
    assert re.findall("<p>(.*?)</p>", year) == [
        "El mes en que más vende es octubre.",
        "El mes en que más paga es diciembre: S/\xa024,800.",
        "En 1 mes paga más de lo que suele vender.",
        "Faltan 2 ventas en otra moneda: no se sabe el cambio.",
    ]
    assert len(re.findall('<th scope="row">', year)) == 12
    assert re.findall("<li>(.*?)</li>", text.split('id="governance"')[1].split("</section>")[0]) == [
        "El mandato de la directiva venció el 22 de octubre de 2025.",
        "Están activos 44 de 68 socios.",
        "Asamblea tarde: 2 de abril de 2025. Fueron 22 de 68. No hubo quórum.",
        "Falta la asamblea del 31 de marzo de 2024.",
        "Cuentas de 2024 a tiempo: 18 de marzo de 2025.",
        "Faltan las cuentas de 2023: eran para el 30 de marzo de 2024.",
    ]


def test_a_record_without_those_facts_says_so(house):
    keep(house.records, facts=False)
    text = get(house).text
    assert "Esta hoja se guardó sin contratos, meses ni asambleas." in text
    assert 'id="year"' not in text


def test_who_assists_sees_how_often_and_the_dimensions_alone(house):
    keep(house.records)
    text = get(house, "assistant", "organisation", "PA1").text
    assert "11 no pagarían todo a tiempo. Podrían ser entre 2 y 34." in text
    assert "15 de 25" in text
    for hidden in ("20,000", "547", "persona jurídica", "164,600", "Asamblea", "64 son del experto", "Conversar antes"):
        assert hidden not in text, hidden


@pytest.mark.parametrize(
    "grant",
    [
        ("board", "organisation", "PA2"),
        ("committee", "group", "B1"),
        ("member", "self", "PA1"),
        ("officer", "branch", "S"),
        ("lender", "organisation", "PA2"),
    ],
)
def test_to_everybody_else_there_is_no_such_page(house, grant):
    keep(house.records)
    answer, unknown = get(house, *grant), get(house, *grant, score_id="s_none")
    assert answer.status_code == unknown.status_code == 404
    assert answer.text == unknown.text


def test_an_auditor_reads_it_under_a_pseudonym(house):
    keep(house.records)
    text = get(house, "auditor", "all").text
    assert "PA1" not in text
    assert Serializer("secret").pseudonym("PA1") in text


def test_the_longest_bar_fills_the_drawing_and_what_is_unknown_has_none():
    bars = season_bars(FACTS["seasons"], WORDS, FORM)
    assert [bar.width for bar in bars] == [WIDTH, round(130760 / 164600 * WIDTH, 1), round(WIDTH / 2, 1), 0.0]
    unknown = [FACTS["seasons"][1] | {"expected_kg": None}]
    assert [(bar.width, bar.shown) for bar in season_bars(unknown, WORDS, FORM)] == [
        (0.0, "sin registro"),
        (0.0, "sin contrato"),
    ]


def test_columns_of_months_share_one_scale():
    columns = month_columns(FACTS["months"], FORM)
    assert [round(one.x / WIDTH * 12) for one in columns] == list(range(12))
    assert columns[9].sold == TALL
    assert columns[11].due == pytest.approx(24800 / 33085.33 * TALL, abs=0.1)
    assert {one.sold for one in month_columns([month | {"sold": 0.0} for month in FACTS["months"]], FORM)} == {0.0}


def test_spanish_sentences_stay_short(house):
    keep(house.records)
    for paragraph in Page(get(house).text).paragraphs:
        for sentence in re.split(r"[.:?!](?:\s|$)", paragraph):
            assert len(sentence.split()) <= 20, sentence
