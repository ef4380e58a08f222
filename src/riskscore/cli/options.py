"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
