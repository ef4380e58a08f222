"""From declarations to SQL text: one statement for each source and subject, one for each kind of peers.

The statements read two temporary tables that `riskscore.catalog.run` makes: *asked* (moment_id, member_id, as_of) and
*moments*, which adds the place (group_id, bank_id) and the days of her last disbursements (cut_1, cut_3 ...). Each has
three layers: the rows of the source as they were known, with derived columns and a flag for each window; the
aggregates, each computed once however many features share it; and the features, cast to DOUBLE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from riskscore.catalog.declare import Feature, Source
from riskscore.catalog.expressions import AGGREGATES, columns_of, parse
from riskscore.catalog.windows import Window


def visible(alias: str, moment: str) -> str:
    """Return the as-of rule: what had happened before the moment, was known by then, and still stood."""
    return (
        f"{alias}.event_at < {moment} AND {alias}.known_at <= {moment} "
        f"AND ({alias}.known_until IS NULL OR {moment} < {alias}.known_until)"
    )


def belongs(alias: str, moment: str) -> str:
    """Return the condition of a membership that holds at the moment."""
    day = f"CAST({moment} AS DATE)"
    return f"{alias}.valid_from <= {day} AND ({alias}.valid_to IS NULL OR {day} < {alias}.valid_to)"


def window_sql(window: Window, source: Source) -> str:
    """Return the condition of a window over the row ``r`` and the moment ``s``."""
    clock = f"r.{source.clock}"
    if window.kind == "standing":
        return "TRUE"
    before = f"{clock} < s.as_of" + (f" - INTERVAL {window.ends} DAY" if window.ends else "")
    if window.kind == "cycles":
        start = f"r.{source.cycle}" if source.cycle else f"CAST({clock} AS DATE)"
        return f"{start} >= s.cut_{window.count} AND {before}"
    if window.begins is not None:
        return f"{clock} >= s.as_of - INTERVAL {window.begins} DAY AND {before}"
    return before


def qualified(text: str) -> str:
    """Return an expression over one row with every column qualified: ``r`` for the row's, ``s`` for the moment."""
    tree = parse(text)
    for column in list(tree.find_all(exp.Column)):
        if not column.table:
            column.set("table", exp.to_identifier("s" if column.name == "as_of" else "r"))
    return str(tree.sql("duckdb"))


def flat(tree: exp.Expr) -> exp.Expr:
    """Return the tree with a lookup's ``alias.column`` renamed as the row layer calls it: ``alias__column``."""
    for column in list(tree.find_all(exp.Column)):
        if column.table:
            column.replace(exp.column(f"{column.table}__{column.name}"))
    return tree


def lookups_sql(source: Source) -> str:
    """Return the joins of a source's lookups, each as it was known at the moment."""
    joins = ""
    for alias, lookup in source.lookups.items():
        match = f"{alias}.id = r.{lookup.on}" if lookup.on else f"({qualified(lookup.where)})"
        joins += f"\n  LEFT JOIN {lookup.table} AS {alias} ON {match} AND {visible(alias, 's.as_of')}"
    return joins


def rows_sql(source: Source, columns: Iterable[str], extras: Iterable[str], moments: str, match: str) -> str:
    """Return the row layer: every visible row of the source at every moment.

    Parameters
    ----------
    source : Source
    columns : iterable of str
        What the upper layers need: ``name`` or ``alias.name``.
    extras : iterable of str
        More select items, such as keys and window flags.
    moments : str
        The relation of moments, which gets the alias ``s``.
    match : str
        The condition that joins the row ``r`` to its moment.
    """
    items = [*extras]
    for name in sorted(set(columns) - {"as_of"}):
        alias = f" AS {name.replace('.', '__')}" if name in source.columns or "." in name else ""
        items.append(_column(source, name) + alias)
    joins = lookups_sql(source)
    where = f"\n    AND ({qualified(source.where)})" if source.where else ""
    return (
        f"SELECT {', '.join(items)}\n  FROM {moments} AS s\n  JOIN {source.table} AS r ON {match}{joins}\n"
        f"  WHERE {visible('r', 's.as_of')}{where}"
    )


@dataclass
class _Layers:
    """The aggregates gathered so far, each once, and the columns they need of the row layer."""

    aggregates: dict[str, str] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    def slot(self, sql: str) -> str:
        return self.aggregates.setdefault(sql, f"a{len(self.aggregates)}")

    def lift(self, expression: str, flag: str) -> str:
        """Return the expression over aggregates' slots; `flag` is the window's column, empty where all rows count."""
        tree = parse(expression)
        self.columns |= columns_of(tree)
        root = exp.Paren(this=flat(tree))
        for node in list(root.find_all(*AGGREGATES)):
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            terms = [flag] if flag else []
            if isinstance(whole, exp.Filter):
                terms.append(f"({whole.expression.this.sql('duckdb')})")
            filtered = f" FILTER (WHERE {' AND '.join(terms)})" if terms else ""
            whole.replace(exp.column(self.slot(node.sql("duckdb") + filtered)))
        guard = self.slot("COUNT(*)" + (f" FILTER (WHERE {flag})" if flag else ""))
        return f"CASE WHEN {guard} > 0 THEN CAST({root.sql('duckdb')} AS DOUBLE) END"


@dataclass
class _Gathered:
    """Two layers of aggregates: of the rows that share the column ``by``, and of those gatherings."""

    inner: _Layers = field(default_factory=_Layers)
    outer: dict[str, str] = field(default_factory=dict)

    def slot(self, sql: str) -> str:
        return self.outer.setdefault(sql, f"b{len(self.outer)}")

    def lift(self, expression: str, flag: str) -> str:
        """Return the expression over the outer slots; a gathering with no row in the window does not count."""
        tree = parse(expression)
        self.inner.columns |= columns_of(tree)
        root = exp.Paren(this=flat(tree))
        for node in innermost(root):
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            terms = [flag] if flag else []
            if isinstance(whole, exp.Filter):
                terms.append(f"({whole.expression.this.sql('duckdb')})")
            filtered = f" FILTER (WHERE {' AND '.join(terms)})" if terms else ""
            whole.replace(exp.column(self.inner.slot(node.sql("duckdb") + filtered)))
        present = self.inner.slot("COUNT(*)" + (f" FILTER (WHERE {flag})" if flag else "")) + " > 0"
        for node in list(root.find_all(*AGGREGATES)):
            whole = node.parent if isinstance(node.parent, exp.Filter) else node
            terms = [present]
            if isinstance(whole, exp.Filter):
                terms.append(f"({whole.expression.this.sql('duckdb')})")
            whole.replace(exp.column(self.slot(f"{node.sql('duckdb')} FILTER (WHERE {' AND '.join(terms)})")))
        guard = self.slot(f"COUNT(*) FILTER (WHERE {present})")
        return f"CASE WHEN {guard} > 0 THEN CAST({root.sql('duckdb')} AS DOUBLE) END"


def select_sql(source: Source, subject: str, features: Mapping[str, Feature], by: str = "") -> str:
    """Return the statement of one source for one subject: ``moment_id`` and each feature, where any row was visible."""
    windows = list(dict.fromkeys(feature.window for feature in features.values() if feature.window))
    base = _base(windows)
    flags = {window: "" if window == base else f"in_{number}" for number, window in enumerate(windows)}
    gathered = _Gathered()
    layers = gathered.inner
    results: list[str] = []
    newest: dict[Window, list[str]] = {}
    for name, feature in features.items():
        window = feature.window or Window("ever")
        if window.kind == "latest":
            tree = parse(feature.expression)
            layers.columns |= columns_of(tree) | {"event_at", "known_at", "id"}
            newest.setdefault(window, []).append(f"{name} := {flat(tree).sql('duckdb')}")
        else:
            lift = gathered.lift if by else layers.lift
            results.append(f"{lift(feature.expression, flags[window])} AS {name}")
    for window, fields in newest.items():
        filtered = f" FILTER (WHERE {flags[window]})" if flags[window] else ""
        slot = layers.slot(f"arg_max(struct_pack({', '.join(fields)}), row(event_at, known_at, id)){filtered}")
        results += [f"CAST({slot}.{item.split(' := ')[0]} AS DOUBLE) AS {item.split(' := ')[0]}" for item in fields]

    by_member = subject == "member"
    keys = _keys(source, subject)
    distinct = f"(SELECT DISTINCT {', '.join(keys)} FROM moments)"
    extras = [f"s.{key}" for key in dict.fromkeys([*keys, "as_of"])]
    extras += [f"{window_sql(window, source)} AS {flag}" for window, flag in flags.items() if flag]
    if by:
        extras.append(f"{_column(source, by)} AS gathered")
    rows = rows_sql(source, layers.columns, extras, "moments" if by_member else distinct, match_sql(source, subject))
    rows += _pruning(windows, base, source)
    carried = ["any_value(as_of) AS as_of"] if by_member else []
    aggregates = [*carried, *(f"{sql} AS {slot}" for sql, slot in layers.aggregates.items())]
    key_list = ", ".join(keys)
    if by:
        inner = (
            f"SELECT {', '.join([*keys, 'gathered', *aggregates])}\n  FROM ({rows})\n"
            f"  WHERE gathered IS NOT NULL\n  GROUP BY {key_list}, gathered"
        )
        outer = [*carried, *(f"{sql} AS {slot}" for sql, slot in gathered.outer.items())]
        grouped = f"SELECT {', '.join([*keys, *outer])}\n  FROM ({inner})\n  GROUP BY {key_list}"
    else:
        grouped = f"SELECT {', '.join([*keys, *aggregates])}\n  FROM ({rows})\n  GROUP BY {key_list}"
    if by_member:
        return f"SELECT {', '.join(['moment_id', *results])}\nFROM ({grouped})"
    # A woman in no group has no communal bank to leave out.
    same = {key: "IS NOT DISTINCT FROM" if source.leave_out and key == "bank_id" else "=" for key in keys}
    beside = " AND ".join(f"v.{key} {same[key]} m.{key}" for key in keys)
    return (
        f"SELECT m.moment_id, v.* EXCLUDE ({key_list})\nFROM moments AS m\n"
        f"JOIN (SELECT {', '.join([*keys, *results])} FROM ({grouped})) AS v\n  ON {beside}"
    )


def _keys(source: Source, subject: str) -> list[str]:
    """What a statement's rows are gathered by: her moment, or her place and the time of it."""
    if subject == "member":
        return ["moment_id"]
    place = [] if subject == "institution" else [f"{subject}_id"]
    return [*place, *(["bank_id"] if source.leave_out and subject != "bank" else []), "as_of"]


def match_sql(source: Source, subject: str) -> str:
    """Return the condition that joins a row of the source to the moment of its subject."""
    match = "TRUE" if subject == "institution" else f"r.{source.keys[subject]} = s.{subject}_id"
    return f"{match} AND r.{source.leave_out} IS DISTINCT FROM s.bank_id" if source.leave_out else match


def _column(source: Source, name: str) -> str:
    """Return a column of the row layer: the table's, a derived one, or a lookup's."""
    if name in source.columns:
        return qualified(source.columns[name])
    return name if "." in name else f"r.{name}"


def innermost(root: exp.Expr) -> list[exp.Expr]:
    """Return the aggregates of a tree that hold no other."""
    return [node for node in root.find_all(*AGGREGATES) if not any(n is not node for n in node.find_all(*AGGREGATES))]


def _base(windows: list[Window]) -> Window | None:
    """The window that holds every other, so that its rows need no flag: the only one, or standing, or ever."""
    if len(windows) == 1:
        return windows[0]
    for wide in (Window("standing"), Window("ever")):
        if wide in windows:
            return wide
    return None


def _pruning(windows: list[Window], base: Window | None, source: Source) -> str:
    """Leave out early the rows that no window holds."""
    wanted = [base] if base else windows
    terms = [f"({window_sql(window, source)})" for window in wanted]
    return "" if "(TRUE)" in terms else f"\n    AND ({' OR '.join(terms)})"


#: Columns of *moments* beyond her group and communal bank, each by the relation that tells it.
_PLACES = {
    "organisation": "CASE WHEN bank.kind = 'producer_association' THEN bank.id END",
    "officer": "bank.officer_id",
    "branch": "coalesce(bank.branch_id, member.branch_id)",
    "region": "branch.region",
    "sector": "coalesce(member.sector_id, bank.sector_id)",
}


def place_sql(cuts: Iterable[int], subjects: Iterable[str] = ()) -> str:
    """Return the statement of *moments*: each asked moment with her place and the days of her last disbursements.

    Parameters
    ----------
    cuts : iterable of int
        Cycles that windows count back.
    subjects : iterable of str
        Whose ids are wanted beside ``group_id`` and ``bank_id``. A group that asks for itself, a communal bank or a
        producer association, stands in the place of both.
    """
    days = "".join(f", loans.days[least({n}, len(loans.days))] AS cut_{n}" for n in sorted(set(cuts)))
    loans = (
        "\nLEFT JOIN (\n  SELECT s.moment_id, list_reverse_sort(list(DISTINCT l.disbursed_on)) AS days\n"
        f"  FROM asked AS s JOIN loans AS l ON l.member_id = s.member_id\n  WHERE {visible('l', 's.as_of')}\n"
        "  GROUP BY s.moment_id) AS loans ON loans.moment_id = a.moment_id"
    )
    placed = (
        "SELECT a.moment_id, a.member_id, a.as_of, coalesce(home.place.group_id, a.group_id) AS group_id, "
        f"coalesce(home.place.bank_id, a.group_id) AS bank_id{days}\nFROM asked AS a\n"
        "LEFT JOIN (\n  SELECT s.moment_id, arg_max(struct_pack(group_id := p.group_id, bank_id := p.bank_id),\n"
        "                              row(p.valid_from, p.event_at, p.known_at, p.id)) AS place\n"
        "  FROM asked AS s JOIN placements AS p ON p.member_id = s.member_id\n"
        f"  WHERE {visible('p', 's.as_of')} AND {belongs('p', 's.as_of')}\n"
        f"  GROUP BY s.moment_id) AS home ON home.moment_id = a.moment_id{loans if days else ''}"
    )
    wanted = [subject for subject in _PLACES if subject in set(subjects)]
    if not wanted:
        return placed
    items = "".join(f", {_PLACES[subject]} AS {subject}_id" for subject in wanted)
    return (
        f"SELECT placed.*{items}\nFROM ({placed}) AS placed\n"
        f"LEFT JOIN groups AS bank ON bank.id = placed.bank_id AND {visible('bank', 'placed.as_of')}\n"
        f"LEFT JOIN members AS member ON member.id = placed.member_id AND {visible('member', 'placed.as_of')}\n"
        "LEFT JOIN branches AS branch ON branch.id = coalesce(bank.branch_id, member.branch_id) "
        f"AND {visible('branch', 'placed.as_of')}"
    )


def neighbours_sql(place: str) -> str:
    """Return everyone in the asked members' banks (or groups) at each moment: place, as_of, member_id."""
    return (
        f"SELECT DISTINCT w.place, w.as_of, p.member_id\n"
        f"FROM (SELECT DISTINCT {place}_id AS place, as_of FROM origin) AS w\n"
        f"JOIN placements AS p ON p.{place}_id = w.place\n"
        f"WHERE {visible('p', 'w.as_of')} AND {belongs('p', 'w.as_of')}"
    )


def peers_sql(place: str, features: Mapping[str, Feature]) -> str:
    """Return the statement of peers: *neighbour_values* of the others, aggregated for each asked moment of *origin*."""
    layers = _Layers()
    results = [f"{layers.lift(feature.expression, '')} AS {name}" for name, feature in features.items()]
    needed = sorted(layers.columns - {"as_of"})
    aggregates = ", ".join(f"{sql} AS {slot}" for sql, slot in layers.aggregates.items())
    columns = "".join(f", v.{name}" for name in needed)
    others = (
        f"SELECT o.moment_id, o.as_of{columns}\n    FROM origin AS o\n    JOIN neighbours_{place} AS n\n"
        f"      ON n.place = o.{place}_id AND n.as_of = o.as_of AND n.member_id IS DISTINCT FROM o.member_id\n"
        f"    JOIN neighbour_values AS v ON v.member_id = n.member_id AND v.as_of = n.as_of"
    )
    grouped = f"SELECT moment_id, any_value(as_of) AS as_of, {aggregates}\n  FROM ({others})\n  GROUP BY moment_id"
    return f"SELECT {', '.join(['moment_id', *results])}\nFROM ({grouped})"
