"""The pages: templates and words of the ``serving/`` folder, filled with what the serialiser let through.

No asset from elsewhere: one HTML document with its style and its scripts inside, which the content policy names by
hash. Every page says what it has to say without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from riskscore.project import starter_dir
from riskscore.service.access import Role
from riskscore.service.application_page import application_page
from riskscore.service.association_page import association_page
from riskscore.service.committee_page import committee_page
from riskscore.service.content_policy import policy_of
from riskscore.service.controls import Controls
from riskscore.service.elapsed import ago
from riskscore.service.entered import Entered
from riskscore.service.file_pages import FilePages
from riskscore.service.full_page import full_page
from riskscore.service.languages import choose_language, load_languages
from riskscore.service.problem import Problem
from riskscore.service.roles import RIGHTS, Right
from riskscore.service.scripts import scripts_of
from riskscore.service.serializer import View
from riskscore.service.sessions import Session
from riskscore.service.sheet_page import SheetControls, sheet_page
from riskscore.words import InSpanish, Words

#: Pages that are no answer to a link, each with the right that opens it; its name is in the words.
_NAVIGATION: tuple[tuple[str, Right], ...] = (("/officer", "list"), ("/models", "models"), ("/trail", "trail"))

#: Where a page has room for the button that ends its session. Nothing that is filled in can look like it.
_WAY_OUT = "<!-- way out -->"


class Pages:
    """Renders pages.

    Parameters
    ----------
    serving_dir : Path
        Holds ``pages/`` and ``words/``; a text that its Spanish and English do not have yet is the starter's.

    Raises
    ------
    InvalidInput
        If a text is missing in a language, or has a place that nothing fills.
    """

    def __init__(self, serving_dir: Path) -> None:
        self._words = load_languages(serving_dir / "words", starter_dir() / "serving" / "words")
        self._environment = Environment(
            loader=FileSystemLoader(serving_dir / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["lang"] = lang
        css = (serving_dir / "pages" / "page.css").read_text("utf-8")
        scripts = scripts_of(serving_dir / "pages")
        # Our own files; escaping would break them.
        self._css = Markup(css)  # noqa: S704
        self._scripts = {name: Markup(text) for name, text in scripts.items()}  # noqa: S704
        self.content_policy = f"{policy_of(css, scripts.values())}; frame-ancestors 'none'"
        self.files = FilePages(serving_dir / "pages", self._environment, self._words)

    def score(self, view: View, language: str, controls: Controls | None = None) -> str:
        """Return the page of a score: the committee's, or the whole with what its viewer may do there."""
        words = self._words[language]
        form, allowed = words.form(view.country, view.currency), controls or Controls()
        if view.audience == "committee":
            page = committee_page(view.content, words, form)
            return self._render("committee.html", language, page=page, controls=allowed)
        whole = full_page(view, words, form, allowed.tried)
        # A page that a token asked for leads nowhere: its reader has no session that the next page would open by.
        rights = allowed.rights if allowed.word else ()
        return self._render("score.html", language, rights=rights, page=whole, controls=allowed)

    def application(self, language: str, controls: Controls, context: Mapping[str, Any], **clock: Any) -> str:
        """Return the form of an application; `context` tells what is on offer (`riskscore.service.desk.Desk`).

        What else it needs to know is what time it is: see `riskscore.service.application_page.application_page`.
        """
        words = self._words[language]
        form = words.form(context["country"], context["currency"])
        page = application_page(context.get("products", ()), controls.refilled, words, form, **clock)
        return self._render("application.html", language, rights=controls.rights, page=page, controls=controls)

    def association(self, view: Mapping[str, Any], context: Mapping[str, Any], language: str) -> str:
        """Return the page of an association's score, as far as the viewer may see it."""
        words = self._words[language]
        form = words.form(context["country"], context["currency"])
        return self._render("association.html", language, page=association_page(view, words, form))

    def meeting(
        self, sheet: Mapping[str, Any], country: str, controls: SheetControls, entered: Entered | None, language: str
    ) -> str:
        """Return the page of a group's meeting, of `riskscore.service.sheet.sheet`."""
        words = self._words[language]
        page = sheet_page(sheet, words, words.form(country, sheet["currency"]), controls, entered)
        rights = RIGHTS["officer"] if controls.officer else frozenset()
        return self._render("group.html", language, rights=rights, page=page, controls=controls)

    def built(
        self, template: str, language: str, build: Callable[[Words], object], *, role: Role, **content: object
    ) -> str:
        """Return a page whose content `build` makes of the language's words; the template calls it ``page``."""
        return self._render(template, language, rights=RIGHTS[role], page=build(self._words[language]), **content)

    def notice(
        self, language: str, role: Role | None = None, ways: Callable[[Words], Sequence[tuple[str, str]]] | None = None
    ) -> str:
        """Return the page that says what this is; for a person who is signed in it is the first one, and leads on."""
        rights = () if role is None else RIGHTS[role]
        leads = () if ways is None else ways(self._words[language])
        return self._render("notice.html", language, rights=rights, role=role, ways=leads)

    def problem(self, problem: Problem, language: str) -> str:
        """Return the page of an error, for people."""
        words = self._words[language]
        names = (problem.reason, str(int(problem.status)), "other")
        key = next(name for name in names if f"problem.{name}" in words.texts)
        return self._render(
            "problem.html", language, heading=words(f"problem.{key}"), text=words(f"problem.{key}_text")
        )

    def login(self, language: str, *, word: str, target: str, provider: str | None, trouble: str | None) -> str:
        """Return the form by which a person signs in; where `provider` names one, with the way to its own page."""
        return self._render("login.html", language, word=word, target=target, provider=provider, trouble=trouble)

    def sessions(self, language: str, listed: Sequence[Session], this: str | None, *, word: str, role: Role) -> str:
        """Return the list of a person's open sessions; the one named `this` is marked."""
        words, moment = self._words[language], datetime.now(UTC)
        rows = [
            {
                "session_id": one.session_id,
                "this": one.session_id == this,
                "opened": ago(datetime.fromisoformat(one.opened_at), moment, words),
                "used": ago(datetime.fromisoformat(one.seen_at), moment, words),
            }
            for one in listed
        ]
        rights = RIGHTS[role] if word else ()  # a page that a token asked for leads nowhere
        return self._render("sessions.html", language, rights=rights, sessions=rows, word=word)

    def with_way_out(self, html: str, word: str, language: str) -> str:
        """Return a page with the button that ends its session, where `word` says that there is one.

        Every page leaves by this one door, so that none can be without.
        """
        way_out = self._render("way_out.html", language, word=word) if word else ""
        return html.replace(_WAY_OUT, way_out, 1)

    def onward(self, target: str, language: str) -> str:
        """Return a page that leads on to `target` at once."""
        return self._render("onward.html", language, target=target)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages spoken: Spanish, English, and every other one that there are words of."""
        return tuple(self._words)

    def language(self, asked: str | None, kept: str | None, accepted: str | None) -> str:
        """Return the language to speak; see `riskscore.service.languages.choose_language`."""
        return choose_language(self.languages, asked, kept, accepted)

    def _render(self, template: str, language: str, *, rights: Collection[str] = (), **content: Any) -> str:
        others = [(code, words("language.name")) for code, words in self._words.items() if code != language]
        return self._environment.get_template(template).render(
            t=self._words[language],
            nav=[(address, right) for address, right in _NAVIGATION if right in rights],
            language=language,
            others=others,
            css=self._css,
            scripts=self._scripts,
            **content,
        )


def lang(text: str) -> Markup:
    """Return the attribute that says that a text is Spanish on a page of another language: the filter ``lang``."""
    return Markup(' lang="es"') if isinstance(text, InSpanish) else Markup()
