"""Where the registry lies: an address made absolute, and the folder of its artefacts."""

from __future__ import annotations

import os
from pathlib import Path

_SQLITE = "sqlite:///"

#: In the current folder, where nothing else is said.
DEFAULT = "sqlite:///mlflow.db"


def tracking_address(uri: str | None = None) -> str:
    """Return `uri`, else ``MLFLOW_TRACKING_URI``, else the default; a SQLite file's path is made absolute.

    A relative path would mean another file as soon as a process changes its folder.
    """
    found = uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT
    if not found.startswith(_SQLITE):
        return found
    return f"{_SQLITE}{Path(found.removeprefix(_SQLITE)).resolve()}"


def artifact_root(uri: str) -> str | None:
    """Return the folder of artefacts beside a SQLite file, as an address; None where the server decides."""
    if not uri.startswith(_SQLITE):
        return None
    return (Path(uri.removeprefix(_SQLITE)).parent / "mlartifacts").as_uri()
