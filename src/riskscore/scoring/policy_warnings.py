"""What a sound policy says that is worth a second look: allowed, and seldom meant."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from riskscore.errors import Fault
from riskscore.modelling.toml_fields import exact
from riskscore.scoring.measures import NEVER_IN_FIRST_CYCLE
from riskscore.scoring.policy import Policy
from riskscore.scoring.rule_bands import span

#: A loan is larger, in whatever currency.
_SMALLEST = 10


def warnings_of(policy: Policy) -> list[Fault]:
    """Return every warning of a policy without a fault, in the order of what they are about."""
    return [
        *(list(_nobody_ready(policy)) or _idle_cells(policy)),
        *_ceilings_that_talk(policy),
        *_talks_of_all(policy),
        *_looser_than_growth(policy),
        *_areas_left_out(policy),
        *_first_cycles(policy),
        *_thousands(policy),
        *_unverified(policy),
    ]


def _safe(policy: Policy) -> float:
    """Return the probability below which bands are ready."""
    return max((band.pd_below for band in policy.bands if band.state == "ready"), default=0.0)


def _nobody_ready(policy: Policy) -> Iterator[Fault]:
    """Yield that bands, or the matrix where they are ready, ask everybody for a talk."""
    safe = _safe(policy)
    if safe == 0.0:
        yield Fault("bands", "Nobody can be ready: every band asks for a talk.", "Let the first band be ready.")
    elif policy.matrix is not None and policy.matrix.rows[0].states["SOLVENT"] != "ready":
        # No row is looser than the first, no level lighter than SOLVENT is reached with a loan.
        what = "Nobody can be ready: whoever takes a loan is SOLVENT or worse, and that asks for a talk in every row."
        yield Fault("matrix[1].SOLVENT", what, "Let it be ready in the first row.")


def _idle_cells(policy: Policy) -> Iterator[Fault]:
    """Yield cells of the matrix that are ready where another rule asks for a talk in any case."""
    if policy.matrix is None:
        return
    safe = _safe(policy)
    cap, at_risk = policy.value("indebtedness.cap"), policy.value("indebtedness.at_risk_above")
    begins = 0.0
    for number, row in enumerate(policy.matrix.rows, start=1):
        for level, state in row.states.items():
            why = ""
            if begins >= safe:
                why = f"[[bands]] asks for a talk from {safe:g} on"
            elif level == "AT_RISK" and cap <= at_risk:
                why = f"the cap of {cap:g} asks for a talk below {at_risk:g}, where this level begins"
            if state == "ready" and why:
                yield Fault(
                    f"matrix[{number}].{level}", f"It is ready, but {why}.", "Write talk_first, as it comes out."
                )
        begins = row.pd_below


def _ceilings_that_talk(policy: Policy) -> Iterator[Fault]:
    """Yield that the cap lets a ceiling be told which, once it is asked for, the matrix does not leave ready."""
    if policy.matrix is None:
        return
    cap, at_risk = policy.value("indebtedness.cap"), policy.value("indebtedness.at_risk_above")
    begins, safe = 0.0, _safe(policy)
    for number, row in enumerate(policy.matrix.rows, start=1):
        if begins < safe and cap > at_risk and row.states["AT_RISK"] == "talk_first":
            what = (
                f"Ceilings are told up to {cap:g} of what is left over, but above {at_risk:g} she is AT_RISK and "
                f"matrix[{number}] asks for a talk: who asks for her ceiling is not ready."
            )
            yield Fault("indebtedness.cap.value", what, f"Give {at_risk:g} or less, or let AT_RISK be ready there.")
            return
        begins = row.pd_below


def _talks_of_all(policy: Policy) -> Iterator[Fault]:
    if policy.value("indebtedness.probability_talk_from") == 0.0:
        what = "With a model of over-indebtedness in service it asks everybody for a talk: no probability is below 0."
        yield Fault("indebtedness.probability_talk_from.value", what, "Give the least that asks for a talk.")


def _looser_than_growth(policy: Policy) -> Iterator[Fault]:
    """Yield the bands of rules that are ready where the number on progression asks for a talk in any case."""
    growth = policy.value("progression.growth_max")
    after = (Fraction(repr(growth)), 1)  # as it is written, and not the nearest that a float holds
    for number, rule in enumerate(policy.rules, start=1):
        for place, band in enumerate(rule.bands, start=1):
            if rule.measure.name == "request_to_last_loan" and band.state == "ready" and band.high > after:
                at = span(max(band.low, after), band.high)
                what = f"It is ready for {at}, where progression.growth_max asks for a talk in any case."
                yield Fault(f"rules[{number}].bands[{place}]", what, f"End it at {growth:g}, or raise growth_max.")


def _areas_left_out(policy: Policy) -> Iterator[Fault]:
    """Yield the rules for one area of which no rule on the same measure speaks in the other.

    A rule for one cycle alone is no gap: first loans are often ruled apart.
    """
    for number, rule in enumerate(policy.rules, start=1):
        where, name = rule.where, rule.measure.name
        if where.area is None:
            continue
        other = "rural" if where.area == "urban" else "urban"
        beside = [
            one.where
            for one in policy.rules
            if one.measure is rule.measure
            and one.where.area in (None, other)
            and one.where.currency in (None, where.currency)
        ]
        cycles = ("first", "later") if where.cycle is None else (where.cycle,)
        asked = [one for one in cycles if one != "first" or name not in NEVER_IN_FIRST_CYCLE]
        silent = [one for one in asked if not any(two.cycle in (None, one) for two in beside)]
        if silent:
            among = "" if where.cycle is None and silent == asked else f" and cycle {silent[0]}"
            what = f"No rule on {name} speaks where area is {other}{among}: a gap."
            yield Fault(f"rules[{number}].where.area", what, f"Write one for {other} too, or take the area out.")


def _first_cycles(policy: Policy) -> Iterator[Fault]:
    for number, rule in enumerate(policy.rules, start=1):
        if rule.measure.name == "share_in_first_cycle" and rule.where.cycle == "first":
            what = "In a communal bank's first cycle nearly every member is in hers: it says the same of almost all."
            yield Fault(f"rules[{number}].where.cycle", what, 'Write "later", or take the rule out.')


def _thousands(policy: Policy) -> Iterator[Fault]:
    """Yield bounds of amounts so small that the dot in them was meant to part thousands."""
    for number, rule in enumerate(policy.rules, start=1):
        for place, band in enumerate(rule.bands, start=1):
            for side, written in band.bounds:
                number_of = exact(written) or 0
                if rule.measure.kind == "amount" and 0 < number_of < _SMALLEST:
                    what = f"It is {float(number_of):g} {rule.where.currency}, which is less than any loan."
                    remedy = "A dot is no mark of thousands: write 1500."
                    yield Fault(f"rules[{number}].bands[{place}].{side}", what, remedy)


def _unverified(policy: Policy) -> Iterator[Fault]:
    for name in policy.unverified:
        one = policy.thresholds[name]
        yield Fault(f"{name}.verified", f"Nobody has verified {one.value:g}.", f"Hold it against: {one.source}")
    for number, rule in enumerate(policy.rules, start=1):
        if not rule.verified:
            what = f"Nobody has verified the bounds of {rule.code}."
            yield Fault(f"rules[{number}].verified", what, f"Hold them against: {rule.source}")
