"""What twenty cases can say of a probability: an interval, and never zero."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from riskscore.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True)
class Posterior:
    """A probability after prior and record.

    Parameters
    ----------
    mean, low, high : float
        In (0, 1); `low` and `high` hold `level` of the belief between them.
    level : float
    prior_share : float
        How much of the mean is the expert's, in [0, 1].
    """

    mean: float
    low: float
    high: float
    level: float
    prior_share: float


def _counts(n: float, falls: float, *, n_least: int) -> list[Fault]:
    if n >= n_least and 0 <= falls <= n:
        return []
    return [Fault("falls", f"{falls!r} of {n!r} is not a record.", f"Give falls in [0, n] and n of {n_least} or more.")]


def _within(**chances: float) -> list[Fault]:
    return [
        Fault(name, f"{value!r} is outside (0, 1).", "Give a number inside it.")
        for name, value in chances.items()
        if not 0.0 < value < 1.0
    ]


def beta_posterior(
    n: float, falls: float, *, prior_rate: float, prior_cases: float = 20.0, level: float = 0.90
) -> Posterior:
    """Update an expert's rate, worth `prior_cases` cases, by `falls` of `n`; both may be effective counts.

    Raises
    ------
    InvalidInput
        Every number out of range, at once.

    Examples
    --------
    >>> found = beta_posterior(20, 0, prior_rate=0.10)
    >>> round(found.mean, 3), round(found.low, 4), round(found.high, 4), found.prior_share
    (0.05, 0.0092, 0.116, 0.5)
    """
    faults = _counts(n, falls, n_least=0) + _within(prior_rate=prior_rate, level=level)
    if not prior_cases > 0:
        faults.append(Fault("prior_cases", f"{prior_cases!r} is not above 0.", "Give the cases the prior is worth."))
    if faults:
        raise InvalidInput(faults)
    belief = stats.beta(prior_cases * prior_rate + falls, prior_cases * (1 - prior_rate) + n - falls)
    low, high = belief.interval(level)
    return Posterior(float(belief.mean()), float(low), float(high), level, prior_cases / (prior_cases + n))


def zero_falls_upper(n: int, *, confidence: float) -> float:
    """Return the highest rate under which no fall among n is no rarer than ``1 - confidence`` (Pluto and Tasche).

    Raises
    ------
    InvalidInput
        `n` below 1 or `confidence` outside (0, 1).

    Examples
    --------
    >>> round(zero_falls_upper(20, confidence=0.95), 4)
    0.1391
    """
    faults = _counts(n, 0, n_least=1) + _within(confidence=confidence)
    if faults:
        raise InvalidInput(faults)
    return float(1.0 - (1.0 - confidence) ** (1.0 / n))
