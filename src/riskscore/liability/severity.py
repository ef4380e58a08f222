"""How much of a fallen member's loan she never pays herself, read from who paid."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.liability.pairs import REPLICATES, ratio_estimate
from riskscore.liability.shares import Estimate

#: Steps in which the spread of severities is kept.
STEPS = 20


def severity(
    owed: ArrayLike,
    own: ArrayLike,
    *,
    cluster: ArrayLike,
    level: float = 0.90,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Estimate:
    """Return the share of fallen members' loans that others, or nobody, paid: ``1 - sum own / sum owed``.

    Parameters
    ----------
    owed : array_like (n,)
        Principal and interest of each loan that ended bad, in currency, above 0.
    own : array_like (n,)
        What the member paid of it herself, in [0, owed].
    cluster : array_like (n,)
        Her communal bank; the interval draws whole banks.

    Raises
    ------
    InvalidInput
        Amounts out of range or lengths that differ, all at once.
    Refused
        No loan ended bad.

    Examples
    --------
    >>> severity([100.0, 300.0], [80.0, 220.0], cluster=[1, 2]).value
    0.25
    """
    due, paid = np.asarray(owed, dtype=np.float64), np.asarray(own, dtype=np.float64)
    banks = np.asarray(cluster)
    faults = []
    if due.ndim != 1 or not np.all(due > 0):
        faults.append(Fault("owed", "an amount is missing, 0 or negative.", "Give what each loan was to bring."))
    if paid.shape != due.shape or not np.all((paid >= 0) & (paid <= due)):
        faults.append(Fault("own", "an amount is outside [0, owed] or missing.", "Give what she paid herself."))
    if banks.shape != due.shape:
        faults.append(Fault("cluster", "it is of another length.", "Give the communal bank of each loan."))
    if faults:
        raise InvalidInput(faults)
    if not due.size:
        raise Refused.of("owed", "no loan ended bad: nothing tells who would pay.", "Use the recipe's assumption.")
    codes = np.unique(banks, return_inverse=True)[1].astype(np.int64)
    return ratio_estimate(due - paid, due, codes, level=level, replicates=replicates, seed=seed)


def severity_steps(owed: ArrayLike, own: ArrayLike) -> tuple[float, ...]:
    """Return `STEPS` equally likely severities, each the mean of its part of the loans, weighted by what was owed.

    Most falls cost little and some the whole loan: it is the latter that pass through the waterfall, and one mean
    for all would never show them. The mean of the steps is the ratio of `severity`.

    Examples
    --------
    >>> steps = severity_steps([100.0] * 40, [100.0] * 20 + [0.0] * 20)
    >>> steps[0], steps[-1], sum(steps) / len(steps)
    (0.0, 1.0, 0.5)
    """
    due, paid = np.asarray(owed, dtype=np.float64), np.asarray(own, dtype=np.float64)
    share = 1.0 - paid / due
    order = np.argsort(share, kind="stable")
    reach = np.concatenate([[0.0], np.cumsum(due[order])]) / due.sum()
    lost = np.concatenate([[0.0], np.cumsum((due - paid)[order])]) / due.sum()
    at = np.interp(np.linspace(0.0, 1.0, STEPS + 1), reach, lost)
    return tuple(np.clip(np.diff(at) * STEPS, 0.0, 1.0).tolist())
