"""What a recipe of over-indebtedness adds: the numbers of its outcome."""

from __future__ import annotations

from riskscore.dataset import OverIndebtednessRule
from riskscore.modelling.toml_fields import Fields

#: Bounds of the numbers in ``[over_indebtedness]``, and which are whole.
_BOUNDS: dict[str, tuple[float, float]] = {
    "over_above": (0.1, 10.0),
    "haircut": (0.0, 1.0),
    "late_periods": (2, 100),
    "renewal_days": (1, 3650),
}
_WHOLE = ("late_periods", "renewal_days")


def over_indebtedness_rule(table: Fields) -> OverIndebtednessRule | None:
    """Read a recipe's ``[over_indebtedness]``: each number a table with value, verified and source; None without it."""
    if not table.content:
        return None
    numbers: dict[str, float] = {}
    for name, (low, high) in _BOUNDS.items():
        one = table.table(name)
        value = one.whole("value", int(low), int(high)) if name in _WHOLE else one.number("value", low, high)
        numbers[name] = value
        if not isinstance(one.content.get("verified"), bool):
            one.fault("verified", "It is neither true nor false.", "Say whether it was checked.")
        one.text("source")
        for extra in sorted(set(one.content) - {"value", "verified", "source"}):
            one.fault(extra, "There is no such field.", "Use value, verified and source.")
    table.done()
    return OverIndebtednessRule(
        over_above=numbers["over_above"],
        haircut=numbers["haircut"],
        late_periods=int(numbers["late_periods"]),
        renewal_days=int(numbers["renewal_days"]),
    )
