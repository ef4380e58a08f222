"""Who every reading is held against: decided loans, and among the open ones those too young for anything to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.leaks.thresholds import Thresholds
from riskscore.evaluation.sample import Floats, Ints, cluster_codes

Bools = npt.NDArray[np.bool_]

#: Fewest young loans, and fewest loans beside them, for a word on what young loans lack.
FEWEST_YOUNG = 50


@dataclass(frozen=True, eq=False)
class Population:
    """Outcomes, clusters and ages of the cases, in their order.

    Parameters
    ----------
    bad : ndarray (n,)
        1, 0, or NaN where the outcome is open or indeterminate.
    clusters : ndarray of int (n,)
    folds : ndarray of int (n,)
        Whole clusters in one fold; read where the case is decided.
    days : ndarray (n,)
        Days from when the loan was asked for until the data moment.
    young : ndarray of bool (n,)
        Asked for so lately that no outcome of their age is final yet.
    settled : ndarray of bool (n,)
        Decided, and of the last year in which nearly every outcome is final.
    last_season : ndarray of bool (n,)
        Decided, and asked for in the young loans' days one year before.
    units : mapping of str to ndarray (n,)
        Groups whose rates may be looked at as a whole.
    """

    bad: Floats
    clusters: Ints
    folds: Ints
    days: Floats
    young: Bools
    settled: Bools
    last_season: Bools
    units: Mapping[str, Ints] = field(repr=False)

    @classmethod
    def of(
        cls,
        *,
        bad: Floats,
        clusters: npt.ArrayLike,
        folds: Ints,
        days: Floats,
        days_to_final: Floats,
        units: Mapping[str, npt.ArrayLike],
        thresholds: Thresholds,
    ) -> Self:
        """Tell the young from the settled.

        Parameters
        ----------
        bad, clusters, folds, days, units
            As above; clusters and units by name.
        days_to_final : ndarray (n,)
            Days from when the loan was asked for until its outcome was final, NaN where it is not.
        thresholds : Thresholds
        """
        decided = np.isfinite(bad)
        codes, _ = cluster_codes(clusters, len(bad))
        known = days_to_final[np.isfinite(days_to_final)]
        # A loan is young only while no loan of its age is over: those still open later would be the late ones.
        youth = min(float(thresholds.young_days), float(np.quantile(known, 0.02)))
        grown = float(np.quantile(known, 0.98))
        young = (days <= youth) & ~np.isfinite(days_to_final)
        return cls(
            bad=bad,
            clusters=codes,
            folds=folds,
            days=days,
            young=young,
            settled=decided & (days > grown) & (days <= grown + 365),
            last_season=decided & (days > 365) & (days <= 365 + youth),
            units={name: cluster_codes(of, len(bad))[0] for name, of in units.items()},
        )

    @property
    def decided(self) -> Bools:
        """Which cases are good or bad (n,)."""
        return np.isfinite(self.bad)

    @property
    def bads(self) -> int:
        """Number of bads."""
        return int(np.nansum(self.bad))

    @property
    def ages_can_be_compared(self) -> bool:
        """Whether there are young loans enough, and settled ones beside them."""
        return int(self.young.sum()) >= FEWEST_YOUNG and int(self.settled.sum()) >= FEWEST_YOUNG
