"""A TOML file of an institution's own, read whole; every way it can be no such file is a fault."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from riskscore.errors import InvalidInput


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a file.

    Raises
    ------
    InvalidInput
        It cannot be read, is not UTF-8, or is no TOML.
    """
    return parse_toml(read_text(path), path.name)


def read_text(path: Path) -> str:
    """Return the text of a file, where it is kept beside what was read from it; see `read_toml`."""
    try:
        return path.read_text(encoding="utf-8-sig")  # with or without the mark that some editors put first
    except OSError as cause:
        remedy = "Copy the starter's with `riskscore init`."
        raise InvalidInput.of(str(path), f"It cannot be read: {cause.strerror}.", remedy) from cause
    except UnicodeDecodeError as cause:
        # A file saved in another code, as by an old editor.
        line = cause.object.count(b"\n", 0, cause.start) + 1
        what = f"Line {line} has a character that is no UTF-8."
        raise InvalidInput.of(path.name, what, "Save the file as UTF-8.") from cause


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the content of a text; `where` names it in the fault that it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise InvalidInput.of(where, f"It is no TOML: {cause}.", "Mend the line named.") from cause
