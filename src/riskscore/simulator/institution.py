"""What stands before anyone borrows: regions, branches, officers, lines of business, communal banks and their groups.

Sizes follow what was observed, not the design: by design a communal bank has 25 to 30 women, while 28,606 clients in
1,547 banks are 18.49 each. A bank here has five or six solidarity groups of three to six places, twenty-one places
on the mean, of which about nine in ten are taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints

#: Women in a communal bank on the mean, once dropouts have left and new members have come.
WOMEN_PER_BANK = 18.5
PLACES = {"mean": 21.0, "sd": 3.4, "least": 15, "most": 30}


@dataclass(frozen=True, slots=True)
class Region:
    """A region: share of rural branches, share of women whose mother tongue is not Spanish, and which it is."""

    name: str
    rural: float
    indigenous: float
    tongue: str
    el_nino: bool = False
    late: bool = False


REGIONS = (
    Region("Ayacucho", 0.5, 0.55, "quechua"),
    Region("Huancavelica", 0.8, 0.65, "quechua"),
    Region("Cusco", 0.5, 0.55, "quechua"),
    Region("Puno", 0.4, 0.50, "aymara"),
    Region("Piura", 0.4, 0.03, "quechua", el_nino=True),
    Region("Chimbote", 0.1, 0.05, "quechua", el_nino=True),
    Region("Cajamarca", 0.6, 0.08, "quechua", late=True),
)


@dataclass(frozen=True, slots=True)
class Sector:
    """A line of business, with its weight among urban and rural women and what it adds to the log-odds."""

    code: str
    name: str
    agricultural: bool
    lean_months: tuple[int, ...]
    urban: float
    rural: float
    log_odds: float


SECTORS = (
    Sector("commerce", "Comercio", False, (), 0.46, 0.22, -0.15),
    Sector("services", "Servicios", False, (), 0.20, 0.06, 0.00),
    Sector("production", "Producción", False, (2,), 0.14, 0.08, 0.10),
    Sector("textiles", "Artesanía textil", False, (1, 2, 3), 0.12, 0.16, 0.10),
    Sector("maize", "Maíz", True, (11, 12, 1, 2, 3), 0.03, 0.20, 0.20),
    Sector("cacao", "Cacao", True, (9, 10, 11, 12), 0.01, 0.08, 0.10),
    Sector("livestock", "Crianza de animales", True, (7, 8, 9), 0.04, 0.20, 0.05),
)


@dataclass(frozen=True, slots=True)
class Institution:
    """The fixed part of an institution; index arrays point from the smaller unit to the larger.

    `bank_effect` and `group_effect` are log-odds that no table shows; `bank_fund` is what a bank can bear, in
    instalments of all its members together; `place_group` gives each place its solidarity group, in ascending order.
    """

    branch_region: Ints
    branch_rural: Bools
    branch_opened: Ints
    officer_branch: Ints
    officer_hired: Ints
    bank_branch: Ints
    bank_officer: Ints
    bank_formed: Ints
    bank_consolidates: Ints
    bank_weekday: Ints
    bank_fund: Floats
    bank_effect: Floats
    group_bank: Ints
    group_effect: Floats
    place_group: Ints

    @property
    def place_bank(self) -> Ints:
        """The communal bank of each place."""
        return self.group_bank[self.place_group]


def found(
    members: int, rng: np.random.Generator, *, start: int, end: int, bank_sd: float, group_sd: float
) -> Institution:
    """Draw an institution that has room for about `members` women once all its banks have formed.

    Parameters
    ----------
    members : int
        Women in all banks at the end.
    rng : numpy.random.Generator
    start, end : int
        First and last day of the institution's data.
    bank_sd, group_sd : float
        Standard deviations of the effects that no table shows, in log-odds.
    """
    banks = max(4, round(members / WOMEN_PER_BANK))
    branches = max(len(REGIONS), round(members / 1200))
    region = np.arange(branches) % len(REGIONS)
    late = np.array([r.late for r in REGIONS])[region]
    opened = np.where(late, start + 1280, start - rng.integers(400, 4000, branches))
    rural = rng.random(branches) < np.array([r.rural for r in REGIONS])[region]

    officers = np.repeat(np.arange(branches), max(1, round(members / branches / 350)))
    hired = np.maximum(opened[officers], start - rng.integers(0, 3000, len(officers)))

    # The late branch has fewer banks: it forms them in a third of the time.
    weight = np.where(late, 0.4, 1.0)
    branch = np.sort(rng.choice(branches, size=banks, p=weight / weight.sum()))
    per_branch = len(officers) // branches
    officer = branch * per_branch + rng.integers(0, per_branch, banks)
    early = start + rng.integers(0, 400, banks)
    later = start + rng.integers(400, end - start - 400, banks)
    formed = np.where(rng.random(banks) < 0.55, early, later)
    formed = np.where(late[branch], opened[branch] + rng.integers(0, max(1, end - start - 1280 - 150), banks), formed)

    places = _truncated(rng, banks)
    groups = np.where(places < 24, 5, 6)
    group_bank = np.repeat(np.arange(banks), groups)
    first = np.concatenate([[0], np.cumsum(groups)[:-1]])
    order = np.arange(len(group_bank)) - first[group_bank]
    size = places[group_bank] // groups[group_bank] + (order < places[group_bank] % groups[group_bank])
    return Institution(
        branch_region=region,
        branch_rural=rural,
        branch_opened=opened,
        officer_branch=officers,
        officer_hired=hired,
        bank_branch=branch,
        bank_officer=officer,
        bank_formed=formed,
        bank_consolidates=rng.integers(2, 6, banks),
        bank_weekday=rng.integers(0, 5, banks),
        bank_fund=rng.uniform(0.4, 1.0, banks),
        bank_effect=rng.normal(0, bank_sd, banks),
        group_bank=group_bank,
        group_effect=rng.normal(0, group_sd, len(group_bank)),
        place_group=np.repeat(np.arange(len(group_bank)), size),
    )


def _truncated(rng: np.random.Generator, count: int) -> Ints:
    """Draw places per bank from a normal cut at its bounds, by drawing again what falls outside."""
    places = np.zeros(count, dtype=np.int64)
    open_ = np.ones(count, dtype=bool)
    while open_.any():
        places[open_] = np.rint(rng.normal(PLACES["mean"], PLACES["sd"], int(open_.sum()))).astype(np.int64)
        open_ = (places < PLACES["least"]) | (places > PLACES["most"])
    return places
