"""A TOML file of an institution's own, read whole; every way it can be no such file is a fault."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from riskscore.errors import InvalidInput
from riskscore.modelling.toml_fields import not_utf8


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a file.

    Raises
    ------
    InvalidInput
        It cannot be read, is not UTF-8, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        remedy = "Copy the starter's with `riskscore init`."
        raise InvalidInput.of(str(path), f"It cannot be read: {cause.strerror}.", remedy) from cause
    except UnicodeDecodeError as cause:
        raise InvalidInput.of(path.name, *not_utf8(cause)) from cause
    except tomllib.TOMLDecodeError as cause:
        raise InvalidInput.of(path.name, f"It is no TOML: {cause}.", "Mend the line named.") from cause
