"""`riskscore simulate` and `riskscore check`: portfolios made up, and portfolios handed over."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir
from riskscore.cli.outputs import check_outputs
from riskscore.errors import InvalidInput
from riskscore.project import Project


class Scenario(StrEnum):
    """What befalls the simulated institution."""

    normal = "normal"
    recession = "recession"
    el_nino = "el_nino"


def simulate(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write; must not exist yet.")],
    members: Annotated[int, typer.Option(min=100, help="Members the institution serves.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same institution.")],
    scenario: Annotated[Scenario, typer.Option(help="What befalls it.")] = Scenario.normal,
) -> None:
    """Write an institution that does not exist to OUT, and what only its maker knows to OUT.truth."""
    from riskscore.simulator import simulate as run

    if out.exists():
        raise InvalidInput.of(str(out), "It exists already.", "Name another folder, or move this one away first.")
    check_outputs({"OUT": out})
    with printing.step(f"simulate {members:,} members"):
        portfolio = run(out, members=members, seed=seed, scenario=scenario.value)
    rows = portfolio.manifest.rows
    printing.table(("table", "rows"), ((name, f"{rows[name]:,}") for name in rows))
    printing.line(f"{out}  {portfolio.manifest.currency}, data up to {portfolio.manifest.data_date}")


def check(
    portfolio: PortfolioDir,
    leaks: Annotated[
        bool, typer.Option("--leaks", help="Then look for columns and features that know the outcome.")
    ] = False,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", metavar="R", help="With --leaks: this recipe's outcome, and the features it lets in."),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--earlier",
            metavar="PORTFOLIO",
            exists=True,
            file_okay=False,
            help="With --leaks: an extract drawn before; its rows must still say what they said.",
        ),
    ] = None,
    project: ProjectDir = None,
) -> None:
    """List every fault of every table at once: where, what is expected, what to do.

    Where there is none, remarks say what is unusual and allowed. With `--leaks`, exit code 1 where a column or a
    feature is suspected. Example: `riskscore check portfolio --leaks --recipe member_default`.
    """
    from riskscore.portfolio import Portfolio, check_portfolio, portfolio_remarks

    for name, given in (("--recipe", recipe), ("--earlier", earlier)):
        if given and not leaks:
            raise typer.BadParameter("it belongs to the search for leaks; give --leaks too.", param_hint=name)
    definitions = Project.open(project)
    tables = definitions.tables()
    with printing.step("check"):
        found = check_portfolio(portfolio, tables=tables)
    if found:
        raise InvalidInput(found)
    printing.line(f"{portfolio}  no faults in {len(tables)} tables")
    opened = Portfolio.open(portfolio)
    printing.remarks(portfolio_remarks(opened))
    if leaks:
        from riskscore.cli.leaks import search_leaks

        before = Portfolio.open(earlier) if earlier else None
        search_leaks(opened, definitions, tables, recipe=recipe, earlier=before)
