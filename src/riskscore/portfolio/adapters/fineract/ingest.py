"""From a Fineract database to a portfolio: read, rebuild, assemble, reconcile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import sqlalchemy as sa

from riskscore.errors import InvalidInput
from riskscore.portfolio.adapters.fineract.borrowing import build_borrowers, build_guarantees, build_loans
from riskscore.portfolio.adapters.fineract.choices import HOMES, NOWHERE, Choices
from riskscore.portfolio.adapters.fineract.contradictions import contradictions, currency_faults
from riskscore.portfolio.adapters.fineract.core import open_core
from riskscore.portfolio.adapters.fineract.database import Source, address, readable
from riskscore.portfolio.adapters.fineract.detection import Found, detect
from riskscore.portfolio.adapters.fineract.extraction import Progress, extract
from riskscore.portfolio.adapters.fineract.findings import Findings
from riskscore.portfolio.adapters.fineract.meetings import build_meetings
from riskscore.portfolio.adapters.fineract.memberships import build_memberships
from riskscore.portfolio.adapters.fineract.movements import build_movements
from riskscore.portfolio.adapters.fineract.people import build_people
from riskscore.portfolio.adapters.fineract.reconciliation import core_figures, reconcile
from riskscore.portfolio.adapters.fineract.report import Report
from riskscore.portfolio.adapters.fineract.schedules import build_instalments
from riskscore.portfolio.adapters.fineract.source_tables import BUSINESS_DATE, COMMANDS
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
from riskscore.portfolio.adapters.staging import Staging
from riskscore.portfolio.folder import place_faults
from riskscore.portfolio.manifest import Manifest

#: Raised when the same core would give another portfolio.
VERSION = 1

#: The tables of the portfolio that Fineract can fill.
FILLED = (
    "branches",
    "officers",
    "groups",
    "members",
    "memberships",
    "products",
    "applications",
    "loans",
    "instalments",
    "payments",
    "loan_events",
    "savings",
    "attendance",
    "guarantees",
)


def ingest_fineract(
    url: str,
    out: Path | str,
    *,
    names: Pseudonyms,
    choices: Choices,
    restart: bool = False,
    progress: Progress = lambda *_: None,
    doing: Callable[[str], None] = lambda _: None,
) -> Report:
    """Read a Fineract database into the portfolio `out`.

    Parameters
    ----------
    url : str
        See `riskscore.portfolio.adapters.fineract.database.address`.
    out : Path or str
        New, empty, or a portfolio to be replaced.
    names : Pseudonyms
    choices : Choices
    restart : bool
        Throw away what an earlier run staged.
    progress : callable
        Told after each batch: table, rows so far, rows in all.
    doing : callable
        Told what is going on between the batches.

    Returns
    -------
    Report
        Written beside the portfolio too.

    Raises
    ------
    Unreachable
        Where the database does not answer, or no longer does; a second run goes on.
    InvalidInput
        For everything the core lacks or contradicts, all at once; nothing is written then.
    """
    country, time_zone = choices.country or NOWHERE[0], choices.time_zone or NOWHERE[1]
    Manifest.of(
        currency=choices.currency or "XXX", country=country, time_zone=time_zone, data_date=date.min, where="ingest"
    )
    if faults := place_faults(Path(out)):
        raise InvalidInput(faults)
    source = Source(address(url))
    settings = {"version": VERSION, "source": source.shown, "key": names.key_id, **choices.settings()}
    with Staging.open(out, settings, restart=restart) as staging:
        findings = Findings()
        with source.connect() as connection:
            found = detect(connection)
            country, time_zone = _home(connection, choices, findings)
            data_date = _data_date(connection, found, staging, choices.data_date, time_zone)
            extract(connection, found, staging, names, time_zone=time_zone, batch=choices.batch, progress=progress)
        doing("rebuilding histories")
        counts = staging.noted("commands") or {}
        findings.add("left out", COMMANDS.name, counts.get("not processed", 0), "Commands not processed.")
        findings.add("left out", COMMANDS.name, counts.get("unreadable", 0), "Commands that name nobody.")
        try:
            with open_core(staging, words=choices.words, currency=choices.currency or "", data_date=data_date) as con:
                currency = _checked(con, choices)
                _build(con, findings, has_list="m_group_client" in found.columns, data_date=data_date)
                core = core_figures(con)
                sources = _derived(con, staging)
            doing("assembling the portfolio")
            portfolio = staging.finish(Manifest(currency, country, time_zone, data_date), sources)
        except InvalidInput:
            staging.discard()  # what is put right in the core has to be read again
            raise
    doing("reconciling with the core")
    report = Report(portfolio, source.shown, names.key_id, found.missing, findings.listed, reconcile(portfolio, core))
    report.write()
    return report


def _home(connection: sa.Connection, choices: Choices, findings: Findings) -> tuple[str, str]:
    """Return country and time zone: as chosen, else where the core's only currency is at home."""
    if choices.country and choices.time_zone:
        return choices.country, choices.time_zone
    loan = sa.table("m_loan", sa.column("currency_code"))
    codes = [code for (code,) in connection.execute(sa.select(loan.c.currency_code).distinct())]
    code = choices.currency or (codes[0] if len(codes) == 1 else None)
    country, zone = HOMES.get(code or "", NOWHERE)
    if (country, zone) == NOWHERE:
        what = f"Nobody said where, and {code or 'several currencies'} do not tell: times stay in UTC. Say it."
    else:
        what = f"Taken to be {country}, {zone}, where {code} is at home. Say it where that is wrong."
    findings.add("inferred", "--country, --time-zone", None, what)
    return choices.country or country, choices.time_zone or zone


def _data_date(connection: sa.Connection, found: Found, staging: Staging, chosen: date | None, time_zone: str) -> date:
    """Return the last day to read: as chosen, the core's business date, or yesterday; the same in every run."""
    if noted := staging.noted("data_date"):
        return date.fromisoformat(noted)
    if chosen is None and BUSINESS_DATE.name in found.columns:
        table = sa.table(BUSINESS_DATE.name, sa.column("type"), sa.column("date", sa.Date()))
        chosen = connection.execute(sa.select(table.c.date).where(table.c.type == "BUSINESS_DATE")).scalar()
        latest = _edge(connection, "m_loan_transaction", "transaction_date", sa.func.max)
        if chosen is not None and latest is not None and latest > chosen:
            chosen = None  # a business date that was switched off and stood still
    if chosen is None:
        chosen = datetime.now(ZoneInfo(time_zone)).date() - timedelta(1)
    if chosen > datetime.now(ZoneInfo(time_zone)).date():
        raise InvalidInput.of("data date", f"{chosen} is yet to come.", "Give --data-date, a day that is over.")
    first = _edge(connection, "m_loan", "submittedon_date", sa.func.min)
    if first is not None and first > chosen:
        raise InvalidInput.of(
            "data date", f"{chosen} is before the first loan of {first}.", "Give a later --data-date."
        )
    staging.note("data_date", chosen.isoformat())
    return chosen


def _edge(connection: sa.Connection, table: str, column: str, first_or_last: Callable[..., Any]) -> date | None:
    """Return the first or the last day in a column of days, which a fork may keep as moments."""
    day = sa.cast(sa.column(column), sa.Date())
    with readable(table):
        found: date | None = connection.execute(sa.select(first_or_last(day)).select_from(sa.table(table))).scalar()
    return found


def _checked(con: duckdb.DuckDBPyConnection, choices: Choices) -> str:
    """Return the currency; `InvalidInput` with everything in the core that cannot be so."""
    currency, faults = currency_faults(con, choices.currency)
    con.execute(f"CREATE OR REPLACE MACRO currency() AS '{currency}'")
    faults += contradictions(con)
    if faults:
        raise InvalidInput(faults)
    return currency


def _build(con: duckdb.DuckDBPyConnection, findings: Findings, *, has_list: bool, data_date: date) -> None:
    build_borrowers(con, findings)
    build_memberships(con, findings, has_list=has_list, data_date=data_date)
    build_loans(con, findings)
    build_people(con, findings)
    build_instalments(con, findings)
    build_movements(con, findings)
    build_meetings(con, findings)
    build_guarantees(con, findings)


def _derived(con: duckdb.DuckDBPyConnection, staging: Staging) -> dict[str, str]:
    """Write each table of the portfolio beside the staged parts and return how to read it."""
    folder = staging.folder / "derived"
    folder.mkdir(exist_ok=True)
    sources = {}
    for name in FILLED:
        file = str(folder / f"{name}.parquet").replace("'", "''")
        con.execute(f"COPY {name} TO '{file}' (FORMAT parquet)")
        sources[name] = f"read_parquet('{file}')"
    return sources
