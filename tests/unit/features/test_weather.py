"""Rain by one index: two of them have no unit in common."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.features.literal_portfolio import bank, found, group, member, stay, written

JAN_10 = datetime(2026, 1, 10)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([("spi", -1.2)], 1.2),
        ([("spi", 0.8), ("rain_anomaly", -140.0)], 0.8),  # millimetres beside standard deviations
        ([("rain_anomaly", -140.0)], None),
    ],
)
def test_unusual_rain_is_told_by_the_standardised_index_alone(
    tmp_path: Path, series: list[tuple[str, float]], expected: float | None
) -> None:
    def told(indicator: str, value: float) -> dict[str, Any]:
        row = {"id": indicator, "indicator": indicator, "region": "Puno", "value": value}
        known = {"event_at": datetime(2026, 1, 2), "known_at": datetime(2026, 1, 2)}
        return row | known | {"period_ends_on": date(2025, 12, 31)}

    tables = {
        "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member("M1")],
        "memberships": [stay("1", "M1", "SG")],
        "climate": [told(*one) for one in series],
    }
    assert found(written(tmp_path / "p", tables), "M1", JAN_10)["rain_anomaly_6m"] == expected
