"""`riskscore features`: the values of every feature for every past application."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir, RecipeOption, known_recipe
from riskscore.errors import InvalidInput
from riskscore.project import Project


class Engine(StrEnum):
    """What runs the lock's statements."""

    duckdb = "duckdb"
    spark = "spark"


def features(
    portfolio: PortfolioDir,
    recipe: RecipeOption,
    out: Annotated[Path, typer.Option("--out", metavar="F.parquet", dir_okay=False, help="File to write.")],
    engine: Annotated[
        Engine, typer.Option(help="What computes; Spark: pip install 'riskscore[spark]'.")
    ] = Engine.duckdb,
    project: ProjectDir = None,
) -> None:
    """Write one row for each past application: who asked, when, and every feature as of that moment.

    There are no outcomes in it, and applications from before the portfolio's complete_from are left out. The file is
    the same whichever engine computes it.
    """
    from riskscore.catalog import values
    from riskscore.dataset import OUTCOMES, spine
    from riskscore.portfolio import Portfolio

    definitions = Project.open(project)
    outcome = known_recipe(definitions, recipe).outcome
    if outcome not in OUTCOMES:
        raise InvalidInput.of(f"{recipe}: outcome", f"{outcome!r} is not known.", f"Use one of {', '.join(OUTCOMES)}.")
    rule = OUTCOMES[outcome]
    lock = definitions.catalog().lock()
    opened = Portfolio.open(portfolio)
    with printing.step("features"):
        frame = values(opened, lock, spine(opened, subject=rule.subject, ledger=rule.ledger), engine=engine.value)
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(out)
    printing.line(f"{out}  {frame.height:,} applications, {len(lock.features)} features, lock {lock.sha256[:12]}")
