"""Where a command writes, looked at before it works: nobody waits minutes for what cannot be kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import typer

from riskscore.cli import printing
from riskscore.errors import Fault


def check_outputs(asked: Mapping[str, Path | None]) -> None:
    """End with exit code 2 where a file or folder asked for could not be written; all faults at once.

    Folders that do not exist are made when something is written into them.

    Parameters
    ----------
    asked : mapping of str to Path or None
        By the option or argument that names it; None was not asked for.
    """
    found: list[Fault] = []
    seen: dict[Path, str] = {}
    for name, path in asked.items():
        if path is None:
            continue
        place = path.resolve()
        if place in seen:
            found.append(Fault(name, f"{path} is also what {seen[place]} names.", "Give each a file of its own."))
        seen.setdefault(place, name)
        above = next(one for one in place.parents if os.path.lexists(one))
        if not above.is_dir():
            found.append(Fault(name, f"{path} would lie under {above}, which is a file.", "Name a place in a folder."))
        elif not os.access(above, os.W_OK | os.X_OK):
            found.append(Fault(name, f"{path}: nothing may be written in {above}.", "Name a folder of your own."))
    if found:
        printing.faults(found)
        raise typer.Exit(2)
