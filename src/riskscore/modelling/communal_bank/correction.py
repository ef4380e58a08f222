"""The worlds of a bank brought to a PD that is not their own: its level's, or a learnt model's.

Who falls stays as drawn: members' PDs are learnt from many outcomes of their own. What a fall leaves to the lender
rests on cover that no table tells in full, so that is what gives way: worlds that reach the lender become likelier or
rarer in one proportion, and what is lost in them stays. Weighing worlds anew as a whole would let the few bads of
communal banks overrule hundreds of members' own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.modelling.communal_bank.structure import Course

#: A number of falls counts as covered where so many of its worlds leave nothing for the lender, of at least so many.
COVERED, SEEN = 0.95, 20


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the worlds come to at a PD.

    Parameters
    ----------
    expected_loss : float
        The lender's, in currency: the PD times the mean of what is lost in worlds that reach the lender.
    by_untold : float
        What the worlds would have left to the lender less that: cover that no table tells, or, below 0, cover that the
        tables tell and that fails.
    covers_falls : int
        The most falls of which, as of every smaller number, nothing reaches the lender in `COVERED` of worlds.
    """

    expected_loss: float
    by_untold: float
    covers_falls: int


def corrected(worlds: Course, pd: float) -> Corrected | None:
    """Bring the worlds to `pd`, the probability of an external default.

    Returns
    -------
    Corrected or None
        None where no such worlds can be: `pd` is more than the chance that anybody falls; more would reach the lender
        than is missing; or none of the worlds reaches the lender, though at `pd` at least `SEEN` of them would.
    """
    borne = worlds.borne
    hit = borne.by_lender > 0.0
    structural = float(borne.by_lender.mean())
    times = pd / worlds.pd
    loss = structural * times
    if pd > float((borne.falls > 0).mean()) and hit.any():
        return None
    if loss > float(borne.loss.mean()) or (not hit.any() and pd * len(hit) >= SEEN):
        return None
    return Corrected(loss, structural - loss, _covers(worlds, times))


def _covers(worlds: Course, times: float) -> int:
    """Count over worlds, so that falls of whoever it may be are in it; what too few worlds saw is not claimed."""
    falls = worlds.borne.falls
    seen, broken = np.bincount(falls), times * np.bincount(falls, worlds.borne.by_lender > 0.0)
    covered = (seen < SEEN) & (np.arange(len(seen)) == 0)
    covered |= (seen >= SEEN) & (broken <= (1.0 - COVERED) * seen)
    return int(np.argmin(np.append(covered, False))) - 1 if covered[0] else 0
