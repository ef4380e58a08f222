"""The moment of asking: who asks for what, and what her state then adds to the log-odds of a direct fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.frequency import PERIODS_PER_MONTH
from riskscore.simulator import households
from riskscore.simulator.arrays import Bools, Floats, Ints, months_of
from riskscore.simulator.institution import SECTORS, Institution
from riskscore.simulator.people import Places
from riskscore.simulator.scenario import Scenario

#: Flat interest per 30 days on a member's loan; amounts in cents.
RATE = 0.025
AMOUNT_STEP, AMOUNT_LEAST, AMOUNT_MOST = 10_00, 100_00, 1_000_00
GROWTH_MOST = 2.0
#: Median of a first amount in dollars, for a woman of a usual surplus.
FIRST_AMOUNT, USUAL_SURPLUS = 232.0, 250.0
BOLD = 0.16

_LEAN = np.array([[month in sector.lean_months for month in range(13)] for sector in SECTORS], dtype=np.float64)
_SECTOR_LOG_ODDS = np.array([sector.log_odds for sector in SECTORS])


@dataclass(frozen=True, slots=True)
class Asking:
    """The women who ask in one cycle of their banks, one entry a woman; days from 1970-01-01.

    `place`, `group`, `bank` and `region` are indices into the institution, `count` the number of instalments and
    `spacing` the days between them.
    """

    place: Ints
    group: Ints
    bank: Ints
    region: Ints
    ask: Ints
    disbursed: Ints
    closes: Ints
    term: Ints
    spacing: Ints
    count: Ints

    def only(self, kept: Bools) -> Asking:
        """Return the women where `kept` is true."""
        return Asking(*(getattr(self, name)[kept] for name in self.__slots__))


def instalment_of(amount: Ints, term: Ints, count: Ints, rate: float) -> Ints:
    """Return the equal instalment of a flat loan in cents, rounded up so that the last one is like the others."""
    return np.ceil(amount * (1.0 + rate * term / 30.0) / count).astype(np.int64)


def principal_of(amount: Ints, count: Ints) -> Ints:
    """Return principal by loan and instalment in cents: equal parts, with the rest in the last one."""
    number = np.arange(int(count.max()))
    each = amount // count
    last = amount - each * (count - 1)
    return np.where(number == (count - 1)[:, None], last[:, None], each[:, None])


def requested(rng: np.random.Generator, places: Places, place: Ints) -> Ints:
    """Draw the amounts asked for, in cents: a growing sequence, bold at times, hardly growing after a fall."""
    surplus = households.surplus_of(places, place)
    count = len(place)
    start = FIRST_AMOUNT * np.exp(rng.normal(0, 0.3, count)) * (surplus / USUAL_SURPLUS) ** 0.25 * 100
    # Who is pressed asks for more at once.
    pressed = np.exp(0.45 * places.trouble[place] + 0.4 * places.effect[place])
    bold = rng.random(count) < BOLD * pressed
    growth = np.exp(np.where(bold, rng.uniform(0.3, 0.68, count), rng.normal(0.12, 0.12, count)))
    growth = np.where(places.fell[place] & ~bold, np.minimum(growth, 1.05), growth)
    asked = np.where(places.loans[place] == 0, start, places.amount[place] * np.minimum(growth, GROWTH_MOST))
    asked = np.clip(asked, AMOUNT_LEAST, AMOUNT_MOST)
    return (asked / AMOUNT_STEP).astype(np.int64) * AMOUNT_STEP


def causes(house: Institution, scenario: Scenario, places: Places, asking: Asking, amount: Ints) -> dict[str, Floats]:
    """Return what each cause adds to the log-odds of a direct fall, by the names of `riskscore.simulator.law.CAUSES`.

    All but the last four can be built, more or less well, from what the tables show at the moment she asks. Each is
    centred on what is usual; what needs a past is 0 for a woman without one.
    """
    place = asking.place
    loans = places.loans[place]
    old = loans > 0
    late, covered = places.late[place], places.covered[place]
    own = 1.9 * (late - 0.08) + 0.34 * (np.log1p(places.worst[place]) - 1.5) + 3.0 * (covered - 0.01)

    # Her neighbours' record: the mean over the other women of the communal bank who have one.
    shown = (late + 2.0 * covered) * old
    others = np.bincount(asking.bank, weights=old)[asking.bank] - old
    mean = (np.bincount(asking.bank, weights=shown)[asking.bank] - shown) / np.maximum(1, others)

    sector = places.sector[place]
    bound = bound_to_the_request(
        amount=amount,
        term=asking.term,
        spacing=asking.spacing,
        disbursed=asking.disbursed,
        sector=sector,
        surplus=households.surplus_of(places, place),
        service=households.service_of(places, place),
        savings=places.savings[place],
        previous=places.amount[place],
    )
    missed = np.where(old, 0.93 - np.nan_to_num(places.attended[place], nan=0.93), 0.0)
    age = np.maximum(0, asking.ask - places.business_from[place]) / 365.25
    return {
        "repayment": old * own,
        "peers": np.where(others > 0, 4.0 * (mean - 0.10), 0.0),
        "capacity": bound["capacity"],
        "request": bound["request"],
        "savings": bound["savings"],
        "attendance": 1.6 * missed,
        # Experience helps for some loans; later the terms fit her less and less (the matching problem).
        "experience": 0.35 * ~old - 0.05 * np.minimum(loans, 4) + 0.05 * np.maximum(0, loans - 6),
        "business": _SECTOR_LOG_ODDS[sector] - 0.40 * (np.log1p(age) - 1.5),
        "season": bound["season"],
        "shock": scenario.log_odds(asking.region, sector, asking.ask),
        "member": places.effect[place],
        "trouble": places.trouble[place],
        "group": house.group_effect[asking.group],
        "bank": house.bank_effect[asking.bank],
    }


def bound_to_the_request(
    *,
    amount: Ints,
    term: Ints,
    spacing: Ints,
    disbursed: Ints,
    sector: Ints,
    surplus: Floats,
    service: Floats,
    savings: Ints,
    previous: Ints,
) -> dict[str, Floats]:
    """Return the causes that another request would change: capacity, request, savings and season.

    Parameters
    ----------
    amount, savings, previous : ndarray
        Cents; `previous` is 0 for a woman without an earlier loan.
    term, spacing, disbursed : ndarray
        Days; `spacing` is 7 or 14.
    sector : ndarray
        Index into the institution's sectors.
    surplus, service : ndarray
        True amounts a month in currency: what is left over before debts, and what goes to lenders outside the group.
    """
    old = previous > 0
    instalment = instalment_of(amount, term, term // spacing, RATE) / 100
    monthly = instalment * np.where(spacing == 7, PERIODS_PER_MONTH["weekly"], PERIODS_PER_MONTH["fortnightly"])
    burden = (service + monthly) / surplus
    growth = np.log(amount / np.where(old, previous, amount))
    saved = np.minimum(0.6, savings / amount)
    return {
        "capacity": 1.5 * (np.clip(burden, 0.0, 1.5) - 0.6),
        "request": 1.3 * (growth - 0.10) * old,
        "savings": -1.5 * (saved - 0.15) * old,
        "season": 0.6 * _lean_share(sector, disbursed, term),
    }


def _lean_share(sector: Ints, disbursed: Ints, term: Ints) -> Floats:
    """Return the share of eight moments of the loan's term, evenly apart, that lie in lean months of her business."""
    share = np.zeros(len(sector))
    for eighth in range(1, 9):
        share += _LEAN[sector, months_of(disbursed + term * eighth // 8)] / 8
    return share
