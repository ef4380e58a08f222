"""From the service's records to a table of the portfolio: what was recommended, and what a committee then decided.

The records hold every recommendation; the portfolio holds the decisions on requests. A decision belongs to the last
recommendation about the same member in the weeks before it. Neither is a label: an outcome comes from payments.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl
import sqlalchemy as sa

from riskscore.dataset.spine import applications
from riskscore.portfolio import TABLES, Portfolio
from riskscore.portfolio.kinds import schema
from riskscore.service.database import SCORES, Database

#: A decision that follows later than this rests on another recommendation, or on none.
WEEKS = 8

_STATES = ("ready", "talk_first")


def recommendations(database: Database, portfolio: Portfolio, *, recipe: str) -> pl.DataFrame:
    """Return the rows of the table ``recommendations``: one version as recommended, one more where it was decided.

    Parameters
    ----------
    database : Database
        The records.
    portfolio : Portfolio
        With the committee's decisions, and the members the records speak of.
    recipe : str
        Of a member's loan.

    Returns
    -------
    DataFrame
        The columns of the contract, by id and moment of knowledge. Of score, amount and reasons nothing is in it.
    """
    given = _recorded(database, portfolio, recipe)
    table = TABLES["recommendations"]
    if given.is_empty():
        return pl.DataFrame(schema=schema(table))
    asked = applications(portfolio).select("application_id", "member_id")
    decided = (
        portfolio.table("committee_decisions")
        .sort("known_at", "event_at")
        .unique("id", keep="last", maintain_order=True)
        .join(asked, on="application_id", how="inner")
        .select("application_id", "member_id", decision="result", decided_at="event_at", told_at="known_at")
        .sort("decided_at", "application_id")
    )
    # The last recommendation before each decision; a recommendation answers one decision, the first that follows it.
    matched = (
        decided.join_asof(
            given.select("member_id", "id", "event_at").sort("event_at"),
            left_on="decided_at",
            right_on="event_at",
            by="member_id",
            tolerance=timedelta(weeks=WEEKS),
            check_sortedness=False,
        )
        .drop_nulls("id")
        .unique("id", keep="first", maintain_order=True)
        .select("id", "application_id", "decision", "decided_at", "told_at")
    )
    first = given.join(matched.select("id", "application_id"), on="id", how="left").with_columns(
        decided_by=pl.lit(None, dtype=pl.String), decision=pl.lit(None, dtype=pl.String)
    )
    then = given.join(matched, on="id", how="inner").with_columns(
        decided_by=pl.lit("committee"),
        event_at=pl.col("decided_at"),
        known_at=pl.max_horizontal("told_at", pl.col("known_at") + timedelta(microseconds=1)),
    )
    columns = schema(table)
    both = pl.concat([part.with_columns(known_inferred=False).select(*columns) for part in (first, then)])
    return both.cast(pl.Schema(columns)).sort("id", "known_at")


def _recorded(database: Database, portfolio: Portfolio, recipe: str) -> pl.DataFrame:
    """Return the recommendations on record about members of the portfolio, in its local time."""
    known = set(portfolio.table("members")["id"].to_list())
    banks = set(portfolio.table("groups")["id"].to_list())
    with database.read() as connection:
        rows = connection.execute(sa.select(SCORES).where(SCORES.c.recipe == recipe).order_by(SCORES.c.number)).all()
    found = []
    for row in rows:
        state = json.loads(row.score).get("recommendation", {}).get("state")
        if row.subject in known and state in _STATES:
            moment = portfolio.manifest.moment(datetime.fromisoformat(row.recorded_at))
            found.append(
                {
                    "id": row.score_id,
                    "event_at": moment,
                    "known_at": moment,
                    "member_id": row.subject,
                    "group_id": row.bank_id if row.bank_id in banks else None,
                    "state": state,
                    "model_version": row.model_version,
                    "policy_version": row.policy_version,
                }
            )
    columns = schema(TABLES["recommendations"])
    names = ("id", "event_at", "known_at", "member_id", "group_id", "state", "model_version", "policy_version")
    return pl.DataFrame(found, schema={name: columns[name] for name in names})
