"""A serving folder with a third language: every text of Spanish with ``qu:`` before it."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from riskscore.project import starter_dir

SERVING = starter_dir() / "serving"


def serving_with_quechua(folder: Path, more: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """Return a copy of the starter's folder with a file ``qu.toml``, which has the sections `more` too."""
    serving = folder / "serving"
    shutil.copytree(SERVING, serving)
    sections = tomllib.loads((serving / "words" / "es.toml").read_text("utf-8"))
    told = {name: {key: f"qu:{text}" for key, text in texts.items()} for name, texts in sections.items()}
    (serving / "words" / "qu.toml").write_text(toml(told | {"language": {"name": "Runa Simi"}} | (more or {})), "utf-8")
    return serving


def toml(sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return sections with texts as TOML; its texts are written like JSON's."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in texts.items())
        for name, texts in sections.items()
    )


class Heard(HTMLParser):
    """Every text of a page, also of its drawings and names that are only read aloud, and in which language."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input", "rect", "circle", "line"})
    SILENT = frozenset({"code", "script", "style"})
    #: Attributes that a person hears or reads.
    SAID = frozenset({"aria-label", "placeholder", "title"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.language = ""
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def in_language(self, language: str) -> set[str]:
        return {text for one, text in self.texts if one == language}

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        spoken = own.get("lang") or (self._open[-1][1] if self._open else "")
        self.language = self.language or spoken
        self.texts += [
            (spoken, value) for name, value in own.items() if value and (name in self.SAID or name.startswith("data-"))
        ]
        if tag not in self.VOID:
            self._open.append((tag, spoken))

    def handle_startendtag(self, tag, attributes):
        """Hold no text."""

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        text = " ".join(data.split())
        if text and self._open and not self.SILENT & {tag for tag, _ in self._open}:
            self.texts.append((self._open[-1][1], text))
