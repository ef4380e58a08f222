"""Files that hold what a person said in confidence: for their owner alone from the first byte on, and never half."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path


def write_private(texts: Mapping[Path, str]) -> None:
    """Write each text aside, then rename all; their folders are made."""
    aside = {path: path.with_name(f".{path.name}.{uuid.uuid4().hex}") for path in texts}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            with open(os.open(aside[path], flags, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        for path, made in aside.items():
            os.replace(made, path)
    finally:
        for made in aside.values():
            made.unlink(missing_ok=True)
