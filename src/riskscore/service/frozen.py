"""What is kept with a score so that it can be computed again, and the snapshot made from what was kept.

The value row holds her features (none that is protected: no model reads it) and two numbers of her solidarity group.
What many scores share (words, products, policy, the portfolio's manifest) is the context.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from riskscore.catalog import Lock
from riskscore.portfolio import Manifest, Portfolio
from riskscore.portfolio.cycles import member_cycles
from riskscore.scoring import Product, Score, Snapshot
from riskscore.service.context import Context
from riskscore.service.records import Record

#: Names, in a value row, of what is no feature: what the others of her group may come to owe, and how many they are.
OTHERS_UNCOVERED, OTHERS = "others_uncovered", "others"


def context_of(lock: Lock, snapshot: Snapshot, policy_text: str) -> Context:
    """Return what scores of one champion, policy and portfolio share, as JSON values."""
    manifest = snapshot.manifest
    shared = {
        "country": manifest.country,
        "currency": manifest.currency,
        "time_zone": manifest.time_zone,
        "data_date": manifest.data_date.isoformat(),
        "policy": policy_text,
        "products": [asdict(product) | {"frequencies": list(product.frequencies)} for product in snapshot.products],
        "features": {
            feature.name: {"family": feature.family, "es": feature.title.es, "en": feature.title.en}
            for feature in lock.features
            if not feature.protected
        },
    }
    return Context(shared)


def stored_values(score: Score, lock: Lock) -> dict[str, float | None]:
    """Return the value row without protected traits, which are nobody's business."""
    return {name: value for name, value in score.values.items() if not lock.feature(name).protected}


def beside(snapshot: Snapshot, subject: str) -> dict[str, float | None]:
    """Return what a snapshot knows of her group besides her own values."""
    place = snapshot.place(subject)
    return {
        OTHERS_UNCOVERED: float(snapshot.others_uncovered[place]),
        OTHERS: float(snapshot.others[place]),
    }


def histories(
    portfolio: Portfolio, snapshot: Snapshot, members: Iterable[str] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the last cycles of each member, or of `members`, at the snapshot's moment, as JSON values."""
    found = member_cycles(portfolio, snapshot.as_of, members=snapshot.places if members is None else members)
    of_each: dict[str, list[dict[str, Any]]] = {}
    for row in found.with_columns(pl.col("disbursed_on").dt.to_string("iso")).iter_rows(named=True):
        of_each.setdefault(row.pop("member_id"), []).append(row)
    return of_each


def thawed(record: Record, lock: Lock) -> Snapshot:
    """Return the snapshot of one member that a record was answered from."""
    context, values = record.context, record.values
    names = tuple(feature.name for feature in lock.features if feature.step != 5)
    row = [values.get(name) for name in names]
    subject = record.place.subject
    return Snapshot(
        as_of=datetime.fromisoformat(record.request["as_of"]),
        manifest=Manifest(
            context["currency"],
            context["country"],
            context["time_zone"],
            date.fromisoformat(context["data_date"]),
        ),
        lock_sha256=lock.sha256,
        names=names,
        values=np.array([[np.nan if value is None else value for value in row]], dtype=np.float64),
        places={subject: 0},
        group=_some(subject, record.place.group_id),
        bank=_some(subject, record.place.bank_id),
        products=tuple(Product(**one | {"frequencies": tuple(one["frequencies"])}) for one in context["products"]),
        others_uncovered=np.array([values[OTHERS_UNCOVERED]], dtype=np.float64),
        others=np.array([values[OTHERS]], dtype=np.int64),
    )


def _some(subject: str, name: str | None) -> Mapping[str, str]:
    return {} if name is None else {subject: name}
