"""What may be read of a communal bank's outlook at its own table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class GroupOutlook:
    """What a committee may see of its communal bank's outlook.

    Parameters
    ----------
    content : mapping or None
        `riskscore.service.views.bank.committee`.
    missing : {"no_champion", "no_request"} or None
        Why there is none.
    """

    content: Mapping[str, Any] | None = None
    missing: Literal["no_champion", "no_request"] | None = None
