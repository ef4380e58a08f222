"""What stands behind values at a moment: the rows that were counted, and why others were not.

The rows come from the same row layer as the values (`riskscore.catalog.compile.rows_sql`), so that the two cannot
differ. Rows of other people are counted and aggregated, and listed only on request: what a feature over peers or over
a whole communal bank rests on concerns her, and who they are does not. Protected traits are explained to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from riskscore.catalog.declare import FeatureSet, PeerSet
from riskscore.catalog.evidence import Evidence, aggregated, aggregates_of
from riskscore.catalog.expressions import columns_of, did_you_mean, parsed
from riskscore.catalog.formulas import in_levels, with_request
from riskscore.catalog.lock import Lock, LockedFeature
from riskscore.catalog.relations import REQUEST, relations
from riskscore.catalog.run import member_values
from riskscore.errors import Fault, InvalidInput, NotFound

if TYPE_CHECKING:
    from riskscore.catalog.catalogue import Catalog
    from riskscore.portfolio import Portfolio

#: Stands for another member's id.
ANOTHER = "another member"

_POLARS = {"DOUBLE": pl.Float64, "VARCHAR": pl.String}


@dataclass(frozen=True, slots=True)
class Unseen:
    """Rows on record today that the value does not rest on.

    Parameters
    ----------
    table : str
    why : str
        One of `riskscore.catalog.evidence.WHYS`.
    rows : int
        Versions of facts.
    """

    table: str
    why: str
    rows: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a value rests on.

    Parameters
    ----------
    feature : LockedFeature
    value : float or None
        None is missing.
    table, clock : str
        Where its rows come from, and the column on which its window counts; empty for peers and formulas.
    seen : int
        Rows in the window, or other members.
    others : int or None
        How many other people, or groups, those rows are about; None where they are her own, or about nobody.
    rows : tuple of mapping
        Each with ``id``, ``event_at``, ``known_at``, the clock, and the columns that the expression reads. Empty where
        they are about others, unless they were asked for; who else a row of hers names is not said either.
    parts : mapping of str to number
        Every aggregate of the expression and what it gives.
    inputs : mapping of str to number or str
        Of a formula: the features and the fields of the request that it reads.
    unseen : tuple of Unseen
    """

    feature: LockedFeature
    value: float | None
    table: str = ""
    clock: str = ""
    seen: int = 0
    others: int | None = None
    rows: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    parts: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    unseen: tuple[Unseen, ...] = ()


def explain(
    portfolio: Portfolio | duckdb.DuckDBPyConnection,
    catalog: Catalog,
    subject_id: str,
    as_of: datetime,
    *,
    names: Iterable[str] | None = None,
    request: Mapping[str, Any] | None = None,
    of_others: bool = False,
) -> tuple[Explanation, ...]:
    """Explain the values of a member, or of a communal bank or producer association that asks for itself.

    Parameters
    ----------
    portfolio : Portfolio or DuckDBPyConnection
        Or a connection with the relations of `Portfolio.connect`; it is left open.
    catalog : Catalog
    subject_id : str
        Of a member, else of a group.
    as_of : datetime
        Local, exclusive.
    names : iterable of str, optional
        Features, with those that a formula among them reads; all but the protected where left out.
    request : mapping, optional
        Fields of a request, for formulas; those left out are missing.
    of_others : bool
        List the rows of other people too.

    Returns
    -------
    tuple of Explanation
        In the order declared.

    Raises
    ------
    InvalidInput
        Naming every feature that does not exist, or is protected.
    NotFound
        Where neither a member nor a group of this id was on record at the moment.
    """
    lock = catalog.lock()
    chosen = _chosen(lock, names)
    own = not isinstance(portfolio, duckdb.DuckDBPyConnection)
    con: Any = portfolio.connect() if own else portfolio
    try:
        asked = _asked(con, subject_id, as_of)
        values = _with_formulas(lock, member_values(con, lock, asked), request or {})
        _place(con, lock, asked)
        found: dict[str, Explanation] = {}
        for _, peers in catalog.declared.peers:
            if not chosen.keys().isdisjoint(peers.features):
                found |= _peers(con, lock, peers, asked, chosen, values, of_others)
        _place(con, lock, asked)
        for _, one in catalog.declared.sets:
            if not chosen.keys().isdisjoint(one.features):
                found |= _rows(con, catalog, one, chosen, values, of_others, subject_id)
    finally:
        if own:
            con.close()
    for feature in chosen.values():
        if feature.step == 5:
            inputs = {name: values[name] for name in sorted(columns_of(parsed(feature.expression)))}
            found[feature.name] = Explanation(feature, values[feature.name], inputs=inputs)
    return tuple(found[name] for name in chosen)


def _chosen(lock: Lock, names: Iterable[str] | None) -> dict[str, LockedFeature]:
    every = {feature.name: feature for feature in lock.features}
    if names is None:
        return {name: feature for name, feature in every.items() if not feature.protected}
    wanted = list(names)
    faults = [
        Fault(name, "There is no such feature.", did_you_mean(name, set(every))) for name in wanted if name not in every
    ]
    faults += [
        Fault(name, "It is a protected trait, which is shown about nobody.", "Leave it out; audits are of many people.")
        for name in wanted
        if name in every and every[name].protected
    ]
    if faults:
        raise InvalidInput(faults)
    read = set(wanted)
    for formula, expression in reversed(_by_need(lock)):
        if formula in read:
            read |= columns_of(parsed(expression)) & every.keys()
    return {name: feature for name, feature in every.items() if name in read and not feature.protected}


def _by_need(lock: Lock) -> list[tuple[str, str]]:
    """Return the formulas, each after those that it reads."""
    expressions = dict(lock.formulas)
    return [(name, expressions[name]) for level in in_levels(expressions) for name in level]


def _asked(con: duckdb.DuckDBPyConnection, subject_id: str, as_of: datetime) -> pl.DataFrame:
    """Return the moment as the lock's statements want it: of a member, or of a group that asks for itself."""
    known = [
        table
        for table in ("members", "groups")
        if con.execute(f"SELECT id FROM {table} WHERE id = ? AND known_at <= ?", [subject_id, as_of]).fetchall()
    ]
    if not known:
        what = f"There was no member and no group {subject_id!r} on record at {as_of}."
        raise NotFound.of("subject", what, "Check the id and the moment.")
    member = known[0] == "members"
    return pl.DataFrame(
        {"member_id": [subject_id if member else None], "group_id": [None if member else subject_id], "as_of": [as_of]},
        schema={"member_id": pl.String, "group_id": pl.String, "as_of": pl.Datetime("us")},
    )


def _with_formulas(lock: Lock, found: pl.DataFrame, request: Mapping[str, Any]) -> dict[str, Any]:
    fields = [pl.lit(request.get(name), dtype=_POLARS[kind]).alias(name) for name, kind in REQUEST.items()]
    return with_request(lock, found.with_columns(fields)).row(0, named=True)


def _place(con: duckdb.DuckDBPyConnection, lock: Lock, asked: pl.DataFrame) -> None:
    """Make the relations that the lock's statements read: what is asked, and where she belongs at the moment."""
    frame = asked.with_columns(pl.lit(None, pl.String).alias("group_id")).with_row_index("moment_id")
    con.register("asked_frame", frame.to_arrow())
    con.execute(f"CREATE OR REPLACE TEMP TABLE placements AS {lock.definition['placements']}")
    con.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT * FROM asked_frame")
    con.unregister("asked_frame")
    for name in ("moments", "origin"):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {lock.definition['moments']}")


def _peers(
    con: duckdb.DuckDBPyConnection,
    lock: Lock,
    peers: type[PeerSet],
    asked: pl.DataFrame,
    chosen: Mapping[str, LockedFeature],
    values: Mapping[str, Any],
    of_others: bool,
) -> dict[str, Explanation]:
    """Explain features over the others of her circle: how many they are, and what is aggregated over them."""
    _place(con, lock, asked)
    around = con.sql(lock.definition["neighbours"][peers.peers]).pl()
    moments = around.filter(pl.col("member_id") != asked["member_id"][0]).select("member_id", "as_of").sort("member_id")
    others = member_values(con, lock, moments)
    con.register("others", others.to_arrow())
    found = {}
    for name, feature in peers.features.items():
        if name in chosen:
            read = sorted(columns_of(parsed(feature.expression)) - {"as_of"})
            found[name] = Explanation(
                chosen[name],
                values[name],
                seen=others.height,
                others=others.height,
                rows=tuple(others.select(read).to_dicts()) if of_others else (),
                parts=aggregated(con, aggregates_of(feature.expression), "SELECT * FROM others"),
            )
    con.unregister("others")
    return found


def _rows(
    con: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    one: type[FeatureSet],
    chosen: Mapping[str, LockedFeature],
    values: Mapping[str, Any],
    of_others: bool,
    member_id: str,
) -> dict[str, Explanation]:
    """Explain features of one source and subject."""
    evidence = Evidence(con, one, relations(catalog.tables))
    found = {}
    for name in (name for name in one.features if name in chosen):
        seen, others = evidence.counted(name)
        rows: tuple[Mapping[str, Any], ...] = ()
        if of_others:
            rows = evidence.rows(name)
        elif others is None:
            rows = tuple(_without_others(row, member_id) for row in evidence.rows(name))
        found[name] = Explanation(
            chosen[name],
            values[name],
            table=evidence.table,
            clock=evidence.clock,
            seen=seen,
            others=others,
            rows=rows,
            parts=evidence.parts(name),
            unseen=tuple(Unseen(*entry) for entry in evidence.unseen(name)),
        )
    return found


def _without_others(row: Mapping[str, Any], member_id: str) -> Mapping[str, Any]:
    """Return her own row without the ids of other people that it may name."""
    return {
        name: ANOTHER if name.endswith("member_id") and value not in (None, member_id) else value
        for name, value in row.items()
    }
