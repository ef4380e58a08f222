"""What the institution offers at a moment, and which product a request is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import polars as pl

from riskscore.errors import Fault
from riskscore.indebtedness import Method, Terms
from riskscore.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Product:
    """A loan product: limits (inclusive, in the portfolio's currency and in days), price and steps."""

    id: str
    name: str
    amount_min: float
    amount_max: float
    amount_step: float
    term_days_min: int
    term_days_max: int
    frequencies: tuple[str, ...]
    rate_per_30_days: float
    method: Method
    growth_max: float | None

    def terms(self, amount: float, term_days: float, frequency: str) -> Terms:
        """Return the terms of a loan of this product."""
        return Terms(amount, term_days, frequency, self.rate_per_30_days, self.method, self.amount_step)


def products(portfolio: Portfolio, moment: datetime, *, ledger: str) -> tuple[Product, ...]:
    """Return the products of a ledger as known at `moment`, by name and id."""
    rows = (
        known(portfolio.table("products"), moment)
        .filter(pl.col("ledger") == ledger, pl.col("currency") == portfolio.manifest.currency)
        .sort("name", "id")
    )
    return tuple(
        Product(
            id=row["id"],
            name=row["name"],
            amount_min=float(row["amount_min"]),
            amount_max=float(row["amount_max"]),
            amount_step=float(row["amount_step"]),
            term_days_min=row["term_days_min"],
            term_days_max=row["term_days_max"],
            frequencies=tuple(part.strip() for part in row["frequencies"].split(",")),
            rate_per_30_days=row["rate_per_30_days"],
            method=cast(Method, row["method"]),
            growth_max=row["growth_max"],
        )
        for row in rows.iter_rows(named=True)
    )


def choose(
    offered: Iterable[Product], *, amount: float | None, term_days: int | None, frequency: str | None
) -> tuple[Product | None, list[Fault]]:
    """Return the product that allows a request, the first by name where several do, or what none allows.

    Frequency, then term, then amount is held to the products that allow the ones before; a field that is None is
    nobody's fault here.
    """
    left = tuple(offered)
    if not left:
        return None, [Fault("recipe", "No product is on offer at this moment.", "Load the institution's products.")]
    faults: list[Fault] = []

    def narrow(name: str, allows: Callable[[Product], bool], remedy: Callable[[], str]) -> None:
        nonlocal left
        allowing = tuple(one for one in left if allows(one))
        if allowing:
            left = allowing
        else:
            faults.append(Fault(name, "No product on offer allows this.", remedy()))

    if frequency is not None:
        every = sorted({one for product in left for one in product.frequencies})
        narrow("frequency", lambda one: frequency in one.frequencies, lambda: f"Choose one of: {', '.join(every)}.")
    if term_days is not None:
        narrow(
            "term_days",
            lambda one: one.term_days_min <= term_days <= one.term_days_max,
            lambda: f"Ask for {_either(f'{one.term_days_min} to {one.term_days_max} days' for one in left)}.",
        )
    if amount is not None:
        narrow(
            "amount",
            lambda one: one.amount_min <= amount <= one.amount_max,
            lambda: f"Ask for {_either(f'{one.amount_min:g} to {one.amount_max:g}' for one in left)}.",
        )
    return (None if faults else left[0]), faults


def known(table: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return the version of each fact that holds at `moment`."""
    return (
        table.filter(pl.col("event_at") < moment, pl.col("known_at") <= moment)
        .sort("known_at", "event_at")
        .unique("id", keep="last", maintain_order=True)
    )


def _either(ranges: Iterable[str]) -> str:
    return ", or ".join(dict.fromkeys(ranges))
