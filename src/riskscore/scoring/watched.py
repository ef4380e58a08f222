"""Which traits an institution watches, as data: ``serving/fairness.toml``.

A number or a group that people may argue about stands there and not here. Who is of which group is worked out for
audits alone; nothing of it reaches a fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from riskscore.catalog import Lock
from riskscore.errors import Fault, InvalidInput
from riskscore.evaluation.fairness import Attribute, Standard
from riskscore.modelling.toml_fields import Fields
from riskscore.modelling.toml_file import read_toml


@dataclass(frozen=True, slots=True)
class Trait:
    """A protected feature and its groups.

    Parameters
    ----------
    feature : str
    cuts : tuple of float
        Ascending; each begins a group.
    reference : int
    names : mapping of str to tuple of str
        By language, one name a group.
    """

    feature: str
    cuts: tuple[float, ...]
    reference: int
    names: Mapping[str, tuple[str, ...]]

    def of(self, frame: pl.DataFrame, language: str) -> Attribute:
        """Return the group of each row of `frame`."""
        values = frame[self.feature].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        codes = np.where(np.isnan(values), -1, np.searchsorted(self.cuts, values, side="right")).astype(np.int64)
        return Attribute(self.feature, codes, self.names[language], self.reference)


@dataclass(frozen=True, slots=True)
class Watched:
    """The whole file.

    Parameters
    ----------
    standard : Standard
    proxy_auc : float
        AUC from which a feature is a suspect.
    refits : int
        Most features left out, one at a time.
    traits : tuple of Trait
    crossings : tuple of tuple of str
        Traits taken together.
    """

    standard: Standard
    proxy_auc: float
    refits: int
    traits: tuple[Trait, ...]
    crossings: tuple[tuple[str, ...], ...]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read the file.

        Raises
        ------
        InvalidInput
            It is missing, no TOML, or breaks a rule: all faults at once.
        """
        path = Path(path)
        content = read_toml(path)
        faults: list[Fault] = []
        top = Fields(content, "", faults)
        standard = Standard(
            line=top.number("line", 0.0, 1.0, above_low=True),
            significance=top.number("significance", 0.0, 0.5, above_low=True),
            minimum_cell=top.whole("minimum_cell", 5, 10_000),
        )
        proxy_auc, refits = top.number("proxy_auc", 0.5, 1.0), top.whole("refits", 1, 20)
        traits = tuple(_trait(one) for one in top.tables("traits"))
        crossings = tuple(_crossing(one, traits) for one in top.tables("crossings")) if "crossings" in content else ()
        top.done()
        if faults:
            raise InvalidInput(Fault(f"{path.name}: {fault.where}", fault.what, fault.remedy) for fault in faults)
        return cls(standard, proxy_auc, refits, traits, crossings)

    def require(self, lock: Lock) -> None:
        """Refuse traits that the lock does not have, or does not keep out of every fit.

        Raises
        ------
        InvalidInput
            All of them at once.
        """
        known = {feature.name: feature for feature in lock.features}
        faults = [
            Fault(
                f"fairness.toml: {trait.feature}",
                "The champion's lock has no such feature." if trait.feature not in known else "It is not protected.",
                "Name a feature that features/ declares with protected=True, and train again.",
            )
            for trait in self.traits
            if trait.feature not in known or not known[trait.feature].protected
        ]
        if faults:
            raise InvalidInput(faults)

    def unnamed(self, lock: Lock) -> tuple[str, ...]:
        """Return protected features of the lock that nobody watches."""
        named = {trait.feature for trait in self.traits}
        return tuple(one.name for one in lock.features if one.protected and one.name not in named)


def _trait(table: Fields) -> Trait:
    cuts = table.numbers("cuts")
    trait = Trait(
        feature=table.text("feature"),
        cuts=cuts,
        reference=table.whole("reference", 0, max(len(cuts), 0)),
        names={language: table.texts(language) for language in ("es", "en")},
    )
    for language, names in trait.names.items():
        if len(names) != len(cuts) + 1:
            table.fault(language, f"{len(names)} names for {len(cuts) + 1} groups.", "Name each group.")
    table.done()
    return trait


def _crossing(table: Fields, traits: tuple[Trait, ...]) -> tuple[str, ...]:
    names = table.texts("traits")
    strange = sorted(set(names) - {trait.feature for trait in traits})
    if strange or len(set(names)) < 2:
        what = f"{', '.join(strange)} is not watched." if strange else "It crosses fewer than two traits."
        table.fault("traits", what, "Name two or more of the traits above.")
    table.done()
    return names
