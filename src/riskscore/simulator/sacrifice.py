"""Debts that are borne by sacrifice: the group's ledger stays clean, and the household goes without.

A loan repaid on time by eating less or by selling the sewing machine is over-indebtedness all the same (Gonzalez 2008,
Bolivia), and in Ghana it went with lateness and the burden of debt, never with amounts (Schicks 2013). So these debts
stand outside the law of distress: they raise what a household owes and the chance that a survey hears of a sacrifice,
and leave the probability of distress where it was. That is why a low probability of distress proves nothing about
what a household can afford, here as there.
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints
from riskscore.simulator.households import PERIODS, PLANNED, live_on, owed_of, service_of, surplus_of
from riskscore.simulator.law import Law
from riskscore.simulator.people import Places

#: The slot of a place's debts that holds one of these.
BORNE = PLANNED
#: Chance to take one in a cycle for a household without debts elsewhere in a usual year, and when one has just ended:
#: a loan to repay a loan.
TAKEN, TAKEN_AGAIN, MOST = 0.05, 0.45, 0.70
#: What it takes of the surplus, from and to.
SHARE = (0.40, 1.25)
DAYS = (90, 330)
LENDER_SHARE = np.array([0.10, 0.30, 0.15, 0.15, 0.30])
#: Draws of the cycle ahead behind the true probability; the debt itself is integrated in closed form.
DRAWS = 20

_CARRIED = (
    *("trouble", "effect", "margin", "margin_shift", "other_income", "spends"),
    *("debt", "debt_from", "debt_ends", "debt_kind", "debt_instalment"),
)


def strain(rng: np.random.Generator, places: Places, who: Ints, ask: Ints, shock: Floats) -> None:
    """Move the borne debts of the women `who` on to the day of their request: old ones end, new ones begin.

    `shock` is what a recession or a fall of prices adds to the logarithm of the chance.
    """
    ended = _ended(places, who, ask)
    chance = _chance(places, who, ended, shock)
    places.debt[who[ended], BORNE] = -1
    takes = rng.random(len(who)) < chance
    new = who[takes]
    kind = np.searchsorted(np.cumsum(LENDER_SHARE)[:-1], rng.random(len(new)), side="right")
    monthly = surplus_of(places, new) * rng.uniform(*SHARE, len(new))
    places.debt[new, BORNE] = places.debts_made + np.arange(len(new))
    places.debts_made += len(new)
    places.debt_from[new, BORNE] = ask[takes] - rng.integers(35, 110, len(new))
    places.debt_kind[new, BORNE] = kind
    places.debt_ends[new, BORNE] = ask[takes] + rng.integers(*DAYS, len(new))
    places.debt_instalment[new, BORNE] = np.maximum(1.0, np.round(monthly / PERIODS[kind], 2))


def outlook(
    rng: np.random.Generator, law: Law, places: Places, who: Ints, next_ask: Ints, p_bad: Floats, shock: Floats
) -> Floats:
    """Return the probability that each woman's true debts elsewhere take more than her true surplus when she next asks.

    Her state and the shocks are as at the present request; what a cycle changes (a fall, trouble, her business, other
    debts) is drawn, and the debt borne by sacrifice integrated over.
    """
    everyone = np.arange(len(who))
    total = np.zeros(len(who))
    for _ in range(DRAWS):
        later = Places(len(who))
        for name in _CARRIED:
            setattr(later, name, getattr(places, name)[who])
        falls = rng.random(len(who)) < p_bad
        later.trouble = (
            law.trouble_keep * later.trouble + law.trouble_fall * falls + law.trouble_sd * rng.standard_normal(len(who))
        )
        live_on(rng, later, everyone, next_ask)
        ended = _ended(later, everyone, next_ask)
        chance = _chance(later, everyone, ended, shock)
        later.debt[ended, BORNE] = -1
        surplus = surplus_of(later, everyone)
        already = owed_of(later, everyone) > surplus
        room = 1.0 - owed_of(later, everyone) / surplus
        tips = np.clip((SHARE[1] - room) / (SHARE[1] - SHARE[0]), 0.0, 1.0)
        total += np.where(already, 1.0, chance * tips)
    return total / DRAWS


def _ended(places: Places, who: Ints, ask: Ints) -> Bools:
    """Return where a borne debt has ended by the request."""
    return np.asarray((places.debt[who, BORNE] >= 0) & (places.debt_ends[who, BORNE] <= ask))


def _chance(places: Places, who: Ints, ended: Bools, shock: Floats) -> Floats:
    """Return the chance of a new borne debt: higher under trouble, with a weak business, and with other debts."""
    burden = np.minimum(service_of(places, who) / surplus_of(places, who), 1.5)
    pressed = 0.7 * places.trouble[who] + 0.5 * places.effect[who] - 1.2 * places.margin_shift[who] + 2.0 * burden
    fresh = np.where(ended, TAKEN_AGAIN, TAKEN * np.exp(pressed + shock))
    return np.where((places.debt[who, BORNE] >= 0) & ~ended, 0.0, np.minimum(MOST, fresh))
