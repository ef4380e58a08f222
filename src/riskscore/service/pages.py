"""The pages: templates and words of the ``serving/`` folder, filled with what the serialiser let through.

No asset from elsewhere: one HTML document with its style and its scripts inside, which the content policy names by
hash. Every page says what it has to say without a script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from riskscore.project import starter_dir
from riskscore.service.access import Role
from riskscore.service.committee_page import committee_page
from riskscore.service.full_page import full_page
from riskscore.service.problem import Problem
from riskscore.service.roles import RIGHTS, Right
from riskscore.service.serializer import View
from riskscore.words import Format, Words, choose_language, load_all

#: Pages that are no answer to a link, each with the right that opens it; its name is in the words.
_NAVIGATION: tuple[tuple[str, Right], ...] = (("/officer", "list"), ("/models", "models"), ("/trail", "trail"))


class Pages:
    """Renders pages.

    Parameters
    ----------
    serving_dir : Path
        Holds ``pages/`` and ``words/``; a text that its words do not have yet is the starter's.

    Raises
    ------
    InvalidInput
        If a text is missing in a language, or has a place that nothing fills.
    """

    def __init__(self, serving_dir: Path) -> None:
        self._words = load_all(serving_dir / "words", starter_dir() / "serving" / "words")
        self._environment = Environment(
            loader=FileSystemLoader(serving_dir / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        css = (serving_dir / "pages" / "page.css").read_text("utf-8")
        scripts = {file.stem: file.read_text("utf-8") for file in sorted((serving_dir / "pages").glob("*.js"))}
        # Our own files; escaping would break them.
        self._css = Markup(css)  # noqa: S704
        self._scripts = {name: Markup(text) for name, text in scripts.items()}  # noqa: S704
        run = f"script-src {' '.join(_hash(text) for text in scripts.values())}; " if scripts else ""
        self.content_policy = (
            f"default-src 'none'; style-src {_hash(css)}; {run}connect-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def score(self, view: View, language: str) -> str:
        """Return the page of a score: the committee's, or the whole."""
        words = self._words[language]
        form = Format(language, view.country, view.currency)
        if view.audience == "committee":
            return self._render("committee.html", language, page=committee_page(view.content, words, form))
        return self._render("score.html", language, page=full_page(view, words, form))

    def built(
        self, template: str, language: str, build: Callable[[Words], object], *, role: Role, **content: object
    ) -> str:
        """Return a page whose content `build` makes of the language's words; the template calls it ``page``."""
        return self._render(template, language, role=role, page=build(self._words[language]), **content)

    def notice(self, language: str) -> str:
        """Return the page that says what this is, to be read before anything is scored."""
        return self._render("notice.html", language)

    def problem(self, problem: Problem, language: str) -> str:
        """Return the page of an error, for people."""
        words = self._words[language]
        status = str(int(problem.status))
        key = status if f"problem.{status}" in words.texts else "other"
        return self._render(
            "problem.html", language, heading=words(f"problem.{key}"), text=words(f"problem.{key}_text")
        )

    def onward(self, target: str, language: str) -> str:
        """Return a page that leads on to `target` at once."""
        return self._render("onward.html", language, target=target)

    @staticmethod
    def language(asked: str | None, kept: str | None, accepted: str | None) -> str:
        """Return the language to speak; see `riskscore.words.choose_language`."""
        return choose_language(asked, kept, accepted)

    def _render(self, template: str, language: str, *, role: Role | None = None, **content: Any) -> str:
        other = "en" if language == "es" else "es"
        rights = RIGHTS[role] if role else frozenset()
        return self._environment.get_template(template).render(
            t=self._words[language],
            nav=[(address, right) for address, right in _NAVIGATION if right in rights],
            language=language,
            other_language=other,
            css=self._css,
            scripts=self._scripts,
            **content,
        )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
