"""What may change before a loan is handed out: the amount, the term, the frequency, her savings, one debt elsewhere.

A lever is something still ahead of her and in her own hands. Her record, her group and its membership, and what is only
kept for audits are none. A loan is never made larger, so that none pays for another; a debt is *finished*, not paid
with this one.

How far a change is from what she asked for is counted in steps, so that unlike things can be put in order: a tenth of
the amount given up is a step; so is a month of a longer term, one frequency further, and a tenth of the amount that
she would have to put by first. To wait for a debt to end is three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscore.frequency import DAYS_PER_MONTH, FREQUENCIES
from riskscore.scoring.cases import Cases

Floats = NDArray[np.float64]

#: Lever names, in the order that breaks ties.
LEVERS = ("amount", "term", "frequency", "savings", "debt")

#: Most values tried of a lever alone, and beside another lever.
ALONE = {"amount": 100, "term": 10, "frequency": 5, "savings": 10, "debt": 1}
PAIRED = {"amount": 12, "term": 7, "frequency": 3, "savings": 4, "debt": 1}

#: Most that she may be asked to put by with the group first, as a share of the amount.
MOST_SAVINGS = 0.20

#: Steps that a wait for the end of a debt counts.
DEBT_STEPS = 3.0

#: What stands for her debts elsewhere in the snapshot.
DEBT_VIEWS = ("declared_service", "declared_count", "bureau_service", "bureau_count")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the levers have to know of her; NaN is unknown.

    Parameters
    ----------
    group_savings, within_reach : float
        What she has with the group, and at home or elsewhere by her own budget; currency.
    debts : tuple of float
        `DEBT_VIEWS` of her.
    """

    group_savings: float
    within_reach: float
    debts: tuple[float, ...]


class _Value(NamedTuple):
    lever: str
    amount: float
    term_days: float
    frequency: str
    savings: float = 0.0
    finishes: bool = False
    steps: float = 0.0


@dataclass(frozen=True, eq=False)
class Proposals:
    """Changed requests in columns, none of them asked yet.

    Parameters
    ----------
    cases : Cases
    kinds : tuple of str
        ``"amount"`` or, for a pair, ``"amount_and_term"``.
    savings : ndarray (n,)
        Put by with the group first, in currency.
    finishes : ndarray of bool (n,)
        Whether her one debt elsewhere is finished first.
    steps : ndarray (n,)
        How far from what she asked for.
    """

    cases: Cases
    kinds: tuple[str, ...]
    savings: Floats
    finishes: NDArray[np.bool_]
    steps: Floats

    @classmethod
    def joined(cls, parts: Sequence[Proposals]) -> Proposals:
        """Return the proposals of all parts, one after another."""
        return cls(
            Cases.joined([part.cases for part in parts]),
            tuple(kind for part in parts for kind in part.kinds),
            np.concatenate([part.savings for part in parts]),
            np.concatenate([part.finishes for part in parts]),
            np.concatenate([part.steps for part in parts]),
        )

    def only(self, rows: NDArray[np.intp]) -> Proposals:
        """Return the proposals of some rows."""
        return Proposals(
            self.cases.only(rows),
            tuple(self.kinds[row] for row in rows.tolist()),
            self.savings[rows],
            self.finishes[rows],
            self.steps[rows],
        )


def proposals(asked: Cases, facts: Facts) -> Proposals:
    """Return every single change of the one request `asked` worth a look, and every pair, within its product."""
    values = {lever: tuple(_values(lever, asked, facts)) for lever in LEVERS}
    rows: list[tuple[str, tuple[_Value, ...]]]
    rows = [(lever, (one,)) for lever in LEVERS for one in _spread(values[lever], ALONE[lever])]
    for first, second in combinations(LEVERS, 2):
        few = (_spread(values[first], PAIRED[first]), _spread(values[second], PAIRED[second]))
        rows += [(f"{first}_and_{second}", pair) for pair in product(*few)]
    return _columns(asked, facts, rows)


def _values(lever: str, asked: Cases, facts: Facts) -> Iterator[_Value]:
    """Yield the values of a lever, the nearest first."""
    offer, frequency = asked.products[0], asked.frequency[0]
    amount, term = float(asked.amount[0]), float(asked.term_days[0])
    here = _Value(lever, amount, term, frequency)
    step = offer.amount_step
    if lever == "amount":
        first = np.ceil(offer.amount_min / step - 1e-9) * step
        for less in np.arange(first, amount - 1e-9, step)[::-1].tolist():
            yield here._replace(amount=less, steps=10.0 * (amount - less) / amount)
    elif lever == "term":
        days = 14 if frequency in ("weekly", "fortnightly") else 30
        for longer in np.arange(term + days, offer.term_days_max + 1e-9, days).tolist():
            yield here._replace(term_days=longer, steps=(longer - term) / DAYS_PER_MONTH)
    elif lever == "frequency":
        far = {one: abs(FREQUENCIES.index(one) - FREQUENCIES.index(frequency)) for one in offer.frequencies}
        for other in sorted((one for one in far if one != frequency), key=lambda one: (far[one], one)):
            yield here._replace(frequency=other, steps=float(far[other]))
    elif lever == "savings":
        most = np.fmin(facts.within_reach, MOST_SAVINGS * amount)  # unknown savings within reach are none
        if not (np.isnan(facts.group_savings) or np.isnan(facts.within_reach)):
            for put_by in np.arange(step, most + 1e-9, step).tolist():
                yield here._replace(savings=put_by, steps=10.0 * put_by / amount)
    elif one_debt(facts.debts, float(asked.other_active_loans[0])):
        yield here._replace(finishes=True, steps=DEBT_STEPS)


def one_debt(debts: Sequence[float], other_active_loans: float) -> bool:
    """Whether she has one debt elsewhere by every view: of two, nobody knows which would end and what it takes.

    Parameters
    ----------
    debts : sequence of float
        `DEBT_VIEWS` of her; NaN is unknown.
    other_active_loans : float
        Loans elsewhere as she declares them.
    """
    _, declared, _, in_bureau = debts
    counts = np.nan_to_num([declared, in_bureau, other_active_loans])
    return float(counts.max()) == 1.0


def _spread(values: Sequence[_Value], most: int) -> list[_Value]:
    """Return at most `most` values evenly apart, both ends among them."""
    if len(values) <= most:
        return list(values)
    return [values[place] for place in np.unique(np.linspace(0, len(values) - 1, most).astype(int)).tolist()]


def _columns(asked: Cases, facts: Facts, rows: list[tuple[str, tuple[_Value, ...]]]) -> Proposals:
    n = len(rows)
    amount, term_days, frequency = float(asked.amount[0]), float(asked.term_days[0]), asked.frequency[0]
    # Of two levers the one that moves a thing says what it would be; the other says what she asked for.
    ends = [(values[0], values[-1]) for _, values in rows]
    savings = np.array([max(one.savings, other.savings) for one, other in ends], dtype=np.float64)
    finishes = np.array([one.finishes or other.finishes for one, other in ends], dtype=np.bool_)
    instead: dict[str, Floats] = {"group_savings": facts.group_savings + savings}
    for name, debt in zip(DEBT_VIEWS, facts.debts, strict=True):
        instead[name] = np.where(finishes & ~np.isnan(debt), 0.0, debt)
    cases = Cases(
        places=np.repeat(asked.places, n),
        amount=np.array([(one if one.amount != amount else other).amount for one, other in ends], dtype=np.float64),
        term_days=np.array(
            [(one if one.term_days != term_days else other).term_days for one, other in ends], dtype=np.float64
        ),
        frequency=[(one if one.frequency != frequency else other).frequency for one, other in ends],
        purpose=list(asked.purpose) * n,
        other_active_loans=np.where(finishes, 0.0, np.repeat(asked.other_active_loans, n)),
        products=list(asked.products) * n,
        instead=instead,
    )
    steps = np.array([sum(one.steps for one in values) for _, values in rows], dtype=np.float64)
    return Proposals(cases, tuple(kind for kind, _ in rows), savings, finishes, steps)
