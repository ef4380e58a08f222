"""The household's money: what a month leaves, what it owes elsewhere, and what of this the papers show.

The law works on the true figures. The tables show a declared budget, off by some 15 % an item, refreshed some days
before each request; debts elsewhere as she declares them, some of them left out; and as a bureau publishes them,
30 to 45 days after the day they speak of and without what informal lenders are owed.
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints
from riskscore.simulator.people import Places
from riskscore.simulator.tape import Tape, at

#: Kinds of lender with: share of new debts, chance to be declared, chance to be in the bureau, instalments a month.
LENDERS = ("bank", "ngo", "cooperative", "supplier", "informal")
LENDER_SHARE = np.array([0.25, 0.25, 0.15, 0.20, 0.15])
DECLARED = np.array([0.92, 0.88, 0.92, 0.75, 0.60])
IN_BUREAU = np.array([0.97, 0.35, 0.80, 0.0, 0.0])
FREQUENCY = np.array([3, 3, 3, 1, 0])
PERIODS = np.array([1.0, 1.0, 1.0, 26 / 12, 52 / 12])

BUREAU_LAG = (30, 45)
NEW_DEBT = (0.13, 0.07)
#: Slots of debts that a household plans for; the law of distress knows of these.
PLANNED = len(NEW_DEBT)
LEAST_SURPLUS = 15.0


def live_on(rng: np.random.Generator, places: Places, who: Ints, ask: Ints) -> None:
    """Move margins and debts of the women `who` on to the day of their request: old debts end, new ones begin."""
    places.margin_shift[who] = 0.8 * places.margin_shift[who] + rng.normal(0, 0.18, len(who))
    surplus = surplus_of(places, who)
    for slot, chance in enumerate(NEW_DEBT):
        ended = places.debt_ends[who, slot] <= ask
        places.debt[who[ended], slot] = -1
        free = places.debt[who, slot] < 0
        pressed = np.exp(0.5 * places.trouble[who] + 0.5 * places.effect[who])
        takes = free & (rng.random(len(who)) < chance * pressed)
        new = who[takes]
        kind = np.searchsorted(np.cumsum(LENDER_SHARE)[:-1], rng.random(len(new)), side="right")
        monthly = np.maximum(surplus[takes], 40.0) * rng.uniform(0.08, 0.35, len(new))
        places.debt[new, slot] = places.debts_made + np.arange(len(new))
        places.debts_made += len(new)
        places.debt_from[new, slot] = ask[takes] - rng.integers(0, 150, len(new))
        places.debt_kind[new, slot] = kind
        places.debt_ends[new, slot] = ask[takes] + rng.integers(120, 540, len(new))
        places.debt_instalment[new, slot] = np.maximum(1.0, np.round(monthly / PERIODS[kind], 2))


def surplus_of(places: Places, who: Ints) -> Floats:
    """Return the true monthly surplus before debt service: margin and other income less household costs."""
    income = np.exp(places.margin[who] + places.margin_shift[who]) + places.other_income[who]
    return np.maximum(LEAST_SURPLUS, income * (1.0 - places.spends[who]))


def service_of(places: Places, who: Ints) -> Floats:
    """Return the true debt service a month of the debts outside the group that the household planned for."""
    return _service(places, who, PLANNED)


def owed_of(places: Places, who: Ints) -> Floats:
    """Return the true debt service a month of all debts outside the group, those borne by sacrifice included."""
    return _service(places, who, places.debt.shape[1])


def _service(places: Places, who: Ints, slots: int) -> Floats:
    owed = places.debt[who, :slots] >= 0
    each = places.debt_instalment[who, :slots] * PERIODS[places.debt_kind[who, :slots]]
    return np.asarray((owed * each).sum(axis=1))


def write_papers(
    rng: np.random.Generator, aside: np.random.Generator, tape: Tape, places: Places, who: Ints, ask: Ints
) -> Ints:
    """Write the budget and the debts of `who` before their request; return the number of debts each declares.

    What is said of debts beyond the planned ones is drawn from `aside`, so that they move nothing else.
    """
    _write_budgets(rng, tape, places, who, ask)
    declared = np.zeros(len(who), dtype=np.int64)
    for slot in range(places.debt.shape[1]):
        declared += _write_slot(rng if slot < PLANNED else aside, tape, places, who, ask, slot)
    return declared


def _write_slot(rng: np.random.Generator, tape: Tape, places: Places, who: Ints, ask: Ints, slot: int) -> Bools:
    """Write a debt of each of `who` as declared and as a bureau shows it; return who declares one."""
    owes = places.debt[who, slot] >= 0
    kind = places.debt_kind[who, slot]
    says: Bools = owes & (rng.random(len(who)) < DECLARED[kind])
    signed = ask - rng.integers(1, 4, len(who))
    _write_debts(tape, places, who[says], slot, source=0, event=at(signed[says], 11), known=at(signed[says], 18))

    spoken_of = ask - rng.integers(31, 76, len(who))
    published = spoken_of + rng.integers(BUREAU_LAG[0], BUREAU_LAG[1] + 1, len(who))
    shown = owes & (places.debt_from[who, slot] <= spoken_of) & (rng.random(len(who)) < IN_BUREAU[kind])
    late = np.where(
        rng.random(len(who)) < 0.06 * np.exp(0.8 * places.effect[who] + 0.8 * places.trouble[who]),
        rng.integers(3, 60, len(who)),
        0,
    )
    _write_debts(
        tape,
        places,
        who[shown],
        slot,
        source=1,
        event=at(spoken_of[shown], 0),
        known=at(published[shown], 8),
        late=late[shown],
    )
    return says


def _write_budgets(rng: np.random.Generator, tape: Tape, places: Places, who: Ints, ask: Ints) -> None:
    count = len(who)
    margin = np.exp(places.margin[who] + places.margin_shift[who])
    costs = margin * rng.uniform(0.8, 2.5, count)
    spent = (margin + places.other_income[who]) * places.spends[who]
    kept: Bools = rng.random(count) > 0.04
    taken = ask - rng.integers(2, 15, count)

    def says(amount: Floats, sd: float = 0.12) -> Ints:
        return np.rint(amount * np.exp(rng.normal(0, sd, count)) * 100).astype(np.int64)

    revenue_cents = says(margin, 0.15) + np.rint(costs * 100).astype(np.int64)
    other_cents = np.where(rng.random(count) < 0.03, -1, says(places.other_income[who]))
    saved_cents = np.where(rng.random(count) < 0.10, -1, says(rng.gamma(0.8, 45.0, count)))
    tape.add(
        "budgets",
        person=places.person[who][kept],
        revenue=revenue_cents[kept],
        costs=np.rint(costs * 100).astype(np.int64)[kept],
        other=other_cents[kept],
        household=says(spent)[kept],
        saved=saved_cents[kept],
        event=at(taken, 10)[kept],
        known=at(taken, 18)[kept],
    )


def _write_debts(
    tape: Tape, places: Places, who: Ints, slot: int, *, source: int, event: Ints, known: Ints, late: Ints | None = None
) -> None:
    kind = places.debt_kind[who, slot]
    cents = np.rint(places.debt_instalment[who, slot] * 100).astype(np.int64)
    left = np.maximum(0, places.debt_ends[who, slot] - event // (24 * 60))
    tape.add(
        "obligations",
        person=places.person[who],
        debt=places.debt[who, slot],
        source=np.full(len(who), source, dtype=np.int64),
        kind=kind,
        cents=cents,
        frequency=FREQUENCY[kind],
        balance=np.rint(cents * PERIODS[kind] * left / 30.4375).astype(np.int64),
        ends=places.debt_ends[who, slot],
        late=np.full(len(who), -1, dtype=np.int64) if late is None else late,
        event=event,
        known=known,
    )
