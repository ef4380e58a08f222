"""What a verdict's cautions and a training's gates are in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from riskscore.evaluation import Figure
from riskscore.modelling.validation.verdict import Caution
from riskscore.reports.measures import Measures

#: Cautions of parts, told together in this order; those of too few bads are one.
_TOGETHER = ("part_order", "part_level", "grade", "left_out_order", "left_out_level", "few")
_FEW = ("part_few", "left_out_few")

#: How a gate's name, as registered, is called on the page; its segment follows a comma.
GATES = {
    "bads": "bads",
    "auc": "auc",
    "leakage": "leakage",
    "calibration slope": "slope",
    "observed over expected": "observed_expected",
    "ICI": "ici",
    "gain over the scorecard": "gain",
    "directions": "directions",
    "posterior": "posterior",
    "level": "level",
}


def cautions_told(cautions: Iterable[Caution], measures: Measures) -> tuple[str, ...]:
    """Return each caution of all rows, then those of parts, those of a kind together."""
    t, told = measures.words, []
    together: dict[str, list[str]] = {kind: [] for kind in _TOGETHER}
    for one in cautions:
        figure = Figure(*(math.nan if end is None else end for end in (one.value, one.low, one.high)))
        part = _part(one, measures)
        if one.kind in _FEW:
            together["few"].append(part)
        elif one.kind == "grade":
            rate, promised = (measures.form.percent(end, 1) for end in (figure.value, figure.low))
            together["grade"].append(t("validation_caution.grade_part", part=part, figure=rate, expected=promised))
        elif one.kind in together:
            together[one.kind].append(f"{part} {measures.figure(figure)}")
        else:
            shown = measures.figure(figure, 4 if one.kind == "curve" else 2)
            told.append(t(f"validation_caution.{one.kind}", figure=shown))
    told += [
        t(f"validation_caution.{kind}", parts="; ".join(dict.fromkeys(parts)))
        for kind, parts in together.items()
        if parts
    ]
    return tuple(told) or (t("validation_caution.none"),)


def gate_told(name: str, measures: Measures) -> str:
    """Return what a gate is called."""
    t = measures.words
    title, _, segment = name.partition(", ")
    if title not in GATES:
        return name
    if name == "auc, other groups":
        return t("validation_gate.other_groups")
    told = t(f"validation_gate.{GATES[title]}")
    known = {"first cycle": ("cycle", "first"), "repeat cycle": ("cycle", "repeat")}
    if not segment:
        return told
    kind, _, value = segment.partition(" ")
    if kind == "regime":
        return f"{told}, {t('validation_part.times')}: {measures.part('regime', value)}"
    if segment not in known:
        return f"{told}, {segment}"
    variable, value = known[segment]
    return f"{told}, {t(f'validation_part.{variable}').lower()}: {measures.part(variable, value)}"


def _part(one: Caution, measures: Measures) -> str:
    name = measures.part(one.variable, one.name)
    if one.variable == "grade":
        return name
    return f"{measures.words(f'validation_part.{one.variable}')} {name}" if one.variable else ""
