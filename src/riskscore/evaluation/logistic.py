"""Maximum likelihood of a small logistic regression, for weighted and soft labels, with cluster-robust errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.evaluation.sample import Floats, Ints, expit

#: A hair of ridge: where a class is separated the likelihood has no maximum, and a large finite slope is the answer.
RIDGE = 1e-8
ITERATIONS = 100


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted regression.

    Parameters
    ----------
    coefficients : ndarray (k,)
    linear : ndarray (n,)
        Fitted log-odds of each row, the offset included.
    information : ndarray (k, k)
        Minus the Hessian of the log-likelihood.
    scores : ndarray (n, k)
        Each row's gradient.
    """

    coefficients: Floats
    linear: Floats
    information: Floats
    scores: Floats

    def standard_errors(self, clusters: Ints, count: int) -> Floats:
        """Return standard errors from the sandwich over clusters, with the factor G / (G - 1); NaN for one cluster."""
        if count < 2:
            return np.full(len(self.coefficients), np.nan)
        sums = np.column_stack([np.bincount(clusters, column, minlength=count) for column in self.scores.T])
        bread = np.linalg.inv(self.information)
        covariance = bread @ (sums.T @ sums) @ bread * count / (count - 1)
        return np.asarray(np.sqrt(np.diag(covariance)), dtype=np.float64)


def fit_logistic(columns: Floats, y: Floats, weights: Floats, offset: Floats | None = None) -> Fit:
    """Fit by Newton's method with step halving.

    Parameters
    ----------
    columns : ndarray (n, k)
        Design matrix, the intercept included.
    y : ndarray (n,)
        Labels in [0, 1].
    weights : ndarray (n,)
    offset : ndarray (n,), optional
        A part of the log-odds with its coefficient held at 1.
    """
    base = np.zeros(len(y)) if offset is None else offset
    ridge = RIDGE * float(weights.sum())

    def log_likelihood(candidate: Floats) -> float:
        linear = base + columns @ candidate
        gained = np.sum(weights * (y * linear - np.logaddexp(0.0, linear)))
        return float(gained - 0.5 * ridge * np.sum(candidate**2))

    coefficients = np.zeros(columns.shape[1])
    best = log_likelihood(coefficients)
    for _ in range(ITERATIONS):
        fitted = expit(base + columns @ coefficients)
        gradient = columns.T @ (weights * (y - fitted)) - ridge * coefficients
        step = np.linalg.solve(_information(columns, weights, fitted, ridge), gradient)
        size = 1.0
        while (reached := log_likelihood(coefficients + size * step)) < best and size > 1e-8:
            size *= 0.5
        moved = reached - best
        if moved > 0:
            coefficients, best = coefficients + size * step, reached
        if moved <= 1e-12 * (1.0 + abs(best)):
            break
    linear = base + columns @ coefficients
    fitted = expit(linear)
    return Fit(
        coefficients=coefficients,
        linear=linear,
        information=_information(columns, weights, fitted, ridge),
        scores=columns * (weights * (y - fitted))[:, None],
    )


def _information(columns: Floats, weights: Floats, fitted: Floats, ridge: float) -> Floats:
    curvature = weights * fitted * (1.0 - fitted)
    return np.asarray((columns * curvature[:, None]).T @ columns + ridge * np.eye(columns.shape[1]), dtype=np.float64)
