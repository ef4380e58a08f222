"""A BentoML service that does nothing: what a call costs before any work is done."""

from __future__ import annotations

import bentoml

from riskscore.service.launch import leave_with_parent


@bentoml.service(name="empty", workers=2, metrics={"enabled": False}, logging={"access": {"enabled": False}})
class Empty:
    """Takes the body of a score's request and answers with nothing."""

    def __init__(self) -> None:
        leave_with_parent()

    @bentoml.api(route="/nothing")
    def nothing(
        self,
        recipe: str,
        subject: str,
        amount: float,
        currency: str,
        term_days: int,
        frequency: str,
        purpose: str,
        other_active_loans: int,
    ) -> dict[str, str]:
        """Answer."""
        return {}
