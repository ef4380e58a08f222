"""The ranges that every function of this package shares."""

from __future__ import annotations

from riskscore.errors import Fault, InvalidInput


def require(**numbers: float) -> None:
    """Refuse numbers outside the range their name stands for, all at once.

    ``n`` is a whole number of at least 1; ``p`` and ``pd`` lie inside (0, 1); every other name is a correlation or a
    chance in [0, 1).

    Raises
    ------
    InvalidInput
        One fault a number.
    """
    faults = []
    for name, value in numbers.items():
        if name == "n":
            fine, expected = value >= 1 and value == int(value), "a whole number of members, at least 1"
        elif name in ("p", "pd"):
            fine, expected = 0.0 < value < 1.0, "a probability inside (0, 1)"
        else:
            fine, expected = 0.0 <= value < 1.0, "a number in [0, 1)"
        if not fine:
            faults.append(Fault(name, f"{value!r} is out of range.", f"Give {expected}."))
    if faults:
        raise InvalidInput(faults)
