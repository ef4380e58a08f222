"""What may be kept of what a person wrote."""

from __future__ import annotations

import re

from riskscore.errors import Fault

#: Longest reason, opinion or objection, in characters.
LONGEST_TEXT = 1000

#: Control characters but for new lines and tabs, half characters, and what turns the direction of the text around it.
_NONE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def text_faults(where: str, text: str | None, longest: int, remedy: str, *, needed: bool) -> list[Fault]:
    """Return what speaks against keeping `text` as the field `where`; nothing that it says is repeated.

    Parameters
    ----------
    where : str
        The field's name.
    text : str or None
    longest : int
        In characters.
    remedy : str
        What to do where it is missing.
    needed : bool
    """
    if text is None or not text.strip():
        return [Fault(where, "It is missing.", remedy)] if needed else []
    if len(text) > longest:
        return [Fault(where, "It is too long.", f"Use at most {longest} characters.")]
    if _NONE.search(text):
        return [Fault(where, "It holds characters that are none.", "Write it in plain text.")]
    return []
