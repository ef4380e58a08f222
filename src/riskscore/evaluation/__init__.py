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
from riskscore.evaluation.clusters import Interval, cluster_bootstrap, design_effect, intra_cluster_correlation
from riskscore.evaluation.comparison import auc_difference
from riskscore.evaluation.hmeasure import h_measure
from riskscore.evaluation.plots import ranking_plot, reliability_plot
from riskscore.evaluation.ranking import Ranked, auc, gini, hanley_mcneil_se, ks, roc_curve
from riskscore.evaluation.rates import Rate, band_rates, jeffreys, reliability_table
from riskscore.evaluation.report import MINIMUM_BADS, Evaluation, Figure, evaluate
from riskscore.evaluation.stability import psi, psi_critical

__all__ = [
    "MINIMUM_BADS",
    "Evaluation",
    "Figure",
    "Interval",
    "Ranked",
    "Rate",
    "Recalibration",
    "auc",
    "auc_difference",
    "band_rates",
    "brier",
    "brier_skill",
    "calibration",
    "cluster_bootstrap",
    "design_effect",
    "ece",
    "evaluate",
    "gini",
    "h_measure",
    "hanley_mcneil_se",
    "ici",
    "intra_cluster_correlation",
    "jeffreys",
    "ks",
    "log_loss",
    "observed_expected",
    "psi",
    "psi_critical",
    "ranking_plot",
    "reliability_plot",
    "reliability_table",
    "roc_curve",
    "smooth_rate",
]
