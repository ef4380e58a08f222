"""One self-contained page: templates, words and style of ``serving/reports``, and no asset from elsewhere."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from riskscore import __version__
from riskscore.errors import InvalidInput
from riskscore.project import starter_dir
from riskscore.words import LANGUAGES, Words, load_all


class Reports:
    """Renders reports in one language.

    Parameters
    ----------
    folder : Path
        Holds the templates, ``report.css`` and ``words/``; a text that its words do not have yet is the starter's.
    language : {"es", "en"}

    Raises
    ------
    InvalidInput
        For a language that is not spoken, a text missing in one, or a style that cannot be read.
    """

    def __init__(self, folder: Path, language: str) -> None:
        if language not in LANGUAGES:
            raise InvalidInput.of("language", f"{language!r} is not spoken.", f"Use one of {', '.join(LANGUAGES)}.")
        self.words: Words = load_all(folder / "words", starter_dir() / "serving" / "reports" / "words")[language]
        self._folder = folder
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, **content: Any) -> str:
        """Return the page of `template`; `InvalidInput` where an edited file cannot be filled in."""
        try:
            style = Markup((self._folder / "report.css").read_text("utf-8"))  # noqa: S704 - our own file
            page = self._environment.get_template(template)
            return page.render(t=self.words, language=self.words.language, css=style, version=__version__, **content)
        except (OSError, TemplateError) as error:
            what = f"{template} cannot be filled in ({type(error).__name__}: {error})."
            raise InvalidInput.of(str(self._folder), what, "Restore the folder from `riskscore init DIR`.") from error


def write_page(page: str, out: Path) -> None:
    """Write a page aside and rename it, so that nobody opens half of one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    try:
        aside.write_text(page, "utf-8")
        os.replace(aside, out)
    finally:
        aside.unlink(missing_ok=True)
