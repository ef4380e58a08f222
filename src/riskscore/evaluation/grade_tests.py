"""Whether a grade holds what its PD promises: one-sided tests and a traffic light.

Binomial
    P(K >= d) for d bads in n at the grade's PD, rows independent.
Jeffreys
    P(p < PD) under Beta(d + 1/2, n - d + 1/2): how believable it is that the true rate is under the PD.
Clustered
    P(K >= d) in simulated worlds where each row has its own PD and rows of one cluster fall together. With an
    intra-cluster correlation of .05 to .20 the plain binomial raises 10 to 19 false alarms in 100 where it promises 4.
Vasicek
    P(K >= d) where the whole grade shares one factor with a default correlation that the reader gives.
Traffic light
    Green while that probability is at least 5 %, yellow to 0.1 %, red below (after the guide of the Oesterreichische
    Nationalbank). Where not even twice the PD would be noticed half of the time, no alarm is no green: it is "too few".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, binom

from riskscore.errors import InvalidInput
from riskscore.evaluation.calibration_tests import DRAWS, held_icc
from riskscore.evaluation.one_factor import drawn_outcomes, tail_probability
from riskscore.evaluation.sample import Floats, Ints, Sample, cluster_codes

#: Where yellow and red begin: tail probabilities.
YELLOW, RED = 0.05, 0.001

#: A worsening that a test should notice, and how often at the least.
WORSE, NOTICED = 2.0, 0.5

Light = Literal["green", "yellow", "red", "too_few"]


@dataclass(frozen=True, slots=True)
class GradeTest:
    """One grade's bads against its PD.

    Parameters
    ----------
    name : str
    n, bads, clusters : int
    pd : float
        Mean PD of the grade's rows; NaN without rows.
    binomial, jeffreys, clustered : float
        Tail probabilities; NaN without rows.
    yellow_from, red_from : int
        Fewest bads that are yellow, and red, with clusters; the same for independent rows in `plain_yellow_from` and
        `plain_red_from`.
    power : float
        Probability, with clusters, that twice the PD is at least yellow.
    light, plain_light : {"green", "yellow", "red", "too_few"}
        With clusters (the one to read), and as if rows were independent.
    vasicek : float or None
        Tail probability under a given default correlation over the whole grade.
    """

    name: str
    n: int
    bads: int
    clusters: int
    pd: float
    binomial: float
    jeffreys: float
    clustered: float
    yellow_from: int
    red_from: int
    plain_yellow_from: int
    plain_red_from: int
    power: float
    light: Light
    plain_light: Light
    vasicek: float | None = None

    @property
    def rate(self) -> float:
        """Bads over rows; NaN without rows."""
        return self.bads / self.n if self.n else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for NaN."""
        values = {**asdict(self), "rate": self.rate}
        return {key: None if isinstance(one, float) and math.isnan(one) else one for key, one in values.items()}


def binomial_tail(bads: int, n: int, pd: float) -> float:
    """Return P(at least `bads` of n independent rows).

    Examples
    --------
    >>> round(binomial_tail(20, 200, 0.05), 5)
    0.00266
    """
    return float(binom.sf(bads - 1, n, pd))


def jeffreys_tail(bads: int, n: int, pd: float) -> float:
    """Return P(p < PD) under Beta(bads + 1/2, n - bads + 1/2).

    Examples
    --------
    >>> round(jeffreys_tail(17, 200, 0.05), 4)
    0.0171
    """
    return float(beta.cdf(pd, bads + 0.5, n - bads + 0.5))


def critical_bads(n: int, pd: float, tail: float, *, default_correlation: float = 0.0) -> int:
    """Return the fewest bads whose tail probability is under `tail`; n + 1 where none is.

    Parameters
    ----------
    default_correlation : float
        Of any two of the n rows, through one shared factor (Vasicek); 0 for independent rows. It is no asset
        correlation.

    Examples
    --------
    >>> critical_bads(200, 0.05, 0.05), critical_bads(200, 0.05, 0.001)
    (16, 22)
    """
    low, high = 0, n + 1
    while low < high:
        middle = (low + high) // 2
        if tail_probability(middle, n, pd, default_correlation) < tail:
            high = middle
        else:
            low = middle + 1
    return low


def traffic_light(tail: float) -> Light:
    """Return the colour of a tail probability."""
    return "red" if tail < RED else "yellow" if tail < YELLOW else "green"


def grade_tests(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    grades: npt.ArrayLike,
    *,
    names: Sequence[str],
    clusters: npt.ArrayLike | None = None,
    icc: float | None = None,
    default_correlation: float | None = None,
    draws: int = 4 * DRAWS,
    seed: int = 0,
) -> tuple[GradeTest, ...]:
    """Test every grade, in the order of `names`.

    Parameters
    ----------
    y, pd : array_like (n,)
        Labels 0 or 1 and each row's own PD.
    grades : array_like of str (n,)
    clusters : array_like (n,), optional
    icc : float, optional
        Default correlation within clusters of all rows, at their mean PD; estimated from them where missing.
    default_correlation : float, optional
        Between any two rows of a grade, for the Vasicek figure.
    draws : int
        Simulated worlds; red asks for the thousandth.

    Raises
    ------
    InvalidInput
        A row's grade is not among the names.
    """
    sample = Sample.of(y, pd, probability=True)
    held = np.asarray(grades).astype(str)
    strange = sorted(set(held.tolist()) - set(names))
    if strange or held.shape != sample.y.shape:
        what = f"unknown grades {strange}." if strange else f"{len(held)} grades for {len(sample.y)} rows."
        raise InvalidInput.of("grades", what, f"Give each row one of {list(names)}.")
    codes, count = cluster_codes(clusters, len(sample.y))
    shared = held_icc(sample.y, codes, sample.score) if icc is None else icc
    return tuple(
        _tested(name, sample, held == name, codes, count, shared, default_correlation, draws, seed) for name in names
    )


def _tested(
    name: str,
    sample: Sample,
    rows: npt.NDArray[np.bool_],
    codes: Ints,
    count: int,
    icc: float,
    correlation: float | None,
    draws: int,
    seed: int,
) -> GradeTest:
    n, bads = int(rows.sum()), int(sample.y[rows].sum())
    if n == 0:
        nan = math.nan
        return GradeTest(name, 0, 0, 0, nan, nan, nan, nan, 1, 1, 1, 1, 0.0, "too_few", "too_few")
    own = sample.score[rows]
    pd = float(np.clip(own.mean(), 1e-9, 1.0 - 1e-9))
    # The correlation is of all rows: one shared factor, that moves a safe grade's outcomes less than a risky one's.
    at = float(sample.score.mean())
    worlds = _counts(own, codes[rows], count, icc, at, draws, seed)
    worse = _counts(np.minimum(WORSE * own, 0.999), codes[rows], count, icc, at, draws, seed + 1)
    tail = (1.0 + float((worlds >= bads).sum())) / (1.0 + draws)
    yellow, red = (_quantile(worlds, level) for level in (YELLOW, RED))
    power = float((worse >= yellow).mean())
    plain_yellow, plain_red = critical_bads(n, pd, YELLOW), critical_bads(n, pd, RED)
    plain_power = binomial_tail(plain_yellow, n, min(WORSE * pd, 0.999))
    plain = traffic_light(binomial_tail(bads, n, pd))
    light: Light = "red" if bads >= red else "yellow" if bads >= yellow else "green"
    return GradeTest(
        name=name,
        n=n,
        bads=bads,
        clusters=len(np.unique(codes[rows])),
        pd=pd,
        binomial=binomial_tail(bads, n, pd),
        jeffreys=jeffreys_tail(bads, n, pd),
        clustered=tail,
        yellow_from=yellow,
        red_from=red,
        plain_yellow_from=plain_yellow,
        plain_red_from=plain_red,
        power=power,
        light="too_few" if light == "green" and power < NOTICED else light,
        plain_light="too_few" if plain == "green" and plain_power < NOTICED else plain,
        vasicek=None if correlation is None else tail_probability(bads, n, pd, correlation),
    )


def _counts(pd: Floats, codes: Ints, count: int, icc: float, at: float, draws: int, seed: int) -> Floats:
    return np.concatenate(
        [batch.sum(axis=1) for batch in drawn_outcomes(pd, codes, count, icc, draws=draws, seed=seed, at=at)]
    )


def _quantile(worlds: Floats, tail: float) -> int:
    """The fewest bads that fewer than `tail` of the worlds reach."""
    ordered = np.sort(worlds)[::-1]
    return int(ordered[min(int(np.ceil(tail * len(ordered))) - 1, len(ordered) - 1)]) + 1
