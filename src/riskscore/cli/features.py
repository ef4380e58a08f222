"""`riskscore features`: values for every past application; the rows behind one member's; the catalogue as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from riskscore.catalog.words import Language
from riskscore.cli import printing
from riskscore.cli.catalogue import write_catalogue
from riskscore.cli.explained import explain_member
from riskscore.cli.options import Engine, ProjectDir, known_recipe
from riskscore.cli.outputs import check_outputs
from riskscore.errors import InvalidInput
from riskscore.project import Project

T = TypeVar("T")

_EXPLAIN, _CATALOGUE = "The rows behind one member's values", "The catalogue as a page"


def features(
    portfolio: Annotated[
        Path | None,
        typer.Argument(
            metavar="PORTFOLIO",
            envvar="RISKSCORE_PORTFOLIO",
            exists=True,
            file_okay=False,
            help="Folder with portfolio.json and one Parquet file a table. Not needed for --catalogue.",
        ),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", metavar="R", help="Name of a recipe, such as member_default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="F.parquet", dir_okay=False, help="File to write.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="What computes; Spark: pip install 'riskscore[spark]'.")
    ] = Engine.duckdb,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="MEMBER", help="Print the rows behind her values.", rich_help_panel=_EXPLAIN),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Date or moment; the portfolio's last, if not given.",
            rich_help_panel=_EXPLAIN,
        ),
    ] = None,
    feature: Annotated[
        list[str] | None,
        typer.Option("--feature", metavar="NAME", help="Only this one; may repeat.", rich_help_panel=_EXPLAIN),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Every digit, for machines.", rich_help_panel=_EXPLAIN)
    ] = False,
    catalogue: Annotated[
        bool,
        typer.Option(
            "--catalogue",
            help="Write what every feature measures, and why, to --out F.md or F.html.",
            rich_help_panel=_CATALOGUE,
        ),
    ] = False,
    lang: Annotated[
        Language, typer.Option("--lang", help="Language of --explain and of --catalogue.", rich_help_panel=_CATALOGUE)
    ] = "en",
    project: ProjectDir = None,
) -> None:
    """Write one row for each past application: who asked, when, and every feature as of that moment.

    There are no outcomes in it, and applications from before the portfolio's complete_from are left out. The file is
    the same whichever engine computes it.

    With --explain MEMBER: print, for a moment, the rows behind each of her values, and how many rows were not counted
    and why. With --catalogue: write what every feature measures.
    """
    check_outputs({"--out": out})
    definitions = Project.open(project)
    if catalogue:
        write_catalogue(definitions, _needed(out, "--out"), lang)
    elif explain is not None:
        explain_member(
            definitions,
            _needed(portfolio, "PORTFOLIO"),
            explain,
            as_of=as_of,
            recipe=recipe,
            names=feature or (),
            language=lang,
            as_json=as_json,
        )
    elif as_of or feature or as_json:
        raise typer.BadParameter("--as-of, --feature and --json belong to it; it is missing.", param_hint="--explain")
    else:
        _write(definitions, _needed(portfolio, "PORTFOLIO"), _needed(recipe, "--recipe"), _needed(out, "--out"), engine)


def _write(definitions: Project, folder: Path, recipe: str, out: Path, engine: Engine) -> None:
    from riskscore.catalog.writing import write_values
    from riskscore.dataset import OUTCOMES, spine
    from riskscore.portfolio import Portfolio

    outcome = known_recipe(definitions, recipe).outcome
    if outcome not in OUTCOMES:
        raise InvalidInput.of(f"{recipe}: outcome", f"{outcome!r} is not known.", f"Use one of {', '.join(OUTCOMES)}.")
    rule = OUTCOMES[outcome]
    lock = definitions.catalog().lock()
    opened = Portfolio.open(folder)
    with printing.step("features"):
        asked = spine(opened, subject=rule.subject, ledger=rule.ledger)
        write_values(opened, lock, asked, out, engine=engine.value)
    printing.line(f"{out}  {asked.height:,} applications, {len(lock.features)} features, lock {lock.sha256[:12]}")


def _needed(given: T | None, name: str) -> T:
    """Return what this way of the command cannot do without; its absence is a mistake in the command."""
    if given is None:
        raise typer.BadParameter("It is missing.", param_hint=name)
    return given
