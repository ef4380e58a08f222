"""From a table of applications to cases: which of them can be scored, and on which terms."""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.scoring.cases import Cases
from riskscore.scoring.products import Product, choose
from riskscore.scoring.snapshot import Snapshot

#: Why an application has no case.
NO_MEMBER, NO_PRODUCT = "of who is no member at that moment", "that no product on offer allows"


def cases_of(snapshot: Snapshot, applications: pl.DataFrame) -> tuple[list[int], Cases]:
    """Return the rows that are of a member at the moment and of a product on offer, and their cases.

    Parameters
    ----------
    snapshot : Snapshot
    applications : DataFrame
        As `riskscore.scoring.Scorer.batch` takes them.
    """
    chosen = _products(snapshot, applications)
    kept = [
        place
        for place, (member, product) in enumerate(zip(applications["member_id"], chosen, strict=True))
        if product is not None and member in snapshot.places
    ]
    some = applications[kept]
    numbers = {
        name: some[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("amount", "term_days", "other_active_loans")
    }
    return kept, Cases(
        places=np.array([snapshot.places[member] for member in some["member_id"]], dtype=np.int64),
        amount=numbers["amount"],
        term_days=numbers["term_days"],
        frequency=some["frequency"].to_list(),
        purpose=some["purpose"].to_list(),
        other_active_loans=numbers["other_active_loans"],
        products=[product for product in (chosen[place] for place in kept) if product is not None],
    )


def left_out(snapshot: Snapshot, applications: pl.DataFrame) -> dict[str, int]:
    """Return why applications have no case, and how many for each reason; see `cases_of`.

    One that has both reasons counts as of no member.
    """
    found = {NO_MEMBER: 0, NO_PRODUCT: 0}
    for member, product in zip(applications["member_id"], _products(snapshot, applications), strict=True):
        if member not in snapshot.places:
            found[NO_MEMBER] += 1
        elif product is None:
            found[NO_PRODUCT] += 1
    return {why: count for why, count in found.items() if count}


def _products(snapshot: Snapshot, applications: pl.DataFrame) -> list[Product | None]:
    """Return the product of each application: its own where that is on offer, else the first that allows it."""
    products = {product.id: product for product in snapshot.products}
    named = applications["product_id"] if "product_id" in applications.columns else [None] * applications.height
    chosen = [products.get(own or "") for own in named]
    for place, product in enumerate(chosen):
        if product is None:
            row = applications.row(place, named=True)
            chosen[place], _ = choose(
                snapshot.products, amount=row["amount"], term_days=row["term_days"], frequency=row["frequency"]
            )
    return chosen
