"""The root of the command line, where every expected error becomes a list of faults and exit code 1."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from riskscore import __version__
from riskscore.cli import printing
from riskscore.errors import Fault, RiskscoreError


class FaultsNotTracebacks(TyperGroup):
    """Commands whose `RiskscoreError` is printed fault by fault on standard error, with exit code 1.

    What the environment or the system refuses (a setting, a folder that cannot be written) is printed alike, with 2.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except RiskscoreError as error:
            printing.faults(error.faults)
            raise typer.Exit(1) from None
        except ValueError as error:
            # Pydantic's word on the environment. Told by its title, so that no command waits for pydantic to load.
            if getattr(error, "title", "") != "Settings":
                raise
            printing.faults(_of_the_environment(error))
            raise typer.Exit(2) from None
        except BrokenPipeError:
            raise  # whoever read the output has enough: no fault, and click ends in silence
        except OSError as error:
            printing.faults([_of_the_system(error)])
            raise typer.Exit(2) from None


def _of_the_system(error: OSError) -> Fault:
    """Return what the system said: no such folder, no permission, no space left, nobody there."""
    remedy = "Check the place: that it exists, may be read and written, and has space left."
    if error.filename is None:  # libraries that are no Python name the file in their message alone
        return Fault("system", f"{error}.", remedy)
    return Fault(str(error.filename), f"{error.strerror}.", remedy)


def _of_the_environment(error: Any) -> list[Fault]:
    return [
        Fault(f"RISKSCORE_{detail['loc'][-1]}".upper(), f"{detail['msg']}.", "Correct this environment variable.")
        for detail in error.errors(include_input=False, include_url=False)
    ]


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
