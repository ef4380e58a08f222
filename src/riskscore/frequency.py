"""How often instalments fall due, and what that makes of an amount a month.

"Bimonthly" is not a word here: it means twice a month to one reader and every two months to another, so one of
``twice_a_month`` and ``every_two_months`` has to be said.
"""

from __future__ import annotations

#: Days in an average month: 365.25 / 12.
DAYS_PER_MONTH = 30.4375

#: Instalments a month. A loan that is repaid at maturity has no frequency: its amount is spread over its months.
PERIODS_PER_MONTH: dict[str, float] = {
    "weekly": 52 / 12,
    "fortnightly": 26 / 12,
    "twice_a_month": 2.0,
    "monthly": 1.0,
    "every_two_months": 0.5,
}

FREQUENCIES: tuple[str, ...] = (*PERIODS_PER_MONTH, "at_maturity")


def months(term_days: float) -> float:
    """Return a term in average months (days / 30.4375)."""
    return term_days / DAYS_PER_MONTH
