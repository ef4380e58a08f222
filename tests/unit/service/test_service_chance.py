"""What is taken out of a text before it is searched, what is left there to be found, and what is drawn from a seed."""

from __future__ import annotations

import secrets
import threading

import pytest

from tests.unit.service.chance import without_chance
from tests.unit.service.drive import begin, still


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('value="' + "7777" * 32 + '"', 'value="WORD"'),
        ("/scores/s_1f63de5e37777f9a90ef565ca4e435f0?lang=es", "/scores/s_WORD?lang=es"),
        ("t_777701234567 P0a77773c5d6e", "t_WORD WORD"),
        ("'sha256-" + "M1+7777/x" * 4 + "G08+L05='", "'DIGEST'"),
        ('{"at":"2026-11-29T03:40:07.312913+00:00"}', '{"at":"MOMENT"}'),
    ],
)
def test_what_is_chance_is_taken_out(text, left):
    assert without_chance(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "S/ 7,777.01",
        '{"surplus":7777.770000000001}',
        '{"pd":0.777777777777777}',
        "b'S/\\xc2\\xa07777.50'",
        "2026-01-31T07:31:00",
        "M0000041",
    ],
)
def test_a_figure_and_a_name_are_left(text):
    assert without_chance(text) == text


def test_what_the_timer_of_an_earlier_test_draws_moves_no_name(monkeypatch):
    still(monkeypatch)
    begin()
    first = secrets.token_hex(16)
    begin()
    timer = threading.Timer(0.0, secrets.token_hex)
    timer.start()
    timer.join()
    assert secrets.token_hex(16) == first
