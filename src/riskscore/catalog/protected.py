"""What rests on a protected column may be no predictor, however many steps lie between.

A trait reaches a feature through a source's own columns, its conditions and lookups, and through peers and formulas
that read other features. Whatever it reaches has to be declared with ``protected=True``, which keeps it for audits.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskscore.catalog.declare import Source
from riskscore.catalog.expressions import Unreadable, columns_of, parsed
from riskscore.catalog.folder import Declared
from riskscore.errors import Fault
from riskscore.portfolio.tables import TABLES, Table

#: Derived relations that carry every column of a table.
_CARRIES = {"loan_histories": "loans", "loan_payments": "payments"}


def protected_faults(declared: Declared) -> list[Fault]:
    """Return a fault for each feature that rests on a protected column and is not declared protected."""
    tables = {**TABLES, **{table.name: table for table in declared.tables}}
    reached: dict[str, str] = {}  # feature -> the protected thing it rests on
    for _, one in declared.sets:
        if one.source is None:
            continue
        traits, everything = _of_source(one.source, tables)
        for name, feature in one.features.items():
            trait = everything or _first_of(feature.expression, traits)
            if trait:
                reached[name] = trait
    later = [pair for _, peers in declared.peers for pair in peers.features.items()]
    later += [pair for _, formulas in declared.formulas for pair in formulas.features.items()]
    protected = {name for _, one in declared.classes for name, feature in one.features.items() if feature.protected}
    found = True
    while found:
        found = False
        sources = reached | {name: reached.get(name, name) for name in protected}
        for name, feature in later:
            trait = _first_of(feature.expression, sources) if name not in reached else ""
            if trait:
                reached[name], found = trait, True
    return list(_faults(declared, reached))


def _faults(declared: Declared, reached: dict[str, str]) -> Iterator[Fault]:
    for where, one in declared.classes:
        for name, feature in one.features.items():
            if name in reached and not feature.protected:
                what = f"It rests on {reached[name]}, which is protected."
                yield Fault(f"{where}.{name}", what, "Declare it with protected=True, or leave it out.")


def _of_source(source: Source, tables: dict[str, Table]) -> tuple[dict[str, str], str]:
    """Return the source's column names that carry a trait, and the trait its rows are chosen by, if any."""
    traits = {name: f"{source.table}.{name}" for name in _protected(source.table, tables)}
    for alias, lookup in source.lookups.items():
        traits |= {f"{alias}.{name}": f"{lookup.table}.{name}" for name in _protected(lookup.table, tables)}
    for name, text in source.columns.items():
        trait = _first_of(text, traits)
        if trait:
            traits[name] = trait
    conditions = (source.where, *(lookup.where for lookup in source.lookups.values()))
    return traits, next((trait for text in conditions if text and (trait := _first_of(text, traits))), "")


def _protected(table: str, tables: dict[str, Table]) -> set[str]:
    declared = tables.get(_CARRIES.get(table, table))
    return {column.name for column in declared.columns if column.protected} if declared else set()


def _first_of(text: str, traits: dict[str, str]) -> str:
    """Return the trait behind the first tainted name the expression reads, in alphabetical order; empty for none."""
    try:
        named = columns_of(parsed(text))
    except Unreadable:  # a fault of its own
        return ""
    return next((traits[name] for name in sorted(named) if name in traits), "")
