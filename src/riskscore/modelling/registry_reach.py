"""Whether the registry answers, asked in seconds before a command sets out on minutes.

MLflow itself tries again for minutes where nobody listens, and makes a folder where it is given a bare word.
"""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

from riskscore.errors import InvalidInput, Unreachable

#: Seconds to wait for a listener.
PATIENCE = 3.0

SETTING = "MLFLOW_TRACKING_URI"
REMEDY = f"Start the server or correct {SETTING}; without it the registry is mlflow.db in the current folder."

_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}


def shown(uri: str) -> str:
    """Return an address without user and password."""
    parts = urlsplit(uri)
    if not parts.hostname:
        return uri if "@" not in uri else f"{parts.scheme}://..."
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def require_listener(uri: str) -> None:
    """Refuse an address that is none, or at which nobody listens.

    Parameters
    ----------
    uri : str
        As `tracking_address` gives it.

    Raises
    ------
    InvalidInput
        It is no address of an MLflow server or database.
    Unreachable
        Nobody listens there, or the folder of the SQLite file does not exist.
    """
    kind, found, _ = uri.partition("://")
    scheme = kind.partition("+")[0]
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, found = None, None, ""
    known = scheme == "sqlite" or (scheme in _PORTS and host)
    if not found or not known:
        what = "It is no address of an MLflow server or database."
        remedy = f"Set {SETTING} to one like http://HOST:5000, postgresql://HOST/NAME or sqlite:///mlflow.db."
        raise InvalidInput.of(f"{SETTING}, {shown(uri)!r}" if found else f"{SETTING}, {kind!r}", what, remedy)
    if scheme == "sqlite":
        folder = Path(uri.partition(":///")[2]).parent
        if not folder.is_dir():
            raise Unreachable.of(f"registry {shown(uri)}", f"The folder {folder} does not exist.", REMEDY)
        return
    try:
        socket.create_connection((host or "", port or _PORTS[scheme]), timeout=PATIENCE).close()
    except OSError as cause:
        why = cause.strerror or "no answer in time"
        raise Unreachable.of(f"registry {shown(uri)}", f"Nobody answers there ({why}).", REMEDY) from cause
