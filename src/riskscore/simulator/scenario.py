"""What happens to everybody: recession, El Niño, and the small shocks of any year.

A recession raises the log-odds of distress of every loan asked for from its first day on, so the level shifts. El
Niño does not: institutions answer it by rewriting schedules (Collier, Katchova and Skees 2011, Piura: restructured
loans rose from 0.5 % by another 3.6 % of the portfolio and late loans did not move), so it raises restructuring as
relief in exposed regions and lines of business and leaves the probability of distress where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints, day
from riskscore.simulator.institution import REGIONS, SECTORS

ScenarioName = Literal["normal", "recession", "el_nino"]
SCENARIOS: tuple[str, ...] = get_args(ScenarioName)

#: First day, first observed day and last day of every simulated institution.
START = day(date(2020, 1, 1))
COMPLETE_FROM = day(date(2022, 1, 1))
DATA_DATE = day(date(2025, 12, 31))

RECESSION_FROM = day(date(2024, 7, 1))
EL_NINO = (day(date(2024, 1, 10)), day(date(2024, 9, 30)))

#: Chance that a loan running in El Niño is rewritten as relief: of farmers and of others in an exposed region, and of
#: farmers elsewhere.
RELIEF = {"farming": 0.32, "exposed": 0.11, "elsewhere": 0.02}


@dataclass(frozen=True, slots=True)
class Shock:
    """One row of the table of shocks; days are counted from 1970-01-01, `end` exclusive (-1: still running)."""

    kind: str
    region: int
    sector: int
    start: int
    end: int
    severity: float

    def strikes(self, region: Ints, sector: Ints, on: Ints) -> Bools:
        """Return where a member of `region` and `sector` is under the shock on the day `on`."""
        here = (region == self.region) | (self.region < 0)
        mine = (sector == self.sector) | (self.sector < 0)
        running = (on >= self.start) & ((on < self.end) | (self.end < 0))
        return np.asarray(here & mine & running, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The shocks of one institution, with what each adds to the log-odds of distress (`severity`)."""

    name: str
    shocks: tuple[Shock, ...]

    def log_odds(self, region: Ints, sector: Ints, on: Ints) -> Floats:
        """Return the log-odds that shocks known on the day `on` add to distress."""
        total = np.zeros(len(on))
        for shock in self.shocks:
            if shock.severity:
                total += shock.severity * shock.strikes(region, sector, on)
        return total

    def relief(self, rng: np.random.Generator, region: Ints, sector: Ints, first: Ints, last: Ints) -> Ints:
        """Draw the day on which each loan, running from day `first` to day `last`, is rewritten as relief (-1: never).

        The day lies in the emergency, not before the loan's third week, nor in its last six.
        """
        draw, when = rng.random(len(region)), rng.random(len(region))
        if self.name != "el_nino":
            return np.full(len(region), -1, dtype=np.int64)
        exposed = np.array([r.el_nino for r in REGIONS])[region]
        farming = np.array([s.agricultural for s in SECTORS])[sector]
        chance = np.where(
            exposed, np.where(farming, RELIEF["farming"], RELIEF["exposed"]), farming * RELIEF["elsewhere"]
        )
        earliest = np.maximum(EL_NINO[0] + 14, first + 21)
        latest = np.minimum(EL_NINO[1], last - 42)
        day = earliest + ((latest - earliest) * when).astype(np.int64)
        return np.where((earliest < latest) & (draw < chance), day, -1)


def make_scenario(name: ScenarioName, rng: np.random.Generator) -> Scenario:
    """Build a scenario, with eight local price and policy shocks that any six years bring."""
    shocks = []
    for _ in range(8):
        start = int(rng.integers(START + 200, DATA_DATE - 200))
        kind = "price" if rng.random() < 0.6 else "policy"
        sector = int(rng.integers(len(SECTORS))) if kind == "price" else -1
        length = int(rng.integers(90, 240))
        shocks.append(Shock(kind, int(rng.integers(len(REGIONS))), sector, start, start + length, 0.55))
    if name == "recession":
        shocks.append(Shock("recession", -1, -1, RECESSION_FROM, -1, 0.75))
    if name == "el_nino":
        shocks.extend(
            Shock("climate", index, -1, EL_NINO[0], EL_NINO[1], 0.0)
            for index, region in enumerate(REGIONS)
            if region.el_nino
        )
    return Scenario(name, tuple(shocks))
