"""Signs of over-indebtedness that behaviour shows, beside the figures: present, absent, or not known.

A sale of what she works with is a sign too, and no table records one, so none is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign: the feature that shows it, and from how many on.

    Source of the signs: Kappel, Krauss and Lontzek 2010 (arrears in several periods in a row), Schicks 2013 and
    Gonzalez 2008 (what repaying costs beyond what was planned), client protection practice (refinancings).
    """

    name: str
    feature: str
    at_least: float
    es: str
    en: str


SIGNALS: tuple[Signal, ...] = (
    Signal(
        "refinancings",
        "refinancings_12m",
        2,
        "Se le refinanciaron préstamos dos veces o más en 12 meses.",
        "Loans were refinanced twice or more in 12 months.",
    ),
    Signal(
        "loan_to_repay",
        "loans_to_repay_12m",
        1,
        "Tomó un préstamo en los días en que pagó otro.",
        "A loan was taken within days of paying another.",
    ),
    Signal(
        "paid_from_savings",
        "paid_from_savings_12m",
        1,
        "Pagó una cuota con sus ahorros.",
        "An instalment was paid from savings.",
    ),
    Signal(
        "chronic_arrears",
        "chronic_arrears_12m",
        1,
        "Se atrasó en tres cuotas seguidas o más.",
        "Three instalments in a row or more were late.",
    ),
)


def signals_shown(fact: Callable[[str], Floats], formulas: Mapping[str, Floats]) -> dict[str, list[bool | None]]:
    """Return, by sign, whether each case shows it; None where its feature is missing.

    Parameters
    ----------
    fact : callable
        Gives a feature's column by name, all missing where there is none of that name.
    formulas : mapping of str to ndarray (n,)
        The features that needed the request.
    """

    def value(name: str) -> Floats:
        return formulas[name] if name in formulas else fact(name)

    return {
        signal.name: [None if one != one else one >= signal.at_least for one in value(signal.feature).tolist()]
        for signal in SIGNALS
    }


def sacrifice_shown(fact: Callable[[str], Floats]) -> list[bool | None]:
    """Return the questionnaire's flag of each case; None where she was not asked within a year."""
    return [None if flag != flag else flag >= 1 for flag in fact("sacrifice_flag").tolist()]
