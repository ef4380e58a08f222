"""Scores in bulk, one member's row from cold, and the grid of what would be if."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from champion import Trained
from measure import Row, must_be_equal, seconds, side_by_side
from row_by_hand import row as by_hand

from riskscore import Catalog, Portfolio, Project, Scorer
from riskscore.catalog import member_values
from riskscore.scoring import ScoreRequest, Snapshot, latest_applications

DEFINITIONS = Path(__file__).parent / "definitions" / "row"

#: Rows of the bulk file.
BULK = 100_000

#: The grid: amounts times terms.
AMOUNTS, TERMS = 50, 4


def cold_row(portfolio: Portfolio) -> Iterator[Row]:
    """One member's features at one moment, with those of her neighbours, nothing at hand but the connection."""
    lock = Catalog.from_folder(DEFINITIONS).lock()
    with portfolio.connect(threads=2) as con:
        some = con.sql(
            "SELECT member_id, known_at AS as_of FROM applications WHERE ledger = 'internal' ORDER BY hash(id) LIMIT 9"
        ).pl()
        taken, least = [], []
        for place in range(some.height):
            asked = some[place]
            member, moment = asked.row(0)
            pair = side_by_side(
                lambda asked=asked: member_values(con, lock, asked),
                lambda member=member, moment=moment: by_hand(con, member, moment),
                times=3,
                warm=1,
            )
            engine, hand = pair.results
            must_be_equal("cold row", engine.drop("member_id", "as_of").to_dicts()[0], _in_order(hand, lock))
            taken.append(pair.value)
            least.append(pair.floor)
    yield Row(
        f"one member's cold row, {len(lock.features)} features with neighbours",
        1000 * statistics.median(taken),
        "ms",
        1000 * statistics.median(least),
        "a statement a source, written by hand for her, equal values",
        1.5,
    )


def _in_order(hand: dict[str, float | None], lock: Any) -> dict[str, float | None]:
    return {feature.name: hand[feature.name] for feature in lock.features}


def in_bulk(portfolio: Portfolio, trained: Trained) -> Iterator[Row]:
    """Many applications at one moment: PD, points, reasons, indebtedness and state of each."""
    champion = trained.champion
    scorer = Scorer(champion, Project.open().policy())
    took, snapshot = seconds(lambda: Snapshot.build(portfolio, champion.lock))
    latest = latest_applications(portfolio, snapshot.as_of).filter(pl.col("member_id").is_in(list(snapshot.places)))
    copies = -(-BULK // latest.height)
    applications = pl.concat([latest] * copies)[:BULK]
    x = _matrix(champion, snapshot, applications)
    booster = trained.booster()
    pair = side_by_side(
        lambda: scorer.batch(snapshot, applications, explain=True),
        lambda: booster.predict(x, pred_contrib=True, num_threads=1),
        times=3,
        warm=0,
    )
    scored = pair.results[0]
    if scored["pd"].null_count() > BULK // 100:
        raise SystemExit("bulk: more than one application in a hundred got no score, so the time means nothing.")
    yield Row(
        f"bulk scores with points and reasons, {BULK:,} rows ({BULK / pair.value:,.0f} rows/s; {trained.words})",
        pair.value,
        "s",
        pair.floor,
        f"bare pred_contrib of the same rows ({BULK / pair.floor:,.0f} rows/s)",
    )
    yield Row(
        f"the day's rows of {len(snapshot.places):,} members",
        1e6 * took / len(snapshot.places),
        "µs per member",
        1e6 * pair.floor / BULK,
        "bare pred_contrib of one row",
    )
    yield _grid(scorer, snapshot, latest, x, booster)


def _matrix(champion: Any, snapshot: Snapshot, applications: pl.DataFrame) -> np.ndarray:
    """Return rows for the bare model; a formula's column is drawn within what the model has seen."""
    places = [snapshot.places[member] for member in applications["member_id"]]
    rng = np.random.default_rng(0)
    columns = []
    for name in champion.model.features:
        if name in snapshot.names:
            columns.append(snapshot.values[places, snapshot.names.index(name)])
        else:
            reference = champion.support[name]
            columns.append(rng.uniform(reference.low, reference.high, len(places)))
    return np.column_stack(columns)


def _grid(scorer: Scorer, snapshot: Snapshot, latest: pl.DataFrame, x: np.ndarray, booster: Any) -> Row:
    asked = latest.drop_nulls(["other_active_loans", "purpose"]).row(0, named=True)
    product = next(one for one in snapshot.products if one.id == asked["product_id"])
    amounts = np.linspace(product.amount_min, product.amount_max, AMOUNTS).round(2).tolist()
    terms = np.linspace(product.term_days_min, product.term_days_max, TERMS).astype(int).tolist()
    request = ScoreRequest.read(
        {
            "recipe": scorer.champion.recipe.name,
            "subject": asked["member_id"],
            "amount": asked["amount"],
            "currency": snapshot.currency,
            "term_days": asked["term_days"],
            "frequency": asked["frequency"],
            "purpose": asked["purpose"],
            "other_active_loans": asked["other_active_loans"],
        },
        snapshot,
        recipe=scorer.champion.recipe.name,
    )
    rows = x[: AMOUNTS * TERMS]

    def explained() -> None:
        scorer.what_if(snapshot, request, amounts=amounts, terms=terms)
        scorer.score(snapshot, request)

    def bare() -> None:
        booster.predict(rows, num_threads=1)
        booster.predict(rows[:1], pred_contrib=True, num_threads=1)

    pair = side_by_side(explained, bare, times=21, warm=3)
    return Row(
        f"what-if grid of {AMOUNTS * TERMS}, then the chosen one explained (at most 50 ms)",
        1000 * pair.value,
        "ms",
        1000 * pair.floor,
        "one predict of the grid and one pred_contrib",
    )
