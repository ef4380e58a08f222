from __future__ import annotations

import pytest

from riskscore.catalog import Reason, Words
from riskscore.catalog.words import stray_places, written

DELAY = Reason("R01", es="Su peor atraso fue de {value} {día|días}.", en="The worst delay was {value} {day|days}.")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1.0, "Su peor atraso fue de 1 día."),
        (16.0, "Su peor atraso fue de 16 días."),
        (0.0, "Su peor atraso fue de 0 días."),
        (None, "Su peor atraso fue de – días."),
    ],
)
def test_a_sentence_takes_the_value_and_its_number(value: float | None, sentence: str) -> None:
    assert DELAY.sentence("es", value) == sentence


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.125, "percent", "13 %"),
        (1.0, "percent", "100 %"),
        (1.26, "times", "1.3"),
        (2.5, "number", "3"),
        (-2.5, "number", "-3"),
        (-0.1, "fall", "10 %"),
        (-0.005, "fall", "1 %"),
        (0.125, "of_100", "13"),
        (0.0, "of_100", "0"),
        (0.0099, "of_100", "menos de 1"),
        (0.01, "of_100", "1"),
        (1.5, "of_100", "150"),
        (-0.12, "of_100", "-12"),
        (-0.1, "fall_of_100", "10"),
        (-0.005, "fall_of_100", "menos de 1"),
    ],
)
def test_values_are_written_as_people_read_them(value: float, unit: str, shown: str) -> None:
    assert written(value, unit) == shown


def test_a_share_is_so_many_of_a_hundred_in_each_language() -> None:
    late = Reason(
        "R01",
        es="De cada 100 cuotas, {value} {tuvo|tuvieron} atraso.",
        en="Of every 100 instalments {value} {was|were} late.",
        unit="of_100",
    )
    assert [late.sentence("es", value) for value in (0.25, 0.01, 0.004)] == [
        "De cada 100 cuotas, 25 tuvieron atraso.",
        "De cada 100 cuotas, 1 tuvo atraso.",
        "De cada 100 cuotas, menos de 1 tuvo atraso.",
    ]
    assert late.sentence("en", 0.004) == "Of every 100 instalments fewer than 1 was late."


def test_titles_answer_by_language_and_refuse_another() -> None:
    assert Words("Atraso", "Delay")["es"] == "Atraso"
    assert Words("Atraso", "Delay")["en"] == "Delay"
    with pytest.raises(KeyError):
        Words("Atraso", "Delay")["qu"]


def test_braces_that_stand_for_nothing_are_found() -> None:
    assert stray_places("Fue {valor} de {value} {día|días}") == ["{valor}"]
