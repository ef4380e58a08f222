"""How champions in service did since their training: counted once for each champion and portfolio, when it is asked.

To count means to compute the features of every loan that matured since, seconds or more at an institution of some size.
It is done aside (`riskscore.service.apart`), one champion after the other, from the first time somebody asks; no swap
and no score waits for it. Who asks waits a little, and is else told that it is being counted. What goes wrong is logged
and told as unknown: no page is lost by it.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.champion_of import ChampionOf
from riskscore.service.desks import Desks
from riskscore.service.gate import trace

logger = logging.getLogger("riskscore.service")

#: Longest that somebody who asks waits for what is being counted, in seconds.
PATIENCE = 2.0

#: Seconds after which what could not be counted is tried again.
AGAIN = 300.0


@dataclass(slots=True)
class _Counted:
    """One count: of what, whether it is done, and what came out."""

    mark: Hashable
    done: threading.Event = field(default_factory=threading.Event)
    answer: dict[str, Any] = field(default_factory=lambda: {"answer": "counting"})
    again_from: float = math.inf


class Followed:
    """Keeps the latest count of each recipe.

    Parameters
    ----------
    count : callable
        Counts; see `riskscore.service.apart.Apart.count`.
    patience : float, optional
        Seconds.
    """

    def __init__(self, count: Callable[[Champion, Portfolio], dict[str, Any]], patience: float = PATIENCE) -> None:
        self._count = count
        self._patience = patience
        self._kept: dict[str, _Counted] = {}
        self._keeping = threading.Lock()
        self._turn = threading.Lock()

    def told(self, desks: Desks) -> dict[str, dict[str, Any]]:
        """Return by recipe `SinceTraining.to_dict` of each champion in service; else an ``answer`` alone.

        That is ``"counting"`` until it is known, and ``"unknown"`` where it could not be counted.
        """
        every = {champion.recipe.name: self._begun(champion, portfolio) for champion, portfolio in _in_service(desks)}
        until = time.monotonic() + self._patience
        for one in every.values():
            one.done.wait(max(until - time.monotonic(), 0.0))
        return {recipe: one.answer for recipe, one in every.items()}

    def _begun(self, champion: Champion, portfolio: Portfolio) -> _Counted:
        mark = (champion.version, champion.manifest_sha256, portfolio.manifest.content_hash)
        with self._keeping:
            kept = self._kept.get(champion.recipe.name)
            if kept is None or kept.mark != mark or time.monotonic() > kept.again_from:
                kept = self._kept[champion.recipe.name] = _Counted(mark)
                threading.Thread(
                    target=self._run, args=(kept, champion, portfolio), name="riskscore-followed", daemon=True
                ).start()
            return kept

    def _run(self, counted: _Counted, champion: Champion, portfolio: Portfolio) -> None:
        with self._turn:
            answer: dict[str, Any] = {"answer": "unknown"}
            try:
                answer = self._count(champion, portfolio)
            except Exception as error:  # noqa: BLE001 - whatever happens, nobody is left waiting
                logger.error("What became of %s since its training: %s", champion.recipe.name, trace(error))
            if answer["answer"] == "unknown":
                counted.again_from = time.monotonic() + AGAIN
            counted.answer = answer
            counted.done.set()


def _in_service(desks: Desks) -> Iterator[tuple[Champion, Portfolio]]:
    for desk in desks.by_recipe.values():
        if isinstance(desk, ChampionOf):
            yield desk.champion, desk.portfolio
        if isinstance(desk, ChampionDesk) and desk.household is not None:
            yield desk.household.champion, desk.household.portfolio
