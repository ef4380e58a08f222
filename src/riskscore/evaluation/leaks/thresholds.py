"""From where on a relation is suspicious: numbers to argue about, none of them verified at an institution."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers of the search.

    Parameters
    ----------
    too_good : float
        AUC of one column alone whose lower limit may not lie above it. A whole model is suspected from 0.90; the best
        honest column of simulated institutions has 0.70 to 0.75.
    strong : float
        AUC from which (lower limit) a relation is strong enough to be seen to vanish.
    noticeable : float
        AUC from which (lower limit) a relation is looked at for being absent among young loans.
    vanished : float
        What young loans may carry, at most (upper limit), of the risk that the values of loans speak of that are over.
    kept : float
        What must be left, at least (upper limit), of an AUC's distance from one half when it is read earlier.
    vouched : float
        From which ratio (lower limit) young loans are said to carry as many risky values as older ones: what is whole
        on the first day does not come from what happened later.
    risky : float
        A value goes with trouble where its bad rate is this many times the overall one.
    dispersion : float
        Share of the variance that chance alone leaves between forecast and rates of groups; below it no forecast was
        honest.
    days_before : int
        By how many days the earlier reading is earlier.
    young_days : int
        At most so many days after it was asked for a loan is young.
    level : float
        Of every interval. Some hundred columns are looked at: at 0.95 some would be found by chance.
    minimum_bads : int
        Fewest bads for a word on any column.
    """

    too_good: float = 0.80
    strong: float = 0.65
    noticeable: float = 0.56
    vanished: float = 0.5
    kept: float = 0.6
    vouched: float = 0.7
    risky: float = 2.0
    dispersion: float = 0.7
    days_before: int = 30
    young_days: int = 60
    level: float = 0.99
    minimum_bads: int = 30
