"""A request with facts that a reader may copy: a member who joined today, with her budget and a debt elsewhere."""

from __future__ import annotations

from typing import Any

from riskscore.service.examples import BRANCH, CURRENCY, GROUP, NEW_MEMBER
from riskscore.service.intake import EXAMPLE

_AT = {"event_at": "2026-01-01T08:40:00", "known_at": "2026-01-01T09:05:00"}

FACTS_EXAMPLE: dict[str, Any] = EXAMPLE | {
    "subject": NEW_MEMBER,
    "amount": 300.0,
    "as_of": "2026-01-01T10:00:00",
    "facts": {
        "members": [
            {
                "id": NEW_MEMBER,
                **_AT,
                "branch_id": BRANCH,
                "joined_on": "2026-01-01",
                "sector_id": "commerce",
                "business_started_on": "2022-05-01",
                "rural": False,
            }
        ],
        "memberships": [
            {"id": "S0005097", **_AT, "member_id": NEW_MEMBER, "group_id": GROUP, "valid_from": "2026-01-01"}
        ],
        "budgets": [
            {
                "id": "H0025838",
                **_AT,
                "member_id": NEW_MEMBER,
                "business_revenue": "1450.00",
                "business_costs": "910.00",
                "other_income": "120.00",
                "household_costs": "380.00",
                "accessible_savings": "60.00",
                "currency": CURRENCY,
            }
        ],
        "obligations": [
            {
                "id": "U0007390",
                **_AT,
                "member_id": NEW_MEMBER,
                "lender_kind": "cooperative",
                "source": "declared",
                "instalment": "85.00",
                "frequency": "monthly",
                "balance": "640.00",
                "ends_on": "2026-09-30",
                "currency": CURRENCY,
            }
        ],
    },
}
