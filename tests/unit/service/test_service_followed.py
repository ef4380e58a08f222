"""What became of loans since training is counted once for each champion and portfolio, aside, and costs no page."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

from riskscore.modelling.validation.since_training import SinceTraining
from riskscore.service.champion_of import ChampionOf
from riskscore.service.desks import Desks
from riskscore.service.followed import Followed
from tests.unit.service.desks import PlainDesk

FOUND = SinceTraining("too_few", date(2025, 6, 30), date(2026, 1, 31), 60, 40, 9, 3, 2.5, 1.2, 5.9)


@dataclass(frozen=True, eq=False, kw_only=True)
class OneDesk(ChampionOf):
    kind: str = "member"


def desks(version="4", content="c1", name="member_default"):
    champion = SimpleNamespace(recipe=SimpleNamespace(name=name), version=version, manifest_sha256="f")
    return Desks.of(
        OneDesk(champion=champion, portfolio=SimpleNamespace(manifest=SimpleNamespace(content_hash=content)))
    )


def test_it_is_counted_once_until_champion_or_portfolio_change():
    asked = []
    followed = Followed(lambda *pair: asked.append(pair) or FOUND.to_dict(), patience=60)
    for one in (desks(), desks(), desks("5"), desks("5", "c2"), desks("5", "c2")):
        assert followed.told(one) == {"member_default": FOUND.to_dict()}
    assert [(one.version, two.manifest.content_hash) for one, two in asked] == [("4", "c1"), ("5", "c1"), ("5", "c2")]


def test_who_asks_before_is_told_that_it_is_being_counted():
    let, begun = threading.Event(), threading.Event()

    def count(*_):
        begun.set()
        assert let.wait(60)
        return FOUND.to_dict()

    followed = Followed(count, patience=0.0)
    assert followed.told(desks()) == {"member_default": {"answer": "counting"}}
    assert begun.wait(60)
    let.set()
    followed._patience = 60
    assert followed.told(desks())["member_default"]["observed"] == 3


def test_what_goes_wrong_is_told_as_unknown_and_its_text_is_not_logged(caplog):
    def count(*_):
        raise ValueError("earns 913.0")

    assert Followed(count, patience=60).told(desks()) == {"member_default": {"answer": "unknown"}}
    assert "member_default" in caplog.text
    assert "913.0" not in caplog.text  # with its point: a line of the code may have such a number


def test_what_could_not_be_counted_is_tried_again_after_a_while(monkeypatch):
    answers = iter([{"answer": "unknown"}, FOUND.to_dict()])
    followed = Followed(lambda *_: next(answers), patience=60)
    assert followed.told(desks()) == {"member_default": {"answer": "unknown"}}
    assert followed.told(desks()) == {"member_default": {"answer": "unknown"}}
    monkeypatch.setattr("riskscore.service.followed.time.monotonic", lambda now=time.monotonic: now() + 301)
    assert followed.told(desks()) == {"member_default": FOUND.to_dict()}


def test_a_desk_without_a_champion_has_nothing_to_follow():
    assert Followed(lambda *_: FOUND.to_dict()).told(Desks.of(PlainDesk())) == {}
