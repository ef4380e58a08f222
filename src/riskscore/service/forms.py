"""A form as a browser sends it, and the key that a page puts in it so that nothing is doubled."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl

from riskscore.errors import Fault
from riskscore.service.problem import invalid

#: Most fields of a form.
MOST_FIELDS = 120


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

    Examples
    --------
    >>> [number(text) for text in ("500", "500.50", "", "many", "inf")]
    [500, 500.5, None, 'many', 'inf']
    """
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    try:
        value = float(text)
    except ValueError:
        return text
    return value if abs(value) < 1e15 else text
