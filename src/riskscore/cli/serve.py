"""`riskscore serve`: the service on the champion models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import ProjectDir


def serve(
    portfolio: Annotated[
        Path | None,
        typer.Option("--portfolio", metavar="DIR", exists=True, file_okay=False, envvar="RISKSCORE_PORTFOLIO"),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; only this machine reaches the default.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 3000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 2,
    project: ProjectDir = None,
) -> None:
    """Serve scores and their pages until Ctrl-C.

    The champion is read from MLFLOW_TRACKING_URI (sqlite:///mlflow.db), tokens and scores lie in RISKSCORE_RECORDS
    (sqlite:///records.db).
    """
    from riskscore.service.run import serve as run

    if portfolio is not None:
        os.environ["RISKSCORE_PORTFOLIO"] = str(portfolio)
    # A log of JSON is read line by line: no sentence goes in between. The log itself tells what is in service.
    quiet = os.environ.get("RISKSCORE_LOG_FORMAT") == "json"
    code = run(host, port, project, workers, on_ready=None if quiet else _announce)
    raise typer.Exit(code)


def _announce(url: str) -> None:
    printing.line(f"ready at {url}; Ctrl-C ends it")
