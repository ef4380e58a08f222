"""What a loan costs each period, and what loan an instalment pays for.

Two methods are in use, and the same quoted rate means different money in each:

``declining``
    interest on what is still owed: ``I = P i / (1 - (1 + i)^-n)``.
``flat``
    interest on the first principal throughout: ``I = P (1 + r n) / n``.

Every function takes numbers or numpy arrays that broadcast together, and gives back numpy values. Missing (NaN)
stays missing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import InvalidInput
from riskscore.frequency import DAYS_PER_MONTH, FREQUENCIES, PERIODS_PER_MONTH, months

Floats = NDArray[np.float64]
Method = Literal["flat", "declining"]

_DAYS: dict[str, float] = {"weekly": 7.0, "fortnightly": 14.0} | {
    name: DAYS_PER_MONTH / PERIODS_PER_MONTH[name] for name in ("twice_a_month", "monthly", "every_two_months")
}


def _checked(frequency: str) -> str:
    if frequency not in FREQUENCIES:
        raise InvalidInput.of(
            "frequency", f"{frequency!r} is not a frequency.", f"Use one of {', '.join(FREQUENCIES)}."
        )
    return frequency


def periods(term_days: float, frequency: str) -> int:
    """Return how many instalments a term holds: the nearest whole number, and at least one.

    Parameters
    ----------
    term_days : float
        From disbursement to the last instalment, in days.
    frequency : str
        One of `riskscore.frequency.FREQUENCIES`; at maturity there is one.

    Raises
    ------
    InvalidInput
        The frequency is none of these.

    Examples
    --------
    >>> periods(112, "weekly"), periods(120, "fortnightly"), periods(120, "at_maturity")
    (16, 9, 1)
    """
    if _checked(frequency) == "at_maturity":
        return 1
    return max(1, int(np.floor(term_days / _DAYS[frequency] + 0.5)))


def periods_per_month(frequency: str, term_days: float) -> float:
    """Return instalments a month; one at maturity counts as spread over the months of its term.

    Raises
    ------
    InvalidInput
        The frequency is unknown.
    """
    if _checked(frequency) == "at_maturity":
        return 1.0 / months(term_days)
    return PERIODS_PER_MONTH[frequency]


def rate_per_period(rate_per_30_days: float, frequency: str, term_days: float) -> float:
    """Return a product's rate for one period: in simple proportion to its days, never compounded.

    A week is 7 days and an average month 30.4375, so 3 % per 30 days is 0.70 % a week and 3.04375 % a month; at
    maturity the one period is the whole term.

    Raises
    ------
    InvalidInput
        The frequency is unknown.
    """
    days = term_days if _checked(frequency) == "at_maturity" else _DAYS[frequency]
    return rate_per_30_days * days / 30.0


def _price_of_one(rate: ArrayLike, n: ArrayLike, method: Method) -> Floats:
    """Return the instalment for a principal of 1."""
    i = np.asarray(rate, dtype=np.float64)
    count = np.asarray(n, dtype=np.float64)
    if method == "flat":
        return np.asarray((1.0 + i * count) / count)
    if method != "declining":
        raise InvalidInput.of("method", f"{method!r} is not a method of interest.", "Use flat or declining.")
    some = np.where(i == 0.0, 1.0, i)
    return np.where(i == 0.0, 1.0 / count, some / -np.expm1(-count * np.log1p(some)))


def instalment(principal: ArrayLike, rate_per_period: ArrayLike, n: ArrayLike, method: Method) -> Floats:
    """Return what falls due each period for a principal, in the same currency.

    Parameters
    ----------
    principal : array_like
        The amount lent.
    rate_per_period : array_like
        Interest of one period, as a fraction.
    n : array_like
        Number of equal instalments, at least 1.
    method : {"flat", "declining"}

    Raises
    ------
    InvalidInput
        `method` is neither.

    Examples
    --------
    >>> round(float(instalment(294.36, 0.01, 16, "declining")), 2)
    20.0
    """
    return np.asarray(np.asarray(principal, dtype=np.float64) * _price_of_one(rate_per_period, n, method))


def principal(instalment: ArrayLike, rate_per_period: ArrayLike, n: ArrayLike, method: Method) -> Floats:
    """Return the principal that `n` instalments pay for: the inverse of `instalment`.

    Raises
    ------
    InvalidInput
        `method` is neither flat nor declining.

    Examples
    --------
    >>> round(float(principal(20, 0.01, 16, "declining")), 2), round(float(principal(20, 0.01, 16, "flat")), 2)
    (294.36, 275.86)
    """
    return np.asarray(np.asarray(instalment, dtype=np.float64) / _price_of_one(rate_per_period, n, method))


def monthly_service(instalment: ArrayLike, frequency: str, term_days: float = DAYS_PER_MONTH) -> Floats:
    """Return instalment x instalments a month; `term_days` matters only for a loan paid at maturity.

    Raises
    ------
    InvalidInput
        The frequency is unknown.

    Examples
    --------
    >>> round(float(monthly_service(12, "weekly")), 2)
    52.0
    """
    return np.asarray(np.asarray(instalment, dtype=np.float64) * periods_per_month(frequency, term_days))


def round_down(amount: ArrayLike, step: float | Floats) -> Floats:
    """Return the largest multiple of a product's step that is no more than `amount`.

    A billionth of a step is forgiven, so that 280.0 computed as 279.9999999999 stays 280.
    """
    return np.asarray(np.floor(np.asarray(amount, dtype=np.float64) / step + 1e-9) * step)
