"""A form that was sent and not taken: what was wrong, beside what was written, so that nobody writes it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from riskscore.service.forms import number


@dataclass(frozen=True, slots=True)
class Entered:
    """A form of a page.

    Parameters
    ----------
    score_id : str
        The score it was about; empty where it was about the whole meeting.
    form : str
        Which one.
    values : mapping of str to str
    faults : tuple of str
        The fields at fault.
    """

    score_id: str = ""
    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def number_of(text: str) -> float | None:
    """Return the number that a person wrote (`riskscore.service.forms.number`); NaN where it is none, None if empty.

    Examples
    --------
    >>> number_of("400"), number_of("12,5"), number_of(""), number_of("1,500")
    (400.0, 12.5, None, nan)
    """
    found = number(text)
    if found is None:
        return None
    return float("nan") if isinstance(found, str) else float(found)
