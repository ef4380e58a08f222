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


class Shelf:
    def models(self, desks):
        return [
            {"recipe": "member_default", "in_service": "4", "fault": None, "champion": VERSION, "challenger": WAITS},
            {"recipe": "group_default", "in_service": None, "fault": "x", "champion": None, "challenger": None},
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


@pytest.mark.parametrize(
    "grant", [("committee", "group", "B1"), ("member", "self", "M1"), ("board", "organisation", "PA1")]
)
def test_others_may_not(make_house, grant):
    assert get(make_house(shelf=Shelf()), *grant).status_code == 403
