"""What no table shows alone: references, versions, clocks, and facts that contradict each other.

Each rule is a function from the readable tables to faults. A frame here has the contract's types; columns that are
missing or of a wrong type have been told already, and a rule that needs one of them is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.contracts import keys
from riskscore.portfolio.forbidden import TOPIC, forbidden
from riskscore.portfolio.manifest import Manifest
from riskscore.portfolio.tables import Table

Frames = Mapping[str, pl.DataFrame]
Rule = Callable[[Frames], Iterator[Fault]]


def has(frames: Frames, name: str, *columns: str) -> bool:
    """Say whether table `name` can be read with all of `columns`."""
    return name in frames and set(columns) <= set(frames[name].columns)


def newest(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the last version of every fact."""
    return frame.sort("known_at").unique("id", keep="last", maintain_order=True)


def consistency_faults(frames: Frames, tables: Mapping[str, Table], manifest: Manifest | None) -> list[Fault]:
    """Return what is wrong within and between the tables of a portfolio."""
    faults = [fault for rule in RULES for fault in rule(frames)]
    for name, frame in frames.items():
        faults += _references(frames, tables[name])
        faults += _versions(name, frame)
        faults += _clocks(name, frame, manifest)
        faults += _currency(tables[name], frame, manifest)
        faults += _topics(tables[name], frame)
    return faults


def _references(frames: Frames, table: Table) -> Iterator[Fault]:
    frame = frames[table.name]
    for column in table.columns:
        if not column.references or not has(frames, table.name, "id", column.name):
            continue
        target = frames.get(column.references)
        if target is not None and "id" not in target.columns:
            continue
        named = frame.select("id", column.name).drop_nulls(column.name)
        broken = named if target is None else named.join(target, left_on=column.name, right_on="id", how="anti")
        if broken.height:
            yield Fault(
                f"{table.name}.{column.name}",
                f"names no row of {column.references} ({keys(broken['id'])}).",
                f"Add the missing rows to {column.references}, or correct the reference.",
            )


def _versions(name: str, frame: pl.DataFrame) -> Iterator[Fault]:
    if {"id", "known_at"} <= set(frame.columns):
        twice = frame.filter(pl.struct("id", "known_at").is_duplicated())
        if twice.height:
            yield Fault(
                f"{name}.id",
                f"has two versions known at the same moment ({keys(twice['id'])}).",
                "Give the correction the moment it was recorded, or remove the copy.",
            )


def _clocks(name: str, frame: pl.DataFrame, manifest: Manifest | None) -> Iterator[Fault]:
    if {"id", "event_at", "known_at"} <= set(frame.columns):
        early = frame.filter(pl.col("known_at") < pl.col("event_at"))
        if early.height:
            yield Fault(
                f"{name}.known_at",
                f"is before event_at ({keys(early['id'])}).",
                "event_at is when the fact came to be, not the date it speaks of; nothing is known before that.",
            )
    if manifest and {"id", "event_at"} <= set(frame.columns):
        end = datetime.combine(manifest.data_date + timedelta(days=1), datetime.min.time())
        late = frame.filter(pl.col("event_at") >= end)
        if late.height:
            yield Fault(
                f"{name}.event_at",
                f"is after the data date {manifest.data_date} ({keys(late['id'])}).",
                "Correct it, or set data_date in portfolio.json to the last day the tables cover.",
            )


def _currency(table: Table, frame: pl.DataFrame, manifest: Manifest | None) -> Iterator[Fault]:
    if any(column.foreign for column in table.columns):
        return
    if manifest and {"id", "currency"} <= set(frame.columns):
        other = frame.filter(pl.col("currency") != manifest.currency)
        if other.height:
            yield Fault(
                f"{table.name}.currency",
                f"is not the portfolio's {manifest.currency} ({keys(other['id'])}).",
                "Hand over one portfolio for each currency; amounts are never converted here.",
            )


def _topics(table: Table, frame: pl.DataFrame) -> Iterator[Fault]:
    for name in ("topic", "tema"):
        if {"id", name} <= set(frame.columns) and frame[name].dtype == pl.String:
            refused = [topic for topic in frame[name].drop_nulls().unique().sort() if forbidden(topic)]
            if refused:
                rows = frame.filter(pl.col(name).is_in(refused))
                yield Fault(f"{table.name}.{name}", f"{', '.join(refused)} is refused ({keys(rows['id'])}).", TOPIC)


def instalments_after_loan(frames: Frames) -> Iterator[Fault]:
    """No instalment falls due before its loan was disbursed."""
    if not (has(frames, "instalments", "id", "loan_id", "due_on") and has(frames, "loans", "id", "disbursed_on")):
        return
    loans = frames["loans"].group_by("id").agg(pl.col("disbursed_on").min())
    early = frames["instalments"].join(loans, left_on="loan_id", right_on="id")
    early = early.filter(pl.col("due_on") < pl.col("disbursed_on"))
    if early.height:
        yield Fault(
            "instalments.due_on",
            f"is before the loan was disbursed ({keys(early['id'])}).",
            "Correct the due date or the loan's disbursed_on.",
        )


def principal_within_amount(frames: Frames) -> Iterator[Fault]:
    """An instalment's principal is part of its amount."""
    if has(frames, "instalments", "id", "amount", "principal"):
        above = frames["instalments"].filter(pl.col("principal") > pl.col("amount"))
        if above.height:
            yield Fault(
                "instalments.principal",
                f"is above the instalment's amount ({keys(above['id'])}).",
                "The amount is principal and interest together.",
            )


def product_ranges(frames: Frames) -> Iterator[Fault]:
    """A product's smallest amount and term are not above its largest."""
    for low, high in (("amount_min", "amount_max"), ("term_days_min", "term_days_max")):
        if has(frames, "products", "id", low, high):
            crossed = frames["products"].filter(pl.col(low) > pl.col(high))
            if crossed.height:
                yield Fault(f"products.{low}", f"is above {high} ({keys(crossed['id'])}).", "Swap or correct them.")


def membership_dates(frames: Frames) -> Iterator[Fault]:
    """A membership ends after it begins, and a member is not twice in one group at once."""
    if not has(frames, "memberships", "id", "known_at", "member_id", "group_id", "valid_from", "valid_to"):
        return
    rows = newest(frames["memberships"])
    backward = rows.filter(pl.col("valid_to") < pl.col("valid_from"))
    if backward.height:
        yield Fault(
            "memberships.valid_to",
            f"is before valid_from ({keys(backward['id'])}).",
            "valid_to is the first day outside, missing while she stays.",
        )
    ordered = rows.sort("member_id", "group_id", "valid_from", "id").with_columns(
        ended=pl.col("valid_to").fill_null(pl.date(9999, 12, 31))
    )
    overlap = ordered.filter(
        pl.col("valid_from") < pl.col("ended").cum_max().shift().over("member_id", "group_id"),
    )
    if overlap.height:
        yield Fault(
            "memberships.valid_from",
            f"overlaps an earlier membership of the same member in the same group ({keys(overlap['id'])}).",
            "Leaving is a new version of the same id with valid_to; a return is a new id.",
        )


def group_hierarchy(frames: Frames) -> Iterator[Fault]:
    """A solidarity group stands in a communal bank, nothing else has a parent, and there are no circles."""
    if not has(frames, "groups", "id", "known_at", "kind", "parent_id"):
        return
    rows = newest(frames["groups"])
    alone = rows.filter((pl.col("kind") == "solidarity_group") & pl.col("parent_id").is_null())
    if alone.height:
        yield Fault(
            "groups.parent_id",
            f"is missing for a solidarity group ({keys(alone['id'])}).",
            "Name the communal bank it belongs to.",
        )
    below = rows.filter((pl.col("kind") != "solidarity_group") & pl.col("parent_id").is_not_null())
    if below.height:
        yield Fault(
            "groups.parent_id",
            f"stands for a group that is no solidarity group ({keys(below['id'])}).",
            "Only a solidarity group has a parent, its communal bank.",
        )
    parents = rows.select(pl.col("id").alias("parent_id"), pl.col("kind").alias("parent_kind"))
    wrong = rows.filter(pl.col("kind") == "solidarity_group").join(parents, on="parent_id")
    wrong = wrong.filter(pl.col("parent_kind") != "communal_bank")
    if wrong.height:
        yield Fault(
            "groups.parent_id",
            f"names a group that is no communal bank ({keys(wrong['id'])}).",
            "Name the communal bank it belongs to.",
        )
    circles = _in_circles(dict(rows.select("id", "parent_id").drop_nulls().iter_rows()))
    if circles:
        yield Fault(
            "groups.parent_id",
            f"runs in a circle ({keys(pl.Series(circles))}).",
            "Remove the parent of the communal bank.",
        )


def _in_circles(parent: Mapping[str, str]) -> list[str]:
    circling = []
    for start in parent:
        seen, here = {start}, parent[start]
        while here in parent and here not in seen:
            seen.add(here)
            here = parent[here]
        if here == start:
            circling.append(start)
    return circling


RULES: tuple[Rule, ...] = (
    instalments_after_loan,
    principal_within_amount,
    product_ranges,
    membership_dates,
    group_hierarchy,
)
