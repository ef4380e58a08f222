"""The models' page: champion and challenger side by side, for those who look after them."""

from __future__ import annotations

import re

import pytest

from tests.unit.service.test_service_pages import Page

VERSION = {
    "version": "4",
    "model": "woe_scorecard",
    "trained_at": "2026-01-12T09:30:00+00:00",
    "passed": True,
    "promoted_against_gates": None,
    "auc": 0.741,
    "card": {
        "title": {"es": "Riesgo", "en": "Risk"},
        "question": {"es": "¿Pagará?", "en": "Will she pay?"},
        "features": ["a", "b"],
    },
    "gates": [{"name": "auc", "passed": True, "value": 0.741, "words": "AUC out of time 0.7410."}],
}
WAITS = VERSION | {
    "version": "5",
    "passed": False,
    "auc": None,
    "card": None,
    "gates": [{"name": "calibration slope", "passed": False, "value": 0.4, "words": "The slope is 0.40."}],
}
SINCE = {
    "answer": "more",
    "trained_to": "2025-06-30",
    "data_date": "2026-01-31",
    "minimum_bads": 60,
    "matured": 1204,
    "clusters": 51,
    "expected": 61.42,
    "observed": 93,
    "low": 74.4,
    "high": 115.8,
    "level": 0.9,
    "observed_expected": {"value": 1.514, "low": 1.27, "high": 1.81},
    "grades": [
        {"name": "A–B", "matured": 700, "expected": 11.42, "observed": 12, "light": "green"},
        {"name": "C–E", "matured": 504, "expected": 50.0, "observed": 81, "light": "red"},
    ],
}


class Shelf:
    def __init__(self, since=SINCE):
        self.since = since

    def models(self, desks):
        return [
            {"recipe": "member_default", "in_service": "4", "fault": None, "since_training": self.since}
            | {"champion": VERSION, "challenger": WAITS},
            {"recipe": "group_default", "in_service": None, "fault": "x", "since_training": None}
            | {"champion": None, "challenger": None},
        ]


def get(house, *grant, lang: str = "es"):
    return house.client.get(f"/models?lang={lang}", headers=house.headers(*grant) | {"Accept": "text/html"})


@pytest.mark.parametrize("role", ["officer", "analyst", "auditor"])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_it_stands_side_by_side(make_house, role, lang):
    answer = get(make_house(shelf=Shelf()), role, "all", lang=lang)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert not page.open
    for paragraph in page.paragraphs:
        for sentence in re.split(r"[.:?!](?:\s|$)", paragraph):
            assert len(sentence.split()) <= 20, sentence


def test_what_it_says(make_house):
    text = get(make_house(shelf=Shelf()), "analyst", "all").text
    assert "The slope" not in text
    assert "woe_scorecard" not in text
    for said in (
        "Responde con los modelos más nuevos.",
        "Datos hasta el 31 de enero de 2026. Días desde entonces: 1.",
        "En servicio: versión 4.",
        "74 de 100 pares bien ordenados",
        "no se dice: son pocos casos",
        "no los pasó todos",
        "tabla de puntos",
        "La pendiente es 0.40. Lo justo es 1. No pasó.",
        "De 100 pares de préstamos, ordenó bien 74. Pasó.",
        'href="/policy?lang=es"',
        "Ninguna versión está en servicio. La más nueva no se pudo leer.",
        'href="/v1/register?lang=es"',
    ):
        assert said in text, said


class Named(Shelf):
    def models(self, desks):
        told = {"in_service": "4", "fault": None, "since_training": None, "champion": VERSION, "challenger": None}
        bare = told | {"in_service": None, "champion": None}
        return [{"recipe": "member_default"} | told, {"recipe": "own_risk"} | told, {"recipe": "own_other"} | bare]


@pytest.mark.parametrize(
    ("lang", "hers", "own"), [("es", "Riesgo de una socia", "Riesgo"), ("en", "A member&#39;s risk", "Risk")]
)
def test_a_recipe_is_called_as_people_call_it_with_its_id_beside_it(make_house, lang, hers, own):
    text = get(make_house(shelf=Named()), "analyst", "all", lang=lang).text
    headings = re.findall(r'<h2 id="m\d">(.*?)</h2>', text)
    assert headings == [
        f"{hers} <small><code>member_default</code></small>",
        f"{own} <small><code>own_risk</code></small>",  # the institution's own: as its card says
        "own_other",
    ]


@pytest.mark.parametrize(
    "grant", [("committee", "group", "B1"), ("member", "self", "M1"), ("board", "organisation", "PA1")]
)
def test_others_may_not(make_house, grant):
    assert get(make_house(shelf=Shelf()), *grant).status_code == 403


def test_what_became_of_loans_since_it_was_made(make_house):
    text = get(make_house(shelf=Shelf()), "auditor", "all").text
    for said in (
        "Hubo más problemas de los que esperaba. Conviene revisar el modelo.",
        "Cuenta lo que terminó después del 30 de junio de 2025 y hasta el 31 de enero de 2026.",
        "pudo haber de 74 a 116 problemas",
        '<th scope="row">Todas</th><td class="n">1,204</td><td class="n">61.4</td><td class="n">93</td>'
        "<td>más que el azar</td>",
        '<th scope="row">C–E</th><td class="n">504</td><td class="n">50.0</td><td class="n">81</td>'
        "<td>mucho más que el azar</td>",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("found", "said", "table"),
    [
        (SINCE | {"answer": "too_few", "observed": 12, "grades": []}, "Hacen falta 60.", True),
        (SINCE | {"answer": "none", "observed": None}, "que terminaron después del 30 de junio de 2025.", False),
        (SINCE | {"answer": "withheld", "observed": None}, "de muy pocas personas o bancos comunales.", False),
        ({"answer": "counting"}, "Se está contando.", False),
        ({"answer": "unknown"}, "No se pudo contar.", False),
    ],
)
def test_what_cannot_be_said_is_said(make_house, found, said, table):
    answer = get(make_house(shelf=Shelf(found)), "analyst", "all")
    assert answer.status_code == 200
    assert said in answer.text
    assert ("<table>" in answer.text) is table


def test_of_what_is_not_in_service_nothing_is_said(make_house):
    assert "desde que se creó" not in get(make_house(shelf=Shelf(None)), "analyst", "all").text
