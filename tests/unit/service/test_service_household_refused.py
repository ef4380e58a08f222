"""What is found wrong only when what she told is scored comes back on the form, with all that was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.portfolio import TABLES
from riskscore.portfolio.kinds import schema
from tests.unit.service.desks import PlainDesk
from tests.unit.service.test_service_application import FILLED, form_of
from tests.unit.service.test_service_household import HOUSEHOLD, at_fault, send

MONTHS = {"month_2026_04_income": "900", "month_2026_04_expenses": "120"}
BEFORE = {
    "id": "O1",
    "event_at": datetime(2026, 1, 2),
    "known_at": datetime(2026, 1, 2),
    "member_id": "M1",
    "lender_kind": "bank",
    "source": "bureau",
    "instalment": 40,
    "frequency": "monthly",
    "currency": "PEN",
}
AHEAD = "El sistema tiene datos hasta el 31 de enero de 2026. Lo contado más de un día después no se puede usar."
ODD = "Lo contado no encaja con lo que ya está anotado de ella. Revíselo, o quítelo."
OLD = "Lo contado ese día es muy antiguo y ya no cuenta. Pregúntele de nuevo, o quítelo."


@dataclass
class Refusing(PlainDesk):
    """A plain desk that holds one debt of hers from a bureau, and finds what was sent at fault."""

    found: list[Exception] = field(default_factory=list)

    def loaded(self, subject: str, tables: Any) -> dict[str, pl.DataFrame]:
        rows = {"obligations": [BEFORE]}
        return {name: pl.DataFrame(rows.get(name, []), schema=schema(TABLES[name])) for name in tables}

    def score_sent(self, *_: Any) -> Any:
        raise self.found[0]


@pytest.fixture
def officer(make_house):
    house = make_house(desk=Refusing())
    token, _ = house.access.grant("officer", "branch", "N")
    house.client.get(f"/enter?key={house.access.link(token)}&next=/apply")
    return house


def refused(officer, kind: type[InvalidInput] | type[NotFound], *places: str):
    faults = [Fault(place, "Something is wrong.", "Correct it.") for place in places]
    officer.source.held.found[:] = [kind(faults)]
    return send(officer, **HOUSEHOLD | MONTHS)


@pytest.mark.parametrize(
    ("places", "told"),
    [
        (["facts/obligations/1/instalment"], {"debt_1_instalment": "Escriba cuánto paga cada vez."}),
        (["facts/obligations/0/instalment"], {"told_at": ODD}),  # loaded of her, and not on the form
        (["facts/obligations/2/instalment"], {"told_at": ODD}),
        (["facts/obligations/1/event_at"], {"told_at": OLD}),
        (["facts/budgets/0/household_costs"], {"budget_household_costs": "Escriba cuánto gasta la casa al mes."}),
        (["facts/budgets/0/currency"], {"told_at": ODD}),
        (
            ["facts/budget_months/0/expenses"],
            {"month_2026_04_expenses": "Escriba cuánto se gasta ese mes. Si no se gasta nada, escriba 0."},
        ),
        (["facts"], {"told_at": ODD}),
        (["facts/loans"], {"told_at": ODD}),
        (["term_days"], {"term_days": "Escriba un plazo en días que se ofrezca."}),
        (
            ["as_of"],
            {"told_at": AHEAD},
        ),
        (
            ["facts/budgets/0/household_costs", "facts/obligations/1/balance"],
            {
                "budget_household_costs": "Escriba cuánto gasta la casa al mes.",
                "debt_1_balance": "Escriba un monto, o deje vacío.",
            },
        ),
    ],
)
def test_it_stands_beside_its_field_and_what_was_written_stays(officer, places, told):
    answer = refused(officer, InvalidInput, *places)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert at_fault(answer.text) == told
    for name, text in told.items():
        assert re.search(rf'<a href="#f-{name}">([^<]*: )?{re.escape(text)}</a>', answer.text)
        assert re.search(rf'name="{name}"[^>]* aria-invalid="true"', answer.text)
    for name, text in (HOUSEHOLD | MONTHS).items():
        if name not in ("debt_1_lender_kind", "debt_1_frequency"):
            assert f'name="{name}" value="{text}"' in answer.text
    assert '<option value="cooperative" selected>' in answer.text
    assert "Something is wrong." not in answer.text
    assert list(officer.records.scores("member_default")) == []


def test_what_names_a_group_out_of_reach_is_answered_on_the_form_too(officer):
    answer = refused(officer, NotFound, "facts/loans/0/group_id")
    assert answer.status_code == 404
    assert at_fault(answer.text) == {"told_at": ODD}


def test_a_member_who_is_gone_by_then_is_told_at_her_id(officer):
    answer = refused(officer, NotFound, "subject")
    assert answer.status_code == 404
    assert at_fault(answer.text) == {"subject": "No hay una socia con ese código que usted pueda ver."}


@pytest.mark.parametrize("household", [HOUSEHOLD, {}])
def test_who_goes_back_and_changes_what_was_sent_keeps_it_and_may_send_it_as_another(make_house, household):
    officer = make_house()
    token, _ = officer.access.grant("officer", "branch", "N")
    officer.client.get(f"/enter?key={officer.access.link(token)}&next=/apply")
    form = form_of(officer.client.get("/apply?lang=es").text) | FILLED | household
    assert officer.client.post("/apply", data=form, follow_redirects=False).status_code == 303
    changed = form | {"amount": "440"}
    answer = officer.client.post("/apply", data=changed, follow_redirects=False)
    assert (answer.status_code, at_fault(answer.text)) == (
        422,
        {"subject": "Esta hoja ya se envió con otros datos. Si lo de ahora es otro pedido, envíela de nuevo."},
    )
    for name, text in (household | {"amount": "440"}).items():
        assert text == "" or name.endswith(("kind", "frequency")) or f'name="{name}" value="{text}"' in answer.text
    fresh = form_of(answer.text)["key"]
    assert fresh != form["key"]
    amounts = [record.request["amount"] for record in officer.records.scores("member_default")]
    assert amounts == [float(form["amount"])]
    assert officer.client.post("/apply", data=changed | {"key": fresh}, follow_redirects=False).status_code == 303
    amounts = sorted(record.request["amount"] for record in officer.records.scores("member_default"))
    assert amounts == [440.0, float(form["amount"])]
