"""The pages of a meeting's files: each is one document that asks nobody for anything, under a policy of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from riskscore.service.committee_page import ceiling_line
from riskscore.service.content_policy import policy_of
from riskscore.service.full_page import FullPage, full_page
from riskscore.service.rules_page import RuleLine, rule_lines
from riskscore.service.scripts import scripts_of
from riskscore.service.sheet_page import SheetControls, sheet_page
from riskscore.words import Format, Words

#: A rule that does not hold, as `riskscore.service.rules_told` gives it.
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hers:
    """One member in the officer's file: her page, what other amounts (columns) and terms (rows) would do, and rules."""

    name: str
    page: FullPage | None
    amounts: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()
    rules: tuple[RuleLine, ...] = ()


class FilePages:
    """Renders the files of a meeting.

    Parameters
    ----------
    folder : Path
        ``pages/`` of the serving folder.
    environment : Environment
    words : mapping of str to Words
        By language.
    """

    def __init__(self, folder: Path, environment: Environment, words: Mapping[str, Words]) -> None:
        self._environment, self._words = environment, words
        self._css = (folder / "page.css").read_text("utf-8")
        self._scripts = scripts_of(folder / "files")

    def committee_file(
        self,
        sheet: Mapping[str, Any],
        states: Mapping[str, Mapping[str, Any]],
        first: date | None,
        country: str,
        language: str,
    ) -> str:
        """Return the committee's file; no decision in it is older than the day `first`."""
        words = self._words[language]
        form = words.form(country, sheet["currency"])
        page = sheet_page(sheet, words, form, SheetControls(committee=True))
        hidden = {score_id: enclosed(_told(state, words, form)) for score_id, state in states.items()}
        return self._file(
            "committee",
            language,
            page=page,
            states={one.score_id: hidden.get(one.score_id or "", "") for one in page.members},
            opened=not sheet["not_ready"],
            first="" if first is None else first.isoformat(),
            currency=sheet["currency"],
        )

    def officer_inside(
        self,
        bank_id: str,
        as_of: str,
        rules: Sequence[Told],
        members: Sequence[tuple[str, Any, Sequence[Mapping[str, Any]], Sequence[Told]]],
        language: str,
    ) -> str:
        """Return what lies inside the officer's file: the rules on the group that do not hold, and each member."""
        words = self._words[language]
        told, last = [], None
        for name, view, rows, hers in members:
            if view is None:
                told.append(Hers(name, None))
                continue
            last = words.form(view.country, view.currency)
            heads, lines = table(rows, words, last)
            told.append(Hers(name, full_page(view, words, last), heads, lines, rule_lines(hers, words, last)))
        form = last or words.form("", "")
        return self._environment.get_template("files/officer_inside.html").render(
            t=words,
            title=words("meeting.title", group=bank_id),
            as_of=words("page.as_of", date=form.last_day(as_of)),
            rules=rule_lines(rules, words, form),
            members=told,
        )

    def officer_file(self, sealed: Mapping[str, Any], language: str) -> str:
        """Return the officer's file around what was closed."""
        return self._file("officer", language, sealed=Markup(as_json(sealed)))  # noqa: S704 - base64 and a number

    def _file(self, name: str, language: str, **content: Any) -> str:
        script = self._scripts[name]
        return self._environment.get_template(f"files/{name}.html").render(
            t=self._words[language],
            language=language,
            css=Markup(self._css),  # noqa: S704 - our own files; escaping would break them
            script=Markup(script),  # noqa: S704
            policy=policy_of(self._css, [script], connect="'none'", form="'none'"),
            **content,
        )


def enclosed(text: str) -> str:
    """Return a text that is not read at a glance: base64, which is no lock."""
    return base64.b64encode(text.encode()).decode()


def table(
    rows: Sequence[Mapping[str, Any]], words: Words, form: Format
) -> tuple[tuple[str, ...], tuple[tuple[int, tuple[str, ...]], ...]]:
    """Return the heads and the rows of a table of amounts by terms."""
    amounts = sorted({row["amount"] for row in rows})
    terms = sorted({row["term_days"] for row in rows})
    cells = {(row["term_days"], row["amount"]): _cell(row, words, form) for row in rows}
    return (
        tuple(form.money(amount) for amount in amounts),
        tuple((term, tuple(cells.get((term, amount), "") for amount in amounts)) for term in terms),
    )


def _cell(row: Mapping[str, Any], words: Words, form: Format) -> str:
    state = words("file.cell_ready" if row["state"] == "ready" else "file.cell_talk")
    share = row["nii_post"]
    if share is None:
        return state
    of_100 = form.number(round(100 * share)) if share <= 1 else ">\u00a0100"
    return f"{state}, {of_100}"


def as_json(parts: Mapping[str, Any]) -> str:
    """Return JSON that may stand in a script of a page: nothing in it closes the script."""
    return json.dumps(parts).replace("<", "\\u003c")


def _told(state: Mapping[str, Any], words: Words, form: Format) -> str:
    """Return as JSON what a state says, whether it is ready, and its ceiling: a decision may go against the two.

    Without names, as there are 30 of it in a file for a phone.
    """
    ready = state["state"] == "ready"
    name = words("state.ready" if ready else "state.talk")
    said = f"{name}. {ceiling_line(state['ceiling'], words, form)}"
    return json.dumps([said, ready, state["ceiling"]], ensure_ascii=False, separators=(",", ":"))
