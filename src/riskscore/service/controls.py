"""What a viewer may do on a page of a score, and what of it was just done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refilled:
    """A form of the page that was sent and not accepted.

    Parameters
    ----------
    part : str
        Which one.
    fields : mapping of str to str
        As they were sent, so that nobody has to write twice.
    faults : frozenset of str
        The fields at fault.
    """

    part: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    faults: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Controls:
    """What the viewer may do on the page.

    Parameters
    ----------
    word : str
        Proves an open page (`riskscore.service.csrf`); empty where a token asked for it: then there are no forms.
    key : str
        Names what a form of this page sends.
    rights : frozenset of str
    group : str
        The communal bank to whose meeting the page leads back; empty where its viewer takes no part in one.
    today : str
        ISO date, by the institution's clock: what a form's date begins with.
    refilled : Refilled
    tried : dict or None
        The answer to what was tried without a script: amount, term_days, score, grade, state, nii_post, off_support.
    """

    word: str = ""
    key: str = ""
    rights: frozenset[str] = frozenset()
    group: str = ""
    today: str = ""
    refilled: Refilled = field(default_factory=Refilled)
    tried: Mapping[str, Any] | None = None

    def may(self, right: str) -> bool:
        """Whether there is a form for it."""
        return bool(self.word) and right in self.rights
