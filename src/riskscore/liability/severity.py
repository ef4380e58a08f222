"""How much of a fallen member's loan she never pays herself, and who paid it for her, read from the record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.liability.pairs import REPLICATES, ratio_estimate
from riskscore.liability.shares import Estimate

#: Steps in which the spread of falls is kept.
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


@dataclass(frozen=True, slots=True)
class FallSteps:
    """Equally likely falls: what was missing of each, and who paid of it, as shares of the loan.

    Parameters
    ----------
    missing, by_savings, by_group : tuple of float
        In [0, 1], one a step; ``missing`` is the severity, and what neither paid of it reaches the bank.
    """

    missing: tuple[float, ...]
    by_savings: tuple[float, ...]
    by_group: tuple[float, ...]


def fall_steps(owed: ArrayLike, own: ArrayLike, by_savings: ArrayLike, by_group: ArrayLike) -> FallSteps:
    """Return `STEPS` equally likely falls, each the mean of its part of the loans, weighted by what was owed.

    Most falls are paid in full by others and some by nobody: it is the latter that reach the bank, and one mean for all
    would never show them. Loans are taken in the order of what nobody paid, then of what was missing. The means of the
    steps are the ratios over all loans.

    Parameters
    ----------
    owed, own : array_like (n,)
        As in `severity`.
    by_savings, by_group : array_like (n,)
        What savings and her group paid of ``owed - own``, in currency.

    Examples
    --------
    >>> steps = fall_steps([100.0] * 40, [50.0] * 40, [0.0] * 40, [50.0] * 20 + [0.0] * 20)
    >>> steps.missing[0], steps.by_group[0], steps.by_group[-1], sum(steps.by_group) / len(steps.by_group)
    (0.5, 0.5, 0.0, 0.25)
    """
    due, paid, savings, group = (np.asarray(one, dtype=np.float64) for one in (owed, own, by_savings, by_group))
    missing = due - paid
    order = np.lexsort((missing / due, (missing - savings - group) / due))
    reach = np.concatenate([[0.0], np.cumsum(due[order])]) / due.sum()

    def steps(amount: NDArray[np.float64]) -> tuple[float, ...]:
        so_far = np.concatenate([[0.0], np.cumsum(amount[order])]) / due.sum()
        at = np.interp(np.linspace(0.0, 1.0, STEPS + 1), reach, so_far)
        return tuple(np.clip(np.diff(at) * STEPS, 0.0, 1.0).tolist())

    return FallSteps(steps(missing), steps(savings), steps(group))


def covered_share(
    covered: ArrayLike,
    missing: ArrayLike,
    *,
    cluster: ArrayLike,
    before: float,
    before_cases: float,
    level: float = 0.90,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Estimate:
    """Return the share of what was missing that a layer of the waterfall paid, drawn towards what is believed before.

    ``Z x sum covered / sum missing + (1 - Z) x before`` with ``Z = n / (n + before_cases)``, n being falls of which
    something was missing.

    Parameters
    ----------
    covered, missing : array_like (n,)
        What the layer paid, and what was missing, of each fall, in currency; 0 <= covered <= missing.
    cluster : array_like (n,)
        Her communal bank; the interval draws whole banks.
    before : float
        In [0, 1].
    before_cases : float
        Falls that it is worth, above 0.

    Raises
    ------
    InvalidInput
        Amounts out of range or lengths that differ, all at once.
    Refused
        Nothing was missing of any fall.

    Examples
    --------
    >>> covered_share([30.0, 0.0], [50.0, 50.0], cluster=[1, 2], before=0.0, before_cases=2).value
    0.15
    """
    paid, lacked, banks = np.asarray(covered, np.float64), np.asarray(missing, np.float64), np.asarray(cluster)
    faults = []
    if lacked.ndim != 1 or not np.all(lacked >= 0):
        faults.append(Fault("missing", "an amount is absent or negative.", "Give 0 or more for each fall."))
    if paid.shape != lacked.shape or not np.all((paid >= 0) & (paid <= lacked)):
        faults.append(Fault("covered", "it is outside [0, missing].", "Give what the layer paid of each fall."))
    if banks.shape != lacked.shape:
        faults.append(Fault("cluster", "it is of another length.", "Give the communal bank of each fall."))
    if not 0 <= before <= 1 or not before_cases > 0:
        faults.append(Fault("before", "it is no share, or worth no case.", "Give a share and cases above 0."))
    if faults:
        raise InvalidInput(faults)
    some = lacked > 0
    if not some.any():
        raise Refused.of("missing", "nothing was missing of any fall: nothing tells who would pay.", "Assume it.")
    codes = np.unique(banks[some], return_inverse=True)[1].astype(np.int64)
    found = ratio_estimate(paid[some], lacked[some], codes, level=level, replicates=replicates, seed=seed)
    z = found.cases / (found.cases + before_cases)
    value, low, high = (z * one + (1.0 - z) * before for one in (found.value, found.low, found.high))
    return Estimate(value, low, high, level, found.cases)
