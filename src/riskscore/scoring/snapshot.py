"""Every member's values at one moment, computed in one batch and looked up afterwards.

What is kept is one matrix of numbers, the places of members in it, the products on offer, and, for each member, what
her solidarity group's other members may ask of her.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.catalog import Lock, formula_values, formulas_reading, member_values
from riskscore.catalog.relations import REQUEST
from riskscore.errors import NotFound
from riskscore.portfolio import Manifest, Portfolio
from riskscore.scoring.products import Product, known, products

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from riskscore.catalog.engines import EngineName

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Members' values at a moment. Use `build`.

    Parameters
    ----------
    as_of : datetime
        Local, exclusive.
    manifest : Manifest
        The portfolio's.
    lock_sha256 : str
        The definitions behind the values.
    names : tuple of str
        Columns of `values`: every feature that needs no request.
    values : ndarray (members, names)
        NaN is missing.
    places : mapping of str to int
        Row of each member.
    group, bank : mapping of str to str
        Her solidarity group and communal bank at the moment.
    products : tuple of Product
        On offer.
    others_uncovered : ndarray (members,)
        What the other members of her solidarity group may come to owe beyond their savings, in currency: what they
        still owe, or where nothing is owed (between two cycles) the amount of their last loan, taken again.
    others : ndarray (members,)
        How many they are.
    """

    as_of: datetime
    manifest: Manifest
    lock_sha256: str
    names: tuple[str, ...]
    values: Floats
    places: Mapping[str, int]
    group: Mapping[str, str]
    bank: Mapping[str, str]
    products: tuple[Product, ...]
    others_uncovered: Floats
    others: NDArray[np.int64]
    _formulas: dict[str, Mapping[str, Floats]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def build(
        cls,
        portfolio: Portfolio,
        lock: Lock,
        as_of: str | date | datetime | None = None,
        *,
        ledger: str = "internal",
        members: Iterable[str] | None = None,
        engine: EngineName | SparkSession = "duckdb",
        threads: int = 2,
    ) -> Snapshot:
        """Compute the values of every current member.

        Parameters
        ----------
        portfolio : Portfolio
        lock : Lock
            The champion's own.
        as_of : str, date or datetime, optional
            The portfolio's last moment where left out.
        ledger : {"internal", "external"}
            Whose products are on offer.
        members : iterable of str, optional
            Only these and the other members of their solidarity groups: for one score at an earlier moment.
        engine : {"duckdb", "spark"} or SparkSession
            What computes; the values are the same.
        threads : int
        """
        moment = portfolio.moment(as_of)
        standing = members_at(portfolio, moment)
        if members is not None:
            groups = standing.filter(pl.col("member_id").is_in(list(members)))["group_id"]
            standing = standing.filter(pl.col("group_id").is_in(groups.implode()))
        asked = standing.select("member_id", as_of=pl.lit(moment, dtype=pl.Datetime("us")))
        found = member_values(portfolio, lock, asked, engine=engine, threads=threads)
        names = tuple(feature.name for feature in lock.features if feature.step != 5)
        values = np.ascontiguousarray(found.select(pl.col(names).fill_null(float("nan"))).to_numpy(), dtype=np.float64)
        ids, group_ids = standing["member_id"].to_list(), standing["group_id"].to_list()
        uncovered, others = _others(names, values, group_ids)
        snapshot = cls(
            as_of=moment,
            manifest=portfolio.manifest,
            lock_sha256=lock.sha256,
            names=names,
            values=values,
            places={member: row for row, member in enumerate(ids)},
            group=dict(zip(ids, group_ids, strict=True)),
            bank=dict(zip(ids, standing["bank_id"].to_list(), strict=True)),
            products=products(portfolio, moment, ledger=ledger),
            others_uncovered=uncovered,
            others=others,
        )
        snapshot.formulas(lock)  # before anybody asks
        return snapshot

    @property
    def currency(self) -> str:
        """The portfolio's, ISO 4217."""
        return self.manifest.currency

    @property
    def last_moment(self) -> datetime:
        """The latest moment the portfolio can answer for."""
        return self.manifest.moment()

    def read_moment(self, value: str | date | datetime) -> datetime:
        """Return a moment in the institution's zone, without offset."""
        return self.manifest.moment(value)

    def formulas(self, lock: Lock) -> Mapping[str, Floats]:
        """Return the values of the formulas that ask nothing of a request (members,); they are evaluated once."""
        if lock.sha256 not in self._formulas:
            of_request = formulas_reading(lock.formulas, frozenset(REQUEST))
            missing = np.full(len(self.values), np.nan)
            columns = dict.fromkeys(lock.formula_needs, missing)
            columns |= {name: self.values[:, place] for place, name in enumerate(self.names)}
            every = formula_values(lock, columns, len(self.values), dict.fromkeys(of_request, missing))
            self._formulas[lock.sha256] = {name: one for name, one in every.items() if name not in of_request}
        return self._formulas[lock.sha256]

    def place(self, member_id: str) -> int:
        """Return the member's row.

        Raises
        ------
        NotFound
            She is no member at the moment.
        """
        place = self.places.get(member_id)
        if place is None:
            raise NotFound.of("subject", "There is no such member at this moment.", "Check the id and the moment.")
        return place

    def row(self, member_id: str) -> dict[str, float | None]:
        """Return the member's values by name; None is missing. `NotFound` where she is no member."""
        values = self.values[self.place(member_id)].tolist()
        return {name: None if value != value else value for name, value in zip(self.names, values, strict=True)}


def members_at(portfolio: Portfolio, moment: datetime) -> pl.DataFrame:
    """Return ``member_id, group_id, bank_id`` of everybody who belongs to a solidarity group at `moment`, by id."""
    day = moment.date()
    memberships = (
        known(portfolio.table("memberships"), moment)
        .filter(pl.col("valid_from") <= day, pl.col("valid_to").is_null() | (pl.col("valid_to") > day))
        .sort("valid_from", "known_at", "id")
        .unique("member_id", keep="last", maintain_order=True)
        .select("member_id", "group_id")
    )
    groups = known(portfolio.table("groups"), moment).select(group_id="id", bank_id=pl.coalesce("parent_id", "id"))
    return memberships.join(groups, on="group_id", how="left").sort("member_id")


def _others(names: tuple[str, ...], values: Floats, groups: list[str]) -> tuple[Floats, NDArray[np.int64]]:
    def fact(name: str) -> Floats:
        return np.nan_to_num(values[:, names.index(name)]) if name in names else np.zeros(len(values))

    owed = np.where(fact("outstanding") > 0, fact("outstanding"), fact("previous_amount"))
    uncovered = np.maximum(owed - fact("group_savings"), 0.0)
    numbered = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)[1]
    sums = np.bincount(numbered, weights=uncovered) if len(values) else np.zeros(0)
    counts = np.bincount(numbered)
    return np.maximum(sums[numbered] - uncovered, 0.0), (counts[numbered] - 1).astype(np.int64)
