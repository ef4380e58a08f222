"""A score as it is answered, stored and shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskscore.modelling.reference import Band
from riskscore.scoring.changes import Change
from riskscore.scoring.matrix import State
from riskscore.scoring.points import Points
from riskscore.scoring.policy import Why
from riskscore.scoring.reasons import ReasonGiven
from riskscore.scoring.request import ScoreRequest
from riskscore.scoring.wording import of_100

#: Indices at and above it, and those on no surplus at all, are written as it.
NOTHING_LEFT = 10.0

PEOPLE_DECIDE = {
    "es": "Esto es una recomendación: la decisión es del comité y de la institución.",
    "en": "This is a recommendation: the committee and the institution decide.",
}


@dataclass(frozen=True, slots=True)
class DebtFacts:
    """Net indebtedness of the request; None is unknown. See `riskscore.indebtedness.Indebtedness`.

    `cap` stands beside what was computed, and so do the signs of over-indebtedness that behaviour shows and the flag of
    the sacrifice questionnaire: neither is read off the figures, nor enters them.
    """

    level: str
    level_now: str
    surplus: float | None
    instalment: float
    service_now: float | None
    service_post: float | None
    nii_now: float | None
    nii_post: float | None
    nii_stress: float | None
    nii_stress_with_cover: float | None
    nii_stress_one_stops: float | None
    headroom: float | None
    largest_amount: float | None
    above_cap: bool | None
    cap: float
    missing: tuple[str, ...]
    signals: Mapping[str, bool | None] = field(default_factory=dict)
    sacrifice: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values: an index on no surplus is written as `NOTHING_LEFT`, which stands for all above it."""
        plain = _plain(self) | {"signals": dict(self.signals)}
        for name, value in plain.items():
            if name.startswith("nii_") and value is not None:
                plain[name] = min(value, NOTHING_LEFT)
        plain["missing"] = list(self.missing)
        return plain


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One of two states, and a ceiling that does not say which limit binds.

    Parameters
    ----------
    state : {"ready", "talk_first"}
    ceiling : float or None
        The least of capacity, progression and product, down to the product's step; 0 where nothing fits, None where
        capacity is unknown.
    why : tuple of Why
        For the officer and herself; empty where ready.
    """

    state: State
    ceiling: float | None
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Names of what is missing, old, or outside what the model was made from."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    off_support: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """A member's score for one request.

    Parameters
    ----------
    request : ScoreRequest
    pd : float
        Probability of bad, in (0, 1).
    band : Band or None
        What became of those in her span of scores; None where the request lies off the support.
    score : float
        Points, unrounded.
    grade : str
    indebtedness : DebtFacts
    points : Points
    reasons : tuple of ReasonGiven
    what_would_change : tuple of Change
    data_quality : DataQuality
    recommendation : Recommendation
    model_version, lock, policy_version : str
    values : mapping of str to float or None
        The value row, from which the score replays bit for bit.
    score_id : str or None
        Given when it is recorded.
    """

    request: ScoreRequest
    pd: float
    band: Band | None
    score: float
    grade: str
    indebtedness: DebtFacts
    points: Points
    reasons: tuple[ReasonGiven, ...]
    what_would_change: tuple[Change, ...]
    data_quality: DataQuality
    recommendation: Recommendation
    model_version: str
    lock: str
    policy_version: str
    values: Mapping[str, float | None] = field(repr=False)
    score_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; without ``score_id`` where none was given, and without the value row."""
        identity = {} if self.score_id is None else {"score_id": self.score_id}
        points = self.points
        return {
            **identity,
            "recipe": self.request.recipe,
            "subject": self.request.subject,
            "as_of": self.request.as_of.isoformat(),
            "pd": self.pd,
            "pd_interval": _interval(self.band),
            "frequency": _frequency(self.band),
            "score": self.score,
            "grade": self.grade,
            "indebtedness": self.indebtedness.to_dict(),
            "points": {
                "base": points.base,
                "features": dict(points.features),
                "families": dict(points.families),
                "shown_base": points.shown_base,
                "shown_score": points.shown_score,
                "shown": dict(points.shown),
                "shown_families": dict(points.shown_families),
            },
            "reasons": [_plain(reason) for reason in self.reasons],
            "what_would_change": [_plain(change) for change in self.what_would_change],
            "data_quality": {name: list(names) for name, names in _plain(self.data_quality).items()},
            "recommendation": {
                "state": self.recommendation.state,
                "ceiling": self.recommendation.ceiling,
                "why": [_plain(why) for why in self.recommendation.why],
            },
            "model_version": self.model_version,
            "lock": self.lock,
            "policy_version": self.policy_version,
            "people_decide": dict(PEOPLE_DECIDE),
        }


def _plain(one: Any) -> dict[str, Any]:
    """Return the fields of a flat dataclass; `dataclasses.asdict` copies each value deeply, for hundreds of them."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _interval(band: Band | None) -> dict[str, float] | None:
    if band is None or not all(math.isfinite(one) for one in (band.rate, band.low, band.high)):
        return None
    return {"rate": band.rate, "low": band.low, "high": band.high, "level": band.level, "n": band.n}


def _frequency(band: Band | None) -> dict[str, str]:
    """Return what happened to those like her, or that nobody was."""
    if _interval(band) is None or band is None:
        return {
            "es": "Su caso no se parece a los vistos antes; por eso no damos un rango.",
            "en": "Her case is unlike those seen before, so no range is given.",
        }
    es, en = of_100(band.rate)
    return {"es": es, "en": en}
