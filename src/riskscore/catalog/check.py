"""Check a folder of declarations as a whole, and report every fault of it at once.

What can be read from the text is read from the text; then each expression is bound once against empty DuckDB tables,
which finds a wrong type that no reading would.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from riskscore.catalog.check_source import first_line, offered, readable, source_faults
from riskscore.catalog.compile import flat, innermost
from riskscore.catalog.declare import RISKS, SUBJECTS, Feature, FeatureSet, Source
from riskscore.catalog.expressions import did_you_mean, parse
from riskscore.catalog.folder import Declared
from riskscore.catalog.formulas import circle_of, formula_faults
from riskscore.catalog.protected import protected_faults
from riskscore.catalog.relations import REQUEST, relations
from riskscore.catalog.windows import Window
from riskscore.catalog.words import LANGUAGES, UNITS, Reason, stray_places
from riskscore.errors import Fault

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"R\d\d")
_NUMERIC = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)|DOUBLE|FLOAT|BOOLEAN)")
_RESERVED = {"as_of", "moment_id", "place", "in", "row", "gathered", *(f"{one}_id" for one in SUBJECTS), *REQUEST}


@dataclass(frozen=True, slots=True)
class Placed:
    """A feature with the place of its declaration, for faults."""

    where: str
    name: str
    feature: Feature


def faults_of(declared: Declared) -> list[Fault]:
    """Return every fault of the declarations, in the order of the files."""
    known = relations(declared.tables)
    sets = [Placed(f"{w}.{n}", n, f) for w, s in declared.sets for n, f in s.features.items()]
    peers = [Placed(f"{w}.{n}", n, f) for w, s in declared.peers for n, f in s.features.items()]
    formulas = [Placed(f"{w}.{n}", n, f) for w, s in declared.formulas for n, f in s.features.items()]
    faults: list[Fault] = []
    for placed in (*sets, *peers, *formulas):
        faults += _plain(placed)
    faults += _repeated(declared, (*sets, *peers, *formulas))
    with duckdb.connect() as con:
        for name, columns in known.items():
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
        sound: dict[int, set[str]] = {}
        for where, source in _sources(declared):
            found = source_faults(where, source, known, con)
            faults += found
            if not found:
                sound[id(source)] = offered(source, known)
        for where, one in declared.sets:
            if one.source is None:
                faults.append(Fault(where, "It names no source.", "Write class Name(FeatureSet, source=..., ...)."))
                continue
            faults += _set_options(where, one, one.source)
            if one.by and id(one.source) in sound and one.by not in sound[id(one.source)] - {"as_of"}:
                faults.append(
                    Fault(where, f"There is no column {one.by!r}.", did_you_mean(one.by, sound[id(one.source)]))
                )
                continue
            for name, feature in one.features.items():
                placed = Placed(f"{where}.{name}", name, feature)
                faults += _windowed(placed, one)
                if id(one.source) in sound:
                    row_wise = feature.window is not None and feature.window.kind == "latest"
                    view = f"rows_{id(one.source)}"
                    levels = 0 if row_wise else 2 if one.by else 1
                    faults += _expression(placed, sound[id(one.source)], view, con, aggregates=levels, by=one.by)
        faults += _peers(declared, con)
        faults += _formulas(declared, con)
    return [*faults, *protected_faults(declared)]


def _sources(declared: Declared) -> Iterator[tuple[str, Source]]:
    """Yield every source once: those of module level, and those that only a class names."""
    seen: set[int] = set()
    of_classes = ((where, one.source) for where, one in declared.sets if one.source is not None)
    for where, source in (*declared.sources, *of_classes):
        if id(source) not in seen:
            seen.add(id(source))
            yield where, source


def _plain(placed: Placed) -> Iterator[Fault]:
    """Faults that need no tables: the name, the direction, the words."""
    feature = placed.feature
    if not _NAME.fullmatch(placed.name) or placed.name in _RESERVED:
        yield Fault(placed.where, "The name is taken, or not in lower case.", "Choose another, such as late_share_90d.")
    if feature.risk not in RISKS:
        yield Fault(placed.where, f"risk={feature.risk!r} is no direction.", did_you_mean(feature.risk, RISKS))
    if feature.protected and feature.fact:
        yield Fault(placed.where, "It is both protected and a fact.", "Keep protected=True alone.")
    if feature.es or feature.en:
        for language in LANGUAGES:
            if not getattr(feature, language).strip():
                yield Fault(placed.where, f"The title has no text in {language!r}.", f'Add {language}="...".')
    if feature.concept and (feature.reason is not None or feature.protected or feature.fact):
        what = "It has a concept, and speaks for itself or is no predictor."
        yield Fault(placed.where, what, "Keep either the reason or the concept; leave both out of what no model reads.")
    if feature.concept and not _CODE.fullmatch(feature.concept):
        yield Fault(placed.where, f"The concept {feature.concept!r} is not R and two digits.", 'Write concept="R01".')
    if feature.reason is not None:
        yield from _reason(placed.where, feature.reason)
        yield from _bounds(placed.where, feature.reason, feature.risk)


def _reason(where: str, reason: Reason) -> Iterator[Fault]:
    if not _CODE.fullmatch(reason.code):
        yield Fault(where, f"The reason's code {reason.code!r} is not R and two digits.", 'Write code="R01".')
    if reason.unit not in UNITS:
        yield Fault(where, f"The reason's unit is {reason.unit!r}.", did_you_mean(reason.unit, UNITS))
    for language in LANGUAGES:
        text = getattr(reason, language)
        if not text.strip():
            yield Fault(where, f"The reason has no text in {language!r}.", f'Add {language}="..." to the Reason.')
        if len(text.split()) > 20:
            yield Fault(where, f"The reason in {language!r} has more than 20 words.", "Say it shorter.")
        for place in stray_places(text):
            yield Fault(where, f"The reason in {language!r} holds {place}.", "Write {value} or {one|many}.")


def _bounds(where: str, reason: Reason, risk: str) -> Iterator[Fault]:
    bounds = [("at_least", reason.at_least), ("at_most", reason.at_most)]
    wrong = [name for name, bound in bounds if bound is not None and not _is_number(bound)]
    for name in wrong:
        yield Fault(where, f"The reason's {name} is no number.", f"Write {name}=1, in the feature's unit.")
    if wrong:
        return
    if reason.at_least is not None and reason.at_most is not None and reason.at_least > reason.at_most:
        what = f"The reason is shown for no value: none is at least {reason.at_least} and at most {reason.at_most}."
        yield Fault(where, what, "Swap the two.")
    if risk == "free" and reason.at_least is None and reason.at_most is None:
        what = "The direction is free, so the reason would be given for low values and for high ones."
        yield Fault(where, what, "Say for which it is true: at_least=1, at_most=0, ...")
    if reason.unit in ("fall", "fall_of_100") and (reason.at_most is None or reason.at_most >= 0):
        yield Fault(where, "The reason tells of a fall, and would be given for a rise.", "Add at_most=-0.005.")


def _is_number(bound: object) -> bool:
    return isinstance(bound, int | float) and not isinstance(bound, bool) and math.isfinite(bound)


def _repeated(declared: Declared, placed: Iterable[Placed]) -> Iterator[Fault]:
    for where, cls in declared.classes:
        for name in cls.repeated:
            yield Fault(f"{where}.{name}", "The class declares this name twice.", "Rename one of them.")
    counts = Counter(one.name for one in placed)
    for one in placed:
        if counts[one.name] > 1:
            others = ", ".join(other.where for other in placed if other.name == one.name and other is not one)
            yield Fault(one.where, f"The name is also declared by {others}.", "Rename one of them.")


def _set_options(where: str, one: type[FeatureSet], source: Source) -> Iterator[Fault]:
    if one.subject not in SUBJECTS:
        yield Fault(where, f"subject={one.subject!r} is no subject.", did_you_mean(one.subject, SUBJECTS))
    elif one.subject not in source.keys:
        what = f"The source {source.name!r} has no key for {one.subject!r}."
        yield Fault(where, what, "Add it to the source's keys.")
    elif source.leave_out and one.subject in ("member", "group", "bank"):
        what = f"A {one.subject} has no rows but those of her own communal bank, which the source leaves out."
        yield Fault(where, what, "Use a source without leave_out.")
    if not one.family:
        yield Fault(where, "It has no family.", 'Write family="repayment", "group", "capacity", ...')


def _windowed(placed: Placed, one: type[FeatureSet]) -> Iterator[Fault]:
    window = placed.feature.window
    if window is None:
        yield Fault(placed.where, "It has no window.", "Add window=days(n), cycles(n), latest(), ever() or standing().")
        return
    yield from _lengths(placed.where, window)
    if window.kind == "cycles" and one.subject != "member":
        yield Fault(placed.where, f"A {one.subject} has no cycles of its own.", "Use days(n).")
    if window.kind == "latest" and one.source and any(lookup.where for lookup in one.source.lookups.values()):
        yield Fault(placed.where, "The newest row may stand beside several rows of a lookup.", "Use an aggregate.")
    if window.kind == "latest" and one.by:
        yield Fault(placed.where, "The newest row is one row, and nothing to gather.", "Use an aggregate.")


def _lengths(where: str, window: Window) -> Iterator[Fault]:
    """Faults of how far a window goes back: whole days or cycles, and the bounds of the newest row in days."""
    bounds = [bound for bound in (window.max_age, window.ago) if bound is not None]
    if not all(isinstance(bound, Window) and bound.kind == "days" for bound in bounds):
        yield Fault(where, f"The window {window} is not in days.", "Write latest(max_age=days(n), ago=days(n)).")
        return
    counts = [bound.count for bound in bounds]
    if window.kind in ("days", "cycles"):
        counts.append(window.count)
    whole = [count for count in counts if type(count) is int]  # True is no number of days
    if len(whole) < len(counts):
        yield Fault(where, f"The window {window} is no whole number.", "Count one or more days or cycles.")
    elif any(count < 1 for count in whole):
        yield Fault(where, f"The window {window} is empty.", "Count one or more days or cycles.")
    elif window.begins is not None and window.ends is not None and window.ends >= window.begins:
        yield Fault(where, f"The window {window} ends before it begins.", "Let ago be days, fewer than its age.")


def _expression(
    placed: Placed,
    columns: set[str],
    view: str,
    con: duckdb.DuckDBPyConnection,
    *,
    aggregates: int,
    by: str = "",
) -> list[Fault]:
    """Faults of an expression: as text, then as DuckDB binds it over `view`, layer by layer."""
    found = list(readable(placed.where, placed.feature.expression, columns, aggregates=aggregates))
    if found:
        return found
    tree = exp.Paren(this=flat(parse(placed.feature.expression)))
    grouping = " GROUP BY as_of" if aggregates else ""
    try:
        if by:
            found += _double_sums(placed, innermost(tree), con, view)
            layer: dict[str, str] = {}
            for node in innermost(tree):
                whole = node.parent if isinstance(node.parent, exp.Filter) else node
                whole.replace(exp.column(layer.setdefault(whole.sql("duckdb"), f"a{len(layer)}")))
            items = "".join(f", {sql} AS {slot}" for sql, slot in layer.items())
            view = f"(SELECT as_of{items} FROM {view} GROUP BY as_of, {by.replace('.', '__')})"
        found += _double_sums(placed, list(tree.find_all(exp.Sum)), con, view)
        kind = _types(con, f"SELECT {tree.this.sql('duckdb')} FROM {view}{grouping}")[0]
    except duckdb.Error as error:
        return [*found, Fault(placed.where, f"DuckDB refuses it: {first_line(error)}", "Mend the types.")]
    if not _NUMERIC.fullmatch(kind):
        found.append(
            Fault(placed.where, f"It gives a {kind}, and a feature is a number.", "Count, compare or cast it.")
        )
    return found


def _double_sums(
    placed: Placed, aggregates: list[exp.Expr], con: duckdb.DuckDBPyConnection, view: str
) -> Iterator[Fault]:
    for total in aggregates:
        if isinstance(total, exp.Sum):
            kind = _types(con, f"SELECT {total.this.unnest().sql('duckdb')} FROM {view}")[0]
            if kind in ("DOUBLE", "FLOAT"):
                what = f"{total.sql('duckdb')} sums {kind}, and the last digits depend on the order of rows."
                yield Fault(placed.where, what, "Sum a DECIMAL: sum(x::DECIMAL(18,6)).")


def _types(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [str(row[1]) for row in con.execute(f"DESCRIBE {sql}").fetchall()]


def _view(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str]) -> None:
    items = ", ".join(f"NULL::{kind} AS {column}" for column, kind in columns.items())
    con.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {items} WHERE FALSE")


def _peers(declared: Declared, con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Faults of peer features, whose rows are members with the features of member sets."""
    of_members = {name for _, one in declared.sets if one.subject == "member" for name in one.features}
    columns = {"as_of": "TIMESTAMP"} | dict.fromkeys(sorted(of_members), "DOUBLE")
    _view(con, "peer_rows", columns)
    for where, one in declared.peers:
        if one.peers not in ("bank", "group"):
            yield Fault(
                where, f"peers={one.peers!r} is no circle of peers.", did_you_mean(one.peers, ("bank", "group"))
            )
        if not one.family:
            yield Fault(where, "It has no family.", 'Write family="group".')
        for name, feature in one.features.items():
            placed = Placed(f"{where}.{name}", name, feature)
            if feature.window is not None:
                yield Fault(placed.where, "A peer feature has a window.", "The features that it reads have theirs.")
            yield from _expression(placed, set(columns), "peer_rows", con, aggregates=1)


def _formulas(declared: Declared, con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Faults of formulas, whose one row holds every other feature and the fields of the request."""
    names = {name for _, one in declared.classes for name in one.features}
    columns = {**REQUEST, **dict.fromkeys(sorted(names), "DOUBLE")}
    _view(con, "request_rows", columns)
    for where, one in declared.formulas:
        if not one.family:
            yield Fault(where, "It has no family.", 'Write family="capacity".')
        for name, feature in one.features.items():
            placed = Placed(f"{where}.{name}", name, feature)
            if feature.window is not None:
                yield Fault(placed.where, "A formula has a window.", "It looks at one row: leave the window out.")
            yield from _expression(placed, set(columns), "request_rows", con, aggregates=0) or formula_faults(
                placed.where, feature.expression
            )
    circle = circle_of({name: f.expression for _, one in declared.formulas for name, f in one.features.items()})
    if circle:
        where = next(f"{w}.{circle[0]}" for w, one in declared.formulas if circle[0] in one.features)
        yield Fault(where, f"The formulas {' -> '.join(circle)} need one another.", "Break the circle.")
