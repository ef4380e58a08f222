"""What is sent about a member gives, to the last bit, what a portfolio that holds it gives."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.catalog import Catalog, Lock
from riskscore.portfolio import TABLES, Portfolio, write_portfolio
from riskscore.portfolio.borrower import BORROWER
from riskscore.portfolio.cycles import member_cycles
from riskscore.portfolio.overlay import overlaid
from riskscore.portfolio.overlay_faults import record_faults
from riskscore.scoring import Snapshot
from riskscore.scoring.snapshot import members_at
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[2]

#: Days before the last moment at which each of the members is asked about; the first is in her first cycle.
DAYS = (0, 45, 200, 21, 400, 90)

#: Of so many members a portfolio without any row of theirs is written.
BEREFT = 3


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("overlay") / "portfolio", members=150, seed=11)


@pytest.fixture(scope="module")
def lock() -> Lock:
    return Catalog.from_folder(ROOT / "features").lock()


def record_of(portfolio: Portfolio, member: str) -> dict[str, pl.DataFrame]:
    """Return every row of hers, as an institution would send it."""
    with overlaid(portfolio, member, {}) as loaded:
        return {table: loaded.held(table) for table in BORROWER}


def with_frames(portfolio: Portfolio, folder: Path, **changed: pl.DataFrame) -> Portfolio:
    """Write a copy of a portfolio with other rows in some tables."""
    frames = {name: portfolio.table(name) for name in portfolio.manifest.rows if name in TABLES} | changed
    own = portfolio.manifest
    return write_portfolio(
        folder,
        frames,
        currency=own.currency,
        country=own.country,
        time_zone=own.time_zone,
        data_date=own.data_date,
        complete_from=own.complete_from,
        tolerance=own.tolerance,
    )


def seen(portfolio: Portfolio, lock: Lock, member: str, moment: datetime) -> tuple:
    """Return everything a score rests on, and her cycles: compared to the bit, missing with missing."""
    snapshot = Snapshot.build(portfolio, lock, moment, members=[member])
    place = snapshot.places.get(member)
    if place is None:
        return ()
    return (
        snapshot.row(member),
        snapshot.group[member],
        snapshot.bank[member],
        float(snapshot.others_uncovered[place]),
        int(snapshot.others[place]),
        member_cycles(portfolio, moment, members=[member]).rows(),
    )


def sent(portfolio: Portfolio, lock: Lock, member: str, moment: datetime, facts: dict[str, pl.DataFrame]) -> tuple:
    """Return the same of a portfolio with her record as it was sent, which has no fault."""
    with overlaid(portfolio, member, facts) as whole:
        assert record_faults(whole) == []
        whole.lay()
        return seen(whole, lock, member, moment)


@pytest.fixture(scope="module")
def members(portfolio: Portfolio) -> list[str]:
    """First cycle and many, restructured, carried by the group, with loans elsewhere and of the fund, moved."""
    loans, events = portfolio.table("loans").drop_nulls("member_id"), portfolio.table("loan_events")
    cycles = loans.group_by("member_id").agg(pl.len()).sort("len", "member_id")["member_id"].to_list()
    mended = loans.filter(pl.col("id").is_in(events.filter(pl.col("kind") == "restructured")["loan_id"].implode()))
    by_group = portfolio.table("payments").filter(pl.col("payer") != "self")["loan_id"]
    covered = loans.filter(pl.col("id").is_in(by_group.implode()))
    some = [cycles[0], cycles[len(cycles) // 2], cycles[-1]]
    for rows in (mended, covered, *(portfolio.table(name) for name in ("obligations", "internal_loans", "surveys"))):
        some += rows["member_id"].drop_nulls().unique().sort().to_list()[:1]
    moved = portfolio.table("memberships").group_by("member_id").agg(pl.col("group_id").n_unique())
    some += moved.filter(pl.col("group_id") > 1)["member_id"].sort().to_list()[:2]
    still = set(members_at(portfolio, portfolio.moment() - timedelta(days=max(DAYS) + 1))["member_id"])
    still &= set(members_at(portfolio, portfolio.moment())["member_id"])
    newest = [one for one in cycles if one in set(members_at(portfolio, portfolio.moment())["member_id"])][:1]
    return list(dict.fromkeys([*newest, *(one for one in some if one in still), *sorted(still)]))


@pytest.fixture(scope="module")
def bereft(portfolio: Portfolio, members: list[str], tmp_path_factory):
    """Return a portfolio without any row of a member in the tables that can be sent; each is written once."""
    written: dict[str, Portfolio] = {}

    def without(member: str) -> Portfolio:
        if member not in written:
            rest = {
                name: portfolio.table(name).join(rows, on=["id", "known_at"], how="anti")
                for name, rows in record_of(portfolio, member).items()
                if name in portfolio.manifest.rows
            }
            written[member] = with_frames(portfolio, tmp_path_factory.mktemp("without") / "portfolio", **rest)
        return written[member]

    return without


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(DAYS)))
def test_her_record_sent_is_her_record_loaded(portfolio, lock, members, bereft, place):
    member, moment = members[place], portfolio.moment() - timedelta(days=DAYS[place], hours=7 * place)
    facts, loaded = record_of(portfolio, member), seen(portfolio, lock, member, moment)
    assert loaded
    assert sent(portfolio, lock, member, moment, facts) == loaded
    if place < BEREFT:
        assert sent(bereft(member), lock, member, moment, facts) == loaded


@pytest.mark.fuzz
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_part_of_her_record_may_be_sent(portfolio, lock, members, data):
    member = data.draw(st.sampled_from(members))
    moment = portfolio.moment() - timedelta(days=data.draw(st.integers(0, 900)), hours=data.draw(st.integers(0, 23)))
    tables = data.draw(st.sets(st.sampled_from(BORROWER), min_size=1))
    facts = {name: frame for name, frame in record_of(portfolio, member).items() if name in tables}
    assert sent(portfolio, lock, member, moment, facts) == seen(portfolio, lock, member, moment)


@pytest.mark.slow
def test_a_late_repayment_sent_moves_her_values_as_the_same_row_loaded(portfolio, lock, members, tmp_path):
    member, moment = members[2], portfolio.moment()
    facts = record_of(portfolio, member)
    # A payment came three weeks later than it did, and was recorded then.
    before = facts["payments"].filter(pl.col("known_at") <= moment - timedelta(days=21)).sort("event_at").tail(1)
    last = before.with_columns(pl.col(name) + timedelta(days=21) for name in ("event_at", "known_at"))
    late = pl.concat([facts["payments"].filter(pl.col("id") != last["id"].item()), last])
    rest = portfolio.table("payments").filter(pl.col("id") != last["id"].item())
    changed = with_frames(portfolio, tmp_path / "changed", payments=pl.concat([rest, last]))
    moved = sent(portfolio, lock, member, moment, {"payments": late})
    assert moved == seen(changed, lock, member, moment)
    assert moved != seen(portfolio, lock, member, moment)
