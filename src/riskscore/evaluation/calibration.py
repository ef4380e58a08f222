"""Whether the probabilities mean what they say.

Calibration slope and intercept
    Coefficients of a logistic regression of the outcome on logit PD: 1 and 0 where all is well. A slope below 1 says
    that the predictions are too extreme.
Calibration in the large
    The intercept with the slope held at 1: above 0 where there are more bads than predicted.
Observed over expected
    The bads there were over the sum of the PDs.
Brier score, Brier skill, log loss
    Mean squared error of the PD; its gain over the base rate (1 perfect, 0 no better); mean -ln of the probability
    given to what happened.
ICI
    Integrated calibration index (Austin and Steyerberg 2019): the mean distance between the PD and the smoothed
    observed rate at that PD. The smoother here is a logistic regression on a restricted cubic spline of logit PD
    (Harrell's five knots at its 5, 27.5, 50, 72.5 and 95 % quantiles), which needs a second at a million rows where a
    loess needs hours; chance alone makes it positive in small samples.
ECE
    The same distance between bins of equal frequency; biased upwards where bins are small.
Shared correlation
    What rows of one cluster have in common beyond the PDs, once level and slope of the PDs are set right. Around the
    PDs as they stand, a wrong level is a residual that all rows share: it would pass for clustering, and the reference
    that the level is tested against would forgive it. A bend that two coefficients cannot follow stays in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.clusters import intra_cluster_correlation
from riskscore.evaluation.logistic import Fit, fit_logistic
from riskscore.evaluation.sample import EDGE, Floats, Ints, Sample, cluster_codes, expit, logit

KNOT_QUANTILES = (0.05, 0.275, 0.50, 0.725, 0.95)


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What a logistic recalibration finds, with standard errors robust to clusters.

    Parameters
    ----------
    intercept, slope : float
        Of the outcome on logit PD. NaN where all PDs are equal.
    intercept_se, slope_se : float
        From the cluster-robust sandwich; each row is a cluster where none was given.
    in_the_large, in_the_large_se : float
        The intercept with the slope held at 1, in log-odds.
    """

    intercept: float
    slope: float
    intercept_se: float
    slope_se: float
    in_the_large: float
    in_the_large_se: float


def calibration(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    clusters: npt.ArrayLike | None = None,
) -> Recalibration:
    """Recalibrate logistically and return intercept, slope and calibration in the large.

    Parameters
    ----------
    y : array_like (n,)
        Labels; soft ones are fitted by quasi-likelihood, which has the same solution in expectation.
    pd : array_like (n,)
        Probabilities in [0, 1], held 1e-9 away from both ends.
    weights, clusters : array_like (n,), optional

    Raises
    ------
    InvalidInput
        For malformed samples.
    """
    sample = Sample.of(y, pd, weights, probability=True)
    codes, count = cluster_codes(clusters, len(sample.y))
    if sample.bads <= 0 or sample.goods <= 0:
        return Recalibration(*[math.nan] * 6)
    log_odds = logit(sample.score)
    ones = np.ones((len(log_odds), 1))
    level = fit_logistic(ones, sample.y, sample.weights, offset=log_odds)
    level_se = float(level.standard_errors(codes, count)[0])
    if np.ptp(log_odds[sample.weights > 0]) < 1e-12:
        return Recalibration(math.nan, math.nan, math.nan, math.nan, float(level.coefficients[0]), level_se)
    line = _line(log_odds, sample)
    errors = line.standard_errors(codes, count)
    return Recalibration(
        intercept=float(line.coefficients[0]),
        slope=float(line.coefficients[1]),
        intercept_se=float(errors[0]),
        slope_se=float(errors[1]),
        in_the_large=float(level.coefficients[0]),
        in_the_large_se=level_se,
    )


def shared_correlation(y: npt.ArrayLike, pd: npt.ArrayLike, clusters: npt.ArrayLike | None = None) -> float:
    """Return the intra-cluster correlation around the recalibrated PDs, which may be below zero.

    The two coefficients are fitted to the same clusters and take their share of what these have in common, so the
    estimate is raised by K / (K - 2) for K clusters of one size, or their Kish equivalent where sizes differ.

    Returns
    -------
    float
        NaN where there is one class, or no cluster of two rows, or no more than two clusters.
    """
    sample = Sample.of(y, pd, probability=True)
    codes, _ = cluster_codes(clusters, len(sample.y))
    sizes = np.bincount(codes).astype(np.float64)
    alike = sizes.sum() ** 2 / (sizes @ sizes)
    if sample.bads <= 0 or sample.goods <= 0 or alike <= 2:
        return math.nan
    around = np.asarray(expit(_line(logit(sample.score), sample).linear), dtype=np.float64)
    return float(alike / (alike - 2)) * intra_cluster_correlation(sample.y, codes, around)


def observed_expected(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the (weighted) bads over the sum of the PDs; NaN where the PDs sum to zero."""
    sample = Sample.of(y, pd, weights, probability=True)
    expected = float(sample.weights @ sample.score)
    return sample.bads / expected if expected > 0 else math.nan


def brier(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the expected squared error of the PDs, in [0, 1].

    For a soft label q it is q (1 - p)^2 + (1 - q) p^2, what a drawn label would cost on average.
    """
    sample = Sample.of(y, pd, weights, probability=True)
    squared = sample.y * (1.0 - sample.score) ** 2 + (1.0 - sample.y) * sample.score**2
    return float(np.average(squared, weights=sample.weights))


def brier_skill(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return 1 - Brier / Brier of the base rate: 1 perfect, 0 no better; NaN where there is one class only."""
    sample = Sample.of(y, pd, weights, probability=True)
    rate = sample.bads / (sample.bads + sample.goods)
    reference = rate * (1.0 - rate)
    return 1.0 - brier(y, pd, weights) / reference if reference > 0 else math.nan


def log_loss(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the mean of -ln(probability given to what happened), in nats; PDs are held 1e-9 away from 0 and 1."""
    sample = Sample.of(y, pd, weights, probability=True)
    held = np.clip(sample.score, EDGE, 1.0 - EDGE)
    losses = -(sample.y * np.log(held) + (1.0 - sample.y) * np.log1p(-held))
    return float(np.average(losses, weights=sample.weights))


def smooth_rate(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Floats:
    """Return the smoothed observed rate at each PD, in [0, 1]: the curve of a reliability plot.

    With fewer than six distinct PDs, where a spline has no room, the line of the logistic recalibration is returned;
    with one, the observed rate.
    """
    sample = Sample.of(y, pd, weights, probability=True)
    log_odds = logit(sample.score)
    if sample.bads <= 0 or sample.goods <= 0 or np.ptp(log_odds) < 1e-12:
        return np.full_like(log_odds, sample.bads / (sample.bads + sample.goods))
    knots = np.unique(np.quantile(log_odds, KNOT_QUANTILES))
    if len(knots) < 3:
        return expit(_line(log_odds, sample).linear)
    columns = np.column_stack([np.ones_like(log_odds), log_odds, _restricted_spline(log_odds, knots)])
    return expit(fit_logistic(columns, sample.y, sample.weights).linear)


def ici(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the integrated calibration index: mean |smoothed observed rate - PD|, a probability."""
    sample = Sample.of(y, pd, weights, probability=True)
    return float(np.average(np.abs(smooth_rate(y, pd, weights) - sample.score), weights=sample.weights))


def equal_frequency_bins(pd: npt.ArrayLike, bins: int = 10) -> Ints:
    """Number each prediction's bin 0..bins-1; equal predictions share one, so there may be fewer bins."""
    scores = np.asarray(pd, dtype=np.float64)
    edges = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    codes = np.searchsorted(edges, scores, side="left")
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def ece(y: npt.ArrayLike, pd: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal frequency: mean |rate - mean PD|, a probability."""
    sample = Sample.of(y, pd, weights, probability=True)
    codes = equal_frequency_bins(sample.score, bins)
    gaps = np.bincount(codes, sample.weights * (sample.y - sample.score))
    return float(np.abs(gaps).sum() / sample.weights.sum())


def _line(log_odds: Floats, sample: Sample) -> Fit:
    return fit_logistic(np.column_stack([np.ones_like(log_odds), log_odds]), sample.y, sample.weights)


def _restricted_spline(x: Floats, knots: Floats) -> Floats:
    """Return Harrell's restricted cubic spline terms beyond the linear one: straight outside the end knots."""
    last, before = knots[-1], knots[-2]
    span = (last - knots[0]) ** 2

    def cube(at: float) -> Floats:
        return np.maximum(x - at, 0.0) ** 3

    terms = [
        (cube(knot) - cube(before) * (last - knot) / (last - before) + cube(last) * (before - knot) / (last - before))
        / span
        for knot in knots[:-2]
    ]
    return np.column_stack(terms)
