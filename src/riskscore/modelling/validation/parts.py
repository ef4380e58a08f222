"""Rows in parts that may be shown: what is too small joins its neighbours, so that no figure is about somebody.

The smallest cell is that of `riskscore.portfolio.cells`. A part below it joins the pool, and the next smallest too
until the pool is large enough, so that no part follows from the total and the rest. Parts with an order (grades,
half-years) join the next one towards the middle instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.portfolio.cells import few

#: Name of the pool of small parts, and of rows whose value is not recorded.
POOL, UNRECORDED = "\x00pool", "\x00unrecorded"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part that may be shown.

    Parameters
    ----------
    name : str
        The value; `POOL` or `UNRECORDED`; names joined in order are parted by a line break.
    rows : ndarray of bool (n,)
    """

    name: str
    rows: NDArray[np.bool_]

    @property
    def names(self) -> tuple[str, ...]:
        """The values that were joined, in order."""
        return tuple(self.name.split("\n"))

    @property
    def named(self) -> bool:
        """Whether it is a value of its own, and neither the pool nor what is not recorded."""
        return self.name not in (POOL, UNRECORDED)


def shown_name(name: str) -> str:
    """Return a part's name as plain text: joined names with a dash, the pool and the unrecorded in English."""
    return {POOL: "(others)", UNRECORDED: "(not recorded)"}.get(name, name.replace("\n", "–"))


def parts_of(values: Sequence[str | None], people: pl.DataFrame) -> tuple[Part, ...]:
    """Return the parts of rows, largest first, the pool and what is not recorded last; none where all are too few.

    Parameters
    ----------
    values : sequence of str or None (n,)
    people : DataFrame
        member_id, bank_id of each row.
    """
    labels = np.array([UNRECORDED if value is None else value for value in values], dtype=object)
    found = {str(name): labels == name for name in dict.fromkeys(labels.tolist())}
    order = sorted(found, key=lambda name: (int(found[name].sum()), name))
    pool = np.zeros(len(labels), dtype=bool)
    for name in order:
        if (pool.any() and _few(pool, people)) or _few(found[name], people):
            pool |= found.pop(name)
    shown = [Part(name, found[name]) for name in reversed(order) if name in found and name != UNRECORDED]
    if pool.any() and not _few(pool, people):
        shown.append(Part(POOL, pool))
    if UNRECORDED in found:
        shown.append(Part(UNRECORDED, found[UNRECORDED]))
    return tuple(shown)


def parts_in_order(values: Sequence[str], names: Sequence[str], people: pl.DataFrame) -> tuple[Part, ...]:
    """Return the parts in the order of `names`, each too small one joined with the next towards the middle.

    Names without a row are left out. None is returned where all rows together are too few.
    """
    labels = np.asarray(values, dtype=object)
    spans = [([name], labels == name) for name in names if (labels == name).any()]
    while len(spans) > 1:
        thin = [place for place, (_, rows) in enumerate(spans) if _few(rows, people)]
        if not thin:
            break
        place = max(thin, key=lambda one: abs(one - (len(spans) - 1) / 2))
        other = place + 1 if place < len(spans) / 2 and place + 1 < len(spans) else place - 1
        first, second = sorted((place, other))
        spans[first : second + 1] = [(spans[first][0] + spans[second][0], spans[first][1] | spans[second][1])]
    return tuple(Part("\n".join(held), rows) for held, rows in spans if not _few(rows, people))


def _few(rows: NDArray[np.bool_], people: pl.DataFrame) -> bool:
    return few(people.filter(pl.Series(rows)))
