"""The library's candidates as scikit-learn estimators, over any flat table.

A *flat table* has one row a loan and its facts in columns, with no clock: nobody checks that a fact was known when the
loan was asked for. An institution's own models are trained from a portfolio (`riskscore.train`), where that is checked.
"""

from riskscore.modelling.estimators.classifier import ColumnsLeftOut, NothingLearnt
from riskscore.modelling.estimators.scorecard_classifier import ScorecardClassifier
from riskscore.modelling.estimators.scored_table import scored_table
from riskscore.modelling.estimators.table_training import TableRun, TooGood, train_table
from riskscore.modelling.estimators.trees_classifier import MonotoneTreesClassifier

__all__ = [
    "ColumnsLeftOut",
    "MonotoneTreesClassifier",
    "NothingLearnt",
    "ScorecardClassifier",
    "TableRun",
    "TooGood",
    "scored_table",
    "train_table",
]
