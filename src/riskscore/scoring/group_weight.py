"""What the neighbours' record weighs: whom it moves, whom its cap holds back, and whose state it turns.

The state of a request rests on a member's own record, so that the group turns nobody's. That is counted here and not
taken on trust, beside what would happen if the bands were read on the whole PD, with the cap and without it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from riskscore.modelling.artefact import Champion
from riskscore.scoring.own_record import GROUP_FAMILY, Floats, OwnRecord
from riskscore.scoring.policy import Policy


@dataclass(frozen=True, slots=True)
class Turned:
    """How many states turn between two readings of the same rows."""

    to_talk_first: int
    to_ready: int


@dataclass(frozen=True, slots=True)
class GroupWeight:
    """What the group family weighs on n rows; states are those of the policy's bands alone.

    Parameters
    ----------
    rows : int
    talk_first : int
        On her own record, as the policy reads it.
    cap : float or None
        Points by which the family may move the score; None where the recipe has no cap.
    held : int
        Rows that the cap holds back.
    points_median, points_most : float
        Absolute points of the family, as scored.
    turned : Turned
        As decided, against the same with the neighbours' record unknown: nobody's state may turn.
    turned_if_read : Turned
        The bands read on the whole PD, capped, against her own record.
    turned_if_uncapped : Turned
        The same without the cap.
    turned_by_cap : Turned
        The whole PD with the cap against the whole PD without it.
    grades_moved, grades_moved_uncapped : int
        Whose grade, which is read on the whole PD, differs from that of her own record.
    """

    rows: int
    talk_first: int
    cap: float | None
    held: int
    points_median: float
    points_most: float
    turned: Turned
    turned_if_read: Turned
    turned_if_uncapped: Turned
    turned_by_cap: Turned
    grades_moved: int
    grades_moved_uncapped: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def group_weight(champion: Champion, policy: Policy, X: Floats) -> GroupWeight:
    """Return what the group family weighs on the rows `X` (n, k) of the champion's features, n above 0.

    Neither indebtedness nor growth reads the group, so that the bands of the PD tell all of it.
    """
    model = champion.model
    record = OwnRecord(model)
    whole, own = record.log_odds(X)
    caps = {family: points for family, points in model.caps.items() if family != GROUP_FAMILY}
    uncapped, _ = OwnRecord(replace(model, caps=caps)).log_odds(X)
    unknown = X.copy()
    unknown[:, record.group_columns] = np.nan
    _, own_beside_nobody = record.log_odds(unknown)

    talks, talks_whole, talks_uncapped = (_talk_first(policy, odds) for odds in (own, whole, uncapped))
    grade, grade_whole, grade_uncapped = (_grades(champion, odds) for odds in (own, whole, uncapped))
    cap = model.caps.get(GROUP_FAMILY)
    points, free = (np.abs(model.scale.points(odds - own)) for odds in (whole, uncapped))
    return GroupWeight(
        rows=len(X),
        talk_first=int(talks.sum()),
        cap=cap,
        held=0 if cap is None else int((free > cap).sum()),
        points_median=float(np.median(points)),
        points_most=float(points.max()),
        turned=_turned(_talk_first(policy, own_beside_nobody), talks),
        turned_if_read=_turned(talks, talks_whole),
        turned_if_uncapped=_turned(talks, talks_uncapped),
        turned_by_cap=_turned(talks_uncapped, talks_whole),
        grades_moved=int((grade != grade_whole).sum()),
        grades_moved_uncapped=int((grade != grade_uncapped).sum()),
    )


def _talk_first(policy: Policy, log_odds: Floats) -> NDArray[np.bool_]:
    return np.array([policy.band(pd).state == "talk_first" for pd in expit(log_odds).tolist()], dtype=np.bool_)


def _grades(champion: Champion, log_odds: Floats) -> NDArray[np.intp]:
    return np.asarray(np.searchsorted([grade.below for grade in champion.grades[:-1]], expit(log_odds), side="right"))


def _turned(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Turned:
    return Turned(int((~before & after).sum()), int((before & ~after).sum()))
