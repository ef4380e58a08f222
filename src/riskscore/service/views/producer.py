"""What each role sees of a producer association's score.

It is a legal person: its own board, and the fund that lends to it, see the whole of it. Whoever assists it sees how
often such an association gets into trouble, and how it stands in each dimension; no indicator, no gate, no amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.scoring.wording import whole_of_100

_DIMENSION = ("name", "es", "en", "points", "of")


def aggregate(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an assistance provider may see."""
    interval = score["pd_interval"]
    return {
        **{name: score[name] for name in ("recipe", "subject_kind", "subject", "as_of")},
        "natural_frequency": dict(score["natural_frequency"]),
        "of_100": whole_of_100(score["pd"]),
        "low": whole_of_100(interval["low"]),
        "high": whole_of_100(interval["high"]),
        "dimensions": [{name: one[name] for name in _DIMENSION} for one in score["dimensions"]],
        "model_version": score["model_version"],
    }
