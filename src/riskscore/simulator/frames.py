"""The tables of the simulated institution, as the contract wants them, cut at the data date.

What was not recorded by the end of the data date is left out, row by row: a loan that runs has its whole schedule and
the payments so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator import (
    fund,
    governance,
    harvests,
    ledger,
    papers,
    producer_loans,
    producers,
    reports,
    surroundings,
)
from riskscore.simulator.arrays import Ints
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.households import LENDERS
from riskscore.simulator.institution import REGIONS, SECTORS, Institution
from riskscore.simulator.producer_loans import ProducerLoans
from riskscore.simulator.producers import Producers
from riskscore.simulator.scenario import DATA_DATE, Scenario
from riskscore.simulator.tape import Tape, at


@dataclass(frozen=True, slots=True)
class Streams:
    """One stream of randomness for each part that is written from the tape, so that none moves another."""

    ledger: np.random.Generator
    surroundings: np.random.Generator
    governance: np.random.Generator
    fund: np.random.Generator
    papers: np.random.Generator
    producers: np.random.Generator
    harvests: np.random.Generator
    lending: np.random.Generator


def frames(
    house: Institution, scenario: Scenario, tape: Tape, orgs: Producers, lent: ProducerLoans, streams: Streams
) -> dict[str, pl.DataFrame]:
    """Return every table by name, from what the tape recorded and what was lent to producer associations."""
    made: dict[str, pl.DataFrame] = {}
    # These look at the tape; those after them forget what they have written.
    made |= surroundings.frames(scenario, streams.surroundings)
    made |= governance.frames(house, tape, streams.governance)
    made |= fund.frames(house, tape, streams.fund)
    made |= papers.frames(tape, streams.papers)
    made |= reports.frames(house, tape, orgs, lent)
    made |= _places(house, scenario, tape)
    made |= _people(tape)
    made |= ledger.frames(tape, streams.ledger)
    made |= _books(tape)
    for rows in (
        producers.frames(orgs, streams.producers),
        harvests.frames(orgs, streams.harvests),
        producer_loans.frames(orgs, lent),
    ):
        made |= {
            name: pl.concat([made[name], frame], how="diagonal") if name in made else frame
            for name, frame in rows.items()
        }
    end = np.datetime64(DATA_DATE + 1, "D").astype("datetime64[us]")
    return {
        name: frame.filter(pl.col("known_at") < pl.lit(end).cast(pl.Datetime("us"))) for name, frame in made.items()
    }


def _places(house: Institution, scenario: Scenario, tape: Tape) -> dict[str, pl.DataFrame]:
    branches, officers = np.arange(len(house.branch_region)), np.arange(len(house.officer_branch))
    region = words(tuple(r.name for r in REGIONS), house.branch_region)
    start = np.full(len(SECTORS), int(house.branch_opened.min()))
    banks, groups = np.arange(len(house.bank_branch)), np.arange(len(house.group_bank))
    formed = house.bank_formed
    later = tape.table("consolidations")
    again = later["bank"]
    branch_of = names("B", house.bank_branch, 3)
    officer_of = names("O", house.bank_officer, 4)
    bank_rows = framed(
        TABLES["groups"],
        id=names("CB", banks, 5),
        event=at(formed, 9),
        known=at(formed, 18),
        kind=words(("communal_bank",), banks * 0),
        parent_id=pl.Series([None] * len(banks), dtype=pl.String),
        branch_id=branch_of,
        officer_id=officer_of,
        formed_on=dates(formed),
        consolidated_on=dates(formed * 0 - 1),
    )
    consolidated = framed(
        TABLES["groups"],
        id=names("CB", again, 5),
        event=later["event"],
        known=later["event"] + 60,
        kind=words(("communal_bank",), again * 0),
        parent_id=pl.Series([None] * len(again), dtype=pl.String),
        branch_id=branch_of.gather(again),
        officer_id=officer_of.gather(again),
        formed_on=dates(formed[again]),
        consolidated_on=dates(later["on"]),
    )
    of = house.group_bank
    group_rows = framed(
        TABLES["groups"],
        id=names("SG", groups, 6),
        event=at(formed[of], 9, 30),
        known=at(formed[of], 18),
        kind=words(("solidarity_group",), groups * 0),
        parent_id=names("CB", of, 5),
        branch_id=branch_of.gather(of),
        officer_id=officer_of.gather(of),
        formed_on=dates(formed[of]),
        consolidated_on=dates(groups * 0 - 1),
    )
    shocks = scenario.shocks
    begins = np.array([s.start for s in shocks])
    return {
        "branches": framed(
            TABLES["branches"],
            id=names("B", branches, 3),
            event=at(house.branch_opened, 0),
            known=at(house.branch_opened, 18),
            name=region + " " + names("", branches // len(REGIONS), 1),
            region=region,
            rural=pl.Series(house.branch_rural),
            opened_on=dates(house.branch_opened),
        ),
        "officers": framed(
            TABLES["officers"],
            id=names("O", officers, 4),
            event=at(house.officer_hired, 0),
            known=at(house.officer_hired, 18),
            branch_id=names("B", house.officer_branch, 3),
            hired_on=dates(house.officer_hired),
        ),
        "sectors": framed(
            TABLES["sectors"],
            id=pl.Series([s.code for s in SECTORS]),
            event=at(start, 0),
            known=at(start, 18),
            name=pl.Series([s.name for s in SECTORS]),
            agricultural=pl.Series([s.agricultural for s in SECTORS]),
            lean_months=pl.Series([",".join(map(str, s.lean_months)) for s in SECTORS]),
        ),
        "products": _products(house),
        "groups": pl.concat([bank_rows, group_rows, consolidated]),
        "shocks": framed(
            TABLES["shocks"],
            id=names("K", np.arange(len(shocks)), 3),
            event=at(begins, 0),
            known=at(begins + 1, 0) - 1,
            kind=pl.Series([s.kind for s in shocks], dtype=pl.String),
            region=pl.Series([REGIONS[s.region].name if s.region >= 0 else None for s in shocks], dtype=pl.String),
            sector_id=pl.Series([SECTORS[s.sector].code if s.sector >= 0 else None for s in shocks], dtype=pl.String),
            starts_on=dates(begins),
            ends_on=dates([s.end for s in shocks]),
        ),
    }


def _products(house: Institution) -> pl.DataFrame:
    opened = np.full(2, int(house.branch_opened.min()))
    return framed(
        TABLES["products"],
        id=pl.Series(["INT", "EXT"]),
        event=at(opened, 0),
        known=at(opened, 18),
        name=pl.Series(["Préstamo de banco comunal", "Préstamo al banco comunal"]),
        ledger=pl.Series(["internal", "external"]),
        amount_min=money([100_00, 100_00]),
        amount_max=money([1_000_00, 40_000_00]),
        amount_step=money([10_00, 10_00]),
        term_days_min=pl.Series([91, 91]),
        term_days_max=pl.Series([243, 243]),
        frequencies=pl.Series(["weekly,fortnightly"] * 2),
        rate_per_30_days=pl.Series([0.025, 0.02]),
        method=pl.Series(["flat", "flat"]),
        growth_max=pl.Series([2.0, None]),
    )


def _people(tape: Tape) -> dict[str, pl.DataFrame]:
    made = tape.table("members")
    joined: Ints = made["joined"]
    region, native = made["region"], made["native"]
    tongues = ("spanish", *(r.tongue for r in REGIONS))
    stays = tape.table("memberships")
    order = np.lexsort((stays["known"], stays["person"]))
    stays = {name: column[order] for name, column in stays.items()}
    # A leaving repeats what the entry said; the row before it is that entry.
    since = np.where(stays["since"] < 0, np.roll(stays["since"], 1), stays["since"])
    return {
        "members": framed(
            TABLES["members"],
            id=names("M", np.arange(len(joined))),
            event=at(joined, 12),
            known=at(joined, 18),
            branch_id=names("B", made["branch"], 3),
            joined_on=dates(joined),
            sector_id=words(tuple(s.code for s in SECTORS), made["sector"]),
            business_started_on=dates(np.where(made["business_known"], made["business_from"], -1)),
            rural=pl.Series(made["rural"]),
            sex=words(("female",), joined * 0),
            born_on=dates_before_1970(made["born"]),
            language=words(tongues, np.where(native, region + 1, 0)),
            district=names("D", made["district"], 3),
            travel_minutes=pl.Series(made["travel"]),
        ),
        "memberships": framed(
            TABLES["memberships"],
            id=names("S", stays["person"]),
            event=stays["event"],
            known=stays["known"],
            member_id=names("M", stays["person"]),
            group_id=names("SG", stays["group"], 6),
            valid_from=dates(since),
            valid_to=dates(stays["until"]),
        ),
    }


def dates_before_1970(days: Any) -> pl.Series:
    """Return days from 1970-01-01 as dates, earlier ones included."""
    return pl.Series(np.asarray(days, dtype=np.int32)).cast(pl.Date)


def _books(tape: Tape) -> dict[str, pl.DataFrame]:
    seen, taught = tape.table("attendance"), tape.table("trainings")
    budget, debt = tape.table("budgets"), tape.table("obligations")
    source = debt["source"]
    return {
        "attendance": framed(
            TABLES["attendance"],
            id=names("T", np.arange(len(seen["person"])), 8),
            event=seen["event"],
            known=seen["known"],
            member_id=names("M", seen["person"]),
            group_id=names("SG", seen["group"], 6),
            status=words(("present", "late", "absent", "excused"), seen["status"]),
        ),
        "trainings": framed(
            TABLES["trainings"],
            id=names("R", np.arange(len(taught["person"]))),
            event=taught["event"],
            known=taught["known"],
            member_id=names("M", taught["person"]),
            topic=words(("credit_management",), taught["session"] * 0),
            session_no=pl.Series(taught["session"]),
        ),
        "budgets": framed(
            TABLES["budgets"],
            id=names("H", np.arange(len(budget["person"]))),
            event=budget["event"],
            known=budget["known"],
            member_id=names("M", budget["person"]),
            business_revenue=money(budget["revenue"]),
            business_costs=money(budget["costs"]),
            other_income=money(budget["other"]),
            household_costs=money(budget["household"]),
            accessible_savings=money(budget["saved"]),
        ),
        "obligations": framed(
            TABLES["obligations"],
            id=words(("D", "U"), source) + names("", debt["debt"]),
            event=debt["event"],
            known=debt["known"],
            member_id=names("M", debt["person"]),
            lender_kind=words(LENDERS, debt["kind"]),
            source=words(("declared", "bureau"), source),
            instalment=money(debt["cents"]),
            frequency=words(("weekly", "fortnightly", "twice_a_month", "monthly"), debt["frequency"]),
            balance=money(debt["balance"]),
            ends_on=dates(debt["ends"]),
            days_late=pl.select(pl.when(pl.Series(debt["late"]) >= 0).then(pl.Series(debt["late"]))).to_series(),
        ),
    }
