"""The bands of a rule: spans of what it measures, each with the state it asks for, with exact bounds.

A bound says on which side it stands: ``at_least`` and ``at_most`` include their number, ``above`` and ``below`` do not.
So 13 of 27 is held against 48.1 % as 13/27 against 481/1000, and a gap of a single number is seen. Where whole things
are counted, *above 7* and *at least 8* are one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from riskscore.errors import Fault
from riskscore.modelling.toml_fields import Fields
from riskscore.scoring.matrix import STATES, State
from riskscore.scoring.measures import Cut, Measure

_LOW, _HIGH = ("at_least", "above"), ("at_most", "below")

#: Of a bound, by language.
_SAID = {
    "at_least": {"es": "desde", "en": "at least"},
    "above": {"es": "más de", "en": "above"},
    "at_most": {"es": "hasta", "en": "at most"},
    "below": {"es": "menos de", "en": "below"},
}


@dataclass(frozen=True, slots=True)
class RuleBand:
    """A span and the state it asks for.

    Parameters
    ----------
    low, high : Cut
        Where it begins and ends.
    bounds : tuple of (str, str)
        As written: ``(("above", "20 %"),)``; empty where it is open at both ends.
    state : {"ready", "talk_first"}
    exception : bool
        Whoever goes on must write why, in words; stricter than a talk alone.
    """

    low: Cut
    high: Cut
    bounds: tuple[tuple[str, str], ...]
    state: State
    exception: bool

    @property
    def strictness(self) -> int:
        """0 ready, 1 talk first, 2 talk first with a reason in words."""
        return STATES.index(self.state) + self.exception

    @property
    def asks(self) -> str:
        """The state, and whether it asks for a reason in words."""
        return f"{self.state} with exception" if self.exception else self.state

    def holds(self, value: Fraction) -> bool:
        """Return whether a value lies within."""
        return self.low <= (value, 0) < self.high

    def said(self, language: str) -> str:
        """Return the bounds in words.

        Examples
        --------
        >>> RuleBand((Fraction(1, 5), 1), (math.inf, 0), (("above", "20 %"),), "talk_first", False).said("es")
        'más de 20 %'
        """
        joint = " y " if language == "es" else " and "
        return joint.join(f"{_SAID[side][language]} {number}" for side, number in self.bounds)


def bands_of(tables: Sequence[Fields], measure: Measure | None) -> tuple[RuleBand, ...]:
    """Read the bands of a rule; what they say together is for `rule_band_faults`."""
    return tuple(_band(table, measure) for table in tables)


def rule_band_faults(bands: Sequence[RuleBand], measure: Measure, where: str) -> list[Fault]:
    """Return gaps, overlaps, contradictions, loosenings and what can never be reached, of bands in the order written.

    Parameters
    ----------
    bands : sequence of RuleBand
        At least one.
    measure : Measure
    where : str
        The place of the list of bands, for the faults.
    """
    faults = []
    for number, band in enumerate(bands, start=1):
        what = _unreachable(band, measure)
        if what:
            beyond = measure.kind == "share" and band.low >= measure.high
            remedy = (
                'Write ten of a hundred as "10 %" or 0.1.' if beyond else "Give bounds that something can lie between."
            )
            faults.append(Fault(f"{where}[{number}]", what, remedy))
    if faults:
        return faults  # gaps and overlaps beside an empty band are not meant
    if bands[0].low > measure.low:
        what = f"Nothing is said of {span(measure.low, bands[0].low)}: a gap."
        faults.append(Fault(f"{where}[1]", what, "Leave the first band open below."))
    for number, (before, band) in enumerate(pairwise(bands), start=2):
        place = f"{where}[{number}]"
        if (before.low, before.high) == (band.low, band.high):
            what = f"It is the span of the band before it, as {band.asks} and {before.asks}: a contradiction."
            faults.append(Fault(place, what if band.asks != before.asks else "It stands twice.", "Keep one of them."))
        elif band.low > before.high:
            what = f"Nothing is said of {span(before.high, band.low)}: a gap."
            faults.append(Fault(place, what, "Begin where the band before it ends."))
        elif band.low < before.high:
            what = f"It says {span(max(band.low, before.low), min(before.high, band.high))} again: an overlap."
            faults.append(Fault(place, what, "Begin where the band before it ends, and list bands upwards."))
    if bands[-1].high < measure.high:
        what = f"Nothing is said of {span(bands[-1].high, measure.high)}: a gap."
        faults.append(Fault(f"{where}[{len(bands)}]", what, "Leave the last band open above."))
    return faults + list(_loosenings(bands, measure, where))


def span(low: Cut, high: Cut) -> str:
    """Return a span in words.

    Examples
    --------
    >>> span((Fraction(1, 5), 0), (Fraction(1, 5), 1))
    'exactly 1/5'
    >>> span((Fraction(1, 5), 1), (Fraction(1, 4), 0))
    'above 1/5 and below 1/4'
    """
    if low[0] == high[0]:
        return f"exactly {low[0]}"
    begins = f"{'above' if low[1] else 'at least'} {low[0]}"
    return begins if high[0] == math.inf else f"{begins} and {'at most' if high[1] else 'below'} {high[0]}"


def _band(table: Fields, measure: Measure | None) -> RuleBand:
    given = {side: table.exact(side) for side in (*_LOW, *_HIGH)}
    for one, other in (_LOW, _HIGH):
        if given[one] is not None and given[other] is not None:
            table.fault(other, f"It stands beside {one}.", "Give one of the two.")
    state = table.text("state", among=STATES)
    exception = table.flag("exception", default=False)
    if exception and state == "ready":
        table.fault("exception", "A band that is ready asks for nothing.", "Take it out, or write talk_first.")
    table.done()
    whole = measure is not None and measure.kind == "whole"
    least, most = ((-math.inf, 0), (math.inf, 0)) if measure is None else (measure.low, measure.high)
    low = max(_cut(given["at_least"], given["above"], whole) or least, least)
    high = _cut(given["below"], given["at_most"], whole) or most
    bounds = tuple((side, str(table.content[side])) for side in given if given[side] is not None)
    return RuleBand(low, high, bounds, "ready" if state == "ready" else "talk_first", exception)


def _cut(before: Fraction | None, after: Fraction | None, whole: bool) -> Cut | None:
    """Return the cut just before one number or just after another; between whole numbers there is but one."""
    if before is not None:
        return (Fraction(math.ceil(before)), 0) if whole else (before, 0)
    if after is not None:
        return (Fraction(math.floor(after) + 1), 0) if whole else (after, 1)
    return None


def _unreachable(band: RuleBand, measure: Measure) -> str:
    if band.low >= measure.high or band.high <= measure.low:
        return f"{measure.name} is always {span(measure.low, measure.high)}: it can never be reached."
    return "It holds nothing." if band.low >= band.high else ""


def _loosenings(bands: Sequence[RuleBand], measure: Measure, where: str) -> Iterator[Fault]:
    """Yield the bands that loosen where the risk is higher; a `free` measure may loosen before it tightens."""
    tightened = measure.risk == "rises"
    for number, (before, band) in enumerate(pairwise(bands), start=2):
        looser, stricter = band.strictness < before.strictness, band.strictness > before.strictness
        if looser and tightened:
            what = f"It is {band.asks} after {before.asks}: it loosens where {measure.name} is higher."
            yield Fault(f"{where}[{number}].state", what, "Let a band only tighten away from what is safe.")
        if stricter and measure.risk == "falls":
            what = f"The band before it is {before.asks}: it loosens where {measure.name} is lower."
            yield Fault(f"{where}[{number}].state", what, "Let a band only tighten away from what is safe.")
        tightened = tightened or stricter
