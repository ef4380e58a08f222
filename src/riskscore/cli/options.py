"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.errors import NotFound

if TYPE_CHECKING:
    from riskscore.modelling import Recipe
    from riskscore.project import Project


class Engine(StrEnum):
    """What runs the lock's statements."""

    duckdb = "duckdb"
    spark = "spark"


ProjectDir = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="DIR",
        help="Folder with features/, training/ and serving/. Default: the current folder, else the starter.",
    ),
]

PortfolioDir = Annotated[
    Path,
    typer.Argument(
        metavar="PORTFOLIO",
        envvar="RISKSCORE_PORTFOLIO",
        exists=True,
        file_okay=False,
        help="Folder with portfolio.json and one Parquet file a table.",
    ),
]

RecipeName = Annotated[str, typer.Argument(metavar="RECIPE", help="Name of a recipe, such as member_default.")]

RecipeOption = Annotated[str, typer.Option("--recipe", metavar="R", help="Name of a recipe, such as member_default.")]


def known_recipe(project: Project, name: str) -> Recipe:
    """Load a recipe; a name that does not exist is a mistake in the command, not in the data."""
    try:
        return project.recipe(name)
    except NotFound as error:
        raise typer.BadParameter(" ".join(str(fault) for fault in error.faults), param_hint="recipe") from error
