"""What rules of one policy say together: contradictions, and rules that can never decide beside the others.

A rule decides somewhere if it is stricter there than every other rule that speaks. Where rules speak is finite: areas,
cycles and the currencies that a file names; and over a span between bounds no rule changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple
from itertools import pairwise, product

from riskscore.errors import Fault
from riskscore.scoring.measures import NEVER_IN_FIRST_CYCLE, Cut
from riskscore.scoring.rule_bands import RuleBand, span
from riskscore.scoring.rules import Rule

#: A rule and its place in the file.
Placed = tuple[str, Rule]

#: An area, a cycle and a currency; None is not known.
_Cell = tuple[str | None, str | None, str | None]

#: Any currency that no rule names.
_ANOTHER = ""

#: Where it is not known whether a rule is meant, its answer is UNKNOWN: never ready, as a talk.
_UNKNOWN = 1


def sound(rules: Sequence[Rule], faults: Collection[Fault]) -> list[Placed]:
    """Return the rules that can be held against others: no fault is in what they measure, for whom, or in bands."""
    placed = [(f"rules[{number}]", rule) for number, rule in enumerate(rules, start=1)]
    found = tuple(fault.where for fault in faults)
    return [
        (place, rule)
        for place, rule in placed
        if not any(one.startswith((f"{place}.measure", f"{place}.where", f"{place}.bands")) for one in found)
    ]


def cycle_faults(placed: Sequence[Placed]) -> list[Fault]:
    """Return the rules that are meant for a cycle in which there is nothing to measure."""
    what, remedy = "A first loan has no last one: it can never decide.", 'Write "later", or take the rule out.'
    return [
        Fault(f"{place}.where.cycle", what, remedy)
        for place, rule in placed
        if rule.measure.name in NEVER_IN_FIRST_CYCLE and rule.where.cycle == "first"
    ]


def pair_faults(placed: Sequence[Placed]) -> list[Fault]:
    """Return what each two rules say against one another."""
    return [
        fault
        for later, (place, rule) in enumerate(placed)
        for _, earlier in placed[:later]
        if (fault := _fault_of_pair(earlier, rule, place)) is not None
    ]


def closed_faults(placed: Sequence[Placed]) -> list[Fault]:
    """Return each two rules, for groups that are partly the same, of which nothing is ready for both.

    What is ready is one span of a rule, so that several leave nothing ready together only where two of them do.
    """
    faults = []
    for later, (place, rule) in enumerate(placed):
        for _, earlier in placed[:later]:
            if earlier.measure is not rule.measure or earlier.where == rule.where:
                continue  # of the same groups it is a contradiction, told where each two are held together
            (low, high), (least, most) = _ready(rule), _ready(earlier)
            if earlier.where.meets(rule.where) and max(low, least) >= min(high, most):
                what = f"It is ready only for {span(low, high)}, {earlier.code} only for {span(least, most)}."
                faults.append(Fault(place, f"{what} Where both speak nothing is.", "Let something be ready for both."))
    return faults


def cover_faults(placed: Sequence[Placed]) -> list[Fault]:
    """Return the rules that two or more others, none of them alone, leave nothing to decide.

    A rule that another one alone covers is told where each two are held together, and covers none here.
    """
    left = list(placed)
    for _, rule in reversed(placed):
        if any(_covered(rule, [one]) for one in _rivals(rule, left)):
            left = _without(rule, left)
    faults = []
    for place, rule in reversed(left):
        others = _rivals(rule, left)
        if not _covered(rule, others):
            continue
        left = _without(rule, left)
        for one in reversed(others):
            fewer = [other for other in others if other is not one]
            others = fewer if _covered(rule, fewer) else others
        named = f"{', '.join(one.code for one in others[:-1])} and {others[-1].code}"
        what = f"{named} together are as strict or stricter wherever it speaks: it can never decide."
        faults.append(Fault(place, what, "Take it out, or make it stricter."))
    return faults


def _rivals(rule: Rule, left: Sequence[Placed]) -> list[Rule]:
    """Return the others on the same measure that everybody reads who reads this one."""
    return [one for _, one in left if one is not rule and one.measure is rule.measure and _reads(rule, one)]


def _without(rule: Rule, left: Sequence[Placed]) -> list[Placed]:
    return [(place, one) for place, one in left if one is not rule]


def _fault_of_pair(earlier: Rule, rule: Rule, where: str) -> Fault | None:
    """Return how two rules on one measure contradict one another, or that one of them decides nothing."""
    if earlier.measure is not rule.measure:
        return None
    same = earlier.where == rule.where
    differ = [(at, one, other) for at, one, other in _side_by_side(earlier, rule) if one.strictness != other.strictness]
    idle = rule.where.within(earlier.where) and _reads(rule, earlier)
    if idle and all(other.strictness < one.strictness for _, one, other in differ):
        what = f"{earlier.code} is as strict or stricter wherever it speaks: it can never decide."
        return Fault(where, what, "Take it out, or make it stricter.")
    idle = earlier.where.within(rule.where) and _reads(earlier, rule)
    if idle and all(one.strictness < other.strictness for _, one, other in differ):
        what = f"It is as strict as {earlier.code} or stricter, which can never decide any more."
        return Fault(where, what, f"Take {earlier.code} out, or make it stricter.")
    if same and differ:
        at, one, other = differ[0]
        what = f"For {at} it says {other.asks} where {earlier.code} says {one.asks}: a contradiction."
        return Fault(where, what, "Make one rule of the two.")
    return None


def _reads(one: Rule, other: Rule) -> bool:
    """Return whether whoever reads the first also reads the second."""
    return one.audience == "officer" or other.audience == "committee"


def _side_by_side(one: Rule, other: Rule) -> list[tuple[str, RuleBand, RuleBand]]:
    """Return every span over which neither of two rules changes, in words, with the band of each."""
    spans = [(low, high) for low, high in pairwise(_cuts((one, other))) if low < one.measure.high]
    return [(span(low, high), one.band_at(low), other.band_at(low)) for low, high in spans]


def _ready(rule: Rule) -> tuple[Cut, Cut]:
    spans = [(band.low, band.high) for band in rule.bands if band.state == "ready"]
    return spans[0][0], spans[-1][1]


def _cuts(rules: Sequence[Rule]) -> list[Cut]:
    return sorted({cut for rule in rules for band in rule.bands for cut in (band.low, band.high)})


def _covered(rule: Rule, others: Sequence[Rule]) -> bool:
    """Return whether, wherever a rule asks for something, another asks for as much or more."""
    begins = [low for low in _cuts((rule, *others)) if low < rule.measure.high]
    return all(
        rule.band_at(low).strictness <= max((_asked(other, cell, low) for other in others), default=0)
        for cell in _cells(rule, others)
        for low in begins
    )


def _cells(rule: Rule, others: Sequence[Rule]) -> Iterator[_Cell]:
    """Yield everything that a rule is meant for, as far as rules tell it apart."""
    where = rule.where
    named = sorted({one.where.currency for one in others if one.where.currency is not None})
    areas = ("urban", "rural", None) if where.area is None else (where.area,)
    cycles = ("first", "later", None) if where.cycle is None else (where.cycle,)
    return product(areas, cycles, (_ANOTHER, *named) if where.currency is None else (where.currency,))


def _asked(rule: Rule, cell: _Cell, low: Cut) -> int:
    """Return how strict a rule is for a cell, just behind a cut; 0 where it is not meant."""
    limits = [(wanted, given) for wanted, given in zip(astuple(rule.where), cell, strict=True) if wanted is not None]
    if any(given is not None and given != wanted for wanted, given in limits):
        return 0
    return _UNKNOWN if any(given is None for _, given in limits) else rule.band_at(low).strictness
