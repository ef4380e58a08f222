"""A request for a score: the fields of the answerable question, and every fault of them at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.scoring.products import choose
from riskscore.scoring.snapshot import Snapshot

PURPOSES = ("working_capital", "equipment", "materials", "other")

_REMEDIES = {
    "recipe": "Name the recipe served.",
    "subject": "Give the member's id.",
    "amount": "Give a positive number in the portfolio's currency.",
    "currency": "Give the portfolio's currency as an ISO 4217 code.",
    "term_days": "Give a whole number of days, at least 1.",
    "frequency": f"Choose one of: {', '.join(FREQUENCIES)}.",
    "purpose": f"Choose one of: {', '.join(PURPOSES)}.",
    "other_active_loans": "Ask her how many loans she has elsewhere; 0 only if she says none.",
    "as_of": "Give a date or moment in ISO 8601, or leave it out.",
}


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What is asked: one member, one loan, one moment.

    Parameters
    ----------
    recipe, subject : str
    amount : float
        In `currency`.
    currency : str
        ISO 4217; the portfolio's.
    term_days : int
    frequency : str
    purpose : str
    other_active_loans : int
        Loans elsewhere as she declares them.
    as_of : datetime
        Local to the institution, without offset.
    """

    recipe: str
    subject: str
    amount: float
    currency: str
    term_days: int
    frequency: str
    purpose: str
    other_active_loans: int
    as_of: datetime

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"as_of": self.as_of.isoformat()}

    @classmethod
    def read(cls, body: Mapping[str, Any], snapshot: Snapshot, *, recipe: str) -> Self:
        """Check a flat body against a snapshot; ``as_of`` left out is the snapshot's.

        Raises
        ------
        InvalidInput
            Every field that is missing, unknown, of the wrong kind, not on offer, or ahead of what is known.
        """
        faults = [
            Fault(str(name)[:60], "There is no field of this name.", f"Remove it; there are: {', '.join(_REMEDIES)}.")
            for name in body
            if name not in _REMEDIES
        ]
        good: dict[str, Any] = {}
        for name, remedy in _REMEDIES.items():
            if name == "as_of":
                continue
            if body.get(name) is None:
                faults.append(Fault(name, "This field is missing.", remedy))
            elif _fits(name, body[name]):
                good[name] = body[name]
            else:
                faults.append(Fault(name, "This value is not valid.", remedy))
        if "recipe" in good and good["recipe"] != recipe:
            faults.append(Fault("recipe", "No champion of this recipe is served.", f"Use {recipe!r}."))
        if "currency" in good and good["currency"] != snapshot.currency:
            remedy = f"Convert the amount and send {snapshot.currency!r}."
            faults.append(Fault("currency", f"The portfolio is kept in {snapshot.currency}.", remedy))
        faults += _moment_faults(body, snapshot)
        _, unoffered = choose(
            snapshot.products,
            amount=good.get("amount"),
            term_days=good.get("term_days"),
            frequency=good.get("frequency"),
        )
        if faults or unoffered:
            raise InvalidInput([*faults, *unoffered])
        return cls(**{**good, "amount": float(good["amount"])}, as_of=snapshot.as_of)


def _moment_faults(body: Mapping[str, Any], snapshot: Snapshot) -> list[Fault]:
    if body.get("as_of") is None:
        return []
    try:
        moment = snapshot.read_moment(body["as_of"])
    except (InvalidInput, TypeError):
        return [Fault("as_of", "This is not a moment that can be read.", _REMEDIES["as_of"])]
    if moment > snapshot.last_moment:
        what = "This moment lies ahead of what the portfolio knows."
        return [Fault("as_of", what, f"Give {snapshot.last_moment.isoformat()} or earlier, or leave it out.")]
    if moment != snapshot.as_of:
        what = f"The values at hand are those of {snapshot.as_of.isoformat()}."
        return [Fault("as_of", what, "Build the snapshot of the moment asked for.")]
    return []


def _fits(name: str, value: Any) -> bool:
    if name == "amount":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    if name in ("term_days", "other_active_loans"):
        return isinstance(value, int) and not isinstance(value, bool) and value >= (1 if name == "term_days" else 0)
    choices = {"frequency": FREQUENCIES, "purpose": PURPOSES}.get(name)
    return isinstance(value, str) and bool(value) and (choices is None or value in choices)
