"""What is wrong with what was sent about a member, row by row: whose rows they are, what they name, what they say.

Types, choices and bounds of single values are the reader's to check. Here the rules of a whole portfolio
(`riskscore.portfolio.consistency`, `contradictions`) are asked about her record alone: what was sent, beside what is
loaded of her in the tables that hang together with it. A fault stands at a JSON pointer, such as
``facts/loans/3/amount``, and repeats no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.borrower import LEDGER, among, owner
from riskscore.portfolio.connection import text
from riskscore.portfolio.consistency import consistency_faults
from riskscore.portfolio.contradictions import contradiction_faults
from riskscore.portfolio.overlay import Overlay
from riskscore.portfolio.tables import TABLES

#: Where what was sent stands in a request.
ROOT = "facts"

#: Ids of somebody's, and what they are ids of: a row under such an id would be read as that person's.
_NAMED = ("loans", "applications")

#: What the portfolio's rules see of a group: whether a bank may decide on a request. What a group is, is not sent.
_OF_GROUPS = ("id", "parent_id")

_PLACES = re.compile(rf"{ROOT}/\w+/\d+")
_KEYS = re.compile(r" \((?:no )?id[^()]*\)")
_MORE = re.compile(r"and ([\d,]+) more\)")


def pointer(table: str, row: int, column: str) -> str:
    """Return where a value was sent."""
    return f"{ROOT}/{table}/{row}/{column}"


def record_faults(overlay: Overlay) -> list[Fault]:
    """Return every fault of what was sent, in the order of where they stand; to be asked before `Overlay.lay`."""
    faults = [*_of_others(overlay), *_taken(overlay), *_missing(overlay), *_guaranteed(overlay)]
    at = {fault.where for fault in faults}
    return sorted({*faults, *(fault for fault in _broken(overlay) if fault.where not in at)})


def group_ids(overlay: Overlay) -> dict[str, list[str]]:
    """Return every group that what was sent names and nothing that is loaded of her does, with where it is named."""
    found: dict[str, list[str]] = {}
    for table, frame in overlay.sent.items():
        for column in TABLES[table].columns:
            if column.references == "groups":
                for row, group in enumerate(frame[column.name].to_list()):
                    if group is not None:
                        found.setdefault(group, []).append(pointer(table, row, column.name))
    own = {
        row[0]
        for table in ("memberships", "loans", "applications")
        for row in overlay.read(f"SELECT DISTINCT group_id FROM {table} WHERE {overlay.hers(table)}").rows()
    }
    banks = overlay.read(f"SELECT DISTINCT parent_id FROM groups WHERE {among('id', {one for one in own if one})}")
    return {group: places for group, places in found.items() if group not in own | set(banks["parent_id"].to_list())}


def _of_others(overlay: Overlay) -> Iterator[Fault]:
    for table, frame in overlay.sent.items():
        column = owner(table)
        if column in ("id", "member_id"):
            others = frame[column].ne_missing(pl.Series([overlay.subject])).arg_true()
            for row in others.to_list():
                yield Fault(pointer(table, row, column), "This row is not of the subject.", "Send her own rows alone.")


def _taken(overlay: Overlay) -> Iterator[Fault]:
    for table in _NAMED:
        if table not in overlay.sent:
            continue
        ids = overlay.sent[table]["id"]
        theirs = overlay.read(
            f"SELECT DISTINCT id FROM {table} WHERE {among('id', set(ids.to_list()))} "
            f"AND member_id IS DISTINCT FROM {text(overlay.subject)}"
        )["id"]
        for row in ids.is_in(theirs.implode()).arg_true().to_list():
            yield Fault(pointer(table, row, "id"), "This id names another row already.", "Send the id it has of hers.")


def _missing(overlay: Overlay) -> Iterator[Fault]:
    if overlay.held("members").height:
        if "members" in overlay.sent and not overlay.sent["members"].height:
            yield Fault(f"{ROOT}/members", "This list is empty.", "Send her row, or leave the table out.")
        return
    for table in ("members", "memberships"):
        if table not in overlay.sent or not overlay.sent[table].height:
            what = "She is not in the portfolio, and no row of hers was sent here."
            yield Fault(f"{ROOT}/{table}", what, "Send her rows of members and of memberships.")


def _guaranteed(overlay: Overlay) -> Iterator[Fault]:
    """A guarantee may stand for a loan of somebody else: in her communal bank, or as it is loaded already."""
    if "guarantees" not in overlay.sent:
        return
    named = overlay.sent["guarantees"]["loan_id"]
    stays = {one for one in overlay.held("memberships")["group_id"].to_list() if one}
    if "memberships" in overlay.sent:
        stays |= set(overlay.sent["memberships"]["group_id"].to_list())
    near = overlay.read(
        f"SELECT DISTINCT id FROM loan_histories WHERE {among('id', set(named.drop_nulls().to_list()))} AND bank_id IN "
        f"(SELECT coalesce(parent_id, id) FROM groups WHERE {among('id', stays)}) "
        f"UNION SELECT loan_id FROM guarantees WHERE loan_id IS NOT NULL AND {overlay.hers('guarantees')}"
    )["id"].to_list()
    known = {*near, *overlay.loans}
    for row, loan in enumerate(named.to_list()):
        if loan is not None and loan not in known:
            what = "This names no loan of hers or of her communal bank."
            yield Fault(pointer("guarantees", row, "loan_id"), what, "Correct it, or send that loan too.")


def _broken(overlay: Overlay) -> Iterator[Fault]:
    """Ask the portfolio's rules, and say of each fault in which of the rows sent it lies."""
    frames = _frames(overlay)
    manifest = replace(overlay.manifest, data_date=date.max.replace(month=1))  # what is known later is not seen yet
    tables = {name: TABLES[name] for name in frames}
    for fault in (*consistency_faults(frames, tables, manifest), *contradiction_faults(frames)):
        table, _, column = fault.where.partition(".")
        places = _PLACES.findall(fault.what)
        if table not in overlay.sent:
            if places or table in LEDGER:
                what = "What is loaded of her in this table does not fit what was sent."
                yield Fault(f"{ROOT}/{table}", what, "Send this table too.")
            continue
        refused = " is refused (" in fault.what  # such a fault quotes what it refuses
        what = "This is never recorded for credit." if refused else _sentence(_KEYS.sub("", fault.what))
        more = _MORE.search(fault.what)
        for place in places:
            last = more is not None and place == places[-1]
            yield Fault(
                f"{place}/{column}", f"{what} So do {more[1]} rows more." if last and more else what, fault.remedy
            )


def _frames(overlay: Overlay) -> dict[str, pl.DataFrame]:
    """Return her record with a place for each id of hers, and of every other table the ids that it names."""
    whole = dict(overlay.sent)
    if LEDGER & set(whole):
        whole |= {name: overlay.held(name) for name in LEDGER if name not in whole}
    places = {
        name: {
            one: f"{ROOT if name in overlay.sent else 'loaded'}/{name}/{row}"
            for row, one in reversed(list(enumerate(frame["id"].to_list())))
        }
        for name, frame in whole.items()
    }
    frames: dict[str, pl.DataFrame] = {}
    named: dict[str, set[str]] = {}
    for name, frame in whole.items():
        changed = [pl.col("id").replace_strict(places[name], return_dtype=pl.String)]
        for column in TABLES[name].columns:
            if name == "guarantees" and column.name == "loan_id":  # see `_guaranteed`
                changed.append(pl.lit(None, pl.String).alias("loan_id"))
            elif column.references in places:
                own = places[column.references]
                changed.append(pl.col(column.name).replace(list(own), list(own.values())))
            elif column.references is not None:
                named.setdefault(column.references, set()).update(frame[column.name].drop_nulls().to_list())
        frames[name] = frame.with_columns(changed)
    for name, ids in named.items():
        columns = _OF_GROUPS if name == "groups" else ("id",)
        frames[name] = overlay.read(f"SELECT DISTINCT {', '.join(columns)} FROM {name} WHERE {among('id', ids)}")
    if "members" in named and not frames["members"].height:  # see `_missing`
        frames["members"] = pl.DataFrame({"id": [overlay.subject]})
    return frames


def _sentence(what: str) -> str:
    return f"This {what}" if what[:1].islower() else what
