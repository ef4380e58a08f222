"""What the institution offers: the limits that a request is held to before it is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio import Portfolio
from riskscore.service.directory import known


@dataclass(frozen=True, slots=True)
class Offer:
    """The limits of one product.

    Parameters
    ----------
    name : str
    amount_min, amount_max : float
        In the portfolio's currency, inclusive.
    term_days_min, term_days_max : int
        Inclusive.
    frequencies : tuple of str
    """

    name: str
    amount_min: float
    amount_max: float
    term_days_min: int
    term_days_max: int
    frequencies: tuple[str, ...]


def offers(portfolio: Portfolio, moment: datetime, *, ledger: str = "internal") -> tuple[Offer, ...]:
    """Return the products of a ledger on offer at `moment`, by name."""
    rows = known(portfolio.table("products"), moment).filter(pl.col("ledger") == ledger).sort("name", "id")
    return tuple(
        Offer(
            name=row["name"],
            amount_min=float(row["amount_min"]),
            amount_max=float(row["amount_max"]),
            term_days_min=row["term_days_min"],
            term_days_max=row["term_days_max"],
            frequencies=tuple(part.strip() for part in row["frequencies"].split(",")),
        )
        for row in rows.iter_rows(named=True)
    )


def limit_faults(on_offer: Iterable[Offer], fields: Mapping[str, Any]) -> list[Fault]:
    """Return what no product allows, field by field; a field that is not there is nobody's fault.

    Each field is held to the products that allow the ones before it: frequency, then term, then amount.
    """
    left = tuple(on_offer)
    faults: list[Fault] = []

    def narrow(name: str, allows: Callable[[Offer], bool], remedy: Callable[[], str]) -> None:
        nonlocal left
        if name not in fields:
            return
        allowing = tuple(offer for offer in left if allows(offer))
        if allowing:
            left = allowing
        else:
            faults.append(Fault(name, "No product on offer allows this.", remedy()))

    narrow(
        "frequency",
        lambda offer: fields["frequency"] in offer.frequencies,
        lambda: f"Choose one of: {', '.join(dict.fromkeys(one for offer in left for one in offer.frequencies))}.",
    )
    narrow(
        "term_days",
        lambda offer: offer.term_days_min <= fields["term_days"] <= offer.term_days_max,
        lambda: "Ask for " + _either(f"{offer.term_days_min} to {offer.term_days_max} days" for offer in left),
    )
    narrow(
        "amount",
        lambda offer: offer.amount_min <= fields["amount"] <= offer.amount_max,
        lambda: "Ask for " + _either(f"{offer.amount_min:g} to {offer.amount_max:g}" for offer in left),
    )
    return faults


def _either(ranges: Iterable[str]) -> str:
    return f"{', or '.join(dict.fromkeys(ranges)) or 'nothing: no product is on offer'}."
