"""The library's candidates as scikit-learn estimators, over any flat table.

A *flat table* has one row a loan and its facts in columns, with no clock: nobody checks that a fact was known when the
loan was asked for. The institution's own models are trained from a portfolio (`riskscore.train`), where that is checked.
"""

from riskscore.modelling.estimators.classifier import ColumnsLeftOut, NothingLearnt
from riskscore.modelling.estimators.scorecard_classifier import ScorecardClassifier
from riskscore.modelling.estimators.trees_classifier import MonotoneTreesClassifier

__all__ = ["ColumnsLeftOut", "MonotoneTreesClassifier", "NothingLearnt", "ScorecardClassifier"]
