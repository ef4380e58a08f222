"""Whether a candidate may be promoted, answered in words.

A *gate* compares a figure of the later rows with the recipe's bar. Where the figure has an interval, chance is allowed
for: a slope of 0.75 whose interval reaches into the range does not fail, because nothing says that the model is wrong;
it is shown with its interval. What is too small to judge at all fails the gate of the smallest number of bads.

Calibration is judged on all later rows, and apart for first-cycle and repeat members and for each regime: in a
recession the slope can be right and every second bad unexpected. Where a line fails, nothing is mended on the rows that
judge; the gate says which remedy the training rows allow (docs/model-selection.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from riskscore.evaluation import Evaluation, Figure, ici
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import GateSettings

#: Draws of a calibrated world, and how often a figure of an honest model may lie beyond chance: on all later rows, and
#: in the segments taken together, however many there are.
CHANCE_DRAWS, CHANCE_SHARE = 400, 0.05

#: Segment variables that are judged apart.
SEGMENTS = ("cycle", "regime")

_OFFSET = (
    "Give the segment a level of its own: a 0/1 feature of free direction in calibration.offsets, and train again."
)
_MOVED = (
    "The level has moved since training. Train again once these times are among the training rows, or keep the "
    "champion; a dated adjustment of the level is not made on the rows that judge."
)
_SPREAD = (
    "The PDs are spread too far or not far enough: raise the ridge or min_iv, or search fewer leaves, and train "
    "again. A curved adjustment is not made."
)


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition and how it came out.

    Parameters
    ----------
    name : str
        ``"auc"``, ``"slope, first cycle"``.
    passed : bool
    value : float or None
        The figure that was judged; None where there was none.
    words : str
        What was found and what was asked, in one sentence.
    remedy : str
        What to do where it failed.
    """

    name: str
    passed: bool
    value: float | None
    words: str
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Standard errors, robust to groups, with which training knew its calibration: of the level, and of the slope."""

    level: float
    slope: float


CERTAIN = Doubt(0.0, 0.0)


def judge(
    settings: GateSettings,
    later: Evaluation,
    other_groups: Evaluation | None,
    chance: Mapping[str, float],
    *,
    highest_auc: float,
    suspected: Sequence[object] = (),
) -> tuple[Gate, ...]:
    """Return every gate of a candidate.

    Parameters
    ----------
    settings : GateSettings
    later : Evaluation
        On all rows after the split, with the segment variables of `SEGMENTS`.
    other_groups : Evaluation or None
        On later rows of groups that never trained; None where the recipe holds out none.
    chance : mapping of str to float
        The ICI that chance alone reaches, for ``"all"`` and for each segment; see `ici_by_chance`.
    highest_auc : float
        The highest AUC on the later rows of any candidate, or of any feature by itself. A leak is in the data and not
        in a candidate: where one finds it, all are suspect, also one whose bins are too coarse to show it.
    suspected : sequence
        Features that rank the later rows too well by themselves; they are named where the alarm goes off.
    """
    gates = [_enough(settings, later)]
    if later.too_few is not None:
        return tuple(gates)
    area = later.figures["auc"]
    gates.append(
        Gate(
            "auc",
            area.value >= settings.min_auc,
            area.value,
            f"AUC out of time {area}, at least {settings.min_auc}.",
            "Look for features that tell more; until then people's judgement serves as well.",
        )
    )
    gates.append(_no_alarm(settings, highest_auc, suspected))
    if other_groups is not None and other_groups.too_few is None:
        area = other_groups.figures["auc"]
        passed = not area.high < settings.min_auc
        words = f"AUC in groups that never trained {area}, not below {settings.min_auc} beyond chance."
        gates.append(Gate("auc, other groups", passed, area.value, words))
    gates += _calibrated(settings, later, "", chance["all"])
    # An offset moves one segment against the others: it is no remedy where all have moved.
    level_holds = _reaches(later.figures["observed_expected"], *settings.observed_expected)
    apart = judged_apart(settings, later)
    wider = norm.isf(CHANCE_SHARE / len(apart)) / norm.isf(CHANCE_SHARE) if apart else 1.0
    for variable, segment, part in apart:
        level = _OFFSET if variable == "cycle" and level_holds else _MOVED
        gates += _calibrated(settings, part, _called(variable, segment), chance[segment], level, float(wider))
    return tuple(gates)


def judged_apart(settings: GateSettings, later: Evaluation) -> list[tuple[str, str, Evaluation]]:
    """Return variable, value and evaluation of each segment that holds enough bads to be judged, and not all rows."""
    return [
        (variable, segment, part)
        for variable in SEGMENTS
        for segment, part in later.segments.get(variable, {}).items()
        if part.too_few is None and settings.segment_min_bads <= part.bads and part.n < later.n
    ]


def unjudged(settings: GateSettings, later: Evaluation) -> tuple[str, ...]:
    """Return a sentence for each segment of the later rows that is not judged apart, and why."""
    judged = {(variable, segment) for variable, segment, _ in judged_apart(settings, later)}
    found = []
    for variable in SEGMENTS:
        for segment, part in later.segments.get(variable, {}).items():
            called = _called(variable, segment).removeprefix(", ").capitalize()
            if part.n == later.n:
                found.append(f"{called}: all later rows are of it.")
            elif (variable, segment) not in judged:
                found.append(
                    f"{called}: too few bads to say, {part.bads:g} of at least {settings.segment_min_bads} "
                    f"among {part.n:g} rows."
                )
    return tuple(found)


def _called(variable: str, segment: str) -> str:
    return f", {segment} cycle" if variable == "cycle" else f", regime {segment}"


def _enough(settings: GateSettings, later: Evaluation) -> Gate:
    words = f"{later.bads:g} bads out of time, at least {settings.min_bads}."
    passed = later.bads >= settings.min_bads and later.too_few is None
    return Gate("bads", passed, later.bads, words, "Wait for more outcomes, or raise split.test_share.")


def _no_alarm(settings: GateSettings, highest_auc: float, suspected: Sequence[object]) -> Gate:
    passed = highest_auc <= settings.leakage_auc
    words = (
        f"Highest AUC out of time of any candidate or single feature {highest_auc:.3f}; "
        f"above {settings.leakage_auc} something of the future has come in."
    )
    if not passed and suspected:
        words += f" Features by themselves: {', '.join(str(one) for one in suspected)}."
    remedy = "Run `riskscore check PORTFOLIO --leaks`, mend or exclude the feature (features.exclude), and train again."
    return Gate("leakage", passed, highest_auc, words, remedy)


def direction_gate(contradictions: Sequence[str]) -> Gate:
    """Return the gate of a scorecard: no points run against a declared direction."""
    words = " ".join(contradictions) or "Every coefficient and every bin follows the direction declared."
    remedy = "Correct the direction in features/, or exclude the feature, and train again."
    return Gate("directions", not contradictions, float(len(contradictions)), words, remedy)


def _calibrated(
    settings: GateSettings,
    part: Evaluation,
    where: str,
    chance: float,
    level: str = _MOVED,
    wider: float = 1.0,
) -> list[Gate]:
    gates = []
    for name, title, (low, high), remedy in (
        ("slope", "calibration slope", settings.slope, _SPREAD),
        ("observed_expected", "observed over expected", settings.observed_expected, level),
    ):
        figure = _widened(part.figures[name], wider, of_logarithm=name == "observed_expected")
        words = f"{title}{where} {figure}, from {low:g} to {high:g} within chance."
        passed = _reaches(figure, low, high)
        gates.append(Gate(f"{title}{where}", passed, figure.value, words.capitalize(), remedy))
    found = part.figures["ici"].value
    bar = max(settings.max_ici, chance)
    allowed = f"at most {settings.max_ici:g}" + (
        f" (chance alone reaches {chance:.4f})" if bar > settings.max_ici else ""
    )
    remedy = _SPREAD if _reaches(part.figures["observed_expected"], 1.0, 1.0) else level
    gates.append(Gate(f"ICI{where}", found <= bar, found, f"ICI{where} {found:.4f}, {allowed}.", remedy))
    return gates


def _widened(figure: Figure, times: float, *, of_logarithm: bool) -> Figure:
    """Return the figure with its interval so many times as wide: of many segments one may be off by luck."""
    if times == 1.0 or not all(math.isfinite(one) for one in (figure.value, figure.low, figure.high)):
        return figure
    if of_logarithm and figure.low > 0:
        low, high = (figure.value * (end / figure.value) ** times for end in (figure.low, figure.high))
    else:
        low, high = (figure.value + times * (end - figure.value) for end in (figure.low, figure.high))
    return Figure(figure.value, low, high)


def _reaches(figure: Figure, low: float, high: float) -> bool:
    """Whether the figure, or its interval where it has one, touches the range."""
    if math.isnan(figure.value):
        return False
    below = figure.value if math.isnan(figure.low) else figure.low
    above = figure.value if math.isnan(figure.high) else figure.high
    return below <= high and above >= low


def ici_by_chance(
    pd: Floats, clusters: NDArray[Any], icc: float, doubt: Doubt = CERTAIN, *, seed: int, share: float = CHANCE_SHARE
) -> float:
    """Return the ICI that an honest model exceeds in a `share` of samples like this one.

    Outcomes are drawn from the PDs themselves, after the line they come from was moved as far as `doubt` says that
    training may have missed it. With probability ``sqrt(icc)`` a row shares its draw with its group, so that two rows
    of a group with one PD correlate by `icc` while every row keeps its own PD.
    """
    draw = np.random.default_rng(seed)
    _, codes = np.unique(clusters, return_inverse=True)
    joined = math.sqrt(min(max(icc, 0.0), 1.0)) if math.isfinite(icc) else 0.0
    log_odds = logit(pd)
    middle = float(log_odds.mean())
    found = []
    for _ in range(CHANCE_DRAWS):
        level, slope = draw.normal(0.0, [doubt.level, doubt.slope])
        true = expit(log_odds + level + slope * (log_odds - middle))
        own, common = draw.random(len(pd)), draw.random(int(codes.max()) + 1)[codes]
        uniform = np.where(draw.random(len(pd)) < joined, common, own)
        found.append(ici((uniform < true).astype(np.float64), pd))
    return float(np.quantile(found, 1.0 - share))
