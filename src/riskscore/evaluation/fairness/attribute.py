"""A trait by which people are told apart for an audit, and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.errors import InvalidInput
from riskscore.evaluation.sample import Ints


@dataclass(frozen=True, eq=False)
class Attribute:
    """A trait in columns.

    Parameters
    ----------
    name : str
        The protected feature.
    codes : ndarray of int (n,)
        The group of each row; -1 where the trait is not recorded.
    groups : tuple of str
        What the codes stand for.
    reference : int
        The group that the others are compared with.

    Raises
    ------
    InvalidInput
        A code or the reference is of no group.
    """

    name: str
    codes: Ints
    groups: tuple[str, ...]
    reference: int

    def __post_init__(self) -> None:
        if not 0 <= self.reference < len(self.groups):
            what = f"The reference {self.reference} is none of {len(self.groups)} groups."
            raise InvalidInput.of(self.name, what, "Number the groups from 0.")
        if len(self.codes) and not (self.codes.min() >= -1 and self.codes.max() < len(self.groups)):
            raise InvalidInput.of(self.name, "A row is of no group.", "Give a group's number, or -1 for unknown.")

    @property
    def recorded(self) -> Ints:
        """Rows in each group (groups,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.groups)).astype(np.int64)

    @property
    def comparable(self) -> bool:
        """Whether there is anybody outside the reference, and anybody in it."""
        return bool((self.recorded > 0).sum() > 1 and self.recorded[self.reference] > 0)
