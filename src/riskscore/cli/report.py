"""`riskscore report`: self-contained pages that people read and print."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir
from riskscore.project import Project

group = typer.Typer(help="Pages for who manages, analyses or audits.", no_args_is_help=True)


class Ledger(StrEnum):
    """Whose loans: the members', or the communal banks'."""

    internal = "internal"
    external = "external"


class Language(StrEnum):
    """What the page speaks."""

    es = "es"
    en = "en"


@group.callback()
def _reports() -> None:
    """Keep the name of the only report a command of its own."""


@group.command(epilog="Example: `riskscore report portfolio my-bank --out portfolio.html`")
def portfolio(
    portfolio: PortfolioDir,
    out: Annotated[Path, typer.Option("--out", metavar="F.html", dir_okay=False, help="Page to write.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Date or moment; the portfolio's last, if not given.")
    ] = None,
    ledger: Annotated[
        Ledger | None, typer.Option(help="Loans of members, or to communal banks; members', if there are any.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the page.")] = Language.es,
    project: ProjectDir = None,
) -> None:
    """Write what a manager asks of a portfolio: at risk, moving, by vintage, by branch, with what is missing.

    Everything is computed as it was known at each month end. Nobody is named in it, and no small group is shown.
    """
    from riskscore.portfolio import Portfolio
    from riskscore.portfolio.overview import overview
    from riskscore.reports import portfolio_report, write_page

    folder = Project.open(project).serving_dir / "reports"
    opened = Portfolio.open(portfolio)
    with printing.step("portfolio report"):
        found = overview(opened, as_of, ledger=ledger.value if ledger else None)
        page = portfolio_report(found, opened.manifest, folder=folder, language=lang.value)
        write_page(page, out)
    printing.line(
        f"{out}  {found.ledger} ledger, as of the end of {found.now.last_day}, {len(page.encode()) / 1000:,.0f} kB"
    )
