"""Members' recipes learnt from few and from many cycles, against the truth of other institutions of the same law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from answer import Answer

from riskscore import Project, RiskscoreError
from riskscore.dataset import TrainingSet
from riskscore.modelling.development import develop
from riskscore.modelling.rows import columns_of, rows_of
from riskscore.simulator import simulate, truth

#: However few the cycles, they are of as many communal banks: a fold is made of whole ones.
LEAST_BANKS = 6


def some_cycles(rows: TrainingSet, size: int, seed: int) -> TrainingSet:
    """Return some `size` decided rows of whole communal banks, the latest of the fewest banks that hold them."""
    clusters = rows.clusters
    names = np.random.default_rng(seed).permutation(np.unique(clusters))
    held = np.array([int((rows.fit_rows & (clusters == name)).sum()) for name in names]).cumsum()
    banks = max(LEAST_BANKS, int(np.searchsorted(held, size)) + 1)
    own = np.flatnonzero(np.isin(clusters, names[:banks]) & rows.fit_rows)
    return rows.with_rows(own[-size:])


def of_members(
    name: str,
    told: str,
    scratch: Path,
    seed: int,
    *,
    sizes: Sequence[int],
    scenarios: Sequence[str],
    learn: int,
    ask: int,
) -> Iterator[Answer]:
    """Yield the base rate and each candidate as it comes out; `told` is the column of the truth."""
    project = Project.open()
    recipe, lock = project.recipe(name), project.catalog().lock()
    columns = columns_of(recipe, lock)
    # What would come out if nobody refused: the point of a bar is seen under it.
    lenient = replace(recipe, min_bads=2)
    past = TrainingSet.build(simulate(scratch / "past", members=learn, seed=seed), lock, recipe.outcome, recipe.rule)
    later = {}
    for scenario in scenarios:
        folder = scratch / scenario
        rows = TrainingSet.build(simulate(folder, members=ask, seed=1_000 + seed, scenario=scenario), lock)
        p = rows.frame.join(
            truth(folder).applications.select("application_id", "p_bad"), on="application_id", how="left"
        )
        later[scenario] = (rows_of(rows, columns.names, recipe.first_cycle).X, p["p_bad"].to_numpy())
    for size in sizes:
        part = rows_of(some_cycles(past, size, seed), columns.names, recipe.first_cycle)
        bads = int(part.y.sum())
        models = {}
        for candidate in recipe.candidates:
            try:
                models[candidate.kind] = develop(lenient, candidate, columns, part, seed=seed).model
            except RiskscoreError as refused:
                models[candidate.kind] = "; ".join(fault.what for fault in refused.faults)
        for scenario, (x, p) in later.items():
            rate = np.full(len(p), (bads + 0.5) / (len(part.y) + 1))
            yield Answer(size, scenario, "base rate", bads, p, rate)
            for kind, model in models.items():
                if isinstance(model, str):
                    yield Answer(size, scenario, kind, bads, p, words=model)
                else:
                    short = "" if bads >= recipe.min_bads else f", under the recipe's {recipe.min_bads} bads"
                    yield Answer(size, scenario, f"{kind}{short}", bads, p, model.pd(x))
