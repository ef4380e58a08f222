"""A request with facts that a reader may copy: a member who joined today, with her budget and a debt elsewhere."""

from __future__ import annotations

from typing import Any

from riskscore.service.intake import EXAMPLE

_AT = {"event_at": "2026-02-01T08:40:00", "known_at": "2026-02-01T09:05:00"}

FACTS_EXAMPLE: dict[str, Any] = EXAMPLE | {
    "subject": "M000987",
    "as_of": "2026-02-01T10:00:00",
    "facts": {
        "members": [
            {
                "id": "M000987",
                **_AT,
                "branch_id": "BR01",
                "joined_on": "2026-02-01",
                "sector_id": "commerce",
                "business_started_on": "2022-05-01",
                "rural": False,
            }
        ],
        "memberships": [
            {"id": "MS04411", **_AT, "member_id": "M000987", "group_id": "SG00012", "valid_from": "2026-02-01"}
        ],
        "budgets": [
            {
                "id": "BU09120",
                **_AT,
                "member_id": "M000987",
                "business_revenue": "1450.00",
                "business_costs": "910.00",
                "other_income": "120.00",
                "household_costs": "380.00",
                "accessible_savings": "60.00",
                "currency": "PEN",
            }
        ],
        "obligations": [
            {
                "id": "OB02207",
                **_AT,
                "member_id": "M000987",
                "lender_kind": "cooperative",
                "source": "declared",
                "instalment": "85.00",
                "frequency": "monthly",
                "balance": "640.00",
                "ends_on": "2026-09-30",
                "currency": "PEN",
            }
        ],
    },
}
