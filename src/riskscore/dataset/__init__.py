"""Spine, maturity, training sets, and splits by time and by group.

Spine
    One row for each past application, with the moment the score would have been asked for.
Mature
    Its outcome was final and known by the data date. Open loans are neither good nor bad.
Cluster
    All rows joined by a communal bank or a person; never parted by a split or a fold.
Embargo
    A row trains only if its outcome was final before the first test row was asked for.
Indeterminate
    Left out of the fit, and counted as not bad in calibration, evaluation and every printed frequency.
"""

from riskscore.dataset.folds import group_folds, whole_folds
from riskscore.dataset.household import household
from riskscore.dataset.over_indebtedness import OverIndebtednessRule, member_cycles
from riskscore.dataset.random_split import random_twins
from riskscore.dataset.spine import spine
from riskscore.dataset.split import Split, out_of_time
from riskscore.dataset.training_set import OUTCOMES, Figures, TrainingSet

__all__ = [
    "OUTCOMES",
    "Figures",
    "OverIndebtednessRule",
    "Split",
    "TrainingSet",
    "group_folds",
    "household",
    "member_cycles",
    "out_of_time",
    "random_twins",
    "spine",
    "whole_folds",
]
