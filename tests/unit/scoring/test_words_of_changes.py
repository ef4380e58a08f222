"""Over every page and word that people meet: an offer speaks of her score, and of nobody's risk."""

import re
import tomllib
from itertools import combinations

import pytest

from riskscore.frequency import FREQUENCIES
from riskscore.scoring.change_words import sentence
from riskscore.scoring.levers import LEVERS
from tests.unit.scoring.conftest import ROOT

PROMISES = re.compile(r"\b(su|tu) riesgo\b|\bher risk\b|\byour risk\b", re.IGNORECASE)
SERVING = sorted(path for path in (ROOT / "serving").rglob("*") if path.suffix in (".html", ".toml"))


@pytest.mark.parametrize("path", SERVING, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_and_no_word_says_what_her_risk_would_be(path):
    assert not PROMISES.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("language", "said"), [("es", "su puntaje sería 588"), ("en", "her score would be 588")])
def test_every_offer_says_what_her_score_would_be(language, said):
    for kind in (*LEVERS, *("_and_".join(pair) for pair in combinations(LEVERS, 2))):
        for frequency in FREQUENCIES:
            told = {"amount": 400.0, "term_days": 140, "savings": 20.0, "currency": "BOB", "score": 588}
            text = sentence(language, kind, frequency=frequency, **told)
            assert said in text.lower()
            assert not PROMISES.search(text)
            assert not re.search(r"[{}]|None|nan", text)


@pytest.mark.parametrize("language", ["es", "en"])
def test_where_nothing_is_offered_a_talk_is(language):
    words = tomllib.loads((ROOT / "serving" / "words" / f"{language}.toml").read_text(encoding="utf-8"))["change"]
    assert {"es": "conversar", "en": "Talk"}[language] in words["unknown"]
    assert not re.search(r"riesgo|risk", " ".join(words.values()), re.IGNORECASE)
