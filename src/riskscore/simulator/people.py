"""The women: who takes a place, what she is like, what of her past she carries, and when she leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints, sigmoid
from riskscore.simulator.institution import REGIONS, SECTORS, Institution
from riskscore.simulator.law import Law
from riskscore.simulator.tape import Tape, at

#: Chance that a free place is taken before the bank's first cycle and before a later one.
FIRST_FILL, REFILL = 0.93, 0.62
#: Log-odds of leaving after a cycle.
LEAVE = {"intercept": -2.75, "fell": 2.0, "first": 0.3, "effect": 0.25}

DISTRICTS_PER_BRANCH = 6
STILL_HERE = -1


@dataclass(slots=True)
class Places:
    """What each place of each solidarity group holds now; one entry a place, `person` -1 where it is free.

    `late`, `worst` and `covered` are what her ledger shows of earlier cycles (a share, days, a share), fading by
    cycle; `trouble` and `effect` no table shows.
    """

    count: int
    person: Ints = field(init=False)
    loans: Ints = field(init=False)
    amount: Ints = field(init=False)
    savings: Ints = field(init=False)
    sector: Ints = field(init=False)
    business_from: Ints = field(init=False)
    late: Floats = field(init=False)
    worst: Floats = field(init=False)
    covered: Floats = field(init=False)
    attended: Floats = field(init=False)
    fell: Bools = field(init=False)
    left_debt: Bools = field(init=False)
    effect: Floats = field(init=False)
    punctual: Floats = field(init=False)
    trouble: Floats = field(init=False)
    margin: Floats = field(init=False)
    margin_shift: Floats = field(init=False)
    other_income: Floats = field(init=False)
    spends: Floats = field(init=False)
    debt: Ints = field(init=False)
    debt_from: Ints = field(init=False)
    debt_ends: Ints = field(init=False)
    debt_kind: Ints = field(init=False)
    debt_instalment: Floats = field(init=False)
    debts_made: int = 0

    def __post_init__(self) -> None:
        for name in ("loans", "amount", "savings", "sector", "business_from"):
            setattr(self, name, np.zeros(self.count, dtype=np.int64))
        shares = ("late", "worst", "covered", "attended")
        hidden = ("effect", "punctual", "trouble")
        money = ("margin", "margin_shift", "other_income", "spends")
        for name in (*shares, *hidden, *money):
            setattr(self, name, np.zeros(self.count))
        self.person = np.full(self.count, -1, dtype=np.int64)
        self.fell = np.zeros(self.count, dtype=bool)
        self.left_debt = np.zeros(self.count, dtype=bool)
        # Two debts that the household plans for, and one that it bears by sacrifice.
        self.debt = np.full((self.count, 3), -1, dtype=np.int64)
        self.debt_from = np.zeros((self.count, 3), dtype=np.int64)
        self.debt_ends = np.zeros((self.count, 3), dtype=np.int64)
        self.debt_kind = np.zeros((self.count, 3), dtype=np.int64)
        self.debt_instalment = np.zeros((self.count, 3))


def join(
    rng: np.random.Generator, tape: Tape, house: Institution, law: Law, places: Places, who: Ints, joined: Ints
) -> None:
    """Fill the free places `who` with new women, each on her day of `joined`."""
    count = len(who)
    bank = house.place_bank[who]
    branch = house.bank_branch[bank]
    region = house.branch_region[branch]
    rural = house.branch_rural[branch] ^ (rng.random(count) < 0.12)

    urban_weights = np.array([s.urban for s in SECTORS])
    rural_weights = np.array([s.rural for s in SECTORS])
    weights = np.where(rural[:, None], rural_weights / rural_weights.sum(), urban_weights / urban_weights.sum())
    sector = (rng.random(count)[:, None] > np.cumsum(weights, axis=1)[:, :-1]).sum(axis=1)

    # The planted proxy: mother tongue is never a cause, while district and the way to the meeting give it away.
    native = rng.random(count) < np.clip(np.array([r.indigenous for r in REGIONS])[region] + 0.3 * (rural - 0.5), 0, 1)
    native &= np.array([r.indigenous for r in REGIONS])[region] > 0
    district = np.where(native, rng.integers(0, 3, count), rng.integers(2, DISTRICTS_PER_BRANCH, count))
    travel = np.rint(rng.gamma(2.0, np.where(rural, 22.0, 9.0)) + np.where(native, 18.0, 0.0)).astype(np.int64)

    punctual = rng.standard_normal(count)
    business_age = rng.gamma(1.6, 1200.0, count).astype(np.int64)
    person = tape.add(
        "members",
        branch=branch,
        joined=joined,
        sector=sector,
        business_from=joined - business_age,
        business_known=rng.random(count) > 0.04,
        rural=rural,
        born=joined - rng.integers(19 * 365, 62 * 365, count),
        native=native,
        region=region,
        district=branch * DISTRICTS_PER_BRANCH + district,
        travel=travel,
    )
    tape.add(
        "memberships",
        person=person,
        group=house.place_group[who],
        since=joined,
        until=np.full(count, STILL_HERE),
        event=at(joined, 12),
        known=at(joined, 18),
    )
    places.person[who] = person
    places.sector[who] = sector
    places.business_from[who] = joined - business_age
    places.punctual[who] = punctual
    places.effect[who] = law.member_sd * (0.75 * punctual + np.sqrt(1 - 0.75**2) * rng.standard_normal(count))
    places.trouble[who] = law.trouble_sd * rng.standard_normal(count)
    for name in ("loans", "amount", "savings"):
        getattr(places, name)[who] = 0
    for name in ("late", "worst", "covered"):
        getattr(places, name)[who] = 0.0
    places.attended[who] = np.nan
    places.fell[who] = False
    places.left_debt[who] = False
    places.margin[who] = rng.normal(np.where(rural, 5.5, 5.75), 0.42)
    places.margin_shift[who] = rng.normal(0, 0.3, count)
    places.other_income[who] = np.where(rng.random(count) < 0.75, rng.lognormal(4.7, 0.55, count), 0.0)
    places.spends[who] = rng.uniform(0.32, 0.62, count)
    places.debt[who] = -1


def leave(
    rng: np.random.Generator, tape: Tape, house: Institution, law: Law, places: Places, inside: Bools, closed: Ints
) -> Bools:
    """Draw who of the places `inside` leaves once the books closed on day `closed` (per place); free the places.

    A woman who fell leaves far more often than another, and one who left debt behind always. The leaving is known up to
    five days later. What is left of her savings she takes with her.
    """
    here = inside & (places.person >= 0) & (places.loans > 0)
    log_odds = (
        LEAVE["intercept"]
        + LEAVE["fell"] * places.fell
        + LEAVE["first"] * (places.loans == 1)
        + LEAVE["effect"] * places.effect / law.member_sd
    )
    goes = here & ((rng.random(places.count) < sigmoid(log_odds)) | places.left_debt)
    who = np.flatnonzero(goes)
    day = closed[who]
    tape.add(
        "memberships",
        person=places.person[who],
        group=house.place_group[who],
        since=np.full(len(who), STILL_HERE),
        until=day,
        event=at(day, 16),
        known=at(day + rng.integers(0, 6, len(who)), 18),
    )
    rich = who[places.savings[who] > 0]
    tape.add(
        "savings",
        person=places.person[rich],
        kind=np.ones(len(rich), dtype=np.int64),
        cents=places.savings[rich],
        event=at(closed[rich], 16, 30),
        known=at(closed[rich], 18),
    )
    places.person[who] = -1
    return goes
