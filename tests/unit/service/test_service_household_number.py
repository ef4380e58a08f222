"""Budget and debts of the form give the number of the same rows sent over HTTP, and of a portfolio that holds them."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from riskscore.modelling.artefact import Champion
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.replay import replay_record
from tests.unit.features.literal_portfolio import LOCK, bank, group, member, stay, written
from tests.unit.scoring.conftest import champion_of
from tests.unit.service.desks import House, build

POLICY = (Path(__file__).parents[3] / "serving" / "policy.toml").read_text("utf-8")


def at(*moment: int) -> dict[str, datetime]:
    return {"event_at": datetime(*moment), "known_at": datetime(*moment)}


def budget(name: str, revenue: str, **more: Any) -> dict[str, Any]:
    amounts = {"business_costs": "500.00", "other_income": "200.00", "household_costs": "300.00"}
    return {"id": name, "member_id": "M1", "business_revenue": revenue, **amounts, "currency": "USD", **more}


def debt(name: str, kind: str, instalment: str, **more: Any) -> dict[str, Any]:
    row = {"id": name, "member_id": "M1", "lender_kind": kind, "source": "declared", "instalment": instalment}
    return {**row, "frequency": "monthly", "currency": "USD", **more}


def month(name: str, first: date, income: str, expenses: str, **more: Any) -> dict[str, Any]:
    row = {"id": name, "member_id": "M1", "month": first, "income": income, "expenses": expenses}
    return {**row, "currency": "USD", **more}


LOADED: dict[str, list[dict[str, Any]]] = {
    "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
    "products": [
        {
            **at(2023, 1, 1),
            "id": "P1",
            "name": "Capital",
            "ledger": "internal",
            "amount_min": "100.00",
            "amount_max": "1000.00",
            "amount_step": "10.00",
            "term_days_min": 28,
            "term_days_max": 168,
            "frequencies": "weekly",
            "rate_per_30_days": 0.03,
            "method": "flat",
            "currency": "USD",
        }
    ],
    "groups": [bank("CB", None), group("SG", "CB")],
    "members": [member("M1"), member("M2")],
    "memberships": [stay("1", "M1", "SG"), stay("2", "M2", "SG")],
    "budgets": [budget("B1", "900.00", **at(2025, 12, 20))],
    "obligations": [
        debt("D1", "ngo", "40.00", **at(2026, 1, 2)),
        debt("D2", "bank", "70.00", ends_on=date(2026, 1, 5), **at(2025, 12, 20)),
        debt("O1", "bank", "30.00", source="bureau", event_at=datetime(2025, 12, 31), known_at=datetime(2026, 1, 20)),
    ],
    # Of June she says something else today; what she said of May stands.
    "budget_months": [
        month("N1", date(2026, 5, 1), "100.00", "300.00", **at(2025, 12, 20)),
        month("N2", date(2026, 6, 1), "100.00", "300.00", **at(2025, 12, 20)),
    ],
}

#: What she tells, as its rows: the debt that she declared before has ended, what the bureau shows goes on.
TOLD: dict[str, list[dict[str, Any]]] = {
    "budgets": [
        budget(
            "T1",
            "1100.00",
            business_costs="600.00",
            other_income="150.50",
            household_costs="250.00",
            accessible_savings="80.00",
        )
    ],
    "obligations": [
        debt("D1", "ngo", "40.00", ends_on=None),
        debt("T2", "ngo", "50.00", balance="400.00", ends_on=date(2026, 9, 30), days_late=12),
        debt("T3", "supplier", "20.00", frequency="fortnightly", days_late=0),
    ],
    "budget_months": [
        month("T4", date(2026, 3, 1), "80.00", "410.00"),
        month("T5", date(2026, 6, 1), "2900.50", "450.00"),
        month("T6", date(2027, 1, 1), "0.00", "400.00"),
    ],
}

BODY: dict[str, Any] = {
    "recipe": "member_default",
    "subject": "M1",
    "amount": 200,
    "currency": "USD",
    "term_days": 112,
    "frequency": "weekly",
    "purpose": "working_capital",
    "other_active_loans": 2,
}

FORM = {
    **{name: str(BODY[name]) for name in BODY if name not in ("recipe", "currency")},
    "budget_business_revenue": "1100",
    "budget_business_costs": "600.00",
    "budget_other_income": "150.5",
    "budget_household_costs": "250",
    "budget_accessible_savings": "80",
    "debt_1_lender_kind": "ngo",
    "debt_1_instalment": "50",
    "debt_1_frequency": "monthly",
    "debt_1_balance": "400",
    "debt_1_ends_on": "2026-09-30",
    "debt_1_days_late": "12",
    "debt_2_lender_kind": "supplier",
    "debt_2_instalment": "20",
    "debt_2_frequency": "fortnightly",
    "debt_2_balance": "",
    "debt_2_ends_on": "",
    "debt_2_days_late": "0",
    "month_2026_03_income": "80",
    "month_2026_03_expenses": "410",
    "month_2026_06_income": "2900.5",
    "month_2026_06_expenses": "450",
    "month_2026_09_income": "",
    "month_2027_01_income": "0",
    "month_2027_01_expenses": "400",
}


def told(moment: datetime, eve: date) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of what she tells at a moment."""
    rows = {name: [{**row, "event_at": moment, "known_at": moment} for row in TOLD[name]] for name in TOLD}
    rows["obligations"][0]["ends_on"] = eve
    return rows


def whole(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return her whole record as JSON has it."""
    return plain({name: LOADED[name] + rows[name] for name in rows})


def plain(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows as JSON has them."""

    def told(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    return {
        name: [{key: told(value) for key, value in row.items() if value is not None} for row in rows]
        for name, rows in tables.items()
    }


def clock() -> str:
    return "2026-02-01T15:00:00.000000+00:00"


@pytest.fixture(scope="module")
def champion() -> Champion:
    return champion_of(LOCK)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, champion) -> ChampionDesk:
    portfolio = written(tmp_path_factory.mktemp("loaded") / "p", LOADED, date(2026, 1, 31))
    return ChampionDesk.build(champion, POLICY, portfolio, None)


@pytest.fixture
def house(tmp_path, desk) -> House:
    return build(tmp_path, desk, clock=clock)


@pytest.fixture
def make_desk(tmp_path, champion):
    """Make a desk of a portfolio in which some tables hold other rows."""

    def make(**tables: list[dict[str, Any]]) -> ChampionDesk:
        portfolio = written(tmp_path / "other", {**LOADED, **tables}, date(2026, 1, 31))
        return ChampionDesk.build(champion, POLICY, portfolio, None)

    return make


def sent(house: House, told_at: str, hidden: dict[str, str] | None = None) -> str:
    """Send the form as an officer of the branch, and return the score's id."""
    hidden = hidden or opened(house)
    form = hidden | FORM | {"told_at": told_at}
    answer = house.client.post("/apply", data=form, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].removeprefix("/scores/"))


def opened(house: House) -> dict[str, str]:
    token, _ = house.access.grant("officer", "branch", "BR")
    page = house.client.get(f"/enter?key={house.access.link(token)}&next=/apply", follow_redirects=True)
    page = house.client.get("/apply?lang=es")
    return dict(re.findall(r'<input type="hidden" name="(csrf_token|key)" value="([^"]+)"', page.text))


def said(house: House, score_id: str) -> dict[str, Any]:
    """Return what a score says, without what tells one asking from another."""
    record = house.records.get(score_id)
    assert record is not None
    return {name: value for name, value in record.score.items() if name != "score_id"} | {"values": record.values}


def posted(house: House, body: dict[str, Any]) -> str:
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["score_id"])


def test_the_form_gives_the_number_of_the_rows_sent_and_of_the_rows_loaded(house, champion, tmp_path):
    rows = told(datetime(2026, 1, 30, 10), date(2026, 1, 29))
    of_form = sent(house, "2026-01-30T10:00")
    of_rows = posted(house, BODY | {"facts": whole(rows)})
    both = {name: [*LOADED[name], *rows.get(name, [])] for name in LOADED}
    portfolio = written(tmp_path / "both", both, date(2026, 1, 31))
    (tmp_path / "other").mkdir()
    other = build(tmp_path / "other", ChampionDesk.build(champion, POLICY, portfolio, None))
    of_portfolio = posted(other, BODY)
    assert said(house, of_form) == said(house, of_rows) == said(other, of_portfolio)
    record = house.records.get(of_form)
    assert record.facts["tables"] == {"budgets": 2, "obligations": 6, "budget_months": 5}
    assert replay_record(record, champion).same
    # Against nothing told: 300 left over, one debt declared of 40, one more in the bureau.
    assert said(house, of_form) != said(house, posted(house, BODY))


def test_what_counts_is_what_she_told_and_what_a_bureau_shows(house):
    values = house.records.get(sent(house, "2026-01-30T10:00")).values
    assert values["business_revenue"] == 1100.0
    assert values["accessible_savings"] == 80.0
    assert values["declared_count"] == 2.0  # the debt declared before is not owed twice
    assert values["declared_service"] == pytest.approx(50 + 20 * 26 / 12)
    assert values["bureau_count"] == 1.0
    assert values["bureau_service"] == 30.0
    assert values["budget_age_days"] == 2.0
    assert values["months_told"] == 4.0
    assert values["months_short"] == 3.0  # March and January as she tells them, and May as before


def test_told_after_the_last_load_it_is_asked_for_a_minute_later(house):
    moment = datetime(2026, 2, 1, 9)
    of_form = sent(house, "2026-02-01T09:00")
    of_rows = posted(house, BODY | {"as_of": "2026-02-01T09:01:00", "facts": whole(told(moment, date(2026, 1, 31)))})
    assert house.records.get(of_form).score["as_of"] == "2026-02-01T09:01:00"
    assert said(house, of_form) == said(house, of_rows)


def test_the_same_form_sent_after_the_next_load_is_on_record_once(house, champion, tmp_path):
    hidden = opened(house)
    first = sent(house, "2026-01-30T10:00", hidden)
    rows = told(datetime(2026, 1, 30, 10), date(2026, 1, 29))
    both = {name: [*LOADED[name], *rows.get(name, [])] for name in LOADED}
    portfolio = written(tmp_path / "both", both, date(2026, 2, 1))
    house.source.held, house.source.mark = ChampionDesk.build(champion, POLICY, portfolio, None), 2
    house.service.state.look()
    assert sent(house, "2026-01-30T10:00", hidden) == first
    assert len(list(house.records.scores("member_default"))) == 1


def test_a_list_older_than_what_she_declared_since_is_refused(house):
    form = opened(house) | FORM | {"told_at": "2026-01-02T00:00"}
    answer = house.client.post("/apply", data=form)
    assert answer.status_code == 422
    assert re.findall(r'<strong class="fault hint" id="x-(\w+)">', answer.text) == ["told_at"]
    assert "El sistema ya tiene datos más nuevos de su hogar." in answer.text
    assert list(house.records.scores("member_default")) == []


def at_fault(page: str) -> dict[str, str]:
    return dict(re.findall(r'<strong class="fault hint" id="x-(\w+)">([^<]+)</strong>', page))


def test_what_was_told_too_long_ago_to_count_is_refused_at_its_field(make_desk, tmp_path):
    house = build(tmp_path, make_desk(budgets=[], obligations=[], budget_months=[]), clock=clock)
    # The portfolio's last moment is the first instant of February: 180 days before it is the fifth of August.
    for moment, status in (("2025-08-04T23:59", 422), ("2025-08-05T00:00", 303)):
        form = opened(house) | FORM | {"told_at": moment}
        answer = house.client.post("/apply?lang=es", data=form, follow_redirects=False)
        assert answer.status_code == status, moment
        if status == 422:
            assert at_fault(answer.text) == {
                "told_at": "Lo contado ese día es muy antiguo y ya no cuenta. Pregúntele de nuevo, o quítelo."
            }
            assert '<a href="#f-told_at">Lo contado ese día' in answer.text
            for kept in ('value="1100"', 'value="2025-08-04T23:59"', 'name="month_2026_06_income" value="2900.5"'):
                assert kept in answer.text
            assert list(house.records.scores("member_default")) == []


def refused(house: House, body: dict[str, Any]) -> list[str]:
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 422, answer.text
    assert all(error["message"] and error["remedy"] for error in answer.json()["errors"])
    return [error["field"] for error in answer.json()["errors"]]


def test_sent_rows_that_would_count_for_nothing_are_named_and_histories_are_not(make_desk, tmp_path):
    old = at(2025, 8, 4)
    loaded = {
        "budgets": [budget("B0", "500.00", **old)],
        "obligations": [debt("D0", "ngo", "40.00", **old)],
        "budget_months": [month("N0", date(2026, 3, 1), "1.00", "2.00", **old)],
    }
    house = build(tmp_path, make_desk(**loaded), clock=clock)

    def sent_with(**more: list[dict[str, Any]]) -> dict[str, Any]:
        rows = {name: [*loaded[name], *more.get(name, [])] for name in more or loaded}
        return BODY | {"facts": plain(rows)}

    # Her whole history, as old as it is: the number of the portfolio.
    assert said(house, posted(house, sent_with())) == said(house, posted(house, BODY))
    news = {
        "budgets": [budget("B1", "700.00", **at(2025, 8, 4, 23))],
        "obligations": [
            debt("D1", "bank", "50.00", **at(2025, 8, 1)),
            debt("D2", "bank", "50.00", ends_on=date(2026, 1, 31), **at(2025, 8, 1)),  # over: it tells nothing of today
        ],
        "budget_months": [
            month("N1", date(2026, 4, 1), "1.00", "2.00", **at(2025, 8, 2)),
            month("N2", date(2026, 1, 1), "1.00", "2.00", **at(2025, 8, 2)),  # a month that is past
        ],
    }
    assert refused(house, sent_with(**news)) == [
        "facts/budget_months/1/event_at",
        "facts/budgets/1/event_at",
        "facts/obligations/1/event_at",
    ]
    # With a newer one beside it, nothing that was told is lost without a word.
    newer = {
        "budgets": [*news["budgets"], budget("B2", "800.00", **at(2025, 8, 5))],
        "obligations": [*news["obligations"], debt("D3", "bank", "60.00", **at(2026, 1, 5))],
        "budget_months": [*news["budget_months"], month("N3", date(2026, 4, 1), "1.00", "2.00", **at(2026, 1, 5))],
    }
    values = house.records.get(posted(house, sent_with(**newer))).values
    assert (values["business_revenue"], values["declared_service"], values["months_told"]) == (800.0, 60.0, 1.0)


def test_at_an_earlier_moment_what_was_told_then_counts(make_desk, tmp_path):
    house = build(tmp_path, make_desk(budgets=[], obligations=[], budget_months=[]), clock=clock)
    rows = plain({"budgets": [budget("B1", "700.00", **at(2025, 8, 1))]})
    assert refused(house, BODY | {"facts": rows}) == ["facts/budgets/0/event_at"]
    posted(house, BODY | {"facts": rows, "as_of": "2025-12-01"})
