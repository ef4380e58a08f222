"""The numbers that an institution's board sets, and the arithmetic only receives."""

from __future__ import annotations

from dataclasses import dataclass

from riskscore.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True)
class PolicyNumbers:
    """Cap, haircut, shock and the bands of reports.

    Parameters
    ----------
    cap : float
        Largest share of the surplus that may go to all debts after the new loan (tau); above it the policy flag is up.
    haircut : float
        Share added to debts elsewhere for what no source shows. Never applied to the institution's own loans.
    shock : float
        Share of the business margin lost in a bad season, in [0, 1].
    at_risk_above, over_above : float
        Exclusive lower ends of AT_RISK and OVER_INDEBTED: .75 and 1.00 in the studies of Cambodia and Bosnia.

    Raises
    ------
    InvalidInput
        Every number outside its range, at once.
    """

    cap: float = 0.70
    haircut: float = 0.10
    shock: float = 0.20
    at_risk_above: float = 0.75
    over_above: float = 1.00

    def __post_init__(self) -> None:
        ranges = {
            "cap": (0.0 < self.cap <= 1.0, "a share above 0 and at most 1"),
            "haircut": (0.0 <= self.haircut <= 1.0, "a share in [0, 1]"),
            "shock": (0.0 <= self.shock <= 1.0, "a share in [0, 1]"),
            "at_risk_above": (0.0 < self.at_risk_above < self.over_above, "above 0 and below over_above"),
        }
        faults = [
            Fault(f"indebtedness.{name}", f"{getattr(self, name)!r} is out of range.", f"Give {expected}.")
            for name, (fine, expected) in ranges.items()
            if not fine
        ]
        if faults:
            raise InvalidInput(faults)
