"""The oracle: the same declarations evaluated in plain Python, one member at one moment, with no thought of speed.

It shares nothing with the compiler but the declarations and their parser. Property tests hold every engine against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlglot import exp

from riskscore.catalog.declare import Feature, FeatureSet, Source
from riskscore.catalog.expressions import AGGREGATES, parsed
from riskscore.catalog.folder import Declared
from riskscore.catalog.formulas import in_levels
from riskscore.catalog.oracle_expressions import Row, as_number, over_row, over_rows
from riskscore.catalog.relations import relations
from riskscore.catalog.windows import Window

Tables = Mapping[str, Sequence[Row]]


def oracle_values(declared: Declared, tables: Tables, member_id: str, as_of: datetime) -> dict[str, float | None]:
    """Evaluate every feature that needs no request.

    Parameters
    ----------
    declared : Declared
    tables : mapping of str to sequence of mapping
        The rows of each relation, ``known_until`` included; *placements* is not needed.
    member_id : str
    as_of : datetime
    """
    values = _own_values(declared, tables, member_id, as_of)
    for _, one in declared.peers:
        place = _place(tables, member_id, as_of).get(one.peers)
        others = sorted(_members_of(tables, one.peers, place, as_of) - {member_id})
        rows = [_own_values(declared, tables, other, as_of) for other in others]
        for name, feature in one.features.items():
            found = over_rows(parsed(feature.expression), rows, {"as_of": as_of}) if rows else None
            values[name] = as_number(found)
    return values


def oracle_formulas(declared: Declared, row: Row) -> dict[str, float | None]:
    """Evaluate every formula over one row of features and request fields."""
    expressions = {name: f.expression for _, one in declared.formulas for name, f in one.features.items()}
    values = dict(row)
    for level in in_levels(expressions):
        for name in level:
            values[name] = as_number(over_row(parsed(expressions[name]), values))
    return {name: values[name] for name in expressions}


def visible(rows: Iterable[Row], as_of: datetime) -> list[Row]:
    """Return the rows that had happened before the moment, were known by then, and still stood."""
    return [
        row
        for row in rows
        if row["event_at"] < as_of
        and row["known_at"] <= as_of
        and (row["known_until"] is None or as_of < row["known_until"])
    ]


def _own_values(declared: Declared, tables: Tables, member_id: str, as_of: datetime) -> dict[str, float | None]:
    place = _place(tables, member_id, as_of)
    values: dict[str, float | None] = {}
    for _, one in declared.sets:
        for name, feature in one.features.items():
            values[name] = as_number(_value(one, feature, tables, place, as_of))
    return values


def _value(one: type[FeatureSet], feature: Feature, tables: Tables, place: Mapping[str, str], as_of: datetime) -> Any:
    source, window = one.source, feature.window
    if source is None or window is None:
        raise ValueError("The oracle evaluates declarations that were checked.")
    subject = place.get(one.subject)
    if subject is None and one.subject != "institution":
        return None
    rows = [
        row
        for row in _rows(source, tables, as_of)
        if (one.subject == "institution" or row[source.keys[one.subject]] == subject)
        and not (source.leave_out and row[source.leave_out] == place.get("bank"))
        and _within(row, window, source, tables, place["member"], as_of)
    ]
    if not rows:
        return None
    tree = parsed(feature.expression)
    if window.kind == "latest":
        return over_row(tree, max(rows, key=lambda row: (row["event_at"], row["known_at"], row["id"])))
    if one.by:
        return _over_gatherings(tree.copy(), one.by, rows, as_of)
    return over_rows(tree, rows, {"as_of": as_of})


def _over_gatherings(tree: exp.Expr, by: str, rows: Sequence[Row], as_of: datetime) -> Any:
    """Aggregate the rows that share a column, then the gatherings."""
    gatherings: dict[Any, list[Row]] = {}
    for row in rows:
        if row[by] is not None:
            gatherings.setdefault(row[by], []).append(row)
    if not gatherings:
        return None
    root = exp.Paren(this=tree)
    inner: dict[str, exp.Expr] = {}
    for node in list(root.find_all(*AGGREGATES)):
        if node.find_ancestor(*AGGREGATES):
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            name = f"inner_{len(inner)}"
            inner[name] = whole.copy()
            whole.replace(exp.column(name))
    outside = {"as_of": as_of}
    made = [
        {**outside, **{name: over_rows(one, some, outside) for name, one in inner.items()}}
        for some in gatherings.values()
    ]
    return over_rows(root, made, outside)


def _rows(source: Source, tables: Tables, as_of: datetime) -> list[dict[str, Any]]:
    """Return the source's rows as known at the moment, with lookups beside them and derived columns."""
    table = _placements(tables, as_of) if source.table == "placements" else visible(tables[source.table], as_of)
    rows: list[dict[str, Any]] = [{**row, "as_of": as_of} for row in table]
    if source.where:
        rows = [row for row in rows if over_row(parsed(source.where), row) is True]
    for alias, lookup in source.lookups.items():
        others = _placements(tables, as_of) if lookup.table == "placements" else visible(tables[lookup.table], as_of)
        named = [f"{alias}.{column}" for column in relations()[lookup.table]]
        joined: list[dict[str, Any]] = []
        for row in rows:
            beside = [{**row, **{f"{alias}.{key}": value for key, value in other.items()}} for other in others]
            matches = [
                pair
                for pair in beside
                if (
                    pair[lookup.on] is not None and pair[lookup.on] == pair[f"{alias}.id"]
                    if lookup.on
                    else over_row(parsed(lookup.where), pair) is True
                )
            ]
            joined += matches or [{**row, **dict.fromkeys(named, None)}]
        rows = joined
    for row in rows:
        row.update({name: over_row(parsed(text), row) for name, text in source.columns.items()})
    return rows


def _within(row: Row, window: Window, source: Source, tables: Tables, member_id: str, as_of: datetime) -> bool:
    if window.kind == "standing":
        return True
    clock = row[source.clock]
    if clock is None or _instant(clock) >= as_of - timedelta(days=window.ends or 0):
        return False
    if window.kind == "cycles":
        days = sorted(
            {loan["disbursed_on"] for loan in visible(tables["loans"], as_of) if loan["member_id"] == member_id},
            reverse=True,
        )
        began = row[source.cycle] if source.cycle else _instant(clock).date()
        return bool(days) and began is not None and began >= days[: window.count][-1]
    return window.begins is None or _instant(clock) >= as_of - timedelta(days=window.begins)


def _instant(clock: date) -> datetime:
    return clock if isinstance(clock, datetime) else datetime(clock.year, clock.month, clock.day)


def _placements(tables: Tables, as_of: datetime) -> list[Row]:
    groups = {group["id"]: group for group in visible(tables["groups"], as_of)}
    return [
        {
            **stay,
            "bank_id": groups[stay["group_id"]]["parent_id"] or stay["group_id"],
            "event_at": max(stay["event_at"], groups[stay["group_id"]]["event_at"]),
            "known_at": max(stay["known_at"], groups[stay["group_id"]]["known_at"]),
        }
        for stay in visible(tables["memberships"], as_of)
        if stay["group_id"] in groups
    ]


def _here(tables: Tables, as_of: datetime) -> list[Row]:
    """Return the placements that hold on the day of the moment."""
    day = as_of.date()
    return [
        stay
        for stay in _placements(tables, as_of)
        if stay["valid_from"] <= day and (stay["valid_to"] is None or day < stay["valid_to"])
    ]


def _place(tables: Tables, member_id: str, as_of: datetime) -> dict[str, str]:
    stays = [stay for stay in _here(tables, as_of) if stay["member_id"] == member_id]
    place: dict[str, str | None] = {"member": member_id}
    if stays:
        home = max(stays, key=lambda stay: (stay["valid_from"], stay["event_at"], stay["known_at"], stay["id"]))
        place |= {"group": home["group_id"], "bank": home["bank_id"]}
    bank = _one(tables["groups"], place.get("bank"), as_of)
    member = _one(tables["members"], member_id, as_of)
    branch_id = bank.get("branch_id") or member.get("branch_id")
    place |= {
        "organisation": bank.get("id") if bank.get("kind") == "producer_association" else None,
        "officer": bank.get("officer_id"),
        "branch": branch_id,
        "region": _one(tables["branches"], branch_id, as_of).get("region"),
        "sector": member.get("sector_id") or bank.get("sector_id"),
    }
    return {subject: name for subject, name in place.items() if name is not None}


def _one(rows: Sequence[Row], name: str | None, as_of: datetime) -> Row:
    """Return the version of a fact that stands at the moment; without columns where there is none."""
    return next((row for row in visible(rows, as_of) if row["id"] == name), {})


def _members_of(tables: Tables, circle: str, place: str | None, as_of: datetime) -> set[str]:
    return {stay["member_id"] for stay in _here(tables, as_of) if stay[f"{circle}_id"] == place}
