"""The terms of a loan asked for, and what they make of it each period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.indebtedness.instalment import Method, instalment, periods, periods_per_month, rate_per_period

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """The loan asked for.

    Parameters
    ----------
    amount : float
        Currency.
    term_days : float
        Days.
    frequency : str
        One of `riskscore.frequency.FREQUENCIES`.
    rate_per_30_days : float
        Interest as a fraction.
    method : {"flat", "declining"}
    amount_step : float
        The largest affordable amount is a multiple of it.

    Raises
    ------
    InvalidInput
        Every number outside its range, at once.
    """

    amount: float
    term_days: float
    frequency: str
    rate_per_30_days: float
    method: Method
    amount_step: float = 10.0

    def __post_init__(self) -> None:
        fine = {
            "amount": (self.amount >= 0, "0 or more"),
            "term_days": (self.term_days > 0, "a number of days above 0"),
            "frequency": (self.frequency in FREQUENCIES, f"one of {', '.join(FREQUENCIES)}"),
            "rate_per_30_days": (self.rate_per_30_days >= 0, "a fraction of 0 or more"),
            "method": (self.method in ("flat", "declining"), "flat or declining"),
            "amount_step": (self.amount_step > 0, "a step above 0"),
        }
        faults = [
            Fault(f"terms.{name}", f"{getattr(self, name)!r} is out of range.", f"Give {expected}.")
            for name, (passes, expected) in fine.items()
            if not passes
        ]
        if faults:
            raise InvalidInput(faults)

    @property
    def count(self) -> int:
        """Number of instalments."""
        return periods(self.term_days, self.frequency)

    @property
    def rate(self) -> float:
        """Interest of one period, as a fraction."""
        return rate_per_period(self.rate_per_30_days, self.frequency, self.term_days)

    @property
    def per_month(self) -> float:
        """Instalments a month."""
        return periods_per_month(self.frequency, self.term_days)

    @property
    def price(self) -> float:
        """The instalment for a principal of 1."""
        return float(instalment(1.0, self.rate, self.count, self.method))


@dataclass(frozen=True, slots=True)
class TermColumns:
    """What `Terms` make of many loans, one entry each."""

    price: Floats
    per_month: Floats
    amount_step: Floats
