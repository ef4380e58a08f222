"""`riskscore features --explain`: the rows behind a member's values at a moment, for her officer and for auditors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from riskscore.catalog.plain import subject_in_words, window_in_words
from riskscore.catalog.words import Language
from riskscore.cli import printing
from riskscore.cli.options import known_recipe
from riskscore.errors import InvalidInput
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.catalog.explain import Explanation, Unseen
    from riskscore.portfolio import Portfolio

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "{member} as of {moment}: what had happened before it and was on record by then",
        "request": "Request taken from application {id} of {moment}.",
        "no_request": "No application on record by then: fields of a request are missing.",
        "protected": "Protected traits are shown about nobody, and are left out: {count}.",
        "event_at": "happened",
        "known_at": "known",
        "rows": "{seen} rows",
        "row": "1 row",
        "of_others": "{seen} rows about {others} others, who are not named",
        "others": "{seen} other members, who are not named",
        "formula": "Computed from the request and from other features",
        "not_counted": "Not counted",
        "missing": "missing",
        "by": "by",
        "happened_later": "happened later",
        "known_later": "recorded later",
        "replaced": "replaced by a later version",
        "left_out": "of another kind than the source takes",
        "no_date": "without a date to count on",
        "ahead": "dated ahead of the moment",
        "after_window": "after the window",
        "before_window": "before the window",
        "own_bank": "of her own communal bank",
        "not_gathered": "without what the rows are gathered by",
        "not_newest": "older than the newest",
    },
    "es": {
        "title": "{member} al {moment}: lo que había ocurrido antes y constaba entonces",
        "request": "Solicitud tomada de {id}, del {moment}.",
        "no_request": "No constaba ninguna solicitud: faltan los datos que dependen de ella.",
        "protected": "Los rasgos protegidos no se muestran sobre nadie y quedan fuera: {count}.",
        "event_at": "ocurrió",
        "known_at": "constó",
        "rows": "{seen} filas",
        "row": "1 fila",
        "of_others": "{seen} filas sobre otras {others}, que no se nombran",
        "others": "otras {seen} socias, que no se nombran",
        "formula": "Calculado con la solicitud y con otras variables",
        "not_counted": "No contadas",
        "missing": "falta",
        "by": "por",
        "happened_later": "ocurridas después",
        "known_later": "registradas después",
        "replaced": "reemplazadas por una versión posterior",
        "left_out": "de otra clase que las que se toman",
        "no_date": "sin fecha para contar",
        "ahead": "con fecha posterior al momento",
        "after_window": "después de la ventana",
        "before_window": "antes de la ventana",
        "own_bank": "de su propio banco comunal",
        "not_gathered": "sin aquello por lo que se agrupan",
        "not_newest": "más antiguas que la última",
    },
}


def explain_member(
    definitions: Project,
    folder: Path,
    member: str,
    *,
    as_of: str | None,
    recipe: str | None,
    names: Sequence[str],
    language: Language,
    as_json: bool,
) -> None:
    """Print what stands behind a member's values: tables in a terminal, or JSON."""
    from riskscore.catalog.explain import explain
    from riskscore.portfolio import Portfolio

    portfolio = Portfolio.open(folder)
    moment, last = portfolio.moment(as_of), portfolio.moment(None)
    if moment > last:
        what = f"{moment.isoformat()} lies ahead of what the portfolio knows."
        raise InvalidInput.of("--as-of", what, f"Give {last.isoformat()} or earlier, or leave it out.")
    catalog = definitions.catalog()
    lock = catalog.lock()
    wanted = list(names) or (None if recipe is None else _of_recipe(definitions, recipe, lock))
    request = _request(portfolio, member, moment)
    with printing.step("rows behind the values"):
        found = explain(portfolio, catalog, member, moment, names=wanted, request=request)
    if as_json:
        print(json.dumps(_content(member, moment, request, found), ensure_ascii=False, indent=1, default=_plain))
        return
    words = _WORDS[language]
    _indented(Text(words["title"].format(member=member, moment=_shown(moment)), style="bold"), 0)
    if request:
        _indented(Text(words["request"].format(id=request["application_id"], moment=_shown(request["as_of"]))), 0)
    else:
        _indented(Text(words["no_request"]), 0)
    if wanted is None:
        _indented(Text(words["protected"].format(count=sum(feature.protected for feature in lock.features))), 0)
    together: dict[tuple[object, ...], list[Explanation]] = {}
    for one in found:
        together.setdefault(_shared(one), []).append(one)
    for block in together.values():
        _block(block, language)


def _of_recipe(definitions: Project, name: str, lock: Lock) -> list[str]:
    from riskscore.modelling.rows import columns_of

    return list(columns_of(known_recipe(definitions, name), lock).names)


def _request(portfolio: Portfolio, member: str, moment: datetime) -> dict[str, Any]:
    """Return the member's latest application on record at the moment, as it was first recorded; empty for none."""
    import polars as pl

    from riskscore.dataset.request import monthly_instalments
    from riskscore.dataset.spine import applications

    hers = applications(portfolio).filter(pl.col("member_id") == member, pl.col("as_of") <= moment).tail(1)
    rows = monthly_instalments(hers, portfolio.table("products")).to_dicts()
    return rows[0] if rows else {}


def _shared(one: Explanation) -> tuple[object, ...]:
    """Return what features share whose rows are the same, so that these are printed once."""
    feature = one.feature
    return (feature.subject, feature.source, feature.window, one.table, one.others)


def _block(found: list[Explanation], language: Language) -> None:
    """Print the rows that some features share, and each feature with what is read off them."""
    words, first = _WORDS[language], found[0]
    heading = Text("\n")
    if first.table:
        heading.append(first.feature.source, style="bold")
        table = "" if first.table == first.feature.source else f" ({first.table})"
        window = window_in_words(first.feature.window, language)
        clock = "" if first.feature.window == "standing()" else f", {words['by']} {first.clock}"
        heading.append(f"{table} · {subject_in_words(first.feature.subject, language)} · {window}{clock}")
    elif first.feature.step == 5:
        heading.append(words["formula"], style="bold")
    else:
        heading.append(words["others"].format(seen=first.seen), style="bold")
    _indented(heading, 0)
    if first.table:
        counted = "of_others" if first.others else "row" if first.seen == 1 else "rows"
        _indented(Text(words[counted].format(seen=first.seen, others=first.others)), 2)
    rows = _joined(one.rows for one in found)
    if rows:
        _indented(_table(rows, words), 2)
    for one in found:
        value = words["missing"] if one.value is None else _shown(one.value)
        _indented(Text.assemble((f"{one.feature.name} = {value}", "bold"), f"  {one.feature.title[language]}"), 2)
        for name, part in (one.parts or one.inputs).items():
            _indented(Text(f"{name} = {_shown(part)}", style="dim"), 6)
    if first.unseen:
        _indented(Text(f"{words['not_counted']}: {_unseen(first, words)}"), 2)


def _indented(content: RenderableType, spaces: int) -> None:
    printing.out.print(Padding(content, (0, 0, 0, spaces), expand=False), soft_wrap=False)


def _joined(parts: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return the same rows with the columns of all."""
    return [{name: value for row in rows for name, value in row.items()} for rows in zip(*parts, strict=True)]


def _table(rows: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> RenderableType:
    """Return the rows as a table; where the terminal is too narrow for it, as lines of name and value."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name in rows[0]:
        number = all(isinstance(row[name], (int, float, Decimal, type(None))) for row in rows)
        heading = words.get(name, name).replace("_", "_ ").replace(".", ". ")
        table.add_column(_broken(heading), overflow="fold", justify="right" if number else "left")
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row.values()))
    if Measurement.get(printing.out, printing.out.options, table).minimum <= printing.out.width - 2:
        return table
    lines = (" · ".join(f"{words.get(name, name)} {_shown(value)}" for name, value in row.items()) for row in rows)
    return Text("\n".join(f"- {line}" for line in lines))


def _broken(heading: str, width: int = 10) -> str:
    """Return a column's name on several lines, broken where its words are."""
    lines = [""]
    for word in heading.split(" "):
        if len(lines[-1]) + len(word) > width and lines[-1]:
            lines.append("")
        lines[-1] += word
    return "\n".join(lines)


def _unseen(one: Explanation, words: Mapping[str, str]) -> str:
    def told(entry: Unseen) -> str:
        beside = "" if entry.table == one.table else f" ({entry.table})"
        return f"{entry.rows} {words[entry.why]}{beside}"

    return ", ".join(told(entry) for entry in one.unseen)


def _shown(value: object) -> str:
    """Return a value as people read it in a terminal; JSON has every digit."""
    match value:
        case None:
            return "–"
        case bool():
            return str(value).lower()
        case datetime():
            return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
        case Decimal():
            return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"
        case float():
            return f"{value:.4f}".rstrip("0").rstrip(".")
        case _:
            return str(value)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _content(member: str, moment: datetime, request: Mapping[str, Any], found: Sequence[Explanation]) -> dict[str, Any]:
    return {
        "member": member,
        "as_of": moment,
        "request": {"application_id": request["application_id"], "as_of": request["as_of"]} if request else None,
        "features": [
            {
                "feature": one.feature.name,
                "title": {"es": one.feature.title.es, "en": one.feature.title.en},
                "value": one.value,
                "role": one.feature.role,
                "subject": one.feature.subject,
                "source": one.feature.source,
                "table": one.table,
                "clock": one.clock,
                "window": one.feature.window,
                "expression": one.feature.expression,
                "seen": one.seen,
                "others": one.others,
                "rows": one.rows,
                "parts": one.parts,
                "inputs": one.inputs,
                "not_counted": [{"table": e.table, "why": e.why, "rows": e.rows} for e in one.unseen],
            }
            for one in found
        ],
    }
