"""What would have to change for a request to be ready: its amount, its term, or both; never her past, never her group.

A grid of amounts and terms within the product's limits is computed as real requests would be, indebtedness included,
and the nearest ones that are ready are offered, at most three; none that leaves what the model has seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from riskscore.scoring.cases import Cases, Computed, Engine
from riskscore.scoring.snapshot import Snapshot
from riskscore.scoring.wording import money

#: Amounts tried at the term asked for, amounts tried at other terms, and other terms.
AMOUNTS, AMOUNTS_AT_OTHER_TERMS, TERMS = 100, 12, 7


@dataclass(frozen=True, slots=True)
class Change:
    """A request that would be ready.

    Parameters
    ----------
    kind : str
        ``"amount"``, ``"term"`` or ``"amount_and_term"``.
    amount : float
    term_days : int
    es, en : str
    """

    kind: str
    amount: float
    term_days: int
    es: str
    en: str


def what_would_change(engine: Engine, snapshot: Snapshot, asked: Cases, found: Computed) -> tuple[Change, ...]:
    """Return the nearest changes of the one request `asked` that would be ready."""
    grid = _grid(asked)
    if not len(grid.amount):
        return ()
    computed = engine.compute(snapshot, grid, explain=False)
    ready = np.array([not whys for whys in engine.whys(computed, grid, snapshot)])
    ready &= _seen(engine, computed, found)
    amount, term = float(asked.amount[0]), float(asked.term_days[0])
    same_term, same_amount = grid.term_days == term, grid.amount == amount
    changes = []
    smaller = np.flatnonzero(ready & same_term)
    if smaller.size:
        best = smaller[grid.amount[smaller].argmax()]
        changes.append(_change("amount", grid, int(best), snapshot))
    longer = np.flatnonzero(ready & same_amount)
    if longer.size:
        best = longer[grid.term_days[longer].argmin()]
        changes.append(_change("term", grid, int(best), snapshot))
    both = np.flatnonzero(ready & ~same_term & ~same_amount)
    if both.size and not longer.size:
        most = grid.amount[both].max()
        at_most = both[grid.amount[both] == most]
        best = at_most[grid.term_days[at_most].argmin()]
        if not changes or most > changes[0].amount:
            changes.append(_change("amount_and_term", grid, int(best), snapshot))
    return tuple(changes)


def _grid(asked: Cases) -> Cases:
    product = asked.products[0]
    amount, term = float(asked.amount[0]), float(asked.term_days[0])
    step = product.amount_step
    first = np.ceil(product.amount_min / step - 1e-9) * step
    below = np.arange(first, min(amount, product.amount_max + step) - 1e-9, step)
    near = below[-AMOUNTS:]
    days = 14 if asked.frequency[0] in ("weekly", "fortnightly") else 30
    later = np.arange(term + days, product.term_days_max + 1e-9, days)[:TERMS]
    few = near[np.unique(np.linspace(0, len(near) - 1, AMOUNTS_AT_OTHER_TERMS).astype(int))] if len(near) else near
    pairs = [(one, term) for one in near.tolist()]
    pairs += [(amount, one) for one in later.tolist()]
    pairs += [(one, other) for other in later.tolist() for one in few.tolist()]
    n = len(pairs)
    return replace(
        asked,
        places=np.repeat(asked.places, n),
        amount=np.array([one for one, _ in pairs], dtype=np.float64),
        term_days=np.array([one for _, one in pairs], dtype=np.float64),
        frequency=list(asked.frequency) * n,
        purpose=list(asked.purpose) * n,
        other_active_loans=np.repeat(asked.other_active_loans, n),
        products=[product] * n,
    )


def _seen(engine: Engine, computed: Computed, found: Computed) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each row's changed features stay within what the model was made from."""
    support = engine.champion.support
    features = engine.champion.model.features
    seen = np.ones(len(computed.X), dtype=bool)
    for column, name in enumerate(features):
        values, asked = computed.X[:, column], found.X[0, column]
        reference = support.get(name)
        if reference is None or reference.low is None:
            continue
        seen &= (values == asked) | reference.holds(values) | np.isnan(values)
    return seen


def _change(kind: str, grid: Cases, row: int, snapshot: Snapshot) -> Change:
    amount, days = float(grid.amount[row]), int(grid.term_days[row])
    sum_of_money = money(amount, snapshot.currency)
    es = {
        "amount": f"Con un préstamo de hasta {sum_of_money} quedaría lista para decidir.",
        "term": f"Con un plazo de {days} días quedaría lista para decidir.",
        "amount_and_term": f"Con {sum_of_money} y un plazo de {days} días quedaría lista para decidir.",
    }[kind]
    en = {
        "amount": f"With a loan of up to {sum_of_money} it would be ready to decide.",
        "term": f"With a term of {days} days it would be ready to decide.",
        "amount_and_term": f"With {sum_of_money} and a term of {days} days it would be ready to decide.",
    }[kind]
    return Change(kind, amount, days, es, en)
