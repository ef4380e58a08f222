"""The one public `train`: from a portfolio, where every fact has its moment, or from a flat table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from riskscore.catalog import Catalog, Lock
    from riskscore.modelling.estimators.table_training import TableRun
    from riskscore.modelling.recipe import Recipe
    from riskscore.modelling.tracking import Registry
    from riskscore.modelling.training import Told, TrainingRun
    from riskscore.modelling.woe import Risk
    from riskscore.portfolio import Portfolio


@overload
def train(
    recipe: Recipe,
    catalog: Catalog | Lock,
    portfolio: Portfolio,
    *,
    tracking: Registry | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    progress: Told | None = None,
) -> TrainingRun: ...
@overload
def train(
    recipe: Recipe,
    catalog: Any,
    portfolio: None = None,
    *,
    bad: str | ArrayLike,
    groups: str | ArrayLike | None = None,
    as_of: str | None = None,
    bad_label: Any = None,
    directions: Mapping[str, Risk] | None = None,
    seed: int = 0,
    progress: Told | None = None,
) -> TableRun: ...
def train(recipe: Recipe, catalog: Any, portfolio: Any = None, **options: Any) -> TrainingRun | TableRun:
    """Train a recipe's candidates, evaluate and choose.

    With a portfolio, ``train(recipe, catalog, portfolio, tracking=...)``: see `riskscore.modelling.training.train`.
    With a pandas, Polars or Arrow table in the catalogue's place, ``train(recipe, table, bad="bad", groups="centre")``:
    see `riskscore.modelling.estimators.train_table`.
    """
    if portfolio is None:
        from riskscore.modelling.estimators.table_training import train_table

        return train_table(recipe, catalog, **options)
    from riskscore.modelling import training

    return training.train(recipe, catalog, portfolio, **options)
