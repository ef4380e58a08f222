"""The lock: a catalogue compiled to data. A model ships with it, and a service runs it without any declarations.

It has two parts with a hash each. The *definition* holds what decides values: statements, formulas, directions, the
columns needed. The *words* may change while the definition, and so every score, stays the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self, cast

from riskscore.catalog.audit import faults_of_definition
from riskscore.catalog.declare import Risk
from riskscore.catalog.expressions import columns_of, parsed
from riskscore.catalog.words import Reason, Unit, Words
from riskscore.errors import ArtefactError

#: Version of the file's shape.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class LockedFeature:
    """A feature as a lock describes it.

    Parameters
    ----------
    name, family : str
    subject : str
        Whose rows it reads: "member", "group", "bank"; "peers" or "request".
    step : {2, 3, 5}
        2 selected from a source, 3 from peers, 5 a formula over the request.
    risk : {"rises", "falls", "free"}
    protected, fact : bool
        Neither is ever a predictor.
    source, window, expression : str
        As declared; empty where there is none.
    title : Words
    reason : Reason or None
    basis : Words
        The study or rule it rests on; empty where none was written, as in locks from before there was one. The Spanish
        is the English where only that was written.
    concept : str
        The code of the reason that its points count to: its own, or the one it was declared to go with; else empty.
    """

    name: str
    family: str
    subject: str
    step: Literal[2, 3, 5]
    risk: Risk
    protected: bool
    fact: bool
    source: str
    window: str
    expression: str
    title: Words
    reason: Reason | None
    basis: Words
    concept: str = ""

    @property
    def role(self) -> Literal["predictor", "protected", "fact"]:
        """What the feature may be used for."""
        return "protected" if self.protected else "fact" if self.fact else "predictor"


def _hash(part: object) -> str:
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, repr=False)
class Lock:
    """A compiled catalogue. Build it with `Catalog.lock` or `Lock.from_json`.

    Parameters
    ----------
    definition, words : mapping
        JSON values.
    """

    definition: Mapping[str, Any]
    words: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Lock of {len(self.features)} features, {self.sha256[:12]}>"

    def __hash__(self) -> int:
        return hash(self.sha256)

    @cached_property
    def sha256(self) -> str:
        """Hash of the definition: two locks with the same one give the same values."""
        return _hash(self.definition)

    @cached_property
    def words_sha256(self) -> str:
        """Hash of the words."""
        return _hash(self.words)

    @cached_property
    def features(self) -> tuple[LockedFeature, ...]:
        """Every feature, in the order declared."""
        return tuple(self._feature(entry) for entry in self.definition["features"])

    @cached_property
    def predictors(self) -> tuple[LockedFeature, ...]:
        """The features that a model may learn from: neither protected nor facts."""
        return tuple(feature for feature in self.features if feature.role == "predictor")

    def feature(self, name: str) -> LockedFeature:
        """Return the feature called `name`; `KeyError` where there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, LockedFeature]:
        return {feature.name: feature for feature in self.features}

    @cached_property
    def formulas(self) -> tuple[tuple[str, str], ...]:
        """Name and expression of each feature of step 5."""
        return tuple((feature.name, feature.expression) for feature in self.features if feature.step == 5)

    @cached_property
    def formula_needs(self) -> tuple[str, ...]:
        """The columns that the formulas read and do not make, sorted."""
        made = {name for name, _ in self.formulas}
        return tuple(sorted(set().union(*(columns_of(parsed(text)) for _, text in self.formulas), set()) - made))

    def _feature(self, entry: Mapping[str, Any]) -> LockedFeature:
        words = self.words[entry["name"]]
        reason = words["reason"]
        return LockedFeature(
            name=entry["name"],
            family=entry["family"],
            subject=entry["subject"],
            step=entry["step"],
            risk=entry["risk"],
            protected=entry["protected"],
            fact=entry["fact"],
            source=entry["source"],
            window=entry["window"],
            expression=entry["expression"],
            title=Words(**words["title"]),
            reason=None
            if reason is None
            else Reason(
                reason["code"],
                reason["es"],
                reason["en"],
                cast(Unit, reason["unit"]),
                reason.get("at_least"),
                reason.get("at_most"),
            ),
            basis=Words(es=words.get("basis_es", words.get("basis", "")), en=words.get("basis", "")),
            concept=words.get("concept", "") if reason is None else reason["code"],
        )

    def to_json(self) -> str:
        """Return the lock as indented JSON, stable from run to run."""
        content = {
            "format": FORMAT,
            "sha256": self.sha256,
            "words_sha256": self.words_sha256,
            "definition": self.definition,
            "words": self.words,
        }
        return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a lock and verify it.

        Raises
        ------
        ArtefactError
            If the text is no lock, is of another format, one of its parts does not have its hash, or a statement does
            more than select from a portfolio (`riskscore.catalog.audit`).
        """
        try:
            content = json.loads(text)
        except ValueError as error:
            raise ArtefactError.of("lock", f"It is no JSON: {error}.", "Take the lock of the artefact anew.") from error
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            found = content.get("format") if isinstance(content, dict) else None
            what = f"The lock has format {found!r}, and this riskscore reads {FORMAT}."
            raise ArtefactError.of("lock", what, "Train anew, or install the riskscore that wrote it.")
        for part, key in (("definition", "sha256"), ("words", "words_sha256")):
            if not isinstance(content.get(part), dict) or _hash(content[part]) != content.get(key):
                what = f"The {part} do not have the hash {key} that the lock states."
                raise ArtefactError.of(
                    f"lock.{part}", what, "It was changed by hand or damaged: take the artefact anew."
                )
        faults = faults_of_definition(content["definition"])
        if faults:
            raise ArtefactError(faults)
        return cls(content["definition"], content["words"])
