"""The hand-written champion as if it had been trained elsewhere, so that later rows of any portfolio judge it."""

from dataclasses import replace

from riskscore.modelling.artefact import Champion
from riskscore.modelling.judging import Judging, judging
from riskscore.portfolio import Portfolio

FIRST_TEST = "2024-06-01T00:00:00"


def judged_on(champion: Champion, portfolio: Portfolio) -> Judging:
    metrics = {"seed": 0, "data": {"first_test": FIRST_TEST, "content_hash": "another portfolio"}}
    return judging(replace(champion, reference=replace(champion.reference, metrics=metrics)), portfolio)
