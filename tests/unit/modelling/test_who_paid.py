"""Who paid of a fall, read from a literal ledger, and what a structure makes of a record that does not tell."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog
from riskscore.dataset.readings import Cases
from riskscore.modelling.communal_bank.ledger import falls, payers_told
from riskscore.modelling.communal_bank.members import member_requests
from riskscore.modelling.communal_bank.structure import estimate
from riskscore.modelling.recipe import Recipe
from riskscore.portfolio.maturity_rule import MemberRule
from tests.unit.features.literal_portfolio import bank, group, member, stay, written

RECIPE = Path(__file__).parents[3] / "training" / "group_default.toml"
START = date(2025, 1, 6)
MOMENT = datetime(2026, 1, 1)


def loan(person: str, payments: list[tuple[int, float, str]]):
    """Return a loan of 400 in four weekly instalments, and its payments as (days from the start, amount, payer)."""
    at = datetime.combine(START, datetime.min.time())
    clock = {"event_at": at, "known_at": at}
    asked = {
        **clock,
        "id": f"A-{person}",
        "member_id": person,
        "group_id": "G",
        "ledger": "internal",
        "amount": 400.0,
        "currency": "USD",
        "term_days": 28,
        "frequency": "weekly",
    }
    lent = {
        **clock,
        "id": f"L-{person}",
        "application_id": f"A-{person}",
        "member_id": person,
        "group_id": "G",
        "ledger": "internal",
        "principal": 400.0,
        "currency": "USD",
        "disbursed_on": START,
        "term_days": 28,
        "frequency": "weekly",
        "cycle": 1,
    }
    dues = [
        {**clock, "loan_id": f"L-{person}", "number": k, "due_on": START + timedelta(7 * k), "amount": 100.0}
        | {"principal": 100.0}
        for k in range(1, 5)
    ]
    paid = [
        {
            "event_at": at + timedelta(days),
            "known_at": at + timedelta(days),
            "loan_id": f"L-{person}",
            "amount": amount,
            "currency": "USD",
            "payer": payer,
            "reversed": False,
        }
        for days, amount, payer in payments
    ]
    return asked, lent, dues, paid


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    people = {
        "HERSELF": [(7 * k, 100.0, "self") for k in range(1, 5)],
        # Two by her group in time, the last by her savings after it had been missing for over a month.
        "COVERED": [(7, 100.0, "self"), (14, 100.0, "group"), (21, 100.0, "group"), (70, 100.0, "savings")],
        "SEIZED": [(7, 100.0, "self"), (14, 150.0, "savings"), (28, 150.0, "group")],
        "NOBODY": [(7, 100.0, "self")],
    }
    parts = [loan(person, payments) for person, payments in people.items()]
    return written(
        tmp_path_factory.mktemp("ledger") / "p",
        {
            "groups": [bank("B", None), group("G", "B")],
            "members": [member(person) for person in people],
            "memberships": [stay(f"S-{person}", person, "G") for person in people],
            "applications": [part[0] for part in parts],
            "loans": [part[1] for part in parts],
            "instalments": [due for part in parts for due in part[2]],
            "payments": [paid for part in parts for paid in part[3]],
        },
    )


def test_who_paid_of_a_fall_in_time(portfolio):
    found = {row.pop("application_id"): row for row in falls(portfolio, MOMENT, days=31).to_dicts()}
    shown = {
        name: [row["owed"], row["own"], row["by_savings"], row["by_group"]]
        for name, row in found.items()
        if name != "A-HERSELF"
    }
    assert shown == {
        "A-COVERED": [400.0, 100.0, 0.0, 200.0],  # 300 missing of her own, 100 of it still so 31 days after
        "A-SEIZED": [400.0, 100.0, 150.0, 150.0],
        "A-NOBODY": [400.0, 100.0, 0.0, 0.0],
    }
    assert payers_told(portfolio, MOMENT) == {"group", "savings"}
    assert payers_told(portfolio, datetime(2025, 1, 15)) == frozenset()


def test_the_record_of_falls_is_by_the_members_maturity_rule(portfolio):
    def onsets(**figures):
        found = falls(portfolio, MOMENT, days=31, rule=MemberRule(**figures))
        return dict(found.select("application_id", "onset").iter_rows())

    standing = {"A-COVERED": 2, "A-NOBODY": 2, "A-SEIZED": 2}
    assert onsets() == standing
    # Three instalments of SEIZED were borne by others, all within fifteen days.
    assert onsets(covered_instalments=4) == {"A-COVERED": 2, "A-NOBODY": 2}
    # NOBODY's second instalment was open for 45 days when it was final: bad, and no meeting at which it began.
    assert onsets(days_late=46) == {**standing, "A-NOBODY": None}
    assert onsets(days_after_maturity=340) == {}  # not final by then


def test_members_outcomes_behind_a_bank_are_by_its_recipes_rule(portfolio):
    lock = Catalog.from_folder(RECIPE.parents[1] / "features").lock()

    def labels(text):
        settings = Recipe.parse(text).liability
        return dict(member_requests(portfolio, lock, settings).select("application_id", "label").iter_rows())

    text = RECIPE.read_text(encoding="utf-8")
    standing = {"A-COVERED": "bad", "A-HERSELF": "good", "A-NOBODY": "bad", "A-SEIZED": "bad"}
    assert labels(text) == standing
    changed = text.replace("covered_instalments = 2", "covered_instalments = 4")
    assert labels(changed) == {**standing, "A-SEIZED": "indeterminate"}
    assert Cases.of(portfolio, "member_internal", MemberRule(covered_instalments=4)).frame.sort("application_id")[
        "label"
    ].to_list() == ["bad", "good", "bad", "indeterminate"]


@pytest.fixture(scope="module")
def settings():
    found = Recipe.parse(RECIPE.read_text(encoding="utf-8")).liability
    assert found is not None
    return found


@pytest.fixture(scope="module")
def record():
    """Forty-four falls among 400 loans of 20 banks: of each 50 of 100 were missing, and the group had paid 30 of it."""
    number = np.arange(400)
    fell = (number % 10 == 0) | (number % 100 == 1)
    training = pl.DataFrame(
        {
            "application_id": [f"A{one}" for one in number],
            "request_id": [f"X{one // 20}" for one in number],
            "group_id": [f"G{one // 5}" for one in number],
            "cluster": [f"B{one // 20}" for one in number],
            "period": [f"Q{one // 100}" for one in number],
            "bad": fell.astype(int),
            "pd": np.full(400, 0.11),
        }
    )
    told = {"onset": 3.0, "owed": 100.0, "own": 50.0, "by_savings": 0.0, "by_group": 30.0}
    falls_ = training.filter(pl.col("bad") == 1).select(
        "application_id", *(pl.lit(v).alias(k) for k, v in told.items())
    )
    return training, falls_


def test_a_layer_counts_as_far_as_it_paid_drawn_to_nothing_by_twenty_falls(settings, record):
    found = estimate(settings, *record, frozenset({"group", "savings"}))
    assert found.severity.value == pytest.approx(0.5)
    assert found.by_group.cases == 44
    assert found.by_group.value == pytest.approx(0.6 * 44 / 64)
    assert found.by_group.low <= found.by_group.value <= found.by_group.high
    assert found.by_savings.value == 0.0
    assert np.mean(found.steps.by_group) == pytest.approx(0.5 * 0.6 * 44 / 64)


def test_a_record_that_does_not_tell_who_paid_counts_as_the_settings_say(settings, record):
    found = estimate(settings, *record, frozenset({"savings"}))
    assert (found.by_group.value, found.by_group.cases, found.by_savings.cases) == (0.0, 0, 44)
    assert np.isnan(found.by_group.low)
    assert set(found.steps.by_group) == {0.0}
    believed = replace(settings.assumptions["group_cover"], value=0.4)
    other = replace(settings, assumptions={**settings.assumptions, "group_cover": believed})
    found = estimate(other, *record, frozenset())
    assert (found.by_group.value, found.by_group.cases) == (0.4, 0)
    assert np.mean(found.steps.by_group) == pytest.approx(0.5 * 0.4)
