"""Gates and calibration in words, in both languages."""

from __future__ import annotations

import pytest

from riskscore.project import starter_dir
from riskscore.service.gate_words import calibration_lines, gate_line
from riskscore.words import Format, load_all

WORDS = load_all(starter_dir() / "serving" / "words")


def line(name: str, value: float | None, *, passed: bool = True, language: str = "es") -> str:
    gate = {"name": name, "passed": passed, "value": value, "words": "x", "remedy": ""}
    return gate_line(gate, WORDS[language], Format(language, "PE", "PEN"))


@pytest.mark.parametrize(
    ("name", "value", "passed", "said"),
    [
        ("bads", 214.0, True, "Hubo 214 préstamos con problema para medir. Pasó."),
        ("auc", 0.7412, True, "De 100 pares de préstamos, ordenó bien 74. Pasó."),
        ("auc, other groups", 0.61, False, "En grupos que no vio, ordenó bien 61 de 100 pares. No pasó."),
        ("calibration slope", 0.402, False, "La pendiente es 0.40. Lo justo es 1. No pasó."),
        ("calibration slope, first cycle", 1.1, True, "Primer ciclo: La pendiente es 1.10. Lo justo es 1. Pasó."),
        (
            "observed over expected, regime el_nino",
            1.32,
            False,
            "Época el_nino: Por cada 100 problemas que esperaba hubo 132. No pasó.",
        ),
        ("ICI, repeat cycle", 0.0123, True, "Ciclos que siguen: De 1000 préstamos, se aparta en 12. Pasó."),
        ("directions", 0.0, True, "Más puntos nunca son más riesgo. Pasó."),
        ("level", None, True, "No hay dato para medirlo. Pasó."),
        ("of another release", 3.0, False, "of another release. No pasó."),
    ],
)
def test_each_gate(name, value, passed, said):
    assert line(name, value, passed=passed) == said


def test_english_has_its_own_words():
    assert line("auc", 0.7412, language="en") == "Of 100 pairs of loans it put 74 in the right order. Passed."


def test_calibration_says_where_there_is_too_little():
    figure = {"value": 0.93, "low": 0.71, "high": 1.21}
    alone = {"value": 1.02, "low": None, "high": None}
    told = {
        "": {"rows": 1900, "bads": 171, "slope": alone, "observed_expected": figure},
        "first cycle": {"rows": 90, "bads": 7, "slope": None, "observed_expected": None},
    }
    assert calibration_lines(told, WORDS["es"], Format("es", "PE", "PEN")) == (
        "Por cada 100 problemas que esperaba hubo 93. Puede ir de 71 a 121.",
        "Pendiente: 1.02. Lo justo es 1. Menos de 1 es exagerar lo alto y lo bajo.",
        "Primer ciclo: Son pocos casos para decirlo: 7 con problema de 90.",
    )
