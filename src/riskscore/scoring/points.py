"""From contributions to points: exact ones that add up to 1e-9, and whole ones that add up as people add.

Whole points are rounded once, from the top down. The score is rounded to the nearest whole number; base and families
share it by largest remainder; each family's whole points are shared among its features in the same way. So the rows of
features add up to the rows of families, and these with the base to the score, and no row is a whole point or more away
from its exact value. A feature without effect stays at 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import InvalidInput
from riskscore.modelling.scale import ScoreScale

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one score.

    Parameters
    ----------
    base : float
        The score of the development mean.
    features, families : mapping of str to float
        Exact points, above 0 where they raise the score; ``base + sum`` is the score.
    shown_base, shown_score : int
    shown, shown_families : mapping of str to int
        Whole points: features add up to their family, families and base to the score.
    """

    base: float
    features: Mapping[str, float]
    families: Mapping[str, float]
    shown_base: int
    shown_score: int
    shown: Mapping[str, int]
    shown_families: Mapping[str, int]

    @property
    def score(self) -> float:
        """``base`` and all features' points together."""
        return self.base + sum(self.features.values())


def points_of(base: float, phi: Mapping[str, float], families: Mapping[str, str], scale: ScoreScale) -> Points:
    """Return the points of one row's contributions.

    Parameters
    ----------
    base : float
        Log-odds of bad of the development mean.
    phi : mapping of str to float
        Each feature's contribution to the log-odds of bad.
    families : mapping of str to str
        The family of every feature.
    scale : ScoreScale

    Raises
    ------
    InvalidInput
        A contribution or the base is not finite.
    """
    contributions = np.array(list(phi.values()), dtype=np.float64)
    if not (np.isfinite(base) and np.isfinite(contributions).all()):
        raise InvalidInput.of("phi", "a contribution is not a number.", "Explain the row with a trained model.")
    start = scale.score(base)
    exact = dict(zip(phi, scale.points(contributions).tolist(), strict=True))
    members: dict[str, list[str]] = {}
    for name in exact:
        members.setdefault(families[name], []).append(name)
    sums = {family: sum(exact[name] for name in names) for family, names in members.items()}
    score = start + sum(exact.values())
    shown_score = math.floor(score + 0.5)
    rows = largest_remainder([start, *sums.values()], shown_score)
    shown_families = dict(zip(sums, rows[1:], strict=True))
    shown: dict[str, int] = {}
    for family, names in members.items():
        parts = largest_remainder([exact[name] for name in names], shown_families[family])
        shown.update(zip(names, parts, strict=True))
    return Points(
        base=start,
        features=exact,
        families=sums,
        shown_base=rows[0],
        shown_score=shown_score,
        shown={name: shown[name] for name in exact},
        shown_families=shown_families,
    )


def largest_remainder(parts: Sequence[float], total: int) -> list[int]:
    """Round `parts` down and give what is missing to the largest remainders, the earlier part first in a tie.

    Parameters
    ----------
    parts : sequence of float
        They sum to within 1 of `total`.
    total : int
        What the whole numbers must add up to.

    Examples
    --------
    >>> largest_remainder([1.4, -2.7, 0.8], -1)
    [1, -3, 1]
    """
    # A part a billionth from a whole number is that number: a remainder of binary fractions is no remainder.
    near = [float(round(part)) if abs(part - round(part)) < 1e-9 else part for part in parts]
    floors = [math.floor(part) for part in near]
    order = sorted(range(len(near)), key=lambda place: (floors[place] - near[place], place))
    for place in order[: total - sum(floors)]:
        floors[place] += 1
    return floors
