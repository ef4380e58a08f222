"""What is known of a household: its month before debt, and what debts already take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """A household's month, in currency. None is missing, and is never read as nothing."""

    business_revenue: float | None
    business_costs: float | None
    other_income: float | None
    household_costs: float | None


@dataclass(frozen=True, slots=True)
class Debts:
    """What she pays on debts already, in currency a month.

    Parameters
    ----------
    own_now : float
        On this institution's loans that still run.
    own_after : float
        The same without those that end before the new loan's first instalment; one with anything overdue goes on.
    outside : float or None
        To all others, as far as any source shows; None where it is not known.
    """

    own_now: float
    own_after: float
    outside: float | None
