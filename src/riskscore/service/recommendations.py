"""From the service's records to a table of the portfolio: what was recommended, and what a committee then decided.

The records hold every recommendation, and the decisions that were entered beside it. Where none was, those of the
portfolio are looked at: one belongs to the last recommendation about the same member in the weeks before it.
Neither is a label: an outcome comes from payments.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from riskscore.dataset.spine import applications
from riskscore.portfolio import TABLES, Portfolio
from riskscore.portfolio.kinds import schema
from riskscore.service.database import Database
from riskscore.service.decisions import decisions
from riskscore.service.records import Records

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
        With the members the records speak of, their requests, and committees' decisions.
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
        .select("id", "application_id", "decision", "decided_at", "told_at", decided_by=pl.lit("committee"))
    )
    entered = _entered(database, portfolio, given)
    matched = matched.join(entered, on="id", how="anti")
    # A request that was decided upon under another recommendation is not this one's.
    free = ~pl.col("application_id").is_in(matched["application_id"].to_list())
    matched = pl.concat([matched, entered.with_columns(application_id=pl.when(free).then("application_id"))])
    first = given.join(matched.select("id", "application_id"), on="id", how="left").with_columns(
        decided_by=pl.lit(None, dtype=pl.String), decision=pl.lit(None, dtype=pl.String)
    )
    then = given.join(matched, on="id", how="inner").with_columns(
        event_at=pl.col("decided_at"),
        known_at=pl.max_horizontal("told_at", pl.col("known_at") + timedelta(microseconds=1)),
    )
    columns = schema(table)
    both = pl.concat([part.with_columns(known_inferred=False).select(*columns) for part in (first, then)])
    return both.cast(pl.Schema(columns)).sort("id", "known_at")


def _entered(database: Database, portfolio: Portfolio, given: pl.DataFrame) -> pl.DataFrame:
    """Return the last decision entered beside each of the recommendations `given`, with the request it answers."""
    last = {decided.decision.score_id: decided for decided in decisions(database)}
    rows = [
        {
            "id": score_id,
            "decision": decided.result,
            "decided_by": decided.decision.role,
            "day": datetime.combine(decided.decision.decided_on, datetime.min.time()),
            "told_at": portfolio.manifest.moment(datetime.fromisoformat(decided.recorded_at)),
        }
        for score_id, decided in last.items()
    ]
    moment = given.schema["event_at"]
    kinds = {"id": pl.String(), "decision": pl.String(), "decided_by": pl.String(), "day": moment, "told_at": moment}
    requests = applications(portfolio).select("application_id", "member_id", asked_at="as_of").drop_nulls("member_id")
    return (
        pl.DataFrame(rows, schema=kinds)
        .join(given.select("id", "member_id", "event_at"), on="id", how="inner")
        # A day has no hour: it lies after the recommendation, and requests of the same day are before its end.
        .with_columns(decided_at=pl.max_horizontal("day", "event_at"), until=pl.col("day") + timedelta(days=1))
        .sort("until", "id")
        .join_asof(
            requests.sort("asked_at"),
            left_on="until",
            right_on="asked_at",
            by="member_id",
            tolerance=timedelta(weeks=WEEKS),
            check_sortedness=False,
        )
        .select("id", "application_id", "decision", "decided_at", "told_at", "decided_by")
    )


def _recorded(database: Database, portfolio: Portfolio, recipe: str) -> pl.DataFrame:
    """Return the recommendations on record about members of the portfolio, in its local time."""
    known = set(portfolio.table("members")["id"].to_list())
    banks = set(portfolio.table("groups")["id"].to_list())
    found = []
    for record in Records(database).scores(recipe):
        state = record.score.get("recommendation", {}).get("state")
        if record.place.subject in known and state in _STATES:
            moment = portfolio.manifest.moment(datetime.fromisoformat(record.recorded_at))
            found.append(
                {
                    "id": record.score_id,
                    "event_at": moment,
                    "known_at": moment,
                    "member_id": record.place.subject,
                    "group_id": record.place.bank_id if record.place.bank_id in banks else None,
                    "state": state,
                    "model_version": str(record.score["model_version"]),
                    "policy_version": str(record.score["policy_version"]),
                }
            )
    columns = schema(TABLES["recommendations"])
    names = ("id", "event_at", "known_at", "member_id", "group_id", "state", "model_version", "policy_version")
    return pl.DataFrame(found, schema={name: columns[name] for name in names})
