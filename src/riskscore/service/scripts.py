"""Scripts as pages and files carry them: nobody there reads comments and indentation, and a slow line pays for both."""

from __future__ import annotations

from pathlib import Path


def scripts_of(folder: Path) -> dict[str, str]:
    """Return the scripts of a folder by name, without lines that are comments and without indentation."""
    return {file.stem: _as_sent(file.read_text("utf-8")) for file in sorted(folder.glob("*.js"))}


def _as_sent(script: str) -> str:
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
