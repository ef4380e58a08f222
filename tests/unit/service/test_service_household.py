"""Budget and other debts in the form of an application: read, told what is wrong, and shown to none but the asker."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from riskscore.service.access import ROLES, SCOPES
from riskscore.service.declared import DEBT
from riskscore.service.facts import Facts
from tests.unit.service.desks import PlainDesk
from tests.unit.service.test_service_application import FILLED, form_of

BUDGET = {
    "budget_business_revenue": "7771.50",
    "budget_business_costs": "3332",
    "budget_other_income": "0",
    "budget_household_costs": "1113",
    "budget_accessible_savings": "",
}
DEBTS = {
    "debt_1_lender_kind": "cooperative",
    "debt_1_instalment": "88.80",
    "debt_1_frequency": "monthly",
    "debt_1_balance": "",
    "debt_1_ends_on": "",
    "debt_1_days_late": "",
}
MONTHS = {"month_2026_04_income": "6664.25", "month_2026_04_expenses": "2221"}
#: The desk's last moment is the first of February; the clock stands a day later, at seven in the morning.
HOUSEHOLD = BUDGET | DEBTS | MONTHS | {"told_at": "2026-02-01T10:00"}

GONE = "Solo se cuentan los doce meses que vienen. Deje vacío este mes."

#: What was written and is nobody else's business.
SECRETS = ("7771.5", "3332", "1113", "88.8", "6664.25", "2221")


@dataclass
class Noting(PlainDesk):
    """A plain desk that notes what facts reach it."""

    noted: list[Facts] = field(default_factory=list)

    def score_sent(self, fields, as_of, facts, reaches):
        self.noted.append(facts)
        return super().score_sent(fields, as_of, facts, reaches)


@pytest.fixture
def house(make_house):
    return make_house(desk=Noting())


@pytest.fixture
def officer(house):
    token, _ = house.access.grant("officer", "branch", "N")
    house.client.get(f"/enter?key={house.access.link(token)}&next=/apply")
    return house


def send(house, **changes: str):
    hidden = form_of(house.client.get("/apply?lang=es").text)
    return house.client.post("/apply", data=hidden | FILLED | changes, follow_redirects=False)


def at_fault(page: str) -> dict[str, str]:
    return dict(re.findall(r'<strong class="fault hint" id="x-(\w+)">([^<]+)</strong>', page))


def requests(house) -> list[dict]:
    return [record.request for record in house.records.scores("member_default")]


def test_what_she_tells_goes_with_the_request_as_rows_of_hers(officer):
    assert send(officer, **HOUSEHOLD).status_code == 303
    (facts,) = officer.source.held.noted
    (budget,), (debt,), (month,) = (
        facts.frames[name].to_dicts() for name in ("budgets", "obligations", "budget_months")
    )
    told = datetime(2026, 2, 1, 10)
    assert (month["month"], str(month["income"]), str(month["expenses"])) == (date(2026, 4, 1), "6664.25", "2221.00")
    for row in (budget, debt, month):
        assert (row["event_at"], row["known_at"], row["member_id"], row["currency"]) == (told, told, "M1", "PEN")
    amounts = [str(budget[name]) for name in ("business_revenue", "business_costs", "other_income", "household_costs")]
    assert amounts == ["7771.50", "3332.00", "0.00", "1113.00"]
    assert budget["accessible_savings"] is None  # not told is missing, never zero
    assert (debt["lender_kind"], str(debt["instalment"]), debt["source"]) == ("cooperative", "88.80", "declared")
    assert (debt["balance"], debt["ends_on"], debt["days_late"]) == (None, None, None)
    (request,) = requests(officer)
    assert request["as_of"] == "2026-02-01T10:01:00"
    record = next(officer.records.scores("member_default"))
    tables = {"budgets": 1, "obligations": 1, "budget_months": 1}
    assert record.facts == {"tables": tables, "rows": 3, "digest": facts.digest}


@pytest.mark.parametrize("text", ["1_000", "1e3", "٥٠", "1,500", "1.500", "+5", "0x10"])
@pytest.mark.parametrize(
    "name", ["budget_business_costs", "debt_1_instalment", "debt_1_days_late", "month_2026_04_income"]
)
def test_what_only_a_programmer_writes_for_a_number_and_what_may_be_thousands_is_none(officer, name, text):
    assert list(at_fault(send(officer, **HOUSEHOLD | {name: text}).text)) == [name]
    assert requests(officer) == []


def test_decimals_come_after_a_comma_too(officer):
    assert (
        send(officer, **HOUSEHOLD | {"budget_business_costs": "3332,5", "debt_1_instalment": "88,85"}).status_code
        == 303
    )
    (facts,) = officer.source.held.noted
    assert str(facts.frames["budgets"]["business_costs"][0]) == "3332.50"
    assert str(facts.frames["obligations"]["instalment"][0]) == "88.85"


@pytest.mark.parametrize(
    ("told", "tables"), [(BUDGET, ["budgets"]), (DEBTS, ["obligations"]), (MONTHS, ["budget_months"]), ({}, None)]
)
def test_each_part_may_be_left_out(officer, told, tables):
    assert send(officer, **told, told_at="2026-02-01T10:00").status_code == 303
    assert [list(facts.frames) for facts in officer.source.held.noted] == ([tables] if tables else [])


def test_everything_wrong_with_it_comes_back_at_once_and_what_was_written_stays(officer):
    written = {
        **FILLED,
        "amount": "5000",
        "other_active_loans": "3",
        "budget_business_revenue": "12.345",
        "budget_business_costs": "",
        "budget_other_income": "-1",
        "budget_household_costs": "mil",
        "budget_accessible_savings": "1e400",
        "debt_1_lender_kind": "casino",
        "debt_1_instalment": "",
        "debt_1_frequency": "at_maturity",
        "debt_1_balance": "x",
        "debt_1_ends_on": "",
        "debt_1_days_late": "-1",
        "debt_2_lender_kind": "bank",
        "debt_2_instalment": "45.5",
        "debt_2_frequency": "",
        "debt_2_balance": "",
        "debt_2_ends_on": "2026-01-31",
        "debt_2_days_late": "12.5",
        "month_2025_12_income": "10",
        "month_2026_03_income": "900.5",
        "month_2026_03_expenses": "",
        "month_2026_04_income": "",
        "month_2026_04_expenses": "poco",
        "month_2027_01_income": "0",
        "month_2027_01_expenses": "0",
        "month_2027_02_income": "",
        "month_2027_02_expenses": "5",
        "told_at": "yesterday",
    }
    answer = send(officer, **written)
    assert answer.status_code == 422
    assert list(at_fault(answer.text)) == [
        "amount",
        "budget_business_revenue",
        "budget_business_costs",
        "budget_other_income",
        "budget_household_costs",
        "budget_accessible_savings",
        "month_2025_12_income",
        "month_2026_03_expenses",
        "month_2026_04_income",
        "month_2026_04_expenses",
        "month_2027_02_expenses",
        "other_active_loans",
        "debt_1_lender_kind",
        "debt_1_instalment",
        "debt_1_balance",
        "debt_1_ends_on",
        "debt_1_days_late",
        "debt_2_frequency",
        "debt_2_days_late",
        "told_at",
    ]
    for name in at_fault(answer.text):
        assert re.search(
            rf'name="{name}"[^>]* aria-describedby="(h-{name} )?x-{name}" aria-invalid="true"', answer.text
        )
        assert f'<a href="#f-{name}">' in answer.text
    assert '<a href="#f-debt_2_frequency">Deuda 2: Elija cada cuánto paga esta deuda.</a>' in answer.text
    assert at_fault(answer.text)["month_2025_12_income"] == at_fault(answer.text)["month_2027_02_expenses"] == GONE
    assert '<a href="#f-month_2026_03_expenses">Marzo 2026: Escriba cuánto se gasta ese mes.' in answer.text
    for text in ("12.345", "mil", "45.5", "2026-01-31", "12.5", "900.5", "poco"):
        assert f'value="{text}"' in answer.text
    assert '<option value="bank" selected>' in answer.text
    assert requests(officer) == []
    assert officer.source.held.noted == []


def test_the_form_asks_for_the_twelve_months_to_come_and_opens_them_where_one_is_told(officer):
    page = officer.client.get("/apply?lang=es").text
    months = re.findall(r'<fieldset class="month"><legend>([^<]+)</legend>', page)
    assert (len(months), months[0], months[-1]) == (12, "Febrero 2026", "Enero 2027")
    assert '<details id="months"><summary>Si el ingreso viene con la cosecha</summary>' in page
    assert '<details id="months" open>' in send(officer, **MONTHS, rows="add").text
    english = officer.client.get("/apply?lang=en").text
    assert '<fieldset class="month"><legend>February 2026</legend>' in english


@pytest.mark.parametrize("name", ["month_2026_13_income", "month_0000_01_income", "month_2026_04_rent", "month_x"])
def test_what_is_no_month_is_no_field(officer, name):
    assert send(officer, **{name: "5"}).status_code == 303
    assert officer.source.held.noted == []


def test_days_late_are_a_count_and_nothing_told_is_missing(officer):
    for days in ("0", "12", ""):
        assert send(officer, **HOUSEHOLD | {"debt_1_days_late": days}).status_code == 303
    noted = [facts.frames["obligations"]["days_late"].to_list() for facts in officer.source.held.noted]
    assert noted == [[0], [12], [None]]


def test_a_fault_of_a_debt_is_none_of_the_moment(officer):
    answer = send(officer, **HOUSEHOLD | {"debt_1_instalment": "x"})
    assert at_fault(answer.text) == {"debt_1_instalment": "Escriba cuánto paga cada vez."}


@pytest.mark.parametrize("number", ["0", "2"])
def test_a_number_that_is_not_that_of_the_list_is_told_at_its_field(officer, number):
    answer = send(officer, **HOUSEHOLD | {"other_active_loans": number})
    assert at_fault(answer.text) == {
        "other_active_loans": "Aquí no dice cuántas deudas anotó abajo. Los dos números tienen que ser iguales."
    }


def test_the_number_stays_mandatory_whatever_is_listed(officer):
    answer = send(officer, **HOUSEHOLD | {"other_active_loans": ""})
    assert at_fault(answer.text) == {
        "other_active_loans": "Pregúntele cuántos otros préstamos tiene. No se puede suponer."
    }


def test_what_no_calendar_and_no_list_has_is_at_fault_and_breaks_nothing(officer):
    for odd in ("9999-12-31T23:59", "0001-01-01T00:00"):
        assert at_fault(send(officer, **HOUSEHOLD | {"told_at": odd}).text).keys() == {"told_at"}
    assert "other_active_loans" in at_fault(send(officer, **HOUSEHOLD | {"other_active_loans": "9" * 5_000}).text)
    assert send(officer, **HOUSEHOLD | {"rows": f"drop_{'9' * 5_000}"}).status_code == 200


@pytest.mark.parametrize(
    ("told_at", "fault"),
    [
        ("", "Ponga un día y una hora que ya pasaron."),
        ("2026-02-02T07:01", "Ponga un día y una hora que ya pasaron."),
        ("2026-02-01T10:00Z", "Ponga un día y una hora que ya pasaron."),
        (
            "2026-02-02T06:00",
            "El sistema tiene datos hasta el 31 de enero de 2026. Lo contado más de un día después no se puede usar.",
        ),
    ],
)
def test_a_moment_that_cannot_be_is_told_at_its_field(officer, told_at, fault):
    assert at_fault(send(officer, **HOUSEHOLD | {"told_at": told_at}).text) == {"told_at": fault}


def test_a_debt_that_has_ended_is_none(officer):
    answer = send(officer, **HOUSEHOLD | {"debt_1_ends_on": "2026-01-31"})
    assert list(at_fault(answer.text)) == ["debt_1_ends_on"]
    assert send(officer, **HOUSEHOLD | {"debt_1_ends_on": "2026-02-01"}).status_code == 303


def test_debts_are_added_and_removed_without_a_script_and_nothing_is_sent(officer):
    more = send(officer, **HOUSEHOLD, rows="add")
    assert more.status_code == 200
    assert re.findall(r'name="debt_(\d)_instalment" value="([^"]*)"', more.text)[:2] == [("1", "88.80"), ("2", "")]
    assert 'value="7771.50"' in more.text
    assert at_fault(more.text) == {}
    two = {name.replace("_1_", "_2_"): text for name, text in DEBTS.items()} | {"debt_2_instalment": "45"}
    less = send(officer, **HOUSEHOLD | two, rows="drop_1")
    numbered = re.findall(r'name="debt_([1-9])_instalment" value="([^"]*)"', less.text)
    assert numbered == [("1", "45")]
    assert requests(officer) == []
    for pressed in ("drop_9", "drop_", "drop_x", "much"):
        assert send(officer, **HOUSEHOLD, rows=pressed).status_code == 200


def test_a_debt_of_which_nothing_was_written_is_none(officer):
    blank = {f"debt_2_{column}": "" for column in DEBT}
    assert send(officer, **HOUSEHOLD | blank).status_code == 303


def test_sent_twice_it_is_scored_once_and_changed_it_is_refused(officer):
    hidden = form_of(officer.client.get("/apply").text)
    first, again = (
        officer.client.post("/apply", data=hidden | FILLED | HOUSEHOLD, follow_redirects=False).headers["location"]
        for _ in range(2)
    )
    assert first == again
    other = officer.client.post("/apply", data=hidden | FILLED | HOUSEHOLD | {"debt_1_instalment": "90"})
    assert other.status_code == 422
    assert len(requests(officer)) == 1


@pytest.mark.parametrize("subject", ["M9", "nobody"])
def test_of_a_member_out_of_reach_nothing_is_told_and_nothing_read(officer, subject, monkeypatch):
    monkeypatch.setattr(Noting, "loaded", lambda *_: pytest.fail("nobody may read her record"))
    answer = send(officer, **HOUSEHOLD, subject=subject)
    assert answer.status_code == 404
    assert list(at_fault(answer.text)) == ["subject"]


@pytest.mark.parametrize("role", ROLES)
def test_who_asks_for_no_score_neither_sees_nor_sends_it(house, role):
    kind = SCOPES[role][0]
    scope_id = {"all": None, "branch": "N", "group": "B1", "organisation": "P1", "self": "M1"}[kind]
    headers = house.headers(role, kind, scope_id)
    seen = house.client.get("/apply?lang=es", headers=headers)
    sent = house.client.post("/apply", data=FILLED | HOUSEHOLD | {"key": "k" * 32}, headers=headers)
    asks = role in ("officer", "analyst")
    assert seen.status_code == (200 if asks else 403)
    assert ("budget_business_revenue" in seen.text) == asks
    assert sent.history[0].status_code == 303 if asks else sent.status_code == 403
    assert len(house.source.held.noted) == asks


def test_what_was_told_is_in_no_log_and_no_record(officer, caplog):
    with caplog.at_level(logging.DEBUG):
        assert send(officer, **HOUSEHOLD | {"other_active_loans": "3"}).status_code == 422
        assert send(officer, **HOUSEHOLD).status_code == 303
    with officer.records.database.read() as connection:
        tables = ("entries", "contents", "contexts")
        rows = [connection.exec_driver_sql(f"SELECT * FROM {one}").all() for one in tables]
    kept = str([tuple(row) for table in rows for row in table])
    assert "working_capital" in kept
    for secret in SECRETS:
        alone = re.compile(rf"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])")  # a digest may hold any four digits
        assert not alone.search(caplog.text), secret
        assert not alone.search(kept), secret


def test_a_committee_cannot_tell_that_anything_was_told(make_house):
    seen = []
    for name, told in (("without", {}), ("with", HOUSEHOLD)):
        house = make_house(name, Noting())
        token, _ = house.access.grant("officer", "branch", "N")
        house.client.get(f"/enter?key={house.access.link(token)}&next=/apply")
        score_id = send(house, **told).headers["location"].removeprefix("/scores/")
        house.heard(score_id)
        house.opined(score_id)
        committee = house.headers("committee", "group", "B1")
        house.client.cookies.clear()
        paths = (f"/scores/{score_id}?lang=es", f"/v1/scores/{score_id}", "/groups/B1?lang=es", "/v1/groups/B1/sheet")
        answers = [house.client.get(path, headers=committee) for path in paths]
        assert [answer.status_code for answer in answers] == [200] * 4
        seen.append([answer.text.replace(score_id, "S") for answer in answers])
    assert seen[0] == seen[1]


def test_with_another_amount_it_is_not_asked_for_from_what_is_loaded_alone(officer):
    address = send(officer, **HOUSEHOLD).headers["location"]
    page = officer.client.get(f"{address}?lang=es").text
    assert "/again" not in page
    assert "Este puntaje usó cifras que ella contó." in page
    tried = form_of(page) | {"amount": "280.0", "term_days": "98"}
    assert officer.client.post(f"{address}/what-if", data=tried).status_code == 200
    assert officer.client.post(f"{address}/again", data=tried).status_code == 422
    assert len(requests(officer)) == 1
