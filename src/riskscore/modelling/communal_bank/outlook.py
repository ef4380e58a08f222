"""The outlook of a communal bank: how many may fall, what stands before the lender, and what may reach it.

Everything in it is of the bank as a whole. Who could pay, who may fall and whose cover matters is not in it and cannot
be read from it; no figure is given with one member left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["ready", "talk_first"]

#: What an outlook is of: a request that waits for a decision, or the last cycle known.
Basis = Literal["open_request", "last_cycle"]


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Who bears the falls, step by step, in currency: the mean over all worlds.

    Parameters
    ----------
    loss : float
        What fallen members never pay themselves; the sum of the four steps.
    by_savings : float
        Their own savings with the group.
    by_group : float
        The others of their solidarity group.
    by_fund : float
        The bank's fund.
    by_lender : float
        What is left, before the level is corrected.
    """

    loss: float
    by_savings: float
    by_group: float
    by_fund: float
    by_lender: float


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands before the lender in all, in currency.

    Parameters
    ----------
    lent : float
        All members' loans together.
    savings, group, fund : float
        Members' savings, what members can add for others if nobody falls, and the bank's fund.
    savings_untold, spare_untold : int
        Members whose savings, or whose budget, no record tells: cover that nobody recorded is not counted on.
    """

    lent: float
    savings: float
    group: float
    fund: float
    savings_untold: int
    spare_untold: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """A communal bank before its loan.

    Parameters
    ----------
    bank_id, request_id : str
        The communal bank, and its request (its last one where none is open).
    basis : {"open_request", "last_cycle"}
    as_of : datetime
        Local, exclusive.
    members : int
        Members who ask for a loan.
    solidarity_groups : int
    pd, pd_low, pd_high : float
        Probability of an external default with the interval of its level (90 %).
    structural_pd : float
        The same before the level is corrected.
    prior_share : float
        How much of the level is the structure's, in [0, 1]; the rest is the record's.
    grade : str
    expected_loss : float
        In currency, at the corrected level.
    expected_in_arrears : float
        Members.
    in_arrears : tuple of float
        P(0 fall), P(1 falls), ... P(all fall).
    stops : float
        Chance that cover asked becomes so large, in some solidarity group, that solvent members stop too.
    covers_falls : int
        How many falls the bank can bear: in 95 of 100 worlds with so many, nothing reaches the lender.
    waterfall : Waterfall
    cover : Cover
    state : {"ready", "talk_first"}
        A recommendation. People decide.
    order_judged : bool
        Whether bads out of time were enough to judge that the model tells better banks from worse; its level always is.
    model_version : str
    """

    bank_id: str
    request_id: str
    basis: Basis
    as_of: datetime
    members: int
    solidarity_groups: int
    pd: float
    pd_low: float
    pd_high: float
    structural_pd: float
    prior_share: float
    grade: str
    expected_loss: float
    expected_in_arrears: float
    in_arrears: tuple[float, ...]
    stops: float
    covers_falls: int
    waterfall: Waterfall
    cover: Cover
    state: State
    order_judged: bool
    model_version: str

    def at_least(self, falls: int) -> float:
        """Return the chance that this many members fall, or more."""
        return sum(self.in_arrears[falls:])
