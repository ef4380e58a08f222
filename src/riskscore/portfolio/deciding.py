"""Who decided on what, who stands for what, and what was asked: rules that look from one table into another."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.consistency import Frames, Rule, has, newest
from riskscore.portfolio.contracts import keys
from riskscore.portfolio.forbidden import forbidden


def decision_of_its_bank(frames: Frames) -> Iterator[Fault]:
    """A committee decides on requests of its own communal bank, and not before they are made."""
    if not (
        has(frames, "committee_decisions", "id", "application_id", "group_id", "event_at")
        and has(frames, "applications", "id", "known_at", "group_id", "event_at")
    ):
        return
    asked = newest(frames["applications"]).select(application_id="id", asked_by="group_id", asked_at="event_at")
    rows = frames["committee_decisions"].join(asked, on="application_id")
    if has(frames, "groups", "id", "parent_id"):
        # A group that moved may have been decided on by either of its banks.
        above = frames["groups"].drop_nulls("parent_id").select(asked_by="id", group_id="parent_id").unique()
        own = rows.filter(pl.col("group_id") == pl.col("asked_by"))
        theirs = rows.join(above, on=["asked_by", "group_id"], how="semi")
        other = rows.join(pl.concat([own, theirs]).select("id"), on="id", how="anti")
        if other.height:
            yield Fault(
                "committee_decisions.group_id",
                f"is not the communal bank of the request ({keys(other['id'])}).",
                "Name the bank whose committee decided, or the request it decided on.",
            )
    early = rows.filter(pl.col("event_at") < pl.col("asked_at"))
    if early.height:
        yield Fault(
            "committee_decisions.event_at",
            f"is before the request was made ({keys(early['id'])}).",
            "Correct the moment, or the request it names.",
        )


def nothing_approved_where_refused(frames: Frames) -> Iterator[Fault]:
    """What was postponed or rejected has no amount approved."""
    if has(frames, "committee_decisions", "id", "result", "approved"):
        refused = pl.col("result").is_in(["postponed", "rejected"]) & (pl.col("approved") > 0)
        odd = frames["committee_decisions"].filter(refused)
        if odd.height:
            yield Fault(
                "committee_decisions.approved",
                f"stands for a request that was postponed or rejected ({keys(odd['id'])}).",
                "Leave it empty, or correct the result.",
            )


def guarantor_named(frames: Frames) -> Iterator[Fault]:
    """Whoever stands with her name, or a group with its own, is named."""
    if has(frames, "guarantees", "id", "kind", "member_id", "group_id"):
        nobody = frames["guarantees"].filter(
            pl.col("kind").is_in(["solidarity", "personal"])
            & pl.col("member_id").is_null()
            & pl.col("group_id").is_null()
        )
        if nobody.height:
            yield Fault(
                "guarantees.member_id",
                f"names no guarantor, nor does group_id ({keys(nobody['id'])}).",
                "Name the member or the group that stands for it.",
            )


def questions_that_are_never_asked(frames: Frames) -> Iterator[Fault]:
    """No survey asks about health, violence or anything else that is never recorded for credit."""
    for column in ("instrument", "question"):
        if has(frames, "surveys", "id", column):
            codes = frames["surveys"][column].drop_nulls().unique().sort()
            refused = [code for code in codes if forbidden(code)]
            if refused:
                rows = frames["surveys"].filter(pl.col(column).is_in(refused))
                yield Fault(
                    f"surveys.{column}",
                    f"{', '.join(refused)} is refused ({keys(rows['id'])}).",
                    f"Leave these answers out: {forbidden(refused[0])}.",
                )


RULES: tuple[Rule, ...] = (
    decision_of_its_bank,
    nothing_approved_where_refused,
    guarantor_named,
    questions_that_are_never_asked,
)
