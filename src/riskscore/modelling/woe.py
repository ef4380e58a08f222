"""Fitting the WoE scorecard: bins by optbinning, then a logistic regression whose signs may not contradict the bins.

optbinning chooses where to cut, monotone where the risk has a direction. Counts, weights of evidence and coefficients
are worked out here, and only they are kept: scoring does not need optbinning.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from riskscore.errors import Refused
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.scorecard import Bins, Scorecard

Risk = Literal["rises", "falls", "free"]

#: The usual scorecard rule: at least 5 % of the rows and 5 bads a bin; and a good, or its WoE would be infinite.
MIN_SHARE, MIN_BADS = 0.05, 5

#: Share of rows on which a flag and a feature's missing values agree, for the flag to tell of them.
SAME = 0.98

#: A cut parts bads from goods where no more than this share of either is on the wrong side.
PARTED = 0.05

NO_CODES: Mapping[str, Sequence[float]] = MappingProxyType({})

_TREND = {"rises": "ascending", "falls": "descending", "free": None}


@dataclass(frozen=True, slots=True)
class ScorecardFit:
    """A fitted scorecard, and why features were left out: name to reason."""

    scorecard: Scorecard
    left_out: Mapping[str, str]


@cache
def _optimal_binning() -> Any:
    """Import optbinning without what a solver it does not use prints when it is looked for."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from optbinning import OptimalBinning
    return OptimalBinning


def find_splits(
    values: Floats,
    bad: Floats,
    risk: Risk,
    max_bins: int,
    *,
    min_share: float = MIN_SHARE,
    codes: Sequence[float] = (),
    one_turn: bool = False,
) -> tuple[float, ...]:
    """Return the cuts of one feature's values, NaN being missing; none where no cut is worth it.

    The bad rate ascends from bin to bin where risk rises, descends where it falls, and is unconstrained where free;
    with `one_turn` a free one rises, falls, or turns once, which noise seldom does. Special codes, which lie beyond the
    ordinary values, follow no direction: each is cut off where it has 5 bads.
    """
    ordinary = ~np.isnan(values) & ~np.isin(values, codes)
    splits = _cuts(values[ordinary], bad[ordinary], risk, max_bins, min_share, len(values), one_turn=one_turn)
    if len(codes) == 0 or not ordinary.any():
        return splits
    low, high = values[ordinary].min(), values[ordinary].max()
    below = [*sorted(code for code in codes if code < low), low]
    above = [high, *sorted(code for code in codes if code > high)]
    steps = [(one + next_) / 2.0 for ladder in (below, above) for one, next_ in pairwise(ladder)]
    return _held(values, bad, tuple(sorted({*splits, *(float(step) for step in steps)})))


def _held(values: Floats, bad: Floats, splits: tuple[float, ...]) -> tuple[float, ...]:
    """Return the cuts less those beside a bin of under 5 bads or no good."""
    seen = ~np.isnan(values)
    while splits:
        number = np.digitize(values[seen], splits)
        bads = np.bincount(number, bad[seen], minlength=len(splits) + 1)
        goods = np.bincount(number, 1.0 - bad[seen], minlength=len(splits) + 1)
        thin = np.flatnonzero((bads < MIN_BADS) | (goods < 1))
        if len(thin) == 0:
            break
        gone = min(int(thin[0]), len(splits) - 1)
        splits = splits[:gone] + splits[gone + 1 :]
    return splits


def _cuts(
    x: Floats, y: Floats, risk: Risk, max_bins: int, min_share: float, rows: int, *, one_turn: bool
) -> tuple[float, ...]:
    least = min_share * rows / max(len(x), 1)
    if least > 0.5 or y.sum() < 2 * MIN_BADS or len(y) - y.sum() < 2 or x.min() == x.max():
        return ()
    if (between := _parting(x, y, risk)) is not None:
        return (between,)
    binning: Any = _optimal_binning()(
        dtype="numerical",
        solver="cp",
        monotonic_trend="auto_heuristic" if one_turn and risk == "free" else _TREND[risk],
        max_n_bins=max_bins,
        min_prebin_size=min(min_share, least),
        min_bin_size=least,
        min_bin_n_event=MIN_BADS,
        min_bin_n_nonevent=1,
        time_limit=10,
    )
    binning.fit(x, y.astype(int))
    if binning.status not in {"OPTIMAL", "FEASIBLE"}:
        return ()
    return tuple(float(split) for split in binning.splits)


def _parting(x: Floats, y: Floats, risk: Risk) -> float | None:
    """Return the cut that has all but a few bads on one side and all but a few goods on the other, where there is one.

    Such a column is a leak rather than a feature. No bin of optbinning's may be pure, so it would find no cut at all
    and the column would be left out; binned, it is seen by whoever looks.
    """
    order = np.argsort(x, kind="stable")
    values, bads = x[order], np.cumsum(y[order])
    ends = np.flatnonzero(values[:-1] < values[1:])
    below, all_bads, all_goods = ends + 1.0, bads[-1], len(y) - bads[-1]
    bads_below, goods_below = bads[ends], below - bads[ends]
    misplaced = []
    if risk != "falls":
        misplaced.append(np.maximum(bads_below / all_bads, 1.0 - goods_below / all_goods))
    if risk != "rises":
        misplaced.append(np.maximum(1.0 - bads_below / all_bads, goods_below / all_goods))
    share = np.min(misplaced, axis=0)
    best = int(share.argmin())
    return float(values[ends[best]] + values[ends[best] + 1]) / 2.0 if share[best] <= PARTED else None


def told_by_a_flag(X: Floats) -> NDArray[np.bool_]:
    """Return for each column whether a 0/1 column of the same matrix says where its values are missing.

    A first loan leaves a dozen features missing at once. Were each of them to weigh that again, the coefficients of
    the ones would push the level of first loans about: the flag alone carries it, and missing is neutral beside it.
    """
    complete = ~np.isnan(X).any(axis=0)
    flags = [X[:, one] == 1.0 for one in np.flatnonzero(complete) if set(np.unique(X[:, one])) == {0.0, 1.0}]
    missing = np.isnan(X)
    told = [
        bool(missing[:, column].any())
        and any(max(np.mean(flag == missing[:, column]), np.mean(flag != missing[:, column])) >= SAME for flag in flags)
        for column in range(X.shape[1])
    ]
    return np.array(told, dtype=np.bool_)


def bins_of(
    feature: str,
    values: Floats,
    bad: Floats,
    splits: tuple[float, ...],
    *,
    missing_told: bool = False,
    min_share: float = MIN_SHARE,
) -> Bins:
    """Count goods and bads a bin and return their weights of evidence; beta is 0 until it is fitted.

    Missing values are a bin of their own. Where it has under 5 bads, under 5 % of the rows or no good, development says
    too little about them, and a missing value is neutral: it weighs what the mean weighs. So it does where another
    feature already tells that the value is missing (`missing_told`).
    """
    number = np.where(np.isnan(values), len(splits) + 1, np.digitize(values, splits)).astype(int)
    bads = np.bincount(number, bad, minlength=len(splits) + 2)
    goods = np.bincount(number, 1.0 - bad, minlength=len(splits) + 2)
    known = not missing_told and bool(
        bads[-1] >= MIN_BADS and goods[-1] >= 1 and bads[-1] + goods[-1] >= min_share * len(values)
    )
    if splits:
        # Half a row to either side where a bin of values is pure, or its WoE would be infinite.
        half = 0.5 if min(bads[:-1].min(), goods[:-1].min()) == 0 else 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            woe = np.log((goods + half) / goods.sum()) - np.log((bads + half) / bads.sum())
    else:
        woe = np.zeros(2)
    rows = goods + bads
    counted = rows if known else np.append(rows[:-1], 0.0)
    mean = float(counted @ np.where(counted > 0, woe, 0.0) / counted.sum()) if counted.sum() else 0.0
    return Bins(
        feature=feature,
        splits=splits,
        woe=tuple(float(one) for one in woe[:-1]),
        missing_woe=float(woe[-1]) if known else mean,
        mean_woe=mean,
        beta=0.0,
        good=tuple(int(one) for one in goods),
        bad=tuple(int(one) for one in bads),
    )


def fit_scorecard(
    X: Floats,
    bad: Floats,
    features: tuple[str, ...],
    risks: Mapping[str, Risk],
    settings: ScorecardCandidate,
    *,
    min_share: float = MIN_SHARE,
    codes: Mapping[str, Sequence[float]] = NO_CODES,
    one_turn: bool = False,
) -> ScorecardFit:
    """Fit bins and coefficients.

    Parameters
    ----------
    X : ndarray (n, k)
        NaN is missing.
    bad : ndarray (n,)
        0 or 1; indeterminate rows are left out before.
    features : tuple of str
    risks : mapping of str to {"rises", "falls", "free"}
    settings : ScorecardCandidate
    min_share : float
        Smallest share of the rows in a bin.
    codes : mapping of str to sequence of float
        Special codes of the features that have any, each a bin of its own.
    one_turn : bool
        Whether the bad rate of a feature of free direction may turn once and no more.

    Raises
    ------
    Refused
        No feature tells good from bad.
    """
    left_out: dict[str, str] = {}
    bins = []
    told = told_by_a_flag(X)
    for column, name in enumerate(features):
        values = X[:, column]
        splits = find_splits(
            values,
            bad,
            risks[name],
            settings.max_bins,
            min_share=min_share,
            codes=codes.get(name, ()),
            one_turn=one_turn,
        )
        one = bins_of(name, values, bad, splits, missing_told=bool(told[column]), min_share=min_share)
        bins.append(one)
        missing_tells = one.missing_woe != one.mean_woe
        if not one.splits and not missing_tells:
            left_out[name] = "no cut separates good from bad in the direction declared"
        elif one.information_value < settings.min_iv:
            left_out[name] = f"information value {one.information_value:.4f} is under {settings.min_iv:g}"
    chosen = [column for column, name in enumerate(features) if name not in left_out]
    if not chosen:
        raise Refused.of("woe_scorecard", "No feature tells good from bad.", "Look at the outcome and the features.")
    woe = np.column_stack([bins[column].of(X[:, column]) - bins[column].mean_woe for column in chosen])
    level, betas = _fit_signed(woe, bad, settings.ridge)
    for column, beta in zip(chosen, betas, strict=True):
        if beta == 0.0:
            left_out[features[column]] = "beside the others its coefficient would have the wrong sign"
        bins[column] = replace(bins[column], beta=float(beta))
    alpha = level - sum(one.beta * one.mean_woe for one in bins)
    return ScorecardFit(Scorecard(features, float(alpha), tuple(bins)), left_out)


def _fit_signed(woe: Floats, bad: Floats, ridge: float) -> tuple[float, Floats]:
    """Return intercept and coefficients, none above 0, that maximise the likelihood less a small ridge.

    The bound does what dropping positive coefficients one after the other aims at, without depending on the order.
    """

    def loss(parameters: Floats) -> tuple[float, Floats]:
        level, betas = parameters[0], parameters[1:]
        z = level + woe @ betas
        residual = expit(z) - bad
        value = (np.logaddexp(0.0, z) - bad * z).sum() + 0.5 * ridge * betas @ betas
        gradient = np.append(residual.sum(), woe.T @ residual + ridge * betas)
        return float(value) / len(bad), gradient / len(bad)

    rate = bad.mean()
    start = np.append(np.log(rate / (1.0 - rate)), np.full(woe.shape[1], -0.5))
    bounds = [(None, None), *[(None, 0.0)] * woe.shape[1]]
    fitted = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 2000}
    )
    return float(fitted.x[0]), np.asarray(fitted.x[1:])
