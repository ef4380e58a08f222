"""Which candidate wins, and whether it may be promoted: both answered in words.

A *gate* compares a figure of the later rows with the recipe's bar. Where the figure has an interval, chance is allowed
for: a slope of 0.75 whose interval reaches into the range does not fail, because nothing says that the model is wrong;
it is shown with its interval. What is too small to judge at all fails the gate of the smallest number of bads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from riskscore.evaluation import Evaluation, Figure, Interval, Ranked, cluster_bootstrap, ici
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import GateSettings

#: The kind that every other must beat.
BASELINE = "woe_scorecard"

#: Coverage of the interval by which a candidate must beat the scorecard.
BEATEN_LEVEL = 0.90

#: Draws of a calibrated world, and the quantile of their ICI that counts as chance.
CHANCE_DRAWS, CHANCE_QUANTILE = 100, 0.95


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
    """

    name: str
    passed: bool
    value: float | None
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Standard errors, robust to groups, with which training knew its calibration: of the level, and of the slope."""

    level: float
    slope: float


CERTAIN = Doubt(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner's kind and why, in one sentence."""

    kind: str
    words: str


def judge(
    settings: GateSettings,
    later: Evaluation,
    other_groups: Evaluation | None,
    chance: Mapping[str, float],
    *,
    highest_auc: float,
) -> tuple[Gate, ...]:
    """Return every gate of a candidate.

    Parameters
    ----------
    settings : GateSettings
    later : Evaluation
        On all rows after the split, with the segment variable ``"cycle"``.
    other_groups : Evaluation or None
        On later rows of groups that never trained; None where the recipe holds out none.
    chance : mapping of str to float
        The ICI that chance alone reaches, for ``"all"`` and for each segment; see `ici_by_chance`.
    highest_auc : float
        The highest AUC on the later rows of any candidate. A leak is in the data and not in a candidate: where one
        finds it, all are suspect, also one whose bins are too coarse to show it.
    """
    gates = [_enough(settings, later)]
    if later.too_few is not None:
        return tuple(gates)
    area = later.figures["auc"]
    gates += [
        Gate(
            "auc", area.value >= settings.min_auc, area.value, f"AUC out of time {area}, at least {settings.min_auc}."
        ),
        Gate(
            "leakage",
            highest_auc <= settings.leakage_auc,
            highest_auc,
            f"Highest AUC out of time of any candidate {highest_auc:.3f}; "
            f"above {settings.leakage_auc} something of the future has come in.",
        ),
    ]
    if other_groups is not None and other_groups.too_few is None:
        area = other_groups.figures["auc"]
        passed = not area.high < settings.min_auc
        words = f"AUC in groups that never trained {area}, not below {settings.min_auc} beyond chance."
        gates.append(Gate("auc, other groups", passed, area.value, words))
    gates += _calibrated(settings, later, "", chance["all"])
    for segment, part in later.segments.get("cycle", {}).items():
        if part.too_few is None and part.bads >= settings.segment_min_bads:
            gates += _calibrated(settings, part, f", {segment} cycle", chance[segment])
    return tuple(gates)


def _enough(settings: GateSettings, later: Evaluation) -> Gate:
    words = f"{later.bads:g} bads out of time, at least {settings.min_bads}."
    return Gate("bads", later.bads >= settings.min_bads and later.too_few is None, later.bads, words)


def _calibrated(settings: GateSettings, part: Evaluation, where: str, chance: float) -> list[Gate]:
    gates = []
    for name, title, (low, high) in (
        ("slope", "calibration slope", settings.slope),
        ("observed_expected", "observed over expected", settings.observed_expected),
    ):
        figure = part.figures[name]
        words = f"{title}{where} {figure}, from {low:g} to {high:g} within chance."
        gates.append(Gate(f"{title}{where}", _reaches(figure, low, high), figure.value, words.capitalize()))
    found = part.figures["ici"].value
    bar = max(settings.max_ici, chance)
    allowed = f"at most {settings.max_ici:g}" + (
        f" (chance alone reaches {chance:.4f})" if bar > settings.max_ici else ""
    )
    gates.append(Gate(f"ICI{where}", found <= bar, found, f"ICI{where} {found:.4f}, {allowed}."))
    return gates


def _reaches(figure: Figure, low: float, high: float) -> bool:
    """Whether the figure, or its interval where it has one, touches the range."""
    if math.isnan(figure.value):
        return False
    below = figure.value if math.isnan(figure.low) else figure.low
    above = figure.value if math.isnan(figure.high) else figure.high
    return below <= high and above >= low


def ici_by_chance(pd: Floats, clusters: NDArray[Any], icc: float, doubt: Doubt = CERTAIN, *, seed: int) -> float:
    """Return the ICI that an honest model exceeds in 5 of 100 samples like this one.

    Outcomes are drawn from the PDs themselves, after the line they come from was moved as far as `doubt` says that
    training may have missed it. With probability ``sqrt(icc)`` a row shares its draw with its group, so that two rows
    of a group with one PD correlate by `icc` while every row keeps its own PD.
    """
    draw = np.random.default_rng(seed)
    _, codes = np.unique(clusters, return_inverse=True)
    share = math.sqrt(min(max(icc, 0.0), 1.0)) if math.isfinite(icc) else 0.0
    log_odds = logit(pd)
    middle = float(log_odds.mean())
    found = []
    for _ in range(CHANCE_DRAWS):
        level, slope = draw.normal(0.0, [doubt.level, doubt.slope])
        true = expit(log_odds + level + slope * (log_odds - middle))
        own, common = draw.random(len(pd)), draw.random(int(codes.max()) + 1)[codes]
        uniform = np.where(draw.random(len(pd)) < share, common, own)
        found.append(ici((uniform < true).astype(np.float64), pd))
    return float(np.quantile(found, CHANCE_QUANTILE))


def choose(
    passed: Mapping[str, bool], log_odds: Mapping[str, Floats], y: Floats, clusters: NDArray[Any], *, seed: int
) -> Choice:
    """Choose between candidates on the later rows.

    A candidate that passes its gates goes before one that does not. Between equals the trees must beat the scorecard by
    more than noise (the whole clustered 90 % interval of the difference in AUC, drawn on the same rows); else the
    scorecard wins, because it can be checked with a pencil.

    Parameters
    ----------
    passed : mapping of str to bool
        Whether each kind passed all gates.
    log_odds : mapping of str to ndarray (n,)
        Of the later rows.
    y : ndarray (n,)
    clusters : ndarray (n,)
    seed : int
    """
    ahead = [kind for kind, fine in passed.items() if fine] or list(passed)
    if len(ahead) == 1:
        others = [kind for kind in passed if kind != ahead[0]]
        why = f"the only one that passes its gates ({', '.join(others)} does not)" if others else "the only candidate"
        return Choice(ahead[0], f"{ahead[0]} is {why}.")
    base = BASELINE if BASELINE in ahead else ahead[0]
    gains = {kind: auc_gain(log_odds[kind], log_odds[base], y, clusters, seed=seed) for kind in ahead if kind != base}
    best = max(gains, key=lambda kind: gains[kind][0])
    gain, around = gains[best]
    shown = f"{gain:+.4f} AUC out of time ({around.low:+.4f} to {around.high:+.4f})"
    against = "the scorecard" if base == BASELINE else base
    if around.low > 0:
        return Choice(best, f"{best} beats {against} by more than noise: {shown}.")
    return Choice(base, f"{best} does not beat {against} by more than noise: {shown}.")


def auc_gain(
    first: Floats, second: Floats, y: Floats, clusters: Sequence[Any] | NDArray[Any], *, seed: int
) -> tuple[float, Interval]:
    """Return the AUC of the first less the second's, with its paired interval over whole clusters."""
    one, two = Ranked(y, first), Ranked(y, second)

    def difference(weights: Floats) -> float:
        return one.auc(weights) - two.auc(weights)

    return one.auc() - two.auc(), cluster_bootstrap(difference, clusters, level=BEATEN_LEVEL, seed=seed)
