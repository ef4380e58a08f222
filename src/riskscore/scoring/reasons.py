"""Why a score is lower than the development mean's: at most four reasons, one for each concept.

A reason must lower the score by at least half a point, have a value that is there, be worse than the typical member's
in the direction that the lock states, and have words in the lock that are true of the value. Features of one concept
share a code, and the one that weighs most speaks for it. A feature without words may be declared to go with a concept:
what it takes from or adds to the score then counts to it, and another speaks. Ties go by code and then by the model's
order of features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.catalog import Lock
from riskscore.modelling.reference import FeatureReference

Floats = NDArray[np.float64]

#: More are not read.
MOST = 4

#: Points under which an effect is none: it would be shown as 0.
NO_EFFECT = 0.5


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """One reason as it is answered, printed and logged.

    Parameters
    ----------
    code : str
    feature : str
    es, en : str
    value : float
        Her own, in the feature's unit.
    typical : float or None
        The development median.
    points : float
        Below 0: the feature's own and those of what only goes with its concept.
    """

    code: str
    feature: str
    es: str
    en: str
    value: float
    typical: float | None
    points: float


class Reasons:
    """Chooses reasons for the rows of one model.

    Parameters
    ----------
    lock : Lock
        Its words and directions.
    features : tuple of str
        The model's columns.
    support : mapping of str to FeatureReference
        Development medians.
    """

    def __init__(self, lock: Lock, features: tuple[str, ...], support: Mapping[str, FeatureReference]) -> None:
        self._features = features
        self._words = [lock.feature(name).reason for name in features]
        self._typical = [support[name].median if name in support else None for name in features]
        medians = np.array([np.nan if value is None else value for value in self._typical])
        risks = [lock.feature(name).risk for name in features]
        self._above = np.array([median if risk == "rises" else -np.inf for median, risk in _pairs(medians, risks)])
        self._below = np.array([median if risk == "falls" else np.inf for median, risk in _pairs(medians, risks)])
        bounds = [(None, None) if reason is None else (reason.at_least, reason.at_most) for reason in self._words]
        self._least = np.array([-np.inf if least is None else least for least, _ in bounds])
        self._most = np.array([np.inf if most is None else most for _, most in bounds])
        codes = [
            reason.code if reason is not None and not lock.feature(name).protected else None
            for name, reason in zip(features, self._words, strict=True)
        ]
        goes_with = [
            lock.feature(name).concept if reason is None else ""
            for name, reason in zip(features, self._words, strict=True)
        ]
        concepts = sorted({code for code in codes if code is not None})
        own = [[place for place, one in enumerate(codes) if one == code] for code in concepts]
        most = max(map(len, own), default=0)
        # A row of columns a concept; where it has fewer than another, one past the last, which gives no reason.
        self._own = np.array([places + [len(features)] * (most - len(places)) for places in own], dtype=np.intp)
        beside = [[place for place, one in enumerate(goes_with) if one == code] for code in concepts]
        self._beside = [(concept, places) for concept, places in enumerate(beside) if places]

    def places(self, points: Floats, values: Floats) -> NDArray[np.int64]:
        """Return (n, 4) columns of the model that give the reasons, weightiest first; -1 where there is none.

        Parameters
        ----------
        points, values : ndarray (n, k)
            Points (below 0 lowers the score) and values, NaN being missing.
        """
        return self._weighed(points, values)[0]

    def _weighed(self, points: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return the places (n, 4), and what each concept weighs, in points; 0 where there is none."""
        with np.errstate(invalid="ignore"):
            worse = (values > self._above) & (values < self._below)
            true = (values >= self._least) & (values <= self._most)
        n = len(points)
        if not len(self._own):
            return np.full((n, MOST), -1, dtype=np.int64), np.zeros((n, MOST))
        adverse = np.full((n, len(self._features) + 1), np.inf)
        adverse[:, :-1] = np.where(worse & true & (points <= 0), points, np.inf)
        rows = np.arange(n)
        chosen = self._own[np.arange(len(self._own)), adverse[:, self._own].argmin(axis=2)]
        weight = adverse[rows[:, None], chosen]
        for concept, others in self._beside:
            weight[:, concept] += points[:, others].sum(axis=1)
        weight = np.where(weight <= -NO_EFFECT, weight, 0.0)
        # Concepts stand in the order of their codes, so a stable sort breaks ties by code.
        order = weight.argsort(axis=1, kind="stable")[:, :MOST]
        weighs = weight[rows[:, None], order]
        found = np.where(weighs < 0, chosen[rows[:, None], order], -1)
        places, weights = np.full((n, MOST), -1, dtype=np.int64), np.zeros((n, MOST))
        places[:, : found.shape[1]], weights[:, : found.shape[1]] = found, weighs
        return places, weights

    def of_row(self, points: Floats, values: Floats) -> tuple[ReasonGiven, ...]:
        """Return the reasons of one row, in words."""
        return self.of_rows(points[None, :], values[None, :])[0]

    def of_rows(self, points: Floats, values: Floats) -> list[tuple[ReasonGiven, ...]]:
        """Return the reasons of each row, in words; `points` and `values` as for `places`."""
        places, weighs = self._weighed(points, values)
        return [
            tuple(
                self.given(place, float(values[row, place]), weight)
                for place, weight in zip(own, weights, strict=True)
                if place >= 0
            )
            for row, (own, weights) in enumerate(zip(places.tolist(), weighs.tolist(), strict=True))
        ]

    def given(self, place: int, value: float, points: float) -> ReasonGiven:
        """Return the reason that the model's column `place` gives, in words."""
        reason = self._words[place]
        if reason is None:
            raise KeyError(self._features[place])
        return ReasonGiven(
            code=reason.code,
            feature=self._features[place],
            es=reason.sentence("es", value),
            en=reason.sentence("en", value),
            value=value,
            typical=self._typical[place],
            points=points,
        )


def _pairs(medians: Floats, risks: Sequence[str]) -> list[tuple[float, str]]:
    """Pair medians with directions; without a median nothing can be said to be worse than typical, so all is."""
    return [(float(median), "free" if np.isnan(median) else risk) for median, risk in zip(medians, risks, strict=True)]
