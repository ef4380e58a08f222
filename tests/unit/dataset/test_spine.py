"""The spine: first versions, moments, banks as known then, and the instalment asked for."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from riskscore.dataset import spine
from riskscore.dataset.clusters import cluster_names
from riskscore.dataset.request import monthly_instalments
from riskscore.dataset.spine import COLUMNS, applications
from riskscore.errors import InvalidInput
from riskscore.indebtedness import Terms, instalment
from riskscore.portfolio import Portfolio, write_portfolio


def row(frame: pl.DataFrame, name: str) -> dict[str, object]:
    return frame.row(by_predicate=pl.col("application_id") == name, named=True)


def test_rows_are_first_versions_after_the_warm_up(portfolio: Portfolio) -> None:
    found = spine(portfolio)
    assert tuple(found.columns) == COLUMNS
    assert found["application_id"].to_list() == ["A1", "A2", "A4", "A3"]
    first = row(found, "A1")
    assert first["amount"] == 300.0
    assert first["as_of"] == datetime(2025, 1, 5, 12)
    assert found.schema["term_days"] == found.schema["other_active_loans"] == pl.Float64


def test_the_bank_is_the_one_known_at_the_moment(portfolio: Portfolio) -> None:
    found = spine(portfolio)
    assert [row(found, name)["bank_id"] for name in ("A1", "A2", "A3", "A4")] == ["B1", "B1", "B2", "B3"]


def test_a_group_recorded_after_its_first_application_has_its_first_bank(portfolio: Portfolio, tmp_path: Path) -> None:
    late = portfolio.table("groups").with_columns(
        known_at=pl.when(pl.col("id") == "S3").then(datetime(2025, 9, 1)).otherwise("known_at")
    )
    written = write_portfolio(
        tmp_path / "late",
        {"groups": late, "applications": portfolio.table("applications")},
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2025, 12, 31),
    )
    found = spine(written)
    assert row(found, "A4")["bank_id"] == "B3"
    assert "A0" in found["application_id"].to_list(), "without complete_from nothing is history"


def test_a_group_asks_for_itself(portfolio: Portfolio) -> None:
    found = spine(portfolio, subject="group", ledger="external")
    assert found.select("application_id", "member_id", "group_id", "bank_id").rows() == [("A5", None, "B1", "B1")]


def test_an_unknown_subject_is_refused(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidInput, match="branch"):
        spine(portfolio, subject="branch")  # type: ignore[arg-type]


def test_the_instalment_asked_for_equals_the_arithmetic_of_indebtedness(portfolio: Portfolio) -> None:
    found = spine(portfolio)
    for name, method in (("A1", "flat"), ("A2", "declining"), ("A3", "declining")):
        asked = row(found, name)
        terms = Terms(asked["amount"], asked["term_days"], asked["frequency"], 0.03, method)  # type: ignore[arg-type]
        expected = float(instalment(terms.amount, terms.rate, terms.count, terms.method)) * terms.per_month
        assert asked["instalment_m"] == pytest.approx(expected, rel=1e-12)
    assert row(found, "A4")["instalment_m"] is None


def test_golden_instalment() -> None:
    # Sixteen weeks at 1 % a week, declining: 286.72 is what 19.4808 a week pays for, 84.4167 a month.
    asked = pl.DataFrame(
        {
            "product_id": ["p", "p"],
            "as_of": [datetime(2025, 2, 1), datetime(2025, 1, 1)],
            "amount": [286.72, 100.0],
            "term_days": [112.0, 112.0],
            "frequency": ["weekly", "weekly"],
        }
    )
    products = pl.DataFrame(
        {
            "id": ["p"],
            "event_at": [datetime(2025, 1, 15)],
            "known_at": [datetime(2025, 1, 15)],
            "rate_per_30_days": [0.01 * 30 / 7],
            "method": ["declining"],
        }
    )
    found = monthly_instalments(asked, products)
    assert found["instalment_m"][0] == pytest.approx(84.4167, abs=2e-3)
    assert found["instalment_m"][1] is None


def test_a_person_joins_her_banks_into_one_cluster() -> None:
    asked = pl.DataFrame(
        {
            "bank_id": ["B2", "B9", "B2", "B5", "B7", "B7"],
            "member_id": ["M1", "M1", "M2", "M3", None, "M4"],
        }
    )
    names = dict(cluster_names(asked).iter_rows())
    assert names == {"B2": "B2", "B9": "B2", "B5": "B5", "B7": "B7"}
    assert dict(cluster_names(asked.reverse()).iter_rows()) == names


def test_history_joins_clusters_too(portfolio: Portfolio) -> None:
    # M2 asked in B1 before the correction and in B2 after it: the two are one cluster.
    names = dict(cluster_names(applications(portfolio)).iter_rows())
    assert names == {"B1": "B1", "B2": "B1", "B3": "B3"}
