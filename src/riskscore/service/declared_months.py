"""The months of a household's year, where income comes with the harvest, as the form of an application has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

#: Columns of a month, as the form asks for them; one without the other says nothing.
MONTH = ("income", "expenses")

_FIELD = re.compile(rf"month_([1-9][0-9]{{3}})_(0[1-9]|1[0-2])_({'|'.join(MONTH)})")

#: How far the features look ahead; over a leap day that is eleven months on the second of a month.
_YEAR = timedelta(days=365)


def months_ahead(moment: datetime) -> tuple[date, ...]:
    """Return the first days of the months of the year to come at a moment; the features read no other.

    Examples
    --------
    >>> [str(month) for month in months_ahead(datetime(2026, 2, 1))][:: 11]
    ['2026-02-01', '2027-01-01']
    >>> [str(month) for month in months_ahead(datetime(2026, 2, 2))][:: 11]
    ['2026-03-01', '2027-02-01']
    >>> str(months_ahead(datetime(2027, 3, 2))[-1])
    '2028-02-01'
    """
    first = 12 * moment.year + moment.month - 1 + (moment.day > 1)
    months = (date(month // 12, month % 12 + 1, 1) for month in range(first, first + 12))
    return tuple(month for month in months if month < moment.date() + _YEAR)


def field_of(month: date, column: str = "") -> str:
    """Return the form's field of a month's column, or what its fields begin with."""
    return f"month_{month:%Y_%m}_{column}"


def months_in(form: Mapping[str, str]) -> dict[date, dict[str, str]]:
    """Return each month of which something was written, by its first day, in their order."""
    found: dict[date, dict[str, str]] = {}
    for name, text in form.items():
        match = _FIELD.fullmatch(name)
        if match and text:
            found.setdefault(date(int(match[1]), int(match[2]), 1), {})[match[3]] = text
    return dict(sorted(found.items()))
