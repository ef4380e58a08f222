"""The members' command log: who was put into which group, taken out or moved, and when.

Of a command only its ids are kept. Its JSON is read where it holds them (a group's members, a transfer) and thrown
away; that of a client's own creation, which holds her name, is never read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from riskscore.portfolio.adapters.fineract.database import batches
from riskscore.portfolio.adapters.fineract.source_tables import COMMANDS
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
from riskscore.portfolio.adapters.staging import Staging

if TYPE_CHECKING:
    from riskscore.portfolio.adapters.fineract.detection import Found
    from riskscore.portfolio.adapters.fineract.extraction import Progress

RELATION = "member_moves"
PROCESSED = 1
#: Actions on a group, and on a client, that say who belongs where.
GROUP_ACTIONS = ("CREATE", "ASSOCIATECLIENTS", "DISASSOCIATECLIENTS", "TRANSFERCLIENTS")
CLIENT_ACTIONS = ("CREATE", "ACCEPTTRANSFER", "PROPOSEANDACCEPTTRANSFER")

#: ``group_id`` is missing where she leaves every group she is in.
_SCHEMA = {
    "seq": pl.Int64(),
    "place": pl.Int64(),
    "client_id": pl.String(),
    "group_id": pl.String(),
    "joined": pl.Boolean(),
    "at": pl.Datetime("us"),
}

Move = tuple[int, int | None, bool]


def moves(entity: str, action: str, group: int | None, client: int | None, text: str | None) -> list[Move]:
    """Return what one command did, in order: (client, group, joined), group missing for all she is in.

    Parameters
    ----------
    entity, action : str
        As in the log, in capitals.
    group, client : int or None
        The command's own.
    text : str or None
        Its JSON; `ValueError` where it is needed and is none.

    Examples
    --------
    >>> moves("GROUP", "ASSOCIATECLIENTS", 7, None, '{"clientMembers": ["1", 2]}')
    [(1, 7, True), (2, 7, True)]
    >>> moves("GROUP", "TRANSFERCLIENTS", 7, None, '{"destinationGroupId": "8", "clients": [{"id": 1}]}')
    [(1, 7, False), (1, 8, True)]
    """
    if entity == "CLIENT" and action == "CREATE":
        return [(client, group, True)] if client is not None and group is not None else []
    said: dict[str, Any] = json.loads(text or "")
    target = int(said["destinationGroupId"]) if said.get("destinationGroupId") else None
    if entity == "CLIENT":
        if client is None:
            return []
        joins: list[Move] = [(client, target, True)] if target is not None else []
        return [(client, None, False), *joins]
    if group is None:
        raise ValueError("no group")
    if action == "TRANSFERCLIENTS":
        if target is None:
            raise ValueError("no group to go to")
        movers = [int(one["id"] if isinstance(one, dict) else one) for one in _listed(said.get("clients"))]
        return [move for one in movers for move in ((one, group, False), (one, target, True))]
    joined = action != "DISASSOCIATECLIENTS"
    return [(int(one), group, joined) for one in _listed(said.get("clientMembers"))]


def extract(
    connection: sa.Connection,
    found: Found,
    staging: Staging,
    names: Pseudonyms,
    *,
    time_zone: str,
    batch: int,
    progress: Progress,
) -> None:
    """Stage every move that a processed command made; note how many commands were read, refused and unreadable."""
    counts = dict(staging.noted("commands") or {"read": 0, "not processed": 0, "unreadable": 0})
    staging.add(COMMANDS.name, {RELATION: pl.DataFrame(schema=_SCHEMA)}, cursor=staging.cursor(COMMANDS.name))
    if COMMANDS.name not in found.columns:
        return
    present = found.columns[COMMANDS.name]
    key = ("id",) if "id" in present else ()
    if not key and staging.cursor(COMMANDS.name) is not None:
        return  # its one batch is there
    log = sa.table(COMMANDS.name, *(sa.column(name) for name in present.values()))

    def chosen(name: str) -> sa.ColumnElement[Any]:
        return log.c[present[name]] if name in present else sa.null()

    entity, action = (sa.func.upper(chosen(name)) for name in ("entity_name", "action_name"))
    of_client = sa.and_(entity == "CLIENT", action.in_(CLIENT_ACTIONS))
    where = sa.or_(sa.and_(entity == "GROUP", action.in_(GROUP_ACTIONS)), of_client)
    # A client's creation holds her name: its JSON does not leave the database.
    text = sa.case((sa.and_(entity == "CLIENT", action == "CREATE"), sa.null()), else_=chosen("command_as_json"))
    columns = [
        entity.label("entity"),
        action.label("action"),
        chosen("group_id").label("group"),
        chosen("client_id").label("client"),
        chosen("resource_id").label("resource"),
        text.label("text"),
        chosen("status").label("processed"),
        *(
            chosen(name).label(name)
            for name in ("checked_on_date_utc", "checked_on_date", "made_on_date_utc", "made_on_date")
        ),
    ]
    total = connection.execute(sa.select(sa.func.count()).select_from(log).where(where)).scalar_one()
    zone = ZoneInfo(time_zone)
    for rows in batches(connection, log, columns, key, staging.cursor(COMMANDS.name), batch, where):
        told: list[tuple[Any, ...]] = []
        for row in rows:
            if row.processed != PROCESSED:
                counts["not processed"] += 1
                continue
            group, client = row.group, row.client
            if row.entity == "GROUP":
                group = group if group is not None else row.resource
            else:
                client = client if client is not None else row.resource
            at = _stamp(zone, row.checked_on_date_utc, row.checked_on_date, row.made_on_date_utc, row.made_on_date)
            try:
                made = moves(row.entity, row.action, group, client, row.text)
            except (ValueError, TypeError, KeyError, AttributeError):
                counts["unreadable"] += 1
                continue
            if at is None:
                counts["unreadable"] += 1
                continue
            counts["read"] += 1
            told += [
                (sum(counts.values()), place, who, into, joined, at) for place, (who, into, joined) in enumerate(made)
            ]
        raw = pl.DataFrame(told, schema={**_SCHEMA, "client_id": pl.Int64(), "group_id": pl.Int64()}, orient="row")
        frame = raw.with_columns(names.column("member", raw["client_id"]), names.column("group", raw["group_id"]))
        staging.add(COMMANDS.name, {RELATION: frame}, cursor=list(rows[-1][len(columns) :]), notes={"commands": counts})
        progress(COMMANDS.name, sum(counts.values()), total)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _stamp(zone: ZoneInfo, *stamps: datetime | None) -> datetime | None:
    """Return the first stamp there is, local; those at even places are in UTC."""
    for place, stamp in enumerate(stamps):
        if stamp is not None:
            if place % 2 and stamp.tzinfo is None:
                return stamp
            aware = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
            return aware.astimezone(zone).replace(tzinfo=None)
    return None
