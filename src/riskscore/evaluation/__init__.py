"""Ranking, calibration and their intervals, clustered by group.

Numbers in, frozen dataclasses out: nothing here knows a portfolio, a model or a file. A label is 1 for bad and 0 for
not bad, or a probability in between (a soft label, from a simulator that knows the truth); a prediction rises with
risk. `evaluate` says everything at once, and says "too few bads" where there are.
"""

from riskscore.evaluation.calibration import (
    Recalibration,
    brier,
    brier_skill,
    calibration,
    ece,
    ici,
    log_loss,
    observed_expected,
    smooth_rate,
)
from riskscore.evaluation.calibration_tests import CalibrationTest, hosmer_lemeshow, spiegelhalter
from riskscore.evaluation.capture import accuracy_ratio, cap_curve, capture, lift, pr_auc
from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.clusters import Interval, cluster_bootstrap, design_effect, intra_cluster_correlation
from riskscore.evaluation.comparison import auc_difference
from riskscore.evaluation.discrimination import Discrimination, discrimination
from riskscore.evaluation.drift import Drift, drift, fixed_bins
from riskscore.evaluation.grade_tests import GradeTest, critical_bads, grade_tests
from riskscore.evaluation.hmeasure import h_measure
from riskscore.evaluation.leave_out import LeftOut, leave_parts_out
from riskscore.evaluation.plots import ranking_plot, reliability_plot
from riskscore.evaluation.ranking import Ranked, auc, gini, hanley_mcneil_se, ks, roc_curve
from riskscore.evaluation.rates import Rate, band_rates, jeffreys, reliability_table
from riskscore.evaluation.report import MINIMUM_BADS, Evaluation, Figure, evaluate
from riskscore.evaluation.stability import psi, psi_critical

__all__ = [
    "MINIMUM_BADS",
    "CalibrationTest",
    "Discrimination",
    "Drift",
    "Evaluation",
    "Figure",
    "GradeTest",
    "Interval",
    "LeftOut",
    "Ranked",
    "Rate",
    "Recalibration",
    "accuracy_ratio",
    "auc",
    "auc_difference",
    "band_rates",
    "brier",
    "brier_skill",
    "calibration",
    "cap_curve",
    "capture",
    "cluster_bootstrap",
    "clustered_auc",
    "critical_bads",
    "design_effect",
    "discrimination",
    "drift",
    "ece",
    "evaluate",
    "fixed_bins",
    "gini",
    "grade_tests",
    "h_measure",
    "hanley_mcneil_se",
    "hosmer_lemeshow",
    "ici",
    "intra_cluster_correlation",
    "jeffreys",
    "ks",
    "leave_parts_out",
    "lift",
    "log_loss",
    "observed_expected",
    "pr_auc",
    "psi",
    "psi_critical",
    "ranking_plot",
    "reliability_plot",
    "reliability_table",
    "roc_curve",
    "smooth_rate",
    "spiegelhalter",
]
