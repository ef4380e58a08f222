"""The shape that the margin of a structural model must have in ``model.json``, checked before anything is built."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from riskscore.errors import Fault

_REMEDY = "Fetch the artefact again, or roll back to the version before it."

_ESTIMATE = {"value", "low", "high", "level", "cases"}
_LEVEL = {
    "loans",
    "bads",
    "effective",
    "structural",
    "mean",
    "low",
    "high",
    "prior_share",
    "shift",
    "shift_low",
    "shift_high",
}


def structural_faults(margin: dict[str, Any], member_faults: Callable[[Any], list[Fault]]) -> list[Fault]:
    """Return every fault of a structural margin.

    Parameters
    ----------
    margin : dict
    member_faults : callable
        The check of a ``model.json``: the members' scorecard has its shape.
    """
    if set(margin) != {"kind", "mean", "member", "structure", "level"}:
        return [_fault("margin", "It is not kind, mean, member, structure and level.")]
    faults = [] if _number(margin["mean"]) else [_fault("margin.mean", "It is no number.")]
    member = margin["member"]
    faults += [
        Fault(fault.where.replace("model.json: ", "model.json: margin.member."), fault.what, fault.remedy)
        for fault in member_faults(member)
    ]
    if isinstance(member, dict) and isinstance(member.get("margin"), dict):
        kind = member["margin"].get("kind")
        if kind != "woe_scorecard":
            faults.append(_fault("margin.member", f"Members' PDs come from a scorecard, not from {kind!r}."))
    return faults + _structure_faults(margin["structure"]) + _level_faults(margin["level"])


def _structure_faults(structure: Any) -> list[Fault]:
    fields = {"shares", "correlations", "infection", "severity", "by_savings", "by_group", "steps"}
    if not isinstance(structure, dict) or set(structure) != fields:
        return [_fault("margin.structure", f"It is not {', '.join(sorted(fields))}.")]
    faults = []
    shares = structure["shares"]
    places = {"of_all", "in_bank", "in_group"}
    if not _numbers(shares, places) or min(shares.values()) < 0 or sum(shares.values()) >= 1:
        faults.append(_fault("margin.structure.shares", "They are no shares below 1 in all."))
    correlations = structure["correlations"]
    if not isinstance(correlations, dict) or set(correlations) != places:
        faults.append(_fault("margin.structure.correlations", "They are not one for each level."))
        correlations = {}
    estimates = {f"correlations.{name}": one for name, one in correlations.items()}
    estimates |= {name: structure[name] for name in ("infection", "severity", "by_savings", "by_group")}
    for name, one in estimates.items():
        known = isinstance(one, dict) and set(one) == _ESTIMATE
        if not known or not all(value is None or _number(value) for value in one.values()):
            faults.append(_fault(f"margin.structure.{name}", "It is no estimate with an interval."))
    if not _fall_steps(structure["steps"]):
        faults.append(_fault("margin.structure.steps", "They are no falls: what was missing and who paid of it."))
    return faults


def _fall_steps(steps: Any) -> bool:
    """Whether they are lists of one length of shares of a loan, savings and group paying no more than is missing."""
    if not isinstance(steps, dict) or set(steps) != {"missing", "by_savings", "by_group"}:
        return False
    lists = list(steps.values())
    if not all(isinstance(one, list) and one and all(map(_number, one)) for one in lists):
        return False
    if len({len(one) for one in lists}) > 1 or not all(0 <= share <= 1 for one in lists for share in one):
        return False
    paid = zip(steps["by_savings"], steps["by_group"], strict=True)
    return all(sum(both) <= missing + 1e-9 for both, missing in zip(paid, steps["missing"], strict=True))


def _level_faults(level: Any) -> list[Fault]:
    if not _numbers(level, _LEVEL):
        return [_fault("margin.level", f"It is not {', '.join(sorted(_LEVEL))}.")]
    if not level["shift_low"] <= level["shift"] <= level["shift_high"] or not 0 <= level["prior_share"] <= 1:
        return [_fault("margin.level", "Its interval does not hold its value.")]
    return []


def _fault(where: str, what: str) -> Fault:
    return Fault(f"model.json: {where}", what, _REMEDY)


def _numbers(value: Any, fields: set[str]) -> bool:
    return isinstance(value, dict) and set(value) == fields and all(map(_number, value.values()))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
