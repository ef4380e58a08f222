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
    """Who bears the falls, step by step, in currency: the mean over all worlds, at the outlook's PD.

    Parameters
    ----------
    loss : float
        What fallen members never pay themselves; the sum of the five steps.
    by_savings : float
        Their own savings with the group.
    by_group : float
        The others of their solidarity group.
    by_fund : float
        The bank's fund.
    by_untold : float
        What brings the lender's part to the PD: cover that no table tells, or, below 0, told cover that fails.
    by_lender : float
        What is left: the expected loss.
    """

    loss: float
    by_savings: float
    by_group: float
    by_fund: float
    by_untold: float
    by_lender: float


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands before the lender when one member falls and nobody else, in currency, as in the waterfall.

    Parameters
    ----------
    lent : float
        All members' loans together.
    one_fall : float
        What one fall leaves missing: the mean over all members and over the falls of the record.
    savings, group : float
        What of it her savings and her solidarity group pay in that mean: as payments of earlier falls show, or, where
        none tells, as the assumptions say and budgets allow.
    fund : float
        All that the bank's fund holds, for all falls of a cycle together.
    savings_untold : int
        Members whose savings no record tells: they are not counted on.
    spare_untold : int
        Members whose budget no record tells, where a budget is asked at all: 0 where payments show what groups pay.
    """

    lent: float
    one_fall: float
    savings: float
    group: float
    fund: float
    savings_untold: int
    spare_untold: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """A communal bank before its loan.

    What rests on worlds (from `expected_loss` to `waterfall`) is all None where the structure's worlds cannot be
    brought to a learnt PD: two figures that contradict each other are no outlook.

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
    pd : float
        Probability of an external default, by the champion.
    pd_from : str
        Kind of the model that says so: ``"structural"``, or a learnt one such as ``"woe_scorecard"``.
    pd_low, pd_high : float or None
        90 %: of a structural PD the interval of its level; of a learnt one that of the bad rate seen out of time in its
        score band, which need not hold `pd`; None where the bank lies outside what the model was trained on.
    structural_pd : float
        What the worlds come to by themselves, before the level or a learnt model corrects them.
    prior_share : float
        How much of the level is the structure's, in [0, 1]; the rest is the record's. 0 of a learnt PD.
    grade : str
    expected_loss : float or None
        In currency, at `pd`.
    expected_in_arrears : float or None
        Members.
    in_arrears : tuple of float or None
        P(0 fall), P(1 falls), ... P(all fall), as members' PDs have it: `pd` does not move it.
    stops : float or None
        Chance that cover asked becomes so large, in some solidarity group, that solvent members stop too.
    covers_falls : int or None
        How many falls the bank can bear: in 95 of 100 worlds with so many, nothing reaches the lender, at `pd`.
    waterfall : Waterfall or None
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
    pd_from: str
    pd_low: float | None
    pd_high: float | None
    structural_pd: float
    prior_share: float
    grade: str
    expected_loss: float | None
    expected_in_arrears: float | None
    in_arrears: tuple[float, ...] | None
    stops: float | None
    covers_falls: int | None
    waterfall: Waterfall | None
    cover: Cover
    state: State
    order_judged: bool
    model_version: str

    def at_least(self, falls: int) -> float | None:
        """Return the chance that this many members fall, or more; None where there is no distribution of falls."""
        return None if self.in_arrears is None else sum(self.in_arrears[falls:])
