"""How often people decided otherwise than was recommended, in which direction, and whether they look at all.

Stricter
    The recommendation was *ready*, and people granted less, put it off or said no.
Looser
    It was *talk first*, and people granted all that was asked. That is their right, and what it is for.
Rubber stamp
    More than 98 % agreement over at least 50 decisions: nobody decides any more, a machine does.

No decision here is a label of anything: what became of a loan is known from its payments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]

#: Agreement above this share, over at least this many decisions, is no longer anybody's own.
STAMPED_ABOVE, STAMPED_FROM = 0.98, 50


@dataclass(frozen=True, slots=True)
class Agreement:
    """Decisions beside their recommendations, counted.

    Parameters
    ----------
    decisions, agreed, stricter, looser : int
    """

    decisions: int
    agreed: int
    stricter: int
    looser: int

    @property
    def rate(self) -> float:
        """Share of decisions that agreed; NaN without any."""
        return self.agreed / self.decisions if self.decisions else float("nan")

    @property
    def rubber_stamp(self) -> bool:
        """Whether agreement is too complete to be anybody's judgement.

        Examples
        --------
        >>> Agreement(50, 50, 0, 0).rubber_stamp, Agreement(49, 49, 0, 0).rubber_stamp
        (True, False)
        >>> Agreement(100, 98, 1, 1).rubber_stamp
        False
        """
        return self.decisions >= STAMPED_FROM and self.rate > STAMPED_ABOVE


def agreement(ready: Bools, granted_whole: Bools) -> tuple[Agreement, Bools, Bools]:
    """Count decisions; also return which were stricter and which looser.

    Parameters
    ----------
    ready : ndarray of bool (n,)
        Whether it was recommended as ready to decide.
    granted_whole : ndarray of bool (n,)
        Whether people granted all that was asked.
    """
    stricter, looser = ready & ~granted_whole, ~ready & granted_whole
    counts = (int(part.sum()) for part in (stricter, looser))
    strict, loose = counts
    return Agreement(len(ready), len(ready) - strict - loose, strict, loose), stricter, looser
