"""A folder of declarations, checked and ready to compile."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from riskscore.catalog.check import faults_of
from riskscore.catalog.check_source import offered
from riskscore.catalog.compile import neighbours_sql, peers_sql, place_sql, select_sql
from riskscore.catalog.declare import Feature, Source, title_of
from riskscore.catalog.expressions import columns_of, parsed
from riskscore.catalog.folder import Declared, load
from riskscore.catalog.lock import Lock
from riskscore.catalog.relations import PLACEMENTS_SQL, relations
from riskscore.errors import InvalidInput
from riskscore.portfolio.tables import Table


@dataclass(frozen=True, slots=True)
class Selected:
    """The features of one statement of step 2."""

    source: Source
    subject: str
    by: str
    features: dict[str, Feature]


@dataclass(frozen=True, repr=False)
class Catalog:
    """Declarations without a fault. Build it with `Catalog.from_folder`.

    Parameters
    ----------
    declared : Declared
    """

    declared: Declared

    def __repr__(self) -> str:
        return f"<Catalog of {sum(len(one.features) for _, one in self.declared.classes)} features>"

    @classmethod
    def from_folder(cls, folder: str | Path) -> Self:
        """Load every ``*.py`` of `folder` and check it.

        Raises
        ------
        InvalidInput
            With every fault of every file, each naming file, class and feature.
        """
        return cls.of(load(Path(folder)))

    @classmethod
    def of(cls, declared: Declared) -> Self:
        """Check declarations that are already loaded; raises as `from_folder` does."""
        faults = faults_of(declared)
        if faults:
            raise InvalidInput(faults)
        return cls(declared)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The institution's own tables, which a portfolio is checked for like any other."""
        return self.declared.tables

    def lock(self) -> Lock:
        """Compile to a lock."""
        return Lock(self._definition(), self._words())

    def _words(self) -> dict[str, Any]:
        return {
            name: {
                "title": asdict(title_of(name, feature)),
                "reason": None if feature.reason is None else asdict(feature.reason),
                "basis": feature.basis,
                **({"basis_es": feature.basis_es} if feature.basis_es else {}),
                **({"concept": feature.concept} if feature.concept else {}),
            }
            for _, one in self.declared.classes
            for name, feature in one.features.items()
        }

    def _definition(self) -> dict[str, Any]:
        every = self._by_source()
        read_by_peers = {
            column
            for _, one in self.declared.peers
            for feature in one.features.values()
            for column in columns_of(parsed(feature.expression))
        }
        circles: dict[str, dict[str, Feature]] = {}
        for _, peers in self.declared.peers:
            circles.setdefault(peers.peers, {}).update(peers.features)
        return {
            "features": self._features(),
            "requires": self._requires(every),
            "placements": PLACEMENTS_SQL,
            "moments": place_sql(_cuts(every), _subjects(every)),
            "select": [_statement(entry, read_by_peers) for entry in every],
            "neighbours": {place: neighbours_sql(place) for place in sorted(circles)},
            "peers": [
                {"peers": place, "features": list(circles[place]), "sql": peers_sql(place, circles[place])}
                for place in sorted(circles)
            ],
        }

    def _by_source(self) -> list[Selected]:
        """Every feature of step 2, gathered by source, subject and ``by``: one statement each."""
        gathered: dict[tuple[int, str, str], Selected] = {}
        for _, one in self.declared.sets:
            if one.source is not None and one.features:
                entry = gathered.setdefault(
                    (id(one.source), one.subject, one.by), Selected(one.source, one.subject, one.by, {})
                )
                entry.features.update(one.features)
        return list(gathered.values())

    def _features(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        for _, one in self.declared.sets:
            source = "" if one.source is None else one.source.name
            entries += [_entry(n, f, one.family, one.subject, 2, source) for n, f in one.features.items()]
        for _, peers in self.declared.peers:
            entries += [_entry(n, f, peers.family, "peers", 3) for n, f in peers.features.items()]
        for _, formulas in self.declared.formulas:
            entries += [_entry(n, f, formulas.family, "request", 5) for n, f in formulas.features.items()]
        return entries

    def _requires(self, every: list[Selected]) -> list[dict[str, Any]]:
        """The columns that each source needs of its tables, so that a missing one is named before anything runs."""
        known = relations(self.declared.tables)
        wanted: dict[tuple[str, str], set[str]] = {
            ("members' places", "memberships"): {"id", "member_id", "group_id", "valid_from", "valid_to"},
            ("members' places", "groups"): {"id", "parent_id"},
        }
        if _cuts(every):
            wanted["members' cycles", "loans"] = {"member_id", "disbursed_on"}
        if _subjects(every) - {"member", "group", "bank", "institution"}:
            wanted["members' places", "groups"] |= {"kind", "branch_id", "officer_id", "sector_id"}
            wanted["members' places", "members"] = {"id", "branch_id", "sector_id"}
            wanted["members' places", "branches"] = {"id", "region"}
        for one in every:
            source = one.source
            texts = [
                *source.columns.values(),
                *(f.expression for f in one.features.values()),
                *([one.by] * bool(one.by)),
            ]
            texts += [text for text in (source.where, *(lookup.where for lookup in source.lookups.values())) if text]
            named = set().union(*(columns_of(parsed(text)) for text in texts)) & offered(source, known)
            own = wanted.setdefault((source.name, source.table), set())
            own |= {name for name in named if name in known[source.table]}
            own |= {source.clock, "id"} | {source.keys[one.subject], source.leave_out, source.cycle or ""} - {""}
            for alias, lookup in source.lookups.items():
                beside = wanted.setdefault((source.name, lookup.table), set())
                beside |= {"id"} | {name.split(".")[1] for name in named if name.startswith(f"{alias}.")}
                own |= {lookup.on} if lookup.on else set()
        stamps = {"event_at", "known_at", "known_until"}
        return [
            {"source": source, "table": table, "columns": sorted(columns | stamps)}
            for (source, table), columns in wanted.items()
            if table != "placements"
        ]


def _statement(one: Selected, read_by_peers: set[str]) -> dict[str, Any]:
    return {
        "source": one.source.name,
        "subject": one.subject,
        "features": list(one.features),
        "of_neighbours": one.subject == "member" and not read_by_peers.isdisjoint(one.features),
        "sql": select_sql(one.source, one.subject, one.features, one.by),
    }


def _subjects(every: list[Selected]) -> set[str]:
    return {one.subject for one in every}


def _cuts(every: list[Selected]) -> set[int]:
    windows = [feature.window for one in every for feature in one.features.values()]
    return {window.count for window in windows if window and window.kind == "cycles" and window.count}


def _entry(name: str, feature: Feature, family: str, subject: str, step: int, source: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "family": family,
        "subject": subject,
        "step": step,
        "risk": feature.risk,
        "protected": feature.protected,
        "fact": feature.fact,
        "source": source,
        "window": "" if feature.window is None else str(feature.window),
        "expression": feature.expression,
    }
