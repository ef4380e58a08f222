"""How an amount of money and a share of 100 are written in the sentences of a score."""

from __future__ import annotations

_SIGNS = {"PEN": "S/", "BOB": "Bs", "USD": "US$"}

#: Currencies of countries that write 1.234,50.
_DOTTED = frozenset({"BOB"})


def money(amount: float, currency: str) -> str:
    r"""Return an amount with its sign; cents only where there are any.

    Examples
    --------
    >>> money(1250, "PEN"), money(1234.5, "BOB"), money(80, "USD")
    ('S/\xa01,250', 'Bs\xa01.234,50', 'US$\xa080')
    """
    text = f"{amount:,.{0 if round(amount, 2) == round(amount) else 2}f}"
    if currency in _DOTTED:
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{_SIGNS.get(currency, currency)}\xa0{text}"


def of_100(rate: float) -> tuple[str, str]:
    """Return the natural frequency of trouble in Spanish and in English.

    Examples
    --------
    >>> of_100(0.062)[0]
    'De 100 parecidas, 6 tuvieron problemas para pagar.'
    >>> of_100(0.004)[1]
    'Of 100 like her, fewer than 1 had trouble repaying.'
    """
    count = whole_of_100(rate)
    if count == 0:
        return (
            "De 100 parecidas, menos de 1 tuvo problemas para pagar.",
            "Of 100 like her, fewer than 1 had trouble repaying.",
        )
    verb = "tuvo" if count == 1 else "tuvieron"
    return (
        f"De 100 parecidas, {count} {verb} problemas para pagar.",
        f"Of 100 like her, {count} had trouble repaying.",
    )


def of_100_banks(rate: float) -> tuple[str, str]:
    """Return the natural frequency of trouble of communal banks, in Spanish and in English.

    Examples
    --------
    >>> of_100_banks(0.062)[0]
    'De 100 bancos comunales parecidos, 6 no pagarían todo a tiempo.'
    >>> of_100_banks(0.004)[1]
    'Of 100 communal banks like this one, fewer than 1 would not repay all in time.'
    """
    return _of_100(rate, "bancos comunales parecidos", "communal banks")


def of_100_producers(rate: float) -> tuple[str, str]:
    """Return the natural frequency of trouble of producer associations, in Spanish and in English.

    Examples
    --------
    >>> of_100_producers(0.084)[0]
    'De 100 asociaciones de productores parecidas, 8 no pagarían todo a tiempo.'
    """
    return _of_100(rate, "asociaciones de productores parecidas", "producer associations")


def whole_of_100(rate: float) -> int:
    """Return how many of 100 the sentences above say; 0 stands for fewer than 1.

    Examples
    --------
    >>> whole_of_100(0.085), whole_of_100(0.008)
    (9, 0)
    """
    return 0 if 100 * rate < 1 else int(100 * rate + 0.5)


def _of_100(rate: float, es: str, en: str) -> tuple[str, str]:
    count = whole_of_100(rate)
    few = count == 0
    verb = "pagaría" if few or count == 1 else "pagarían"
    return (
        f"De 100 {es}, {'menos de 1' if few else count} no {verb} todo a tiempo.",
        f"Of 100 {en} like this one, {'fewer than 1' if few else count} would not repay all in time.",
    )
