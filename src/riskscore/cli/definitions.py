"""`riskscore init`: a folder of definitions to make one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.project import FOLDERS, Project, starter_dir


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to copy into; made if it does not exist.")],
) -> None:
    """Copy the definition folders features/, training/ and serving/ into DIR. Nothing is overwritten."""
    written = Project(starter_dir()).copy_to(folder)
    for name in FOLDERS:
        count = sum(path.is_relative_to(folder.resolve() / name) for path in written)
        printing.line(f"{folder / name}/  {count} files")
    printing.line(f"Work in it: cd {folder}, or give --project {folder} to a command.")
