"""From a fitted model to a score people can read: points, reasons, policy.

A *snapshot* is every member's values at one moment. A *request* is one member's question. A *score* carries its
points, its reasons, net indebtedness beside it, and a *recommendation* (never a decision) by the board's *policy*. The
*ceiling* is the least of capacity, progression and product, without saying which of them binds.
"""

from riskscore.scoring.batch import latest_applications
from riskscore.scoring.changes import Change, as_changed
from riskscore.scoring.limits import Limits
from riskscore.scoring.otherwise import Otherwise
from riskscore.scoring.over_indebtedness import BesideScorer, OverIndebtedness, OverIndebtednessScorer, tightened
from riskscore.scoring.points import Points, points_of
from riskscore.scoring.policy import Policy
from riskscore.scoring.products import Product
from riskscore.scoring.reasons import ReasonGiven
from riskscore.scoring.request import ScoreRequest
from riskscore.scoring.score import Score
from riskscore.scoring.scorer import Scorer
from riskscore.scoring.snapshot import Snapshot

__all__ = [
    "BesideScorer",
    "Change",
    "Limits",
    "Otherwise",
    "OverIndebtedness",
    "OverIndebtednessScorer",
    "Points",
    "Policy",
    "Product",
    "ReasonGiven",
    "Score",
    "ScoreRequest",
    "Scorer",
    "Snapshot",
    "as_changed",
    "latest_applications",
    "points_of",
    "tightened",
]
