"""Gates and calibration of a model in words: what an artefact keeps in English, said in the language of the page.

A sentence is made from a gate's name and its figure. A name that this release does not know, of an artefact of another
one, is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.words import Format, Words

#: The text of a gate by its name without the segment, and how its figure is told: per hundred, per thousand, plain.
_GATES = {
    "bads": ("bads", 1),
    "auc": ("auc", 100),
    "auc, other groups": ("other_groups", 100),
    "order": ("auc", 100),
    "leakage": ("leakage", 100),
    "directions": ("directions", None),
    "calibration slope": ("slope", None),
    "observed over expected": ("observed", 100),
    "level": ("observed", 100),
    "ICI": ("ici", 1000),
    "gain over the scorecard": ("gain", None),
    "posterior": ("posterior", 100),
}


def gate_line(gate: Mapping[str, Any], words: Words, form: Format) -> str:
    """Return how a gate came out, in a sentence or two.

    Parameters
    ----------
    gate : mapping
        ``name``, ``passed`` and ``value``, as an artefact keeps it (`riskscore.modelling.gates.Gate.to_dict`).
    words, form
    """
    name, value = str(gate["name"]), gate.get("value")
    head, where = (name, "") if name in _GATES else name.rpartition(", ")[::2]
    verdict = words("gate.passed" if gate["passed"] else "gate.failed")
    if head not in _GATES:
        return f"{name}. {verdict}"
    key, times = _GATES[head]
    if value is None:
        return f"{_segment(where, words)}{words('gate.no_figure')} {verdict}"
    said = words(f"gate.{key}", value=_figure(value, times, form))
    return f"{_segment(where, words)}{said} {verdict}"


def calibration_lines(calibration: Mapping[str, Any], words: Words, form: Format) -> tuple[str, ...]:
    """Return how well the chances were right on the later rows of training, all together and by segment.

    Parameters
    ----------
    calibration : mapping
        By segment, the empty name first for all rows: ``rows``, ``bads``, ``slope`` and ``observed_expected``, of
        which each has ``value``, ``low`` and ``high``, or is None where there are too few bads to say.
    words, form
    """
    return tuple(
        f"{_segment(name, words)}{line}" for name, one in calibration.items() for line in _calibrated(one, words, form)
    )


def _calibrated(one: Mapping[str, Any], words: Words, form: Format) -> tuple[str, ...]:
    level, slope = one["observed_expected"], one["slope"]
    if level is None or slope is None or level["value"] is None or slope["value"] is None:
        return (words("calibration.too_few", rows=form.number(one["rows"]), bads=form.number(one["bads"])),)
    return (_ranged("level", level, 100, words, form), _ranged("slope", slope, None, words, form))


def _ranged(key: str, figure: Mapping[str, Any], times: int | None, words: Words, form: Format) -> str:
    """Return a figure in words, with its range where it has one."""
    said = words(f"calibration.{key}", value=_figure(figure["value"], times, form))
    if figure["low"] is None or figure["high"] is None:
        return said
    ends = {end: _figure(figure[end], times, form) for end in ("low", "high")}
    return f"{said} {words('calibration.range', **ends)}"


def _segment(where: str, words: Words) -> str:
    if not where:
        return ""
    if where.startswith("regime "):
        return f"{words('gate.regime', name=where.removeprefix('regime '))} "
    known = f"gate.{where.removesuffix(' cycle')}_cycle"
    return f"{words(known) if known in words.texts else f'{where}.'} "


def _figure(value: float, times: int | None, form: Format) -> str:
    return form.number(value, 2) if times is None else form.number(round(times * value))
