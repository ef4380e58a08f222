"""Columns that cannot tell anybody from anybody, told by name and reason before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from riskscore.errors import Fault, Refused
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import Columns, Rows


def useless(columns: Columns, rows: Rows) -> dict[str, str]:
    """Return the columns of the training rows that say nothing, and why: name to reason."""
    found = {}
    for name, values in zip(columns.names, rows.X.T, strict=True):
        seen = values[~np.isnan(values)]
        among = values[rows.decided]
        among = among[~np.isnan(among)]
        if not len(seen):
            found[name] = "it is missing in every training row"
        elif len(seen) == len(values) and (seen == seen[0]).all():
            found[name] = f"it is {seen[0]:g} in every training row"
        elif not len(among):
            found[name] = "it is missing in every training row that is good or bad"
        elif (among == among[0]).all():
            found[name] = f"wherever it is known among good and bad training rows it is {among[0]:g}"
    return found


def usable(recipe: Recipe, columns: Columns, dropped: Mapping[str, str]) -> Columns:
    """Return the columns without those dropped.

    Raises
    ------
    Refused
        An offset would be learnt from one of them, or none is left.
    """
    faults = [
        Fault(recipe.at("calibration.offsets", name), f"{name!r} cannot have a level: {dropped[name]}.", "Take it out.")
        for name in recipe.offsets
        if name in dropped
    ]
    names = tuple(name for name in columns.names if name not in dropped)
    if not names:
        faults.append(
            Fault(
                recipe.at("features.families"),
                f"None of {len(columns.names)} features says anything: each is missing or the same throughout.",
                "Run `riskscore features` and look at the values; a table may be missing or empty.",
            )
        )
    if faults:
        raise Refused(faults)
    return Columns(
        names, {name: columns.families[name] for name in names}, {name: columns.risks[name] for name in names}
    )


def narrowed(rows: Rows, before: Columns, after: Columns) -> Rows:
    """Return the rows with the columns `after` of those `before`."""
    kept = [before.names.index(name) for name in after.names]
    return replace(rows, X=np.ascontiguousarray(rows.X[:, kept]))
