"""Settlement in SQL equals a settlement written to be obviously right, at every moment anything was learnt."""

import itertools
import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.portfolio import TABLES, write_portfolio
from riskscore.portfolio.connection import tables_only
from riskscore.portfolio.kinds import empty
from riskscore.portfolio.settlement import settle

START = datetime(2026, 1, 1)
INSTANT = timedelta(microseconds=1)


def hours(most: int) -> st.SearchStrategy[datetime]:
    """Moments in steps of six hours, so that they coincide often."""
    return st.integers(0, most * 4).map(lambda n: START + timedelta(hours=6 * n))


CENTS = st.integers(1, 4000)
LAG = st.sampled_from([0, 0, 0, 6, 24, 24 * 9])


@st.composite
def payment_versions(draw, ident: str) -> list[dict]:
    """A payment, perhaps corrected, perhaps reversed, known at once or late."""
    event = draw(hours(40))
    known = event + timedelta(hours=draw(LAG))
    versions = []
    for number in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        versions.append({"id": ident, "event_at": event, "known_at": known, "cents": draw(CENTS)})
        versions[-1]["reversed"] = number > 0 and draw(st.booleans())
        known += timedelta(hours=6 * draw(st.integers(1, 30)))
    return versions


@st.composite
def instalment_versions(draw, number: int) -> list[dict]:
    """An instalment, perhaps rewritten."""
    known, versions = START, []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        due = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 40)))
        cents = draw(st.sampled_from([0, 1000, 1000, 2500, 3333]))
        versions.append({"id": f"I{number}", "event_at": known, "known_at": known, "due_on": due, "cents": cents})
        known += timedelta(hours=6 * draw(st.integers(1, 80)))
    return [{**version, "number": number} for version in versions]


@st.composite
def histories(draw) -> tuple[list[dict], list[dict], datetime | None]:
    """Instalments, payments, and when relief became known."""
    instalments = [v for n in range(1, draw(st.integers(1, 4)) + 1) for v in draw(instalment_versions(n))]
    payments = [v for n in range(draw(st.integers(0, 5))) for v in draw(payment_versions(f"P{n}"))]
    return instalments, payments, draw(st.one_of(st.none(), hours(40)))


def visible(versions: list[dict], as_of: datetime) -> list[dict]:
    """The newest version of each fact that can be seen at a moment."""
    newest: dict[str, dict] = {}
    for version in sorted(versions, key=lambda v: v["known_at"]):
        if version["event_at"] < as_of and version["known_at"] <= as_of:
            newest[version["id"]] = version
    return list(newest.values())


def due_on(versions: list[dict], shown: dict, *, relief: bool) -> date:
    """The due date that holds: one that has passed does not move, unless for relief."""
    if relief:
        return shown["due_on"]
    mine = [v for v in versions if v["id"] == shown["id"] and v["known_at"] <= shown["known_at"]]
    holds = mine[0]["due_on"]
    for version in mine[1:]:
        seen = max(version["known_at"], version["event_at"] + INSTANT)
        if seen < datetime(holds.year, holds.month, holds.day):
            holds = version["due_on"]
    return holds


def settled_by_hand(history: tuple, as_of: datetime) -> list[tuple]:
    """Return (id, due_on, cents, settled_at) of every instalment, oldest first."""
    instalments, payments, relief_at = history
    relief = relief_at is not None and relief_at + INSTANT <= as_of
    schedule = sorted(
        (due_on(instalments, shown, relief=relief), shown["number"], shown["id"], shown)
        for shown in visible(instalments, as_of)
    )
    purse = sorted((v["event_at"], v["cents"]) for v in visible(payments, as_of) if not v["reversed"])
    result, due = [], 0
    for day, _, ident, shown in schedule:
        due += shown["cents"]
        settled_at, paid = None, 0
        for event_at, cents in purse:
            paid += cents
            if paid >= due:
                settled_at = event_at
                break
        if shown["cents"] == 0:
            settled_at = shown["event_at"]
        result.append((ident, day, shown["cents"], settled_at))
    return result


def frame(name: str, rows: list[dict]) -> pl.DataFrame:
    """Rows of a table with the types of the contract; what is not given is missing."""
    blank = {column.name: None for column in TABLES[name].all_columns}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=empty(TABLES[name]).schema, orient="row")


def money(versions: list[dict], **more: object) -> list[dict]:
    """The same rows with their cents as money."""
    return [
        {key: value for key, value in row.items() if key != "cents"} | {"amount": Decimal(row["cents"]) / 100, **more}
        for row in versions
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(histories(), min_size=1, max_size=8))
def test_sql_settles_as_a_reader_would_by_hand(every):
    tables: dict[str, list[pl.DataFrame]] = {"loans": [], "instalments": [], "payments": [], "loan_events": []}
    for loan, (instalments, payments, relief_at) in enumerate(every):
        name = f"L{loan}"
        there = {"id": name, "event_at": START - INSTANT, "known_at": START, "group_id": "G", "ledger": "internal"}
        tables["loans"].append(frame("loans", [{**there, "cycle_no": 1, "disbursed_on": START.date()}]))
        dues = [{**row, "id": name + row["id"], "loan_id": name} for row in money(instalments, principal=Decimal(0))]
        tables["instalments"].append(frame("instalments", dues))
        paid = [{**row, "id": name + row["id"], "loan_id": name} for row in money(payments, payer="self")]
        tables["payments"].append(frame("payments", paid))
        relief = {"id": name, "loan_id": name, "kind": "restructured", "reason": "relief"}
        events = [] if relief_at is None else [{**relief, "event_at": relief_at, "known_at": relief_at}]
        tables["loan_events"].append(frame("loan_events", events))

    with tempfile.TemporaryDirectory() as folder:
        portfolio = write_portfolio(
            Path(folder) / "portfolio",
            {name: pl.concat(frames) for name, frames in tables.items()},
            currency="USD",
            country="BO",
            time_zone="America/La_Paz",
            data_date=date(2026, 6, 30),
        )
        con = tables_only(portfolio, threads=1, memory="1GB")
        into = Path(folder) / "settled"
        into.mkdir()
        settle(portfolio, con, into)
        versions = con.execute(
            f"""SELECT loan_id, id, due_on, CAST(amount * 100 AS BIGINT), settled_at, event_at, known_at, known_until,
                       number, is_last FROM read_parquet('{into}/*')"""
        ).fetchall()
        con.close()

    for loan, history in enumerate(every):
        name = f"L{loan}"
        mine = [row for row in versions if row[0] == name]
        stamps = {v["known_at"] for v in (*history[0], *history[1])} | {history[2] or START}
        for moment in sorted(stamps | {stamp + INSTANT for stamp in stamps} | {stamp - INSTANT for stamp in stamps}):
            shown = [r for r in mine if r[5] < moment and r[6] <= moment and (r[7] is None or moment < r[7])]
            shown.sort(key=lambda r: (r[2], r[8], r[1]))
            expected = settled_by_hand(history, moment)
            assert [(r[1].removeprefix(name), r[2], r[3], r[4]) for r in shown] == expected
            assert [r[9] for r in shown] == [False] * (len(shown) - 1) + [True] * bool(shown)
        # No version says again what the one before it said.
        for ident in {row[1] for row in mine}:
            told = sorted((r for r in mine if r[1] == ident), key=lambda r: r[6])
            assert all(
                before[7] == after[6] and (before[2:6], before[8:]) != (after[2:6], after[8:])
                for before, after in itertools.pairwise(told)
            )
