"""What would have to change for a request to be ready: the nearest changes, one at a time first, then two together.

Every proposal is computed as a real request would be, net indebtedness, the product and the whole policy included.
What is offered is ready when it is asked for, lies within what the model was made from, and does not rest on a feature
without direction: that fortnightly instalments go with good banks is no reason to expect anything of fortnightly
instalments. None touches her past, her group, or a trait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from riskscore.scoring.cases import Cases, Computed, Engine
from riskscore.scoring.change_words import sentence
from riskscore.scoring.levers import DEBT_VIEWS, LEVERS, Facts, Proposals, proposals
from riskscore.scoring.limits import Limits
from riskscore.scoring.otherwise import Otherwise
from riskscore.scoring.request import ScoreRequest
from riskscore.scoring.snapshot import Snapshot

Floats = NDArray[np.float64]

#: More are not read.
MOST = 3

#: Two offers as near as this are equally near: the order of the levers decides.
SAME_STEPS = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """A request that would be ready.

    Parameters
    ----------
    kind : str
        A lever, ``"amount"``, ``"term"``, ``"frequency"``, ``"savings"`` or ``"debt"``, or two: ``"amount_and_term"``.
    amount : float
        Never more than asked for.
    term_days : int
    frequency : str
    savings : float
        To be put by with the group first, in currency; 0 where nothing.
    finishes_debt : bool
        Whether her one debt elsewhere is finished first.
    score : int
        What her score would be.
    state : str
        ``"ready"``.
    steps : float
        How far from what she asked for; see `riskscore.scoring.levers`.
    es, en : str
    """

    kind: str
    amount: float
    term_days: int
    frequency: str
    savings: float
    finishes_debt: bool
    score: int
    state: str
    steps: float
    es: str
    en: str


def what_would_change(
    engine: Engine,
    snapshot: Snapshot,
    asked: Cases,
    found: Computed,
    rows: Sequence[int],
    limits: Limits | None = None,
) -> dict[int, tuple[Change, ...]]:
    """Return, for each of some rows of `asked`, the nearest changes that would be ready, within her limits.

    The proposals of all of them are computed together.
    """
    grids = {row: grid for row in rows if len((grid := _grid(engine, snapshot, asked, row, limits)).kinds)}
    if not grids:
        return {}
    every = Proposals.joined(list(grids.values()))
    owners = np.repeat(list(grids), [len(grid.kinds) for grid in grids.values()])
    possible = _possible(engine, snapshot, every.cases)
    every, owners = every.only(possible), owners[possible]
    if not len(possible):
        return {}
    computed = engine.compute(snapshot, every.cases, explain=False)
    fit = _fit(engine, snapshot, every, computed, found.X[owners])
    chosen = np.concatenate([_nearest(every, np.flatnonzero(fit & (owners == row))) for row in grids])
    if not len(chosen):
        return {}
    log_odds = engine.champion.model.explain(computed.X[chosen]).log_odds
    whole = np.floor(engine.champion.model.scale.score(log_odds) + 0.5).astype(int).tolist()
    offers: dict[int, tuple[Change, ...]] = {}
    for place, score in zip(chosen.tolist(), whole, strict=True):
        row = int(owners[place])
        offers[row] = (*offers.get(row, ()), _change(every, place, score, snapshot))
    return offers


def _grid(engine: Engine, snapshot: Snapshot, asked: Cases, row: int, limits: Limits | None) -> Proposals:
    """Return what is worth a look for one row, within her limits."""
    one = asked.only(np.array([row]))
    values = snapshot.values[one.places]
    known = {name: float(engine.fact(values, name)[0]) for name in ("group_savings", "accessible_savings", *DEBT_VIEWS)}
    facts = Facts(known["group_savings"], known["accessible_savings"], tuple(known[name] for name in DEBT_VIEWS))
    grid = proposals(one, facts)
    return grid if limits is None else grid.only(np.flatnonzero(limits.allow(grid.cases, grid.savings, grid.finishes)))


def as_changed(snapshot: Snapshot, request: ScoreRequest, change: Change | Otherwise) -> tuple[Snapshot, ScoreRequest]:
    """Return the snapshot and the request as they would be: what an offer says can be asked again in full."""
    values = snapshot.values.copy()
    place = snapshot.place(request.subject)
    if change.savings:
        values[place, snapshot.names.index("group_savings")] += change.savings
    if change.finishes_debt:
        for name in (name for name in DEBT_VIEWS if name in snapshot.names):
            column = snapshot.names.index(name)
            values[place, column] = np.where(np.isnan(values[place, column]), np.nan, 0.0)
    asked = replace(
        request,
        amount=change.amount,
        term_days=change.term_days,
        frequency=change.frequency,
        other_active_loans=0 if change.finishes_debt else request.other_active_loans,
    )
    return replace(snapshot, values=values), asked


def _possible(engine: Engine, snapshot: Snapshot, cases: Cases) -> NDArray[np.intp]:
    """Return the rows of cases that may be offered as far as the model has no say: it is asked of those alone.

    They keep to cap and progression, and lie within what the model was made from. Mostly none does.
    """
    left = np.flatnonzero(engine.bearable(snapshot, cases))
    if len(left):
        left = left[engine.champion.supports(engine.columns(snapshot, cases.only(left))[0])]
    return left


def _fit(engine: Engine, snapshot: Snapshot, every: Proposals, computed: Computed, asked: Floats) -> NDArray[np.bool_]:
    """Return which proposals are ready, by their own values and sceptically.

    A sceptical look is only stricter, so that those which are too risky without it are spared it.
    """
    fit = np.asarray(expit(computed.own_log_odds) < engine.policy.talk_from)
    left = np.flatnonzero(fit)
    if len(left):
        sceptical = _sceptical(engine, computed.only(left), asked[left])
        fit[left] = [not whys for whys in engine.whys(sceptical, every.cases.only(left), snapshot)]
    return fit


def _sceptical(engine: Engine, computed: Computed, asked: Floats) -> Computed:
    """Return `computed` at the higher of two risks: as it is, and with features without direction as in `asked`.

    `asked` are the model's columns of what was asked for, a row for each of `computed`.
    """
    champion = engine.champion
    free = [place for place, name in enumerate(champion.model.features) if champion.lock.feature(name).risk == "free"]
    held = computed.X.copy()
    held[:, free] = asked[:, free]
    _, own = engine.own_record.log_odds(held)
    return replace(computed, own_log_odds=np.fmax(computed.own_log_odds, own))


def _nearest(grid: Proposals, fit: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return which of the rows `fit` to offer: each lever's nearest, then pairs that are nearer than every lever alone.

    The rows are of one request.
    """
    nearest: dict[str, int] = {}
    for row in fit.tolist():
        kind = grid.kinds[row]
        if kind not in nearest or grid.steps[row] < grid.steps[nearest[kind]]:
            nearest[kind] = row
    singles = [row for kind, row in nearest.items() if kind in LEVERS]
    pairs = [row for kind, row in nearest.items() if kind not in LEVERS]
    singles.sort(key=lambda row: round(float(grid.steps[row]) / SAME_STEPS))
    pairs.sort(key=lambda row: round(float(grid.steps[row]) / SAME_STEPS))
    least = min((float(grid.steps[row]) for row in singles), default=np.inf)
    nearer = [row for row in pairs if grid.steps[row] < least - SAME_STEPS]
    return np.array([*singles, *nearer][:MOST], dtype=np.intp)


def _change(offered: Proposals, row: int, score: int, snapshot: Snapshot) -> Change:
    cases, kind = offered.cases, offered.kinds[row]
    amount, days, frequency = float(cases.amount[row]), int(cases.term_days[row]), cases.frequency[row]
    savings, finishes = float(offered.savings[row]), bool(offered.finishes[row])
    es, en = (
        sentence(
            language,
            kind,
            amount=amount,
            term_days=days,
            frequency=frequency,
            savings=savings,
            currency=snapshot.currency,
            score=score,
        )
        for language in ("es", "en")
    )
    steps = round(float(offered.steps[row]), 6)
    return Change(kind, amount, days, frequency, savings, finishes, score, "ready", steps, es, en)
