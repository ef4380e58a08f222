"""Aggregates of aggregates, windows that end earlier, and rows of her own bank left out: what is refused, and why."""

from __future__ import annotations

from typing import Any

import pytest

from riskscore.catalog import Catalog, Feature, FeatureSet, Source, days, ever, latest, standing
from riskscore.catalog.folder import Declared
from riskscore.errors import InvalidInput

Sales = Source("sales", table="sales", keys={"organisation": "group_id"})
Outcomes = Source("outcomes", table="bank_outcomes", keys={"officer": "officer_id"}, leave_out="bank_id")
Climate = Source("climate", table="climate", keys={"institution": ""}, clock="period_ends_on")


def faults(source: Source, subject: str, feature: Feature, by: str = "") -> list[str]:
    class One(FeatureSet, source=source, subject=subject, family="x", by=by):
        it = feature

    declared = Declared((("f.py: One", One),), (), (), (("f.py: s", source),), ())
    try:
        Catalog.of(declared)
    except InvalidInput as error:
        return [fault.what for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("count(DISTINCT buyer_id)", "COUNT(DISTINCT buyer_id) aggregates rows that are gathered first."),
        ("max(count(max(value)))", "MAX(value) stands inside another aggregate."),
        ("sum(sum(quantity_kg))", "SUM(quantity_kg) sums DOUBLE, and the last digits depend on the order of rows."),
    ],
)
def test_a_gathering_is_aggregated_twice(expression: str, said: str) -> None:
    assert said in faults(Sales, "organisation", Feature(expression, window=ever()), by="buyer_id")


def test_gatherings_that_are_sound() -> None:
    for expression in (
        "count(count(*))",
        "max(sum(value))::DOUBLE / nullif(sum(sum(value)), 0)",
        "min(max(paid_on - sold))",
    ):
        found = faults(Sales, "organisation", Feature(expression, window=ever()), by="buyer_id")
        assert found == (["There is no column 'sold'."] if "sold" in expression else [])


def test_without_by_an_aggregate_holds_no_other() -> None:
    assert faults(Sales, "organisation", Feature("max(sum(value))", window=ever())) == [
        "SUM(value) stands inside another aggregate."
    ]


def test_the_column_of_a_gathering_exists() -> None:
    assert faults(Sales, "organisation", Feature("count(count(*))", window=ever()), by="buyer") == [
        "There is no column 'buyer'."
    ]


@pytest.mark.parametrize(
    ("source", "subject", "window", "said"),
    [
        (
            Climate,
            "institution",
            latest(max_age=days(90), ago=days(90)),
            "The window latest(90, ago=90) ends before it begins.",
        ),
        (Climate, "institution", latest(ago=days(0)), "The window latest(ago=0) is empty."),
        (
            Source("s", table="climate", keys={"institution": "region"}),
            "institution",
            latest(),
            "The institution has every row, and no key.",
        ),
        (
            Source("s", table="loan_outcomes", keys={"member": "member_id"}, leave_out="bank_id"),
            "member",
            standing(),
            "A member has no rows but those of her own communal bank, which the source leaves out.",
        ),
        (
            Source("s", table="bank_outcomes", keys={"officer": "officer_id"}, leave_out="bnk"),
            "officer",
            standing(),
            "It leaves out by 'bnk', no column of bank_outcomes.",
        ),
    ],
)
def test_subjects_and_windows_are_checked(source: Source, subject: str, window: Any, said: str) -> None:
    expression = "value" if source.table == "climate" else "count(*)"
    found = faults(source, subject, Feature(expression, window=window))
    assert said in found
