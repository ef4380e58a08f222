"""Memberships: who belonged to which group when, rebuilt since Fineract keeps no dates.

Fineract's list of members is today's. Read into the past it would leave out those who did badly and left, so it is
used for what it is: a fact of today. See `spells` for how the past is rebuilt.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

import duckdb
import polars as pl

from riskscore.portfolio.adapters.fineract.commands import RELATION
from riskscore.portfolio.adapters.fineract.core import count
from riskscore.portfolio.adapters.fineract.findings import Findings
from riskscore.portfolio.adapters.fineract.spells import SILENCE_DAYS, Sign, Version, from_log, from_signs

Pair = tuple[str, str]

_SIGNS = f"""
SELECT b.client_id, b.group_id, b.asked_on AS start, b.asked_known_at AS known_at,
       -- That a loan ended is known with the movement that ended it, where that was entered later than its date.
       CASE WHEN b.disbursedon_date IS NULL THEN b.asked_on
            WHEN b.closedon_date <= data_date() THEN greatest(b.closedon_date, coalesce(
                (SELECT min(m.known_at)::DATE FROM movements AS m
                 WHERE m.loan_id = b.id AND m.day = b.closedon_date AND NOT m.reversed), b.closedon_date))
       END AS "end"
FROM borrowers AS b JOIN m_group AS g ON g.id = b.group_id
WHERE b.borrower = 'member' AND b.asked_known_at <= data_end()
UNION ALL
-- Meetings that follow each other within the days of silence are one sign, known since the first.
SELECT client_id, group_id, min(day), day_end(min(day)), max(day)
FROM (
    SELECT *, count(*) FILTER (WHERE pause >= {SILENCE_DAYS})
              OVER (PARTITION BY client_id, group_id ORDER BY day) AS run
    FROM (
        SELECT a.client_id, i.entity_id AS group_id, m.meeting_date AS day,
               m.meeting_date - lag(m.meeting_date) OVER (PARTITION BY a.client_id, i.entity_id ORDER BY m.meeting_date)
               AS pause
        FROM m_client_attendance AS a JOIN m_meeting AS m ON m.id = a.meeting_id
        JOIN m_calendar_instance AS i ON i.id = m.calendar_instance_id AND i.entity_type_enum = 2
        JOIN m_group AS g ON g.id = i.entity_id
        WHERE m.meeting_date <= data_date() AND a.attendance_type_enum IN (1, 5)
    )
)
GROUP BY client_id, group_id, run
"""

_MOVES = f"""
SELECT v.client_id, v.group_id, v.joined, v.at FROM {RELATION} AS v
WHERE v.at <= data_end() ORDER BY v.at, v.seq, v.place
"""


def build_memberships(con: duckdb.DuckDBPyConnection, findings: Findings, *, has_list: bool, data_date: date) -> None:
    """Make ``memberships``; needs ``borrowers`` and ``movements``.

    Parameters
    ----------
    con : DuckDB connection
    findings : Findings
    has_list : bool
        Whether the core has today's list of members.
    data_date : date
    """
    persons = {
        row[0] for row in con.execute("SELECT id FROM m_client WHERE legal_form_enum IS DISTINCT FROM 2").fetchall()
    }
    groups = {row[0] for row in con.execute("SELECT id FROM m_group").fetchall()}
    signs: dict[Pair, list[Sign]] = defaultdict(list)
    for client, group, start, known_at, end in con.execute(_SIGNS).fetchall():
        signs[client, group].append(Sign(start, known_at, end))
    log = _log(con.execute(_MOVES).fetchall())
    today = set(con.execute("SELECT client_id, group_id FROM m_group_client").fetchall()) if has_list else None
    rows: list[tuple[object, ...]] = []
    silent = 0
    for pair in sorted({*signs, *log, *(today or ())}):
        if pair[0] not in persons or pair[1] not in groups:
            continue
        listed = None if today is None else pair in today
        seen = signs.get(pair, [])
        found = from_log(log[pair], seen, listed, data_date) if pair in log else from_signs(seen, listed, data_date)
        silent += pair not in log and not seen
        rows += [_row(pair, version) for version in found]
    con.register("rebuilt", pl.DataFrame(rows, schema=_SCHEMA, orient="row").to_arrow())
    con.execute("CREATE TABLE memberships AS FROM rebuilt")
    con.unregister("rebuilt")
    _tell(con, findings, silent, has_list=has_list)


_SCHEMA = {
    "id": pl.String(),
    "event_at": pl.Datetime("us"),
    "known_at": pl.Datetime("us"),
    "known_inferred": pl.Boolean(),
    "member_id": pl.String(),
    "group_id": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "provenance": pl.String(),
}


def _log(moves: list[tuple[str, str | None, bool, datetime]]) -> dict[Pair, list[tuple[datetime, bool]]]:
    """Return the moves of each pair in order; who leaves every group leaves those she is in by then."""
    log: dict[Pair, list[tuple[datetime, bool]]] = defaultdict(list)
    inside: dict[str, set[str]] = defaultdict(set)
    for client, group, joined, at in moves:
        for one in [group] if group is not None else sorted(inside[client]):
            log[client, one].append((at, joined))
            inside[client].add(one) if joined else inside[client].discard(one)
    return log


def _row(pair: Pair, version: Version) -> tuple[object, ...]:
    member, group = pair
    return (
        f"{member}-{group[2:]}-{version.stay}",
        version.event_at,
        max(version.known_at, version.event_at),
        version.provenance == "inferred",
        member,
        group,
        version.valid_from,
        version.valid_to,
        version.provenance,
    )


def _tell(con: duckdb.DuckDBPyConnection, findings: Findings, silent: int, *, has_list: bool) -> None:
    newest = "SELECT * FROM memberships QUALIFY row_number() OVER (PARTITION BY id ORDER BY known_at DESC) = 1"
    findings.add(
        "inferred",
        "memberships",
        count(con, f"SELECT count(*) FROM ({newest}) WHERE provenance = 'inferred'"),
        "The log says nothing of them: read off loans and attendance, and ended "
        f"{SILENCE_DAYS} days after the last sign, or known from today's list alone.",
    )
    findings.add(
        "inferred",
        "memberships",
        silent,
        "On today's list without any other sign: members since the data date, as nothing says since when.",
    )
    if not has_list:
        findings.add("cannot be seen", "memberships", None, "Without m_group_client nobody says who belongs today.")
