"""What may change before a loan is handed out: the amount, the term, the frequency, her savings, one debt elsewhere.

A lever is something still ahead of her and in her own hands. Her record, her group and its membership, and what is only
kept for audits are none. A loan is never made larger, so that none pays for another; a debt is *finished*, not paid
with this one.

How far a change is from what she asked for is counted in steps, so that unlike things can be put in order: a tenth of
the amount given up is a step; so is a month of a longer term, one frequency further, and a tenth of the amount that
she would have to put by first. To wait for a debt to end is three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

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


@dataclass(frozen=True, eq=False)
class _Moves:
    """What one lever may be moved to, the nearest first, and how many steps away each is."""

    to: NDArray[Any]
    steps: Floats

    def at(self, places: NDArray[np.intp]) -> _Moves:
        return _Moves(self.to[places], self.steps[places])

    def few(self, most: int) -> _Moves:
        """Return at most `most` of them evenly apart, both ends among them."""
        if len(self.steps) <= most:
            return self
        return self.at(np.unique(np.linspace(0, len(self.steps) - 1, most).astype(np.intp)))


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
    moves = {lever: _moves(lever, asked, facts) for lever in LEVERS}
    grids: list[dict[str, _Moves]] = [{lever: moves[lever].few(ALONE[lever])} for lever in LEVERS]
    for first, second in combinations(LEVERS, 2):
        one, other = moves[first].few(PAIRED[first]), moves[second].few(PAIRED[second])
        of_one, of_other = np.divmod(np.arange(len(one.steps) * len(other.steps)), max(len(other.steps), 1))
        grids.append({first: one.at(of_one), second: other.at(of_other)})
    return _columns(asked, facts, grids)


def _moves(lever: str, asked: Cases, facts: Facts) -> _Moves:
    offer, frequency = asked.products[0], asked.frequency[0]
    amount, term = float(asked.amount[0]), float(asked.term_days[0])
    step = offer.amount_step
    if lever == "amount":
        first = np.ceil(offer.amount_min / step - 1e-9) * step
        less = np.arange(first, amount - 1e-9, step)[::-1]
        return _Moves(less, 10.0 * (amount - less) / amount)
    if lever == "term":
        days = 14 if frequency in ("weekly", "fortnightly") else 30
        longer = np.arange(term + days, offer.term_days_max + 1e-9, days)
        return _Moves(longer, (longer - term) / DAYS_PER_MONTH)
    if lever == "frequency":
        far = {one: abs(FREQUENCIES.index(one) - FREQUENCIES.index(frequency)) for one in offer.frequencies}
        others = sorted((one for one in far if one != frequency), key=lambda one: (far[one], one))
        return _Moves(np.array(others, dtype=np.object_), np.array([float(far[one]) for one in others]))
    if lever == "savings":
        known = not (np.isnan(facts.group_savings) or np.isnan(facts.within_reach))
        most = min(facts.within_reach, MOST_SAVINGS * amount) if known else 0.0
        put_by = np.arange(step, most + 1e-9, step)
        return _Moves(put_by, 10.0 * put_by / amount)
    one = np.ones(int(one_debt(facts.debts, float(asked.other_active_loans[0]))))
    return _Moves(one, DEBT_STEPS * one)


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


def _columns(asked: Cases, facts: Facts, grids: Sequence[Mapping[str, _Moves]]) -> Proposals:
    sizes = [len(next(iter(moved.values())).steps) for moved in grids]
    n = sum(sizes)
    columns: dict[str, NDArray[Any]] = {
        "amount": np.repeat(asked.amount, n),
        "term": np.repeat(asked.term_days, n),
        "frequency": np.array(list(asked.frequency) * n, dtype=np.object_),
        "savings": np.zeros(n),
        "debt": np.zeros(n),
    }
    steps, kinds, end = np.zeros(n), list[str](), 0
    for size, moved in zip(sizes, grids, strict=True):
        place, end = slice(end, end + size), end + size
        for lever, one in moved.items():
            columns[lever][place] = one.to
            steps[place] += one.steps
        kinds += ["_and_".join(moved)] * size
    finishes = columns["debt"] > 0
    instead: dict[str, Floats] = {"group_savings": facts.group_savings + columns["savings"]}
    for name, debt in zip(DEBT_VIEWS, facts.debts, strict=True):
        instead[name] = np.where(finishes & ~np.isnan(debt), 0.0, debt)
    cases = Cases(
        places=np.repeat(asked.places, n),
        amount=columns["amount"],
        term_days=columns["term"],
        frequency=columns["frequency"].tolist(),
        purpose=list(asked.purpose) * n,
        other_active_loans=np.where(finishes, 0.0, asked.other_active_loans),
        products=list(asked.products) * n,
        instead=instead,
    )
    return Proposals(cases, tuple(kinds), columns["savings"], finishes, steps)
