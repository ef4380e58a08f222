"""Maturity, labels, indeterminates, fingerprints and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from riskscore.dataset import OUTCOMES as OUTCOMES_BY_NAME
from riskscore.dataset import TrainingSet, training_set
from riskscore.dataset.maturity import with_outcomes
from riskscore.errors import InvalidInput, Refused
from riskscore.portfolio import Portfolio, write_portfolio
from riskscore.portfolio.maturity_rule import MemberRule

Maker = Callable[..., TrainingSet]

OUTCOMES = [
    ("A1", "good", datetime(2025, 6, 1)),
    ("A2", "indeterminate", datetime(2025, 7, 1)),
    ("A3", "bad", datetime(2025, 10, 1)),
    ("A4", "bad", datetime(2026, 1, 2)),  # after the data date
    ("A0", "good", datetime(2024, 8, 1)),  # of the warm-up
]


def outcomes(rows: list[tuple[str, str, datetime]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["application_id", "label", "final_at"], orient="row")


@pytest.fixture
def build(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch, lock: Any):  # type: ignore[no-untyped-def]
    def values(given: Portfolio, lock: Any, spine: pl.DataFrame) -> pl.DataFrame:
        assert given is portfolio
        assert not {"label", "bad", "final_at"} & set(spine.columns), "features must not see outcomes"
        return spine.with_columns(x=pl.col("amount") / 100, age=pl.lit(None, pl.Float64)).reverse()

    monkeypatch.setattr(training_set.catalog, "values", values, raising=False)

    def built(rows: list[tuple[str, str, datetime]] = OUTCOMES, rule: MemberRule | None = None) -> TrainingSet:
        told = replace(OUTCOMES_BY_NAME["member_internal"], labels=lambda *_: outcomes(rows))
        monkeypatch.setitem(OUTCOMES_BY_NAME, "member_internal", told)
        return TrainingSet.build(portfolio, lock, rule=rule)

    return built


def test_only_mature_rows_with_what_became_of_them(build) -> None:  # type: ignore[no-untyped-def]
    ts = build()
    assert ts.frame.select("application_id", "label", "bad", "cluster").rows() == [
        ("A1", "good", 0, "B1"),
        ("A2", "indeterminate", None, "B1"),
        ("A3", "bad", 1, "B1"),
    ]
    assert ts.features == ("x",)
    assert ts.X.tolist() == [[3.0], [4.0], [5.0]]


def test_the_indeterminate_leave_the_fit_and_count_as_not_bad(build) -> None:  # type: ignore[no-untyped-def]
    ts = build()
    assert ts.fit_rows.tolist() == [True, False, True]
    assert ts.bad.tolist() == [0.0, 0.0, 1.0]
    assert len(ts.with_rows(ts.fit_rows)) == 2


def test_the_fingerprint_names_rows_labels_content_and_lock(build) -> None:  # type: ignore[no-untyped-def]
    ts = build()
    changed = [(name, "bad" if name == "A1" else label, at) for name, label, at in OUTCOMES]
    prints = {
        ts.fingerprint,
        build(changed).fingerprint,
        ts.with_rows(np.array([0, 1])).fingerprint,
        replace(ts, content_hash="other").fingerprint,
        replace(ts, lock_sha256="other").fingerprint,
    }
    assert len(prints) == 5
    assert build().fingerprint == ts.fingerprint
    assert replace(ts, frame=ts.frame.reverse()).fingerprint == ts.fingerprint


def test_the_fingerprint_names_the_figures_of_the_outcome(build) -> None:  # type: ignore[no-untyped-def]
    ts = build()
    assert ts.rule == MemberRule(30, 15, 2)
    # The labels are the same here; by which figures they were made is not.
    other = build(rule=MemberRule(days_late=16))
    assert other.frame.equals(ts.frame)
    assert other.fingerprint != ts.fingerprint
    assert build(rule=MemberRule()).fingerprint == ts.fingerprint


@pytest.mark.parametrize(("outcome", "wanted"), [("group_external", "BankRule"), ("member_given", "Give none")])
def test_a_rule_of_another_outcome_is_refused(portfolio: Portfolio, lock: Any, outcome: str, wanted: str) -> None:
    with pytest.raises(InvalidInput, match=f"A MemberRule is of another outcome. .*{wanted}"):
        TrainingSet.build(portfolio, lock, outcome, MemberRule())


def test_no_mature_outcome_is_refused(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused, match="None of 4 applications has a final outcome by 2025-12-31"):
        build([("A4", "bad", datetime(2026, 1, 2))])


def test_tables_without_rows_on_which_outcomes_rest_are_named(tmp_path: Path) -> None:
    bare = write_portfolio(
        tmp_path / "bare", {}, currency="PEN", country="PE", time_zone="America/Lima", data_date=date(2025, 12, 31)
    )
    rows = pl.DataFrame({"application_id": ["A1", "A2"], "as_of": [datetime(2025, 1, 1)] * 2})
    with pytest.raises(Refused) as caught:
        with_outcomes(rows, outcomes([]).cast({"application_id": pl.String, "final_at": pl.Datetime("us")}), bare)
    (fault,) = caught.value.faults
    assert fault.where == "outcomes"
    assert fault.what == (
        "None of 2 applications has a final outcome by 2025-12-31. "
        "No rows are in applications, loans, instalments, and outcomes rest on them."
    )
    assert fault.remedy == "Bring these tables, or the labels you have in outcomes_given."


def test_contradictory_outcomes_are_named_all_at_once(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput) as caught:
        build(
            [
                ("A1", "good", datetime(2025, 6, 1)),
                ("A1", "bad", datetime(2025, 6, 1)),
                ("A2", "fine", datetime(2025, 6, 1)),
                ("A3", "bad", datetime(2025, 6, 1)),
            ]
        )
    assert [(fault.where, fault.what.split()[-1]) for fault in caught.value.faults] == [
        ("outcomes: A1", "outcome."),
        ("outcomes: A2", "none."),
        ("outcomes: A3", "for."),
    ]


def test_given_labels_stand_where_no_schedule_does(
    portfolio: Portfolio, tmp_path: Path, lock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_set.catalog, "values", lambda p, k, spine: spine.with_columns(x=1.0), raising=False)
    given = pl.DataFrame(
        {
            "id": ["O1", "O2", "O2", "O3"],
            "event_at": [datetime(2025, 3, 1)] * 4,
            "known_at": [datetime(2025, 6, 1), datetime(2025, 7, 1), datetime(2025, 8, 1), datetime(2026, 2, 1)],
            "application_id": ["A1", "A2", "A2", "A3"],
            "label": ["good", "good", "bad", "bad"],
        }
    )
    tables = ("groups", "products", "applications")
    written = write_portfolio(
        tmp_path / "given",
        {name: portfolio.table(name) for name in tables} | {"outcomes_given": given},
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2025, 12, 31),
    )
    ts = TrainingSet.build(written, lock, outcome="member_given")
    assert ts.frame.select("application_id", "label", "final_at").rows() == [
        ("A1", "good", datetime(2025, 6, 1)),
        ("A2", "bad", datetime(2025, 8, 1)),
    ]


def test_an_unknown_outcome_is_refused(portfolio: Portfolio, lock: Any) -> None:
    with pytest.raises(InvalidInput, match="member_internal"):
        TrainingSet.build(portfolio, lock, outcome="mood")


def test_missing_values_reach_the_model_as_nan(make: Maker) -> None:
    ts = make(x=[1.0, None, 3.0])
    assert np.isnan(ts.X[1, 0])
    assert ts.X.shape == (3, 1)


def test_too_few_bads_and_one_class_are_refused(make: Maker) -> None:
    make(label=["good", "bad"]).require(1)
    with pytest.raises(Refused, match="holds 1 bads among 2 rows; the recipe asks for 5"):
        make(label=["good", "bad", "indeterminate"]).require(5)
    with pytest.raises(Refused) as caught:
        make(label=["good", "good"]).require(1, where="training rows")
    assert [fault.what.split(":")[0] for fault in caught.value.faults] == [
        "is good throughout",
        "holds 0 bads among 2 rows; the recipe asks for 1.",
    ]
    with pytest.raises(Refused, match="no row"):
        make(label=["indeterminate"]).require(1)
