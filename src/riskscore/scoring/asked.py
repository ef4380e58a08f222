"""From a table of applications to cases: which of them can be scored, and on which terms."""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.scoring.cases import Cases
from riskscore.scoring.products import Product, choose
from riskscore.scoring.snapshot import Snapshot


def cases_of(snapshot: Snapshot, applications: pl.DataFrame) -> tuple[list[int], Cases]:
    """Return the rows that are of a member at the moment and of a product on offer, and their cases.

    Parameters
    ----------
    snapshot : Snapshot
    applications : DataFrame
        As `riskscore.scoring.Scorer.batch` takes them.
    """
    products: dict[str, Product] = {product.id: product for product in snapshot.products}
    chosen = []
    for row in applications.iter_rows(named=True):
        product = products.get(row.get("product_id") or "")
        if product is None:
            product, _ = choose(
                snapshot.products, amount=row["amount"], term_days=row["term_days"], frequency=row["frequency"]
            )
        chosen.append(product)
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
