"""`riskscore simulate` and `riskscore check`: portfolios made up, and portfolios handed over."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import ProjectDir
from riskscore.cli.outputs import check_outputs
from riskscore.cli.policy_check import check_policy
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
    ctx: typer.Context,
    portfolio: Annotated[
        Path | None,
        typer.Argument(
            metavar="PORTFOLIO",
            envvar="RISKSCORE_PORTFOLIO",
            exists=True,
            help="Folder with portfolio.json and one Parquet file a table. With --policy: the file to look through.",
        ),
    ] = None,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy", help="Look a policy through instead: the file named, else the project's serving/policy.toml."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --policy: faults and warnings as JSON.")] = False,
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

    With `--policy`, gaps, overlaps, contradictions, rules that can never decide, bands that loosen, missing words: each
    with its line. Figures that nobody verified are warnings. Example: `riskscore check --policy serving/policy.toml`.
    """
    for name, given in (("--recipe", recipe), ("--earlier", earlier)):
        if given and not leaks:
            raise typer.BadParameter("it belongs to the search for leaks; give --leaks too.", param_hint=name)
    if policy:
        if leaks:
            raise typer.BadParameter("it belongs to portfolios; leave --policy out.", param_hint="--leaks")
        check_policy(_policy_file(ctx, portfolio, project), as_json=json)
        return
    if json:
        raise typer.BadParameter("it belongs to --policy; give that too.", param_hint="--json")
    if portfolio is None or not portfolio.is_dir():
        what = "name the portfolio's folder." if portfolio is None else f"{str(portfolio)!r} is a file, not a folder."
        raise typer.BadParameter(what, param_hint="PORTFOLIO")
    from riskscore.portfolio import Portfolio, check_portfolio, portfolio_remarks

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


def _policy_file(ctx: typer.Context, named: Path | None, project: Path | None) -> Path:
    """Return the policy named, else the project's; the portfolio of the environment is none."""
    source = ctx.get_parameter_source("portfolio")
    if named is None or (source is not None and source.name == "ENVIRONMENT"):
        return Project.open(project).serving_dir / "policy.toml"
    if named.is_dir():
        raise typer.BadParameter(f"{str(named)!r} is a folder, not a file.", param_hint="FILE")
    return named
