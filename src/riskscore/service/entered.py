"""A form that was sent and not taken: what was wrong, beside what was written, so that nobody writes it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """Return the number that a person wrote, with a comma or a point; NaN where it is none, None where it is empty.

    Examples
    --------
    >>> number_of("400"), number_of("12,5"), number_of(""), number_of("many")
    (400.0, 12.5, None, nan)
    """
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")
