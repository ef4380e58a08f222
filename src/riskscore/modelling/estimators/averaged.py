"""Several boosters of settings about as good, averaged: with few bads, which rows a seed draws is most of what differs.

A mean of sums is a sum, so contributions stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.modelling.margin import Floats, Groups
from riskscore.modelling.trees import MonotoneTrees


@dataclass(frozen=True, slots=True)
class AveragedTrees:
    """The mean of boosted margins over the same features.

    Parameters
    ----------
    members : tuple of MonotoneTrees
        At least one.
    """

    members: tuple[MonotoneTrees, ...]

    @property
    def kind(self) -> str:
        """``"lightgbm"``."""
        return self.members[0].kind

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return self.members[0].features

    @property
    def base(self) -> float:
        """The mean margin of the development rows."""
        return sum(one.base for one in self.members) / len(self.members)

    def contributions(self, X: Floats) -> Floats:
        """Return the mean contributions (n, k)."""
        return np.asarray(sum(one.contributions(X) for one in self.members) / len(self.members))

    def parts(self, X: Floats, groups: Groups) -> Floats:
        """Return the mean parts (n, 1 + len(groups))."""
        return np.asarray(sum(one.parts(X, groups) for one in self.members) / len(self.members))
