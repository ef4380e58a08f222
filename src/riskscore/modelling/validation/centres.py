"""A new centre: the champion fitted again without a branch or a region, and judged there.

Fitted without the part: bins or trees, weights, calibration. Not undone: settings and features that its training rows
helped to choose, and the choice among candidates, which its later rows had a part in. The page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.errors import Refused
from riskscore.evaluation import LeftOut, leave_parts_out
from riskscore.modelling.judging import Judging
from riskscore.modelling.margin import Floats
from riskscore.modelling.refitting import refit_of
from riskscore.modelling.rows import joined
from riskscore.modelling.validation.parts import UNRECORDED, Part
from riskscore.modelling.validation.places import placed
from riskscore.modelling.validation.segments import LEVEL, REPLICATES

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio

#: Told each step in a few words.
Told = Callable[[str], None]


def left_out(
    judged: Judging,
    places: pl.DataFrame,
    portfolio: Portfolio,
    parted: Mapping[str, tuple[Part, ...]],
    most: int,
    tell: Told,
    seed: int,
) -> tuple[dict[str, tuple[LeftOut, ...]], str]:
    """Leave out branches and regions one by one; regions only where they part the rows otherwise.

    Parameters
    ----------
    judged : Judging
    places : DataFrame
        `placed` of the later rows.
    portfolio : Portfolio
    parted : mapping of str to tuple of Part
        The later rows by ``"branch"`` and, where it parts them otherwise, ``"region"``.
    most : int
        Most parts of each.
    tell : callable
        Told each fit.

    Returns
    -------
    found : dict of str to tuple of LeftOut
    why : str
        Why nothing was left out; empty where something was.
    """
    champion = judged.champion
    try:
        fit = refit_of(champion)
    except Refused as cause:
        return {}, str(cause)
    both = joined(judged.train_rows, judged.later_rows)
    before = placed(judged.train.frame, portfolio)
    later = np.arange(len(both.y)) >= len(judged.train)

    def refit(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Floats:
        tell(f"leave out: fitted on {int(train.sum())} rows")
        return fit(both.at(train)).pd(both.X[test])

    found: dict[str, tuple[LeftOut, ...]] = {}
    for variable in ("branch", "region"):
        parts = [part for part in parted.get(variable, ()) if part.named]
        if not parts:
            continue
        homes = pl.concat([before[variable], places[variable]]).fill_null(UNRECORDED).to_numpy().astype(str)
        found[variable] = leave_parts_out(
            both.y,
            both.clusters,
            homes,
            train=~later,
            later=later,
            refit=refit,
            names=_largest_and_newest([part.name for part in parts], variable, before, places, most),
            level=LEVEL,
            replicates=REPLICATES,
            seed=seed,
        )
    return found, ""


def _largest_and_newest(
    names: Sequence[str], variable: str, before: pl.DataFrame, later: pl.DataFrame, most: int
) -> list[str]:
    """The first `most` of names that are given largest first, with the newest in the place of the last."""
    if len(names) <= most:
        return list(names)
    seen = pl.concat([before, later]).group_by(variable).agg(pl.col("as_of").min())
    newest = seen.filter(pl.col(variable).is_in(list(names))).sort("as_of")[variable][-1]
    kept = list(names[:most])
    return kept if newest in kept else [*kept[:-1], newest]
