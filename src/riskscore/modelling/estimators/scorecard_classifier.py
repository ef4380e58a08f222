"""The WoE scorecard as a scikit-learn estimator: bins, points, one sum."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from sklearn.utils.validation import check_is_fitted

from riskscore.errors import Refused
from riskscore.modelling.development import Fitting
from riskscore.modelling.estimators.classifier import FlatTableClassifier, NothingLearnt
from riskscore.modelling.estimators.coding import Coding
from riskscore.modelling.estimators.ordering import Ordered, numbered, numbers_of_levels
from riskscore.modelling.estimators.points_table import points_table
from riskscore.modelling.margin import Floats, Margin
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.rows import Rows
from riskscore.modelling.scorecard import Scorecard
from riskscore.modelling.woe import Risk, bins_of, fit_scorecard

#: Share of the rows that `min_rows` may ask for at most.
MOST_SHARE = 0.10


class ScorecardClassifier(FlatTableClassifier):
    """A weight-of-evidence scorecard over any table.

    Parameters
    ----------
    max_bins : int
        Most bins a column, missing values and special codes apart.
    min_share : float
        Smallest share of the rows in a bin; every bin also has 5 bads.
    min_rows : int
        Fewest rows in a bin, where that is no more than a tenth of all: on 500 rows bins of 3 % follow noise.
    min_iv : float
        A column of less information value is left out.
    ridge : float
        Penalty on the coefficients.
    directions : mapping of str to {"rises", "falls", "free"}, optional
        Which way the risk moves with a column; free where it is not said.
    bad_label : object, optional
        The label of the bad; the second of the sorted labels where it is not said, as scikit-learn has it.
    calibration_folds : int
        Folds from which the line between margin and log-odds is learnt.
    random_state : int

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> X = draw.normal(size=(400, 2))
    >>> y = (X[:, 0] + draw.normal(size=400) > 1).astype(int)
    >>> card = ScorecardClassifier().fit(X, y)
    >>> why = card.explain(X)
    >>> bool(np.allclose(why.base + why.phi.sum(axis=1), card.decision_function(X), atol=1e-9))
    True
    """

    def __init__(
        self,
        *,
        max_bins: int = 8,
        min_share: float = 0.03,
        min_rows: int = 30,
        min_iv: float = 0.02,
        ridge: float = 3.0,
        directions: Mapping[str, Risk] | None = None,
        bad_label: Any = None,
        calibration_folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.max_bins = max_bins
        self.min_share = min_share
        self.min_rows = min_rows
        self.min_iv = min_iv
        self.ridge = ridge
        self.directions = directions
        self.bad_label = bad_label
        self.calibration_folds = calibration_folds
        self.random_state = random_state

    def _fitting(self, rows: Rows, coding: Coding, risks: Mapping[str, Risk]) -> Fitting:
        settings = ScorecardCandidate(self.max_bins, self.min_iv, self.ridge)

        def bin_and_weigh(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
            worth = numbers_of_levels(X, bad, coding.categories)
            numbers = numbered(X, worth)
            share = max(self.min_share, min(self.min_rows / len(bad), MOST_SHARE))
            try:
                fitted = fit_scorecard(
                    numbers,
                    bad,
                    coding.kept,
                    risks,
                    settings,
                    min_share=share,
                    codes=coding.codes,
                    one_turn=True,
                )
            except Refused as cause:
                warnings.warn(str(cause), NothingLearnt, stacklevel=5)
                return _base_rate(numbers, bad, coding.kept), dict.fromkeys(coding.kept, "it tells nothing")
            return Ordered(coding.kept, worth, fitted.scorecard), fitted.left_out

        return bin_and_weigh

    def points_table(self) -> pl.DataFrame:
        """Return the scorecard as it is read aloud: a row a bin, and the base; see `points_table`."""
        check_is_fitted(self)
        return points_table(self.model_, self.coding_)


def _base_rate(X: Floats, bad: Floats, features: tuple[str, ...]) -> Scorecard:
    """Return the scorecard that gives everybody the bad rate."""
    rate = (bad.sum() + 0.5) / (len(bad) + 1.0)
    bins = tuple(bins_of(name, X[:, column], bad, ()) for column, name in enumerate(features))
    return Scorecard(features, float(np.log(rate) - np.log1p(-rate)), bins)
