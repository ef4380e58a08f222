"""A member's record sent with a request: the number of the portfolio, refused row by row, silent to neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from riskscore.portfolio import TABLES, Portfolio
from riskscore.portfolio.borrower import BORROWER
from riskscore.portfolio.overlay import overlaid
from riskscore.service.replay import replay_record
from tests.journey.conftest import ask

pytestmark = pytest.mark.slow

#: What tells one answer from another that says the same.
OWN_NAMES = ("score_id", "recorded_at", "facts")


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON has them: nothing where nothing is known."""
    return [
        {name: plain(value) for name, value in row.items() if value is not None} for row in frame.iter_rows(named=True)
    ]


def record_of(portfolio: Portfolio, member: str, tables: tuple[str, ...] = BORROWER) -> dict[str, list[dict[str, Any]]]:
    with overlaid(portfolio, member, {}) as loaded:
        return {table: rows_of(loaded.held(table)) for table in tables}


def said(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in OWN_NAMES}


@pytest.fixture(scope="module")
def borrower(portfolio, bodies) -> dict[str, Any]:
    """The request of a member with a budget, a debt elsewhere and several cycles."""
    owing = set(portfolio.table("obligations")["member_id"])
    cycles = dict(portfolio.table("loans").group_by("member_id").len().rows())
    return next(body for body in bodies if body["subject"] in owing and cycles[body["subject"]] > 3)


@pytest.fixture(scope="module")
def record(portfolio, borrower) -> dict[str, list[dict[str, Any]]]:
    return record_of(portfolio, borrower["subject"])


def post(house, body):
    return house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))


def test_her_record_sent_gives_the_number_of_the_portfolio(house, borrower, record, champion):
    loaded, sent = ask(house, borrower), ask(house, borrower | {"facts": record})
    assert said(sent) == said(loaded)
    counts = {table: len(rows) for table, rows in record.items()}
    assert sent["facts"] == {"source": "sent", "tables": counts, "rows": sum(counts.values())}
    assert "facts" not in loaded
    one, other = (house.records.get(answer["score_id"]) for answer in (loaded, sent))
    assert (one.values, one.history, one.place) == (other.values, other.history, other.place)
    assert replay_record(other, champion).same
    asked = {"amount": borrower["amount"], "term_days": borrower["term_days"]}
    again = house.client.post(
        f"/v1/scores/{sent['score_id']}/what-if", json=asked, headers=house.headers("officer", "all")
    )
    assert again.json()["point"]["pd"] == sent["pd"]


def test_what_is_known_later_changes_nothing_and_what_was_known_does(house, portfolio, borrower, record, desk):
    early = portfolio.moment() - timedelta(days=40)
    body = borrower | {"as_of": early.isoformat()}
    tables = {name: record[name] for name in ("payments", "budgets", "obligations")}
    later = {"event_at": (early + timedelta(hours=1)).isoformat(), "known_at": (early + timedelta(hours=2)).isoformat()}
    poisoned = {name: [*rows, rows[-1] | later | {"id": f"later-{name}"}] for name, rows in tables.items()}
    poisoned["budgets"][-1] |= {"business_revenue": "99999.00"}
    poisoned["obligations"][-1] |= {"instalment": "99999.00"}
    assert said(ask(house, body | {"facts": poisoned})) == said(ask(house, body))
    known = {"event_at": (early - timedelta(days=2)).isoformat(), "known_at": (early - timedelta(days=1)).isoformat()}
    debt = poisoned["obligations"][-1] | known | {"source": "declared", "frequency": "monthly", "instalment": "500.00"}
    debt |= {"ends_on": (early + timedelta(days=300)).date().isoformat()}
    more = ask(house, body | {"facts": {"obligations": [*tables["obligations"], debt]}})
    then = ask(house, body)["indebtedness"]
    assert (more["indebtedness"]["nii_now"] or 99) > then["nii_now"]


def test_a_member_of_today_is_scored_from_what_was_sent(house, portfolio, borrower, record, desk):
    today = portfolio.moment() + timedelta(hours=8)
    at = {"event_at": today.isoformat(), "known_at": (today + timedelta(minutes=5)).isoformat()}
    new = {"members", "memberships", "budgets"}
    facts = {
        table: [{**row, **at, "id": "M-NEW" if table == "members" else f"new-{table}"} for row in record[table][-1:]]
        for table in new
    }
    for row in (*facts["memberships"], *facts["budgets"]):
        row["member_id"] = "M-NEW"
    facts["members"][0]["joined_on"] = facts["memberships"][0]["valid_from"] = today.date().isoformat()
    facts["memberships"][0].pop("valid_to", None)
    body = borrower | {"subject": "M-NEW", "as_of": (today + timedelta(hours=1)).isoformat(), "facts": facts}
    answer = ask(house, body)
    assert answer["subject"] == "M-NEW"
    kept = house.records.get(answer["score_id"])
    assert kept.values["cycle_no"] is None
    assert kept.values["business_revenue"] == float(facts["budgets"][0]["business_revenue"])
    assert kept.place.bank_id == desk.snapshot.bank[borrower["subject"]]
    assert post(house, body | {"as_of": None, "facts": facts}).status_code == 422  # nothing of her is known by then
    assert post(house, borrower | {"subject": "M-NEW"}).status_code == 404
    elsewhere = house.headers("officer", "branch", "nowhere")
    assert house.client.post("/v1/scores", json=body, headers=elsewhere).status_code == 404


def test_every_row_at_fault_is_named_and_nothing_of_it_is_repeated(house, portfolio, borrower, record, bodies):
    other = next(body["subject"] for body in bodies if body["subject"] != borrower["subject"])
    theirs = record_of(portfolio, other, ("loans",))["loans"][0]
    facts = {
        "loans": [theirs, *record["loans"]],
        "instalments": [record["instalments"][0] | {"due_on": "1999-09-09", "principal": "8765.43"}],
        "budgets": [record["budgets"][0] | {"currency": "ZZZ"}],
        "payments": [record["payments"][0] | {"loan_id": "L-nobody"}],
    }
    answer = post(house, borrower | {"facts": facts})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [
        "facts/budgets/0/currency",
        "facts/instalments/0/due_on",
        "facts/instalments/0/principal",
        "facts/loans/0/application_id",
        "facts/loans/0/id",
        "facts/loans/0/member_id",
        "facts/payments/0/loan_id",
    ]
    for secret in ("1999-09-09", "8765.43", "ZZZ", "L-nobody", theirs["id"], other):
        assert secret not in answer.text


def test_a_group_out_of_reach_is_as_one_that_is_not(house, portfolio, borrower, record, desk):
    own = desk.snapshot.group[borrower["subject"]]
    branch = desk.branch[borrower["subject"]]
    groups = portfolio.table("groups").filter(pl.col("kind") == "solidarity_group", pl.col("branch_id") != branch)
    officer = house.headers("officer", "branch", branch)
    answers = []
    for group in (groups["id"][0], "SG-nowhere"):
        stay = {**record["memberships"][0], "group_id": group}
        body = borrower | {"facts": {"memberships": [stay]}}
        answers.append(house.client.post("/v1/scores", json=body, headers=officer))
    assert own != groups["id"][0]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["errors"][0]["field"] == "facts/memberships/0/group_id"


def test_sent_twice_under_one_key_it_is_scored_once(house, borrower, record):
    headers = house.headers("officer", "all") | {"Idempotency-Key": "k1"}
    budgets = record["budgets"]
    first, turned, less, none = (
        house.client.post("/v1/scores", json=borrower | facts, headers=headers)
        for facts in (
            {"facts": {"budgets": sent}} if sent else {} for sent in (budgets, budgets[::-1], budgets[1:], [])
        )
    )
    assert first.status_code == 201
    assert turned.json() == first.json()
    assert [less.status_code, none.status_code] == [422, 422]


def test_a_committee_cannot_tell_what_was_sent(house, borrower, record, desk):
    """Budgets and debts that leave state and ceiling as they are, with other numbers of rows."""
    bank = desk.snapshot.bank[borrower["subject"]]
    committee, seen = house.headers("committee", "group", bank), []
    plain_debts = {"budgets": record["budgets"], "obligations": record["obligations"]}
    canary = Decimal("77777.77")
    richer = [
        row | {name: str(Decimal(row[name]) + canary) for name in ("business_revenue", "business_costs") if name in row}
        for row in record["budgets"]
    ]
    gone = {**record["obligations"][0], "id": "canary", "balance": "7777.77", "ends_on": "2001-01-01"}
    for facts in (plain_debts, {"budgets": richer, "obligations": [*record["obligations"], gone]}):
        score = ask(house, borrower | {"facts": facts})
        house.heard(score["score_id"])
        house.opined(score["score_id"], bank)
        shown = house.client.get(f"/v1/scores/{score['score_id']}", headers=committee)
        page = house.client.get(f"/scores/{score['score_id']}?lang=es", headers=committee)
        assert shown.status_code == page.status_code == 200
        assert "facts" not in shown.json()
        seen.append([part.replace(score["score_id"], "S") for part in (shown.text, page.text)])
    assert seen[0][0] == seen[1][0]
    assert seen[0][1] == seen[1][1]


def test_a_committee_cannot_tell_that_she_told_something_on_the_day(house, portfolio, bodies, desk):
    """An instalment falls due on it: her values of eleven o'clock count it, those of its first instant do not."""
    late = [one for one in bodies if desk.snapshot.row(one["subject"])["late_share_cycle"]]
    borrower = next(one for one in late if one["subject"] in desk.snapshot.bank)
    member, bank = borrower["subject"], desk.snapshot.bank[borrower["subject"]]
    record = record_of(portfolio, member, ("budgets", "instalments"))
    day = max(one["due_on"] for one in record["instalments"] if one["due_on"] < desk.moment.date().isoformat())
    told = {"event_at": f"{day}T10:00:00", "known_at": f"{day}T10:00:00", "member_id": member}
    budget = told | {"id": "told", "business_revenue": "900.00", "currency": borrower["currency"]}
    sent = {"as_of": f"{day}T11:00:00", "facts": {"budgets": [*record["budgets"], budget]}}
    committee, seen, shares = house.headers("committee", "group", bank), [], []
    for more in ({"as_of": day}, sent):
        name = ask(house, borrower | more)["score_id"]
        shares.append(house.records.get(name).values["late_share_cycle"])
        shown = house.client.get(f"/v1/scores/{name}", headers=committee)
        page = house.client.get(f"/scores/{name}?lang=es", headers=committee)
        assert shown.status_code == page.status_code == 200
        seen.append([part.replace(name, "S") for part in (shown.text, page.text)])
    assert shares[0] != shares[1]
    assert seen[0] == seen[1]


def test_facts_are_kept_as_a_digest_and_go_with_an_erasure(house, borrower, record):
    answer = ask(house, borrower | {"facts": {"budgets": record["budgets"]}})
    kept = house.records.get(answer["score_id"]).facts
    assert set(kept) == {"tables", "rows", "digest"}
    assert len(kept["digest"]) == 64
    assert kept["tables"] == {"budgets": len(record["budgets"])}
    assert TABLES["budgets"].name in kept["tables"]


def test_more_than_a_day_ahead_is_refused(house, desk, borrower, record):
    facts = {"budgets": record["budgets"]}
    ahead: datetime = desk.moment + timedelta(days=1)
    answer = post(house, borrower | {"facts": facts, "as_of": ahead.isoformat()})
    assert [error["field"] for error in answer.json()["errors"]] == ["as_of"]
