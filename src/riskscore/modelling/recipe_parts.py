"""The parts of a recipe as the library holds them: what may enter, who tests, what is fitted, what has to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from riskscore.modelling.communal_bank.settings import StructuralCandidate
from riskscore.modelling.expert.candidate import ExpertCandidate

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Words:
    """What the model is called and what it answers, in one language."""

    title: str
    question: str


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Which rows test.

    Parameters
    ----------
    test_share : float
        Share of the applications, the latest ones, that only test.
    held_out_groups : float
        Share of whole groups that never train; their later rows are the conservative test.
    embargo_days : int
        Days that must lie between a training row's final outcome and the first test moment.
    """

    test_share: float
    held_out_groups: float
    embargo_days: int


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """Which of the lock's predictors may enter: whole families, less the excluded names.

    `free` names features that have to be declared ``risk="free"``: evidence gives them no direction.
    """

    families: tuple[str, ...]
    exclude: tuple[str, ...]
    free: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScorecardCandidate:
    """A weight-of-evidence scorecard: at most `max_bins` a feature, none under `min_iv`, ridge on the coefficients."""

    max_bins: int
    min_iv: float
    ridge: float
    kind: Literal["woe_scorecard"] = "woe_scorecard"


@dataclass(frozen=True, slots=True)
class BoostingCandidate:
    """Monotone LightGBM: optuna's trials within the spans, each judged on `folds` grouped folds."""

    trials: int
    timeout_seconds: float
    folds: int
    trees: int
    learning_rate: Span
    leaves: Span
    rows_per_leaf: Span
    l2: Span
    features_per_tree: Span
    rows_per_tree: Span
    kind: Literal["lightgbm"] = "lightgbm"


Candidate = ScorecardCandidate | BoostingCandidate | ExpertCandidate | StructuralCandidate


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What an evaluated model must show before it may be promoted.

    Parameters
    ----------
    min_bads : int
        Fewest bads in the later test rows.
    min_auc : float
        Smallest AUC out of time.
    leakage_auc : float
        An AUC above this is an alarm, not a success.
    slope, observed_expected : tuple of float
        Ranges of the calibration slope and of observed over expected bads.
    max_ici : float
        Largest integrated calibration index beyond chance, as a probability.
    segment_min_bads : int
        A segment (first cycle, repeat) with fewer bads is shown and not judged.
    """

    min_bads: int
    min_auc: float
    leakage_auc: float
    slope: Span
    observed_expected: Span
    max_ici: float
    segment_min_bads: int


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter and the PD below which it is given (exclusive); the last one reaches 1."""

    name: str
    below: float
