"""The root of the command line, where every expected error becomes a list of faults and exit code 1."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from riskscore import __version__
from riskscore.cli import printing
from riskscore.errors import RiskscoreError


class FaultsNotTracebacks(TyperGroup):
    """Commands whose `RiskscoreError` is printed fault by fault on standard error, with exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except RiskscoreError as error:
            printing.faults(error.faults)
            raise typer.Exit(1) from None


app = typer.Typer(
    name="riskscore",
    cls=FaultsNotTracebacks,
    help="Credit risk and over-indebtedness for village banks. Start with: riskscore demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass
