"""How long ago something was is told in words, also where it is less than a minute."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from riskscore.project import starter_dir
from riskscore.service.elapsed import ago
from riskscore.words import Words

WORDS = {language: Words.load(starter_dir() / "serving" / "words", language) for language in ("es", "en")}
NOW = datetime(2026, 2, 1, 12)


@pytest.mark.parametrize(
    ("seconds", "es", "en"),
    [
        (-5, "hace un momento", "just now"),
        (0, "hace un momento", "just now"),
        (59.9, "hace un momento", "just now"),
        (60, "hace 1 min", "1 min ago"),
        (3_599, "hace 59 min", "59 min ago"),
        (3_600, "hace 1 h", "1 h ago"),
        (9_000, "hace 2 h 30 min", "2 h 30 min ago"),
        (93_600, "hace 26 h", "26 h ago"),
    ],
)
def test_it_is_told_in_whole_minutes(seconds, es, en):
    at = NOW - timedelta(seconds=seconds)
    assert (ago(at, NOW, WORDS["es"]), ago(at, NOW, WORDS["en"])) == (es, en)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("es", "Abierta hace un momento. Último uso hace un momento."),
        ("en", "Opened just now. Last used just now."),
    ],
)
def test_a_session_just_opened_is_told_so(make_house, lang, said):
    house = make_house()
    token, _ = house.access.grant("officer", "all")
    house.client.get(f"/enter?key={house.access.link(token)}&next=/sessions")
    text = house.client.get(f"/sessions?lang={lang}", headers={"Accept": "text/html"}).text
    assert re.findall(r"<span>((?:Abierta|Opened)[^<]*)</span>", text) == [said]
