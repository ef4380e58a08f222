"""`riskscore score`: a file of scores: members, communal banks or producer associations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli.champions import champion_of
from riskscore.cli.options import Engine, PortfolioDir, ProjectDir, RecipeOption, known_recipe
from riskscore.cli.outputs import check_outputs
from riskscore.cli.score_banks import score_banks
from riskscore.cli.score_members import score_members
from riskscore.cli.score_producers import score_producers_to
from riskscore.errors import InvalidInput
from riskscore.project import Project


def score(
    portfolio: PortfolioDir,
    recipe: RecipeOption,
    out: Annotated[Path, typer.Option("--out", metavar="F.parquet", dir_okay=False, help="File to write.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Date or moment; the portfolio's last, if not given.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="What computes; Spark: pip install 'riskscore[spark]'.")
    ] = Engine.duckdb,
    explain: Annotated[bool, typer.Option("--explain", help="Add points by feature and family, and reasons.")] = False,
    beside: Annotated[
        str | None,
        typer.Option("--beside", metavar="R", help="Recipe of over-indebtedness: its probability may tighten a state."),
    ] = None,
    project: ProjectDir = None,
) -> None:
    """Score each latest application known at a moment, with the champion of the recipe.

    Members: PD, points, over-indebtedness and the policy's state, or the probability of over-indebtedness. Communal
    banks: the outlook of each with an open request, or of its last cycle known. Producer associations: PD with interval
    and the share of the expert's word.

    People decide: a file of scores is no list of whom to refuse.
    """
    from riskscore.portfolio import Portfolio

    check_outputs({"--out": out})
    definitions = Project.open(project)
    asked = known_recipe(definitions, recipe)
    if asked.subject != "member" and engine is Engine.spark:
        raise InvalidInput.of(
            "--engine", f"{recipe!r} is about a {asked.subject}.", "Only members are scored on Spark."
        )
    if beside is not None and (asked.subject != "member" or asked.of_household):
        what = f"{recipe!r} is not about a member's default."
        raise InvalidInput.of("--beside", what, "Leave it out, or score a recipe of default.")
    champion = champion_of(recipe)
    opened = Portfolio.open(portfolio)
    moment, last = opened.moment(as_of), opened.moment(None)
    if moment > last:
        what = f"{moment.isoformat()} lies ahead of what the portfolio knows."
        raise InvalidInput.of("--as-of", what, f"Give {last.isoformat()} or earlier, or leave it out.")
    if asked.subject == "organisation":
        score_producers_to(champion, opened, moment, out, explain=explain)
    elif asked.subject == "group":
        score_banks(champion, opened, moment, out)
    else:
        score_members(definitions, champion, opened, moment, out, engine=engine, explain=explain, beside=beside)
