"""The figures by which a loan's outcome is told: when it is final, and what makes it bad or leaves it open.

A recipe states them in its section ``[maturity]``; the standing figures are the ones that outcomes have where nobody
states any. No other horizon is asked about: a recipe's question is of the loan's own term and the days after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class MemberRule:
    """A member's loan of the internal ledger; see `riskscore.portfolio.outcomes`.

    Parameters
    ----------
    days_after_maturity : int
        Whole days that pass after the last due date before the outcome is final.
    days_late : int
        Days after its due date, and past the next meeting, from which an instalment settled then is late.
    covered_instalments : int
        Instalments borne by others from which the loan is bad; fewer, and at least one, are indeterminate.
    """

    days_after_maturity: int = 30
    days_late: int = 15
    covered_instalments: int = 2

    ledger: ClassVar[Literal["internal", "external"]] = "internal"


@dataclass(frozen=True, slots=True)
class BankRule:
    """A communal bank's own loan of the external ledger; see `riskscore.portfolio.outcomes`.

    Parameters
    ----------
    days_after_maturity : int
        Whole days that pass after the last due date before the outcome is final.
    days_late : int
        Days late from which the loan is bad.
    indeterminate_days_late : int
        Days late from which it is indeterminate.
    """

    days_after_maturity: int = 30
    days_late: int = 31
    indeterminate_days_late: int = 9

    ledger: ClassVar[Literal["internal", "external"]] = "external"


@dataclass(frozen=True, slots=True)
class ProducerRule:
    """A loan to a producer association; see `riskscore.portfolio.producer_outcomes`.

    Parameters
    ----------
    days_after_maturity, days_late, indeterminate_days_late : int
        As of a communal bank's loan.
    equipment_months : int
        Months after it was paid out in which a loan for equipment is judged, where it does not mature sooner.
    """

    days_after_maturity: int = 90
    days_late: int = 31
    indeterminate_days_late: int = 9
    equipment_months: int = 12


MaturityRule = MemberRule | BankRule | ProducerRule
