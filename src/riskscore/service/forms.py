"""A form as a browser sends it, and the key that a page puts in it so that nothing is doubled."""

from __future__ import annotations

import re
import secrets
from urllib.parse import parse_qsl

from riskscore.errors import Fault
from riskscore.service.problem import invalid

#: Most fields of a form.
MOST_FIELDS = 120

#: A number as a person writes it, of at most 15 digits: a double holds each of those exactly.
_WRITTEN = re.compile(r"[0-9]{1,15}|[0-9]{1,13}[.,][0-9]{1,2}")


def read_form(content: bytes) -> dict[str, str]:
    """Return the fields of an ``application/x-www-form-urlencoded`` body; the last of a name counts.

    Raises
    ------
    Problem
        422 where it is no such form.
    """
    try:
        pairs = parse_qsl(
            content.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(content),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise invalid([Fault("body", "This is no form that can be read.", "Open the page again.")]) from error
    return {name: value.replace("\r\n", "\n").strip() for name, value in pairs}


def fresh_key() -> str:
    """Return a random name for what a form of a page that is being shown will send."""
    return secrets.token_hex(16)


def number(text: str) -> float | int | str | None:
    """Return what a field that asks for a number holds: a number, what is none as it is, or None where it is empty.

    Decimals come after a comma or a point, one or two. Three may be thousands, which a comma divides in Peru and a
    point in Bolivia: that is no number, so that nobody gets a thousandth of what was meant.

    Examples
    --------
    >>> [number(text) for text in ("500", "500.50", "12,5", "", "1,500", "1.500", "1e3", "many")]
    [500, 500.5, 12.5, None, '1,500', '1.500', '1e3', 'many']
    """
    if not text:
        return None
    if _WRITTEN.fullmatch(text) is None:
        return text
    return int(text) if text.isdigit() else float(text.replace(",", "."))
