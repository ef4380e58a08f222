"""An offered change in words. It tells what her score would be, and promises nothing of what becomes of her."""

from __future__ import annotations

from typing import Literal

from riskscore.scoring.wording import money

_FREQUENCIES = {
    "es": {
        "weekly": "cada semana",
        "fortnightly": "cada dos semanas",
        "twice_a_month": "dos veces al mes",
        "monthly": "cada mes",
        "every_two_months": "cada dos meses",
        "at_maturity": "una sola vez, al final",
    },
    "en": {
        "weekly": "every week",
        "fortnightly": "every two weeks",
        "twice_a_month": "twice a month",
        "monthly": "every month",
        "every_two_months": "every two months",
        "at_maturity": "once, at the end",
    },
}

_PARTS = {
    "es": {
        "amount": "con un préstamo de {amount}",
        "term": "con un plazo de {days} días",
        "due": "si el pago vence a los {days} días",
        "frequency": "si paga {frequency}",
        "savings": "con {savings} más de ahorro en el grupo",
        "debt": "con su otra deuda terminada",
    },
    "en": {
        "amount": "with a loan of {amount}",
        "term": "with a term of {days} days",
        "due": "with payment due after {days} days",
        "frequency": "paying {frequency}",
        "savings": "with {savings} more saved in the group",
        "debt": "with the other debt finished",
    },
}

_WHOLE = {
    "es": "{parts} quedaría lista para decidir. Su puntaje sería {score}.",
    "en": "{parts} it would be ready to decide. Her score would be {score}.",
}
#: What is added where a debt is to end: it is not to be paid with another.
_BY_ITSELF = {
    "es": " Esa deuda se termina sin otro préstamo.",
    "en": " That debt is finished without another loan.",
}
_AND = {"es": " y ", "en": " and "}


def parts_of(kind: str, frequency: str) -> tuple[str, ...]:
    """Return which parts a sentence has: a term with a single payment is said by the day on which it is due.

    Examples
    --------
    >>> parts_of("amount_and_term", "at_maturity")
    ('amount', 'due')
    """
    single = frequency == "at_maturity"
    return tuple("due" if one == "term" and single else one for one in kind.split("_and_"))


def sentence(
    language: Literal["es", "en"],
    kind: str,
    *,
    amount: float,
    term_days: int,
    frequency: str,
    savings: float,
    currency: str,
    score: int,
) -> str:
    """Return what would have to change, that it would be ready, and the score it would have.

    Examples
    --------
    >>> told = dict(amount=400, term_days=140, frequency="weekly", savings=0, currency="PEN", score=588)
    >>> sentence("es", "term", **told)
    'Con un plazo de 140 días, quedaría lista para decidir. Su puntaje sería 588.'
    """
    filled = {
        "amount": money(amount, currency),
        "days": term_days,
        "frequency": _FREQUENCIES[language][frequency],
        "savings": money(savings, currency),
    }
    names = parts_of(kind, frequency)
    parts = _AND[language].join(_PARTS[language][name].format(**filled) for name in names)
    by_itself = _BY_ITSELF[language] if "debt" in names else ""
    return _WHOLE[language].format(parts=f"{parts[0].upper()}{parts[1:]},", score=score) + by_itself
