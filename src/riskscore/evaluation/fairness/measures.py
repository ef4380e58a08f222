"""What a policy does to the groups of one trait, measure by measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.fairness.attribute import Attribute
from riskscore.evaluation.fairness.ratio import Ratio, Standard, clustered_error, difference, impact_ratio
from riskscore.evaluation.one_rate import one_rate
from riskscore.evaluation.rates import Rate
from riskscore.evaluation.report import MINIMUM_BADS, Figure
from riskscore.evaluation.sample import Floats, Ints, cluster_codes

Bools = npt.NDArray[np.bool_]

LEVEL = 0.95
NOTHING = Figure(math.nan)


@dataclass(frozen=True, eq=False)
class Judged:
    """Requests whose end is known, and what was said of each.

    Parameters
    ----------
    y : ndarray (n,)
        1 is bad.
    ready : ndarray of bool (n,)
        Whether the policy calls it ready to decide.
    pd, score : ndarray (n,)
    clusters : ndarray (n,)
    reasons : ndarray of bool (n, codes)
        Which reasons each was given.
    codes : tuple of str
        The codes of `reasons`.
    rules : mapping of str to ndarray of bool (n,)
        Whom each rule of the policy asks to talk first.
    """

    y: Floats
    ready: Bools
    pd: Floats
    score: Floats
    clusters: npt.NDArray[Any]
    reasons: Bools
    codes: tuple[str, ...]
    rules: Mapping[str, Bools]


@dataclass(frozen=True, slots=True)
class GroupFindings:
    """One group of one trait; every figure is NaN, or its rate of no rows, where the group is too small to be told of.

    Parameters
    ----------
    name : str
    n, bads, clusters : int
    ready : Rate
        Share called ready, with its clustered interval.
    ratio : Ratio
        Of that share to the reference's.
    ready_when_good, ready_when_bad : Rate
        The same among those who repaid, and among those who did not.
    opportunity_gap, false_ready_gap : Figure
        Those two rates less the reference's: equal opportunity, and the gap of wrong readiness.
    bad : Rate
        Bad rate beside the mean PD.
    observed_expected : Figure
    score_gap : Figure
        Mean score less the reference's, in pooled standard deviations.
    auc : Figure
        Of the PD within the group; NaN with fewer than 20 bads or goods.
    reasons : mapping of str to float
        Share of the group that was given each reason.
    rules : mapping of str to float
        Share of the group that each rule asks to talk first.
    """

    name: str
    n: int
    bads: int
    clusters: int
    ready: Rate
    ratio: Ratio
    ready_when_good: Rate
    ready_when_bad: Rate
    opportunity_gap: Figure
    false_ready_gap: Figure
    bad: Rate
    observed_expected: Figure
    score_gap: Figure
    auc: Figure
    reasons: Mapping[str, float]
    rules: Mapping[str, float]

    @property
    def told(self) -> bool:
        """Whether there are rows enough to tell of the group."""
        return not math.isnan(self.ready.rate)


@dataclass(frozen=True, slots=True)
class AttributeFindings:
    """Every group of one trait.

    Parameters
    ----------
    name : str
    reference : str
    computable : bool
        False where all are of one group: nothing can be compared, and nothing is said to be equal.
    groups : tuple of GroupFindings
    unrecorded : int
        Rows whose trait is not known; in no figure.
    """

    name: str
    reference: str
    computable: bool
    groups: tuple[GroupFindings, ...]
    unrecorded: int

    def group(self, name: str) -> GroupFindings:
        """Return the findings of a group by name; `KeyError` where there is none."""
        for one in self.groups:
            if one.name == name:
                return one
        raise KeyError(name)


def audit(attribute: Attribute, judged: Judged, standard: Standard | None = None) -> AttributeFindings:
    """Return what the policy does to each group of a trait.

    Parameters
    ----------
    attribute : Attribute
    judged : Judged
        The same rows, in the same order.
    standard : Standard, optional
    """
    held = standard or Standard()
    members = [attribute.codes == code for code in range(len(attribute.groups))]
    base = members[attribute.reference]
    found = tuple(
        _group(name, rows, base, judged, held, reference=code == attribute.reference, alone=not attribute.comparable)
        for code, (name, rows) in enumerate(zip(attribute.groups, members, strict=True))
    )
    return AttributeFindings(
        attribute.name,
        attribute.groups[attribute.reference],
        attribute.comparable,
        found,
        int((attribute.codes < 0).sum()),
    )


def _group(
    name: str, rows: Bools, base: Bools, judged: Judged, held: Standard, *, reference: bool, alone: bool
) -> GroupFindings:
    codes, count = cluster_codes(judged.clusters, len(judged.y))
    n, bad = int(rows.sum()), judged.y > 0.5
    enough = n >= held.minimum_cell
    shown = rows if enough else np.zeros_like(rows)
    compared = base if base.sum() >= held.minimum_cell and enough and not reference else np.zeros_like(rows)
    ratio = impact_ratio(judged.ready, rows, base, clusters=judged.clusters, standard=held, level=LEVEL)
    if reference or alone:
        ratio = Ratio(NOTHING, math.nan, math.nan, "not computable" if alone else "reference")
    ready = judged.ready.astype(np.float64)
    spread = _pooled(judged.score, shown, compared)
    inside = int(bad[shown].sum())
    return GroupFindings(
        name=name,
        n=n,
        bads=int(bad[rows].sum()) if enough else 0,
        clusters=len(np.unique(codes[rows])),
        ready=_rate(ready, shown, judged),
        ratio=ratio,
        ready_when_good=_rate(ready, shown & ~bad, judged, least=held.minimum_cell),
        ready_when_bad=_rate(ready, shown & bad, judged, least=MINIMUM_BADS),
        opportunity_gap=_gap(ready, shown & ~bad, compared & ~bad, codes, count, held.minimum_cell),
        false_ready_gap=_gap(ready, shown & bad, compared & bad, codes, count, MINIMUM_BADS),
        bad=_rate(judged.y, shown, judged, pd=judged.pd),
        observed_expected=_observed_expected(judged, shown, codes, count),
        score_gap=difference(judged.score, shown, compared, codes, count, level=LEVEL, unit=spread).value,
        auc=(
            clustered_auc(judged.y[shown], judged.pd[shown], judged.clusters[shown], level=LEVEL)
            if MINIMUM_BADS <= inside <= int(shown.sum()) - MINIMUM_BADS
            else NOTHING
        ),
        reasons={
            code: float(judged.reasons[shown, place].mean()) if enough else math.nan
            for place, code in enumerate(judged.codes)
        },
        rules={code: float(asked[shown].mean()) if enough else math.nan for code, asked in judged.rules.items()},
    )


def _rate(values: Floats, rows: Bools, judged: Judged, *, pd: Floats | None = None, least: int = 1) -> Rate:
    shown = rows if rows.sum() >= least else np.zeros_like(rows)
    return one_rate(values, shown, judged.clusters, level=LEVEL, pd=pd)


def _gap(values: Floats, one: Bools, other: Bools, codes: Ints, count: int, least: int) -> Figure:
    if min(one.sum(), other.sum()) < least:
        return NOTHING
    return difference(values, one, other, codes, count, level=LEVEL).value


def _observed_expected(judged: Judged, rows: Bools, codes: Ints, count: int) -> Figure:
    observed, expected = float(judged.y[rows].sum()), float(judged.pd[rows].sum())
    if observed < 1 or expected <= 0:
        return NOTHING
    ratio = observed / expected
    error = clustered_error(np.where(rows, (judged.y - ratio * judged.pd) / observed, 0.0), codes, count)
    width = float(norm.ppf(0.5 + LEVEL / 2)) * error
    return Figure(ratio, ratio * math.exp(-width), ratio * math.exp(width))


def _pooled(score: Floats, one: Bools, other: Bools) -> float:
    n, m = int(one.sum()), int(other.sum())
    if n < 2 or m < 2:
        return math.nan
    return math.sqrt(((n - 1) * score[one].var(ddof=1) + (m - 1) * score[other].var(ddof=1)) / (n + m - 2))
