"""The features that come with the library: their names, directions, words and arithmetic."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog, LockedFeature, member_values, with_request
from riskscore.indebtedness.assessment import Columns, assess_columns
from riskscore.indebtedness.elsewhere import owed_elsewhere
from riskscore.indebtedness.policy_numbers import PolicyNumbers
from riskscore.indebtedness.terms import Terms
from riskscore.portfolio import TABLES, write_portfolio
from riskscore.scoring.snapshot import members_at
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[3]
SERVING = ROOT / "serving"
LOCK = Catalog.from_folder(ROOT / "features").lock()

START = {"event_at": datetime(2024, 1, 1), "known_at": datetime(2024, 1, 1)}

FACTS = [
    "business_revenue",
    "business_costs",
    "other_income",
    "household_costs",
    "accessible_savings",
    "budget_age_days",
    "declared_service",
    "declared_count",
    "bureau_service",
    "bureau_count",
    "own_service_now",
    "own_service_after",
    "outstanding",
    "group_savings",
    "previous_amount",
    "largest_amount_before",
    "cycle_no",
    "attendance_rate_cycle",
    "late_share_cycle",
    "solidarity_size",
    "outside_service",
    "surplus",
]
RISES = [
    "net_indebtedness_now",
    "refinancings_12m",
    "chronic_arrears_12m",
    "paid_from_savings_12m",
    "worst_delay_last_cycle",
    "worst_delay_3_cycles",
    "worst_delay_180d",
    "late_share_3_cycles",
    "covered_by_group_share_3_cycles",
    "covered_payments_3_cycles",
    "late_arrival_rate",
    "savings_withdrawn_60d_share",
    "restructured_24m",
    "bad_outcomes_known",
    "peer_late_share",
    "peer_worst_delay",
    "peer_covered_share",
    "peer_bad_outcome_share",
    "new_member_share",
    "dropout_share",
    "instalment_to_surplus",
    "loans_elsewhere",
    "amount_growth",
    "amount_to_largest_before",
    "budget_months_old",
    "lean_season",
    "shock_active",
    "shock_over_90d",
    "bureau_lenders",
    "bureau_worst_category_12m",
    "bureau_inquiries_3m",
    "fund_worst_delay_2_cycles",
    "loans_to_repay_12m",
    "board_overrun_share",
    "region_early_warning",
    "rain_anomaly_6m",
    "frost_days_6m",
    "price_range_12m",
    "mandate_expired",
    "cash_cycle_days",
    "member_advances_overdue_share",
    "accounts_months_old",
    "rejection_share_2y",
    "buyer_days_late",
    "foreign_sales_share",
    "buyer_concentration",
    "officer_caseload",
    "peer_late_share_8_weeks",
    "bureau_debt_growth_6m",
    "bureau_months_old",
    "instalment_to_surplus_bad_season",
    "income_concentration",
    "months_short_ahead",
    "facts_missing",
    "fund_balance_to_amount",
    "guaranteed_to_amount",
    "oni_where_exposed",
    "due_before_harvest_share",
    "side_selling_share",
    "branch_bad_share",
    "officer_bad_share",
    "branch_growth_12m",
]
FALLS = [
    "room_to_instalment",
    "months_since_first_loan",
    "attendance_rate",
    "savings_to_loan",
    "savings_regularity",
    "training_sessions",
    "peer_attendance",
    "business_age_months",
    "bank_age_months",
    "bank_consolidated",
    "board_complete",
    "committee_cut_share_18m",
    "organisation_age_months",
    "legal_person",
    "tax_number_active",
    "active_member_share",
    "assembly_on_time_share",
    "assembly_attendance",
    "accounts_on_time_share",
    "debt_service_cover",
    "current_ratio",
    "equity_ratio",
    "assistance_active",
    "alliances_12m",
    "officer_months",
    "peer_latest_arrears_days_ago",
    "peer_savings_to_loans",
    "peers_know_one_another",
    "price_change_3m",
    "price_change_12m",
    "contract_cover",
    "yield_trend",
    "certified_through_term",
]
FREE = [
    "decided_stricter_share_36m",
    "decided_looser_share_36m",
    "cycles_completed",
    "first_loan",
    "bank_size",
    "requested_term_days",
    "instalments_per_month",
    "purpose_equipment",
    "bureau_missing",
    "sector_agricultural",
    "sector_commerce",
    "bureau_leaves_out_ngos",
    "board_tenure_months",
    "bank_sector_concentration",
    "region_penetration",
    "peer_first_arrears_days_ago",
    "peer_arrears_spread_days",
    "peer_amount_dispersion",
    "bank_size_off_design",
    "equipment_to_amount",
]


def test_the_facts_that_others_build_on_are_there() -> None:
    for name in FACTS:
        assert LOCK.feature(name).role == "fact", name


def test_directions_are_those_of_the_trade() -> None:
    assert {f.name: f.risk for f in LOCK.predictors} == {
        **dict.fromkeys(RISES, "rises"),
        **dict.fromkeys(FALLS, "falls"),
        **dict.fromkeys(FREE, "free"),
    }


FAMILIES = {
    "bureau": 6,
    "business": 6,
    "decisions": 2,
    "fund": 3,
    "group": 23,
    "market": 8,
    "organisation": 26,
    "repayment": 17,
    "staff": 5,
    "capacity": 9,
    "resilience": 5,
    "indebtedness": 2,
    "signals": 3,
}


def test_predictors_by_family_have_both_titles() -> None:
    assert Counter(f.family for f in LOCK.predictors) == FAMILIES
    for feature in LOCK.features:
        assert feature.title.es
        assert feature.title.en
        assert "_" not in feature.title.es + feature.title.en


@pytest.mark.parametrize("language", ["es", "en"])
def test_pages_have_a_title_for_every_family_that_a_model_may_learn(language: str) -> None:
    words = tomllib.loads((SERVING / "words" / f"{language}.toml").read_text("utf-8"))
    assert set(words["family"]) == {*FAMILIES, "other"} - {"staff"}


def test_every_predictor_names_the_study_or_rule_it_rests_on() -> None:
    assert [f.name for f in LOCK.predictors if len(f.basis.en.split()) < 4] == []


def test_every_study_or_rule_is_named_in_spanish_too() -> None:
    # A name and a note alone, such as "Root Capital (People).", may read nearly alike; no text is left as it was.
    assert [f.name for f in LOCK.features if f.basis.en and f.basis.es == f.basis.en] == []


def test_every_predictor_with_a_direction_has_a_reason_but_never_staff_nor_who_came_and_left() -> None:
    without = {f.name for f in LOCK.predictors if f.risk != "free" and f.reason is None}
    staff = {f.name for f in LOCK.predictors if f.family == "staff"}
    assert without == staff | {"new_member_share", "dropout_share"}  # these point at a neighbour


def test_ties_cycles_and_the_size_of_a_group_have_no_direction() -> None:
    free = ("cycles_completed", "bank_size", "bank_size_off_design", "bank_sector_concentration")
    assert {LOCK.feature(name).risk for name in free} == {"free"}


@pytest.mark.parametrize("feature", [f for f in LOCK.predictors if f.family == "group"], ids=lambda f: f.name)
def test_reasons_of_the_group_neither_count_nor_name(feature: LockedFeature) -> None:
    if feature.reason is not None:
        assert not re.search(r"\d|\{", feature.reason.es + feature.reason.en)


def test_what_is_told_of_her_neighbours_or_her_communal_bank_has_their_cap() -> None:
    told = {f.name for f in LOCK.predictors if f.subject in ("group", "bank", "peers")}
    assert told <= {f.name for f in LOCK.predictors if f.family == "group"}
    assert {"board_complete", "committee_cut_share_18m", "bank_age_months", "peer_attendance"} <= told


def test_protected_traits_and_the_planted_leak_are_in_no_predictor() -> None:
    assert {f.name for f in LOCK.features if f.protected} >= {"age_years", "sex_female", "speaks_spanish"}
    traits = re.compile(r"\b(sex|born_on|language|district|travel_minutes|rural)\b")
    assert [f.name for f in LOCK.predictors if traits.search(f.expression)] == []
    assert "collection_calls" not in LOCK.to_json()


def test_relief_is_never_held_against_her() -> None:
    assert "'distress'" in LOCK.feature("restructured_24m").expression
    assert not any("relief" in f.expression for f in LOCK.predictors)


VIEWS = ("declared_service", "declared_count", "bureau_service", "bureau_count")


def request(**given: object) -> dict[str, float | None]:
    row: dict[str, object] = dict.fromkeys(LOCK.formula_needs)
    row |= {"amount": 290.0, "term_days": 112, "frequency": "weekly", "other_active_loans": 2}
    row |= {"declared_count": 2.0, **given}
    text = {"frequency": pl.String, "purpose": pl.String}
    frame = pl.DataFrame([row], schema={name: text.get(name, pl.Float64) for name in row}, strict=False)
    return with_request(LOCK, frame).row(0, named=True)


BUDGET = {"business_revenue": 900.0, "business_costs": 500.0, "other_income": 200.0, "household_costs": 300.0}


def test_the_golden_chain() -> None:
    found = request(**BUDGET, declared_service=60 + 25 * 26 / 12, own_service_after=0.0, instalment_m=20 * 52 / 12)
    assert found["surplus"] == 300.0
    assert found["outside_service"] == pytest.approx(114.1667, abs=1e-4)
    assert found["instalment_to_surplus"] == pytest.approx(0.7075, abs=1e-4)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {
                **BUDGET,
                "declared_service": None,
                "other_active_loans": 1,
                "own_service_after": 0.0,
                "instalment_m": 9.0,
            },
            None,
        ),
        (
            {**BUDGET, "other_income": None, "declared_service": 1.0, "own_service_after": 0.0, "instalment_m": 9.0},
            None,
        ),
        ({**BUDGET, "declared_service": 1.0, "own_service_after": 0.0}, None),
        (
            {
                **BUDGET,
                "household_costs": 900.0,
                "declared_service": 1.0,
                "own_service_after": 0.0,
                "instalment_m": 9.0,
            },
            10.0,
        ),
        (
            {
                **BUDGET,
                "household_costs": 599.0,
                "declared_service": 0.0,
                "own_service_after": 0.0,
                "instalment_m": 9.0,
            },
            9.0,
        ),
        (
            {
                **BUDGET,
                "household_costs": 599.5,
                "declared_service": 0.0,
                "own_service_after": 0.0,
                "instalment_m": 9.0,
            },
            10.0,
        ),
        ({"declared_service": 0.0, "own_service_after": 0.0, "instalment_m": 0.0}, 0.0),
        (
            {
                **BUDGET,
                "other_active_loans": 0,
                "declared_count": None,
                "own_service_after": 0.0,
                "instalment_m": 30.0,
            },
            0.1,
        ),
    ],
)
def test_missing_stays_missing_and_no_surplus_has_a_cap(given: dict[str, float], expected: float | None) -> None:
    assert request(**given)["instalment_to_surplus"] == expected


@pytest.mark.parametrize(
    ("saved", "deposits", "meetings", "expected"),
    [
        (50.0, 4.0, 8.0, 0.5),
        (50.0, None, 8.0, 0.0),
        (50.0, 9.0, 8.0, 1.0),
        (None, None, 8.0, None),
        (50.0, 4.0, None, None),
    ],
)
def test_regular_saving_is_missing_where_nothing_is_recorded(
    saved: float | None, deposits: float | None, meetings: float | None, expected: float | None
) -> None:
    found = request(group_savings=saved, deposits_cycle=deposits, meetings_cycle=meetings)
    assert found["savings_regularity"] == expected


def test_the_ratio_is_the_index_of_net_indebtedness(tmp_path: Path) -> None:
    portfolio = simulate(tmp_path / "bank", members=100, seed=5)
    asked = portfolio.table("applications").filter(pl.col("ledger") == "internal").sort("known_at").tail(120)
    spine = asked.select("member_id", "term_days", "frequency", "purpose", "other_active_loans", as_of="known_at",
                         amount=pl.col("amount").cast(pl.Float64))  # fmt: skip
    facts = pl.concat([spine, member_values(portfolio, LOCK, spine).drop("member_id", "as_of")], how="horizontal")
    numbers = PolicyNumbers()
    terms = Terms(100.0, 112, "weekly", 0.025, "flat")
    without = with_request(LOCK, facts)

    def column(name: str) -> np.ndarray:
        return without[name].fill_null(np.nan).to_numpy()

    none = np.zeros(without.height)
    fund = np.nan_to_num(column("fund_service"))
    assert (fund > 0).any()
    found = assess_columns(
        Columns(
            **{name: column(name) for name in BUDGET},
            own_now=column("own_service_now") + fund,
            own_after=column("own_service_after") + fund,
            outside=owed_elsewhere(*(column(name) for name in VIEWS), declared_loans=column("other_active_loans")),
            amount=column("amount"),
            cover=none,
            cover_one_stops=none,
        ),
        terms,
        numbers,
    )
    monthly = found.instalment * terms.per_month
    ratio = with_request(LOCK, facts.with_columns(instalment_m=monthly))["instalment_to_surplus"]
    expected = np.minimum(found.nii_post, 10.0)
    assert np.isfinite(expected).sum() > 60
    np.testing.assert_allclose(ratio.fill_null(np.nan).to_numpy(), expected, rtol=1e-9)


def test_a_new_member_has_no_history_and_owes_nothing(tmp_path: Path) -> None:
    portfolio = simulate(tmp_path / "bank", members=100, seed=6)
    # Before the first month of prices and climate, which are nobody's own.
    moments = pl.DataFrame({"member_id": ["nobody"], "as_of": [datetime(2018, 1, 1)]})
    assert all(value is None for value in member_values(portfolio, LOCK, moments).row(0)[2:])
    first = (
        portfolio.table("applications")
        .filter(pl.col("ledger") == "internal")
        .sort("known_at")
        .group_by("member_id", maintain_order=True)
        .first()
        .select("member_id", as_of="known_at")
    )
    found = member_values(portfolio, LOCK, first)
    assert found["worst_delay_3_cycles"].null_count() == found.height
    assert found["cycles_completed"].null_count() == found.height
    assert found["own_service_now"].to_list() == [0.0] * found.height


def test_who_moves_within_the_bank_has_not_left_it(tmp_path: Path) -> None:
    portfolio = write_portfolio(
        tmp_path / "bank",
        {
            "groups": pl.DataFrame(
                {
                    "id": ["CB", "SG", "SH"],
                    "kind": ["communal_bank", "solidarity_group", "solidarity_group"],
                    "parent_id": [None, "CB", "CB"],
                    "branch_id": "BR",
                    "formed_on": date(2024, 1, 1),
                    **START,
                }
            ),
            "memberships": pl.DataFrame(
                {
                    "id": ["stays", "moves", "moved", "leaves"],
                    "member_id": ["A", "B", "B", "C"],
                    "group_id": ["SG", "SG", "SH", "SG"],
                    "valid_from": [*[date(2024, 1, 1)] * 2, date(2024, 6, 1), date(2024, 1, 1)],
                    "valid_to": [None, date(2024, 6, 1), None, date(2024, 8, 1)],
                    **START,
                }
            ),
        },
        currency="USD",
        country="BO",
        time_zone="America/La_Paz",
        data_date=date(2024, 12, 31),
    )
    moments = pl.DataFrame({"member_id": ["A", "A"], "as_of": [datetime(2024, 7, 1), datetime(2024, 9, 1)]})
    found = member_values(portfolio, LOCK, moments.cast({"as_of": pl.Datetime("us")}))
    assert found["dropout_share"].to_list() == [0.0, 1 / 3]
    assert found["bank_size"].to_list() == [3.0, 2.0]


def test_neighbours_without_a_record_count_as_missing_and_not_as_late(tmp_path: Path) -> None:
    portfolio = simulate(tmp_path / "bank", members=150, seed=8)
    # The last first request of all: she has no record yet, and her bank has an old one.
    first = portfolio.table("applications").drop_nulls("member_id").group_by("member_id").agg(pl.col("known_at").min())
    moment = first["known_at"].max()
    places = members_at(portfolio, moment)
    found = member_values(portfolio, LOCK, places.select("member_id", as_of=pl.lit(moment, dtype=pl.Datetime("us"))))
    rows = found.join(places, on="member_id")
    assert rows["worst_delay_last_cycle"].null_count() > 0
    told = 0
    for row in rows.iter_rows(named=True):
        others = rows.filter(pl.col("bank_id") == row["bank_id"], pl.col("member_id") != row["member_id"])
        known = others["worst_delay_last_cycle"].drop_nulls().clip(upper_bound=90)
        expected = known.mean() if len(known) else None
        assert row["peer_worst_delay"] == (None if expected is None else pytest.approx(expected))
        told += 0 < len(known) < others.height
    assert told > 5


def test_a_debt_of_unknown_length_leaves_the_service_unknown(tmp_path: Path) -> None:
    debt = {
        "event_at": datetime(2026, 1, 2),
        "known_at": datetime(2026, 1, 2),
        "lender_kind": "ngo",
        "source": "declared",
        "instalment": Decimal("90.00"),
        "balance": None,
        "days_late": None,
        "currency": "USD",
    }
    schema = {c.name: {"money": pl.Decimal(18, 2), "date": pl.Date(), "int": pl.Int64()}.get(c.kind) for c in TABLES[
        "obligations"].all_columns if not c.optional}  # fmt: skip
    frame = pl.DataFrame(
        [
            {**debt, "id": "D1", "member_id": "M1", "frequency": "monthly", "ends_on": None},
            {**debt, "id": "D2", "member_id": "M2", "frequency": "at_maturity", "ends_on": None},
            {**debt, "id": "D3", "member_id": "M3", "frequency": "at_maturity", "ends_on": date(2026, 1, 12)},
        ],
        schema_overrides={name: kind for name, kind in schema.items() if kind},
    ).with_columns(pl.col("event_at", "known_at").cast(pl.Datetime("us")))
    portfolio = write_portfolio(
        tmp_path / "bank",
        {"obligations": frame.select(list(schema))},
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2026, 1, 31),
    )
    asked = pl.DataFrame({"member_id": ["M1", "M2", "M3"], "as_of": [datetime(2026, 1, 10)] * 3})
    found = member_values(portfolio, LOCK, asked)
    # By the month; unknown; ten days spread over the 30 that a month is at least.
    assert found["declared_service"].to_list() == [90.0, None, pytest.approx(90 * 30.4375 / 30)]
    assert found["declared_count"].to_list() == [1.0, 1.0, 1.0]
