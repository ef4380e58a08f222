"""What the two estimators share: a table read, a margin fitted, one line from margin to log-odds, contributions.

An estimator keeps scikit-learn's manners: parameters are kept as given, what is learnt ends in an underscore, labels
may be any two. `transform` returns the exact contributions, and `set_output` makes them a pandas or Polars frame.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_feature_names_in, check_array, check_is_fitted, column_or_1d, validate_data

from riskscore.errors import ArtefactError, Fault, InvalidInput, Refused
from riskscore.modelling.calibrated import CalibratedModel, Explanation
from riskscore.modelling.calibration import Line, fit_line
from riskscore.modelling.development import Fitting, out_of_fold
from riskscore.modelling.estimators.coding import Coding
from riskscore.modelling.estimators.saved import read, written
from riskscore.modelling.estimators.table import is_frame, read_table
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows
from riskscore.modelling.woe import Risk

#: The family of every column: a flat table knows none.
FAMILY = "table"

#: Slope where the margin does not rank rows it did not see: everybody gets all but the bad rate.
ALL_BUT_FLAT = 1e-3


class ColumnsLeftOut(UserWarning):
    """Columns of the table that cannot enter a model, and why."""


class NothingLearnt(UserWarning):
    """The rows do not tell bad from good, or are too few to say: probabilities are all but the bad rate."""


class FlatTableClassifier(ClassifierMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the estimators; a subclass says how a margin is fitted."""

    directions: Mapping[str, Risk] | None
    bad_label: Any
    calibration_folds: int
    random_state: int

    @abstractmethod
    def _fitting(self, rows: Rows, coding: Coding, risks: Mapping[str, Risk]) -> Fitting:
        """Return how a margin is fitted to rows, settings chosen."""

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit on a table.

        Parameters
        ----------
        X : pandas, Polars or Arrow table, or array (n, k)
            Numbers, truth values and text; missing values stay missing. What cannot enter is left out and said
            (`ColumnsLeftOut`).
        y : array_like (n,)
            Any two labels.
        groups : array_like (n,), optional
            Rows of one group (a communal bank, a person) lie in one fold; each row alone where none are given.

        Raises
        ------
        InvalidInput
            A date, a list, no column left, labels missing, or not exactly two labels.
        """
        table = self._read(X, reset=True)
        if y is None:
            raise InvalidInput.of(
                "y", "This estimator requires y to be passed, but the target y is None.", "Give labels."
            )
        labels = column_or_1d(np.asarray(y), warn=True)
        if len(labels) != len(table):
            raise InvalidInput.of("y", f"{len(labels)} labels for {len(table)} rows.", "Give one label a row.")
        check_array(labels.reshape(-1, 1), dtype=None, ensure_all_finite=True, input_name="y")
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        if type_of_target(labels, input_name="y") != "binary" or len(self.classes_) != 2:
            few = (
                "The labels hold one class." if len(self.classes_) == 1 else "Only binary classification is supported."
            )
            kind = type_of_target(labels, input_name="y")
            raise InvalidInput.of("y", f"{few} The type of the target is {kind}.", "Give labels of two kinds.")
        bad = self.classes_[1] if self.bad_label is None else self.bad_label
        if bad not in self.classes_:
            raise InvalidInput.of("bad_label", f"{bad!r} is none of the labels.", f"Name one of {list(self.classes_)}.")
        self.bad_ = bad
        self.coding_ = Coding.of(table)
        if self.coding_.left_out:
            told = "; ".join(f"{name!r}: {why}" for name, why in self.coding_.left_out.items())
            warnings.warn(f"left out: {told}", ColumnsLeftOut, stacklevel=2)
        clusters = np.arange(len(table)) if groups is None else _keys(groups, len(table))
        y01 = (labels == bad).astype(np.float64)
        risks = self._risks()
        self.coding_ = self._heard(self.coding_, risks)
        Z = self.coding_.matrix(table)
        rows = Rows(
            Z, y01, np.ones(len(y01), dtype=np.bool_), clusters, np.full(len(y01), "all"), np.full(len(y01), "all")
        )
        fitting = self._fitting(rows, self.coding_, risks)
        line = self._line(fitting, rows)
        margin, left_out = fitting(Z, y01)
        self.left_out_ = {**self.coding_.left_out, **left_out}
        self.model_ = CalibratedModel(margin, dict.fromkeys(self.coding_.kept, FAMILY), line.a, line.b)
        return self

    def _heard(self, coding: Coding, risks: Mapping[str, Risk]) -> Coding:
        """Return the coding with what a subclass cannot hear made missing; the scorecard hears all."""
        return coding

    def _risks(self) -> dict[str, Risk]:
        given = dict(self.directions or {})
        faults = [
            Fault(f"directions.{name}", "The table has no such column.", "Name a column of the table.")
            for name in given
            if name not in self.coding_.columns
        ] + [
            Fault(f"directions.{name}", f"{risk!r} is no direction.", "Say 'rises', 'falls' or 'free'.")
            for name, risk in given.items()
            if risk not in ("rises", "falls", "free")
        ] + [
            Fault(f"directions.{name}", "It is a column of categories, which have no direction.", "Leave it out.")
            for name, risk in given.items()
            if name in self.coding_.levels and risk != "free"
        ]  # fmt: skip
        if faults:
            raise InvalidInput(faults)
        return {name: given.get(name, "free") for name in self.coding_.kept}

    def _line(self, fitting: Fitting, rows: Rows) -> Line:
        """Return the straight line from margins that no row had a part in; all but flat where they tell nothing."""
        bads, rate = int(rows.y.sum()), float(rows.y.mean())
        folds = min(self.calibration_folds, bads, len(rows.y) - bads, len(np.unique(rows.clusters)))
        why = f"{bads} bads among {len(rows.y)} rows are too few to learn a calibration from"
        if folds >= 2:
            try:
                return fit_line(out_of_fold(fitting, rows, (), folds, seed=self.random_state), rows.y, ())
            except Refused as cause:
                why = str(cause)
        warnings.warn(f"probabilities are all but the bad rate: {why}", NothingLearnt, stacklevel=3)
        return Line(ALL_BUT_FLAT, float(np.log(rate) - np.log1p(-rate)))

    def _read(self, X: Any, *, reset: bool) -> pl.DataFrame:
        if is_frame(X):
            table = read_table(X)
            named = X if hasattr(X, "iloc") else table
            validate_data(self, named, reset=reset, skip_check_array=True)
            if table.width == 0 or len(table) == 0:
                check_array(np.empty((len(table), table.width)), estimator=self)
            return table
        if not isinstance(X, np.ndarray) and not hasattr(X, "__array__") and not hasattr(X, "toarray"):
            X = _listed(X)
        values = check_array(X, dtype=None, ensure_all_finite=False, estimator=self, input_name="X")
        validate_data(self, values, reset=reset, skip_check_array=True)
        return read_table(values)

    def _matrix(self, X: Any) -> Floats:
        return self.coding_.matrix(self._read(X, reset=False))

    def decision_function(self, X: Any) -> Floats:
        """Return the calibrated log-odds of ``classes_[1]`` (n,)."""
        check_is_fitted(self)
        log_odds = self.model_.log_odds(self._matrix(X))
        return log_odds if self.bad_ == self.classes_[1] else -log_odds

    def predict_proba(self, X: Any) -> Floats:
        """Return the probabilities of both labels (n, 2), in the order of ``classes_``."""
        odds = self.decision_function(X)
        return np.column_stack([1.0 / (1.0 + np.exp(odds)), 1.0 / (1.0 + np.exp(-odds))])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier label of each row (n,)."""
        check_is_fitted(self)
        return np.asarray(self.classes_[(self.decision_function(X) > 0.0).astype(int)])

    def explain(self, X: Any) -> Explanation:
        """Return exact contributions to the log-odds of the bad label: base and a row's sum are its log-odds."""
        check_is_fitted(self)
        return self.model_.explain(self._matrix(X))

    def transform(self, X: Any) -> Floats:
        """Return the contributions (n, columns that enter) to the log-odds of the bad label."""
        return self.explain(X).phi

    def to_json(self) -> str:
        """Return the fitted estimator as JSON: parameters, labels (as plain values), columns, coefficients."""
        check_is_fitted(self)
        rest = {
            "estimator": type(self).__name__,
            "parameters": self.get_params(deep=False),
            "classes": self.classes_.tolist(),
            "bad": np.asarray(self.bad_).item(),
            "left_out": self.left_out_,
            "named": hasattr(self, "feature_names_in_"),
        }
        return written(self.model_, self.coding_, rest)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Build the fitted estimator from `to_json`'s text; nothing in it is executed.

        Raises
        ------
        ArtefactError
            The text is no estimator of this class.
        """
        model, coding, rest = read(text, FAMILY)
        if rest.get("estimator") != cls.__name__:
            raise ArtefactError.of("estimator", f"It is a {rest.get('estimator')}.", f"Give a {cls.__name__}.")
        parameters = {key: tuple(one) if isinstance(one, list) else one for key, one in rest["parameters"].items()}
        found = cls(**parameters)
        found.model_, found.coding_, found.left_out_ = model, coding, rest["left_out"]
        found.classes_, found.bad_ = np.asarray(rest["classes"]), rest["bad"]
        found.n_features_in_ = len(coding.columns)
        if rest["named"]:
            found.feature_names_in_ = np.asarray(coding.columns, dtype=object)
        return found

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the columns that enter."""
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        kept = set(self.coding_.kept)
        return np.asarray(
            [name for name, column in zip(names, self.coding_.columns, strict=True) if column in kept], object
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.classifier_tags.multi_class = False
        tags.target_tags.single_output = True
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags


def _listed(X: Any) -> NDArray[Any]:
    """Return lists as an array; of objects where they mix text and numbers, so that no number becomes text."""
    rows = [list(row) if isinstance(row, list | tuple) else row for row in X]
    mixed = any(isinstance(one, str) or one is None for row in rows if isinstance(row, list) for one in row)
    return np.array(rows, dtype=object) if mixed else np.asarray(rows)


def _keys(groups: ArrayLike, n: int) -> NDArray[Any]:
    found = np.asarray(groups)
    if found.shape != (n,):
        raise InvalidInput.of("groups", f"The shape is {found.shape} for {n} rows.", "Give one group a row.")
    return np.unique(found.astype(str), return_inverse=True)[1]
