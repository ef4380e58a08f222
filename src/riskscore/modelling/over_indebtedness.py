"""What a recipe of over-indebtedness adds: the numbers of its outcome."""

from __future__ import annotations

from riskscore.dataset import OUTCOMES, OverIndebtednessRule
from riskscore.modelling.maturity import BOUNDS, SECTION, figures_of
from riskscore.modelling.toml_fields import Fields

RENEWAL = "renewal_days"

#: Bounds of the numbers in ``[over_indebtedness]``, and which are whole.
_BOUNDS: dict[str, tuple[float, float]] = {
    "over_above": (0.1, 10.0),
    "haircut": (0.0, 1.0),
    "late_periods": (2, 100),
}
_WHOLE = ("late_periods", RENEWAL)


def over_indebtedness_rule(top: Fields, outcome: str) -> OverIndebtednessRule | None:
    """Read a recipe's ``[over_indebtedness]``: each number a table with value, verified and source; None without it.

    The days to renew stand in ``[maturity]``. In a champion from before that section they stand here.
    """
    table = top.table("over_indebtedness", needed=False)
    if not table.content:
        return None
    numbers: dict[str, float] = {}
    bounds = dict(_BOUNDS)
    if SECTION in top.content and outcome in OUTCOMES and OUTCOMES[outcome].of_household:
        numbers.update(figures_of(top.table(SECTION), (RENEWAL,)))
    else:
        bounds[RENEWAL] = BOUNDS[RENEWAL]
    for name, (low, high) in bounds.items():
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
        renewal_days=int(numbers[RENEWAL]),
    )
