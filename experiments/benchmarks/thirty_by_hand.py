"""The thirty aggregates of `definitions/thirty/` as one would write them by hand: one statement, one join."""

WINDOWS = {"60": 60, "120": 120, "180": 180, "365": 365, "ever": None}

# A window without a row has no value, as in the engine: a sum of ones over no row is missing, where a count would be 0.
AGGREGATES = {
    "n": "sum(1)",
    "late": "sum(CAST(days_late > 0 AS INT))",
    "worst": "max(days_late)",
    "sum": "sum(days_late)",
    "due": "sum(amount)",
    "open": "sum(CAST(still_open AS INT))",
}


def statement(moments: str) -> str:
    """Return the statement over relation `moments` (member_id, as_of)."""
    items = []
    for prefix, sql in AGGREGATES.items():
        for suffix, n in WINDOWS.items():
            inside = f" FILTER (WHERE due_on >= as_of - INTERVAL {n} DAY)" if n else ""
            items.append(f"CAST({sql}{inside} AS DOUBLE) AS {prefix}_{suffix}")
    return f"""
    SELECT member_id, as_of, {", ".join(items)} FROM (
        SELECT m.member_id, m.as_of, i.due_on, i.amount,
               greatest(0, date_diff('day', i.due_on, CAST(least(coalesce(i.settled_at, m.as_of), m.as_of) AS DATE)))
                   AS days_late,
               i.settled_at IS NULL OR i.settled_at >= m.as_of AS still_open
        FROM {moments} AS m JOIN settled_instalments AS i ON i.member_id = m.member_id
        WHERE i.event_at < m.as_of AND i.known_at <= m.as_of AND (i.known_until IS NULL OR m.as_of < i.known_until)
          AND i.due_on < m.as_of
    ) GROUP BY member_id, as_of"""
