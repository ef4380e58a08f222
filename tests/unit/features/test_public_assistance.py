"""Public assistance counts in full as income: no feature tells it apart, and none discounts it."""

from pathlib import Path

import numpy as np
import polars as pl

from riskscore.catalog import Catalog, with_request
from riskscore.indebtedness import Columns, PolicyNumbers, Terms, assess_columns
from riskscore.portfolio import TABLES
from riskscore.portfolio.forbidden import forbidden

LOCK = Catalog.from_folder(Path(__file__).parents[3] / "features").lock()

#: Two households with the same left over: one lives off its business alone, the other has 200 of assistance in it.
BUSINESS = {"business_revenue": 900.0, "business_costs": 500.0, "other_income": 0.0, "household_costs": 250.0}
ASSISTED = {"business_revenue": 700.0, "business_costs": 500.0, "other_income": 200.0, "household_costs": 250.0}


def formulas(household: dict[str, float]) -> dict[str, float | None]:
    needs = {name: 1.0 for name in LOCK.formula_needs if name not in ("frequency", "purpose")}
    needs |= {"declared_count": 0.0, "bureau_count": 0.0, "declared_service": 0.0, "bureau_service": 0.0}
    row = {**needs, **household, "other_active_loans": 0.0, "frequency": "monthly", "purpose": "other"}
    return with_request(LOCK, pl.DataFrame([row])).row(0, named=True)


def test_what_is_left_over_counts_assistance_like_any_income():
    business, assisted = formulas(BUSINESS), formulas(ASSISTED)
    assert business["surplus"] == assisted["surplus"] == 150.0
    assert business["instalment_to_surplus"] == assisted["instalment_to_surplus"]


def test_no_feature_raises_the_risk_of_a_household_for_what_its_income_is():
    business, assisted = formulas(BUSINESS), formulas(ASSISTED)
    risks = {feature.name: feature.risk for feature in LOCK.predictors if feature.step == 5}
    worse = {
        name
        for name, risk in risks.items()
        if business[name] is not None
        and assisted[name] is not None
        and (
            (risk == "rises" and assisted[name] > business[name])
            or (risk == "falls" and assisted[name] < business[name])
        )
    }
    assert worse == set()


def test_indebtedness_counts_it_in_full_and_a_bad_season_does_not_touch_it():
    def nii(household: dict[str, float]) -> tuple[float, float]:
        zero = np.zeros(1)
        found = assess_columns(
            Columns(
                **{name: np.array([value]) for name, value in household.items()},
                own_now=zero,
                own_after=zero,
                outside=zero,
                amount=np.array([300.0]),
                cover=zero,
                cover_one_stops=zero,
            ),
            Terms(300.0, 120, "monthly", 0.03, "declining"),
            PolicyNumbers(),
        )
        return float(found.nii_post[0]), float(found.nii_stress[0])

    (post, stress), (post_assisted, stress_assisted) = nii(BUSINESS), nii(ASSISTED)
    assert post == post_assisted
    assert stress_assisted < stress


def test_no_table_has_a_column_that_marks_it():
    assert forbidden("juntos") is not None
    assert [column.name for table in TABLES.values() for column in table.columns if forbidden(column.name)] == []
