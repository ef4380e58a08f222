"""What a form declares of a household, as rows: numbered debts, and a list that takes the place of an older one."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from riskscore.portfolio import TABLES
from riskscore.portfolio.kinds import schema
from riskscore.service.chain import canonical
from riskscore.service.declared import DEBT, MOST_DEBTS, Declared, debts_in, laid_out
from riskscore.service.facts import Facts
from riskscore.service.told_again import told_again
from tests.unit.service.test_service_application import FILLED


def test_a_list_takes_the_place_of_what_was_declared_before_and_leaves_the_bureau_alone():
    def debts(*rows: dict) -> pl.DataFrame:
        base = {"member_id": "M1", "lender_kind": "ngo", "instalment": 40, "frequency": "monthly", "currency": "PEN"}
        return pl.DataFrame([base | row for row in rows], schema=schema(TABLES["obligations"]))

    def told(day: int) -> dict:
        return {"event_at": datetime(2026, 1, day), "known_at": datetime(2026, 1, day, 12)}

    loaded = debts(
        {"id": "open", "source": "declared", **told(2)},
        {"id": "open", "source": "declared", "ends_on": date(2026, 5, 1), **told(9)},
        {"id": "over", "source": "declared", "ends_on": date(2026, 1, 14), **told(3)},
        {"id": "bureau", "source": "bureau", **told(4)},
    )
    new = debts({"id": "new", "source": "declared", **told(15)})
    moment = datetime(2026, 1, 15)
    whole = told_again({"obligations": loaded}, Facts.of({"obligations": new}), moment).frames["obligations"]
    assert whole.head(4).equals(loaded)
    assert whole.tail(1).equals(new)
    (ended,) = whole.slice(4, 1).to_dicts()
    assert (ended["id"], ended["ends_on"], ended["event_at"]) == ("open", date(2026, 1, 14), moment)
    assert whole.height == 6


typed = st.dictionaries(
    st.tuples(st.integers(0, 99), st.sampled_from(DEBT)).map(lambda one: f"debt_{one[0]}_{one[1]}"), st.text(max_size=3)
)


@given(typed, st.sampled_from(["", "add", "drop_1", "drop_2"]))
def test_debts_keep_their_order_and_their_text_however_they_were_numbered(form, pressed):
    before = debts_in(form)
    after = debts_in(laid_out(form | {"rows": pressed, "subject": "M1"}))
    gone = int(pressed[-1]) - 1 if pressed.startswith("drop") else None
    expected = [debt for place, debt in enumerate(before) if place != gone]
    if pressed == "add" and len(before) < MOST_DEBTS:
        expected.append({})
    assert after == [{column: debt.get(column, "") for column in DEBT} for debt in expected]
    assert canonical(laid_out(laid_out(form))) == canonical(laid_out(form))


def test_a_form_that_tells_nothing_of_the_household_declares_nothing():
    assert (
        Declared.of(FILLED | {"told_at": "2026-02-01T10:00", "debt_1_balance": "", "budget_other_income": ""}) is None
    )
