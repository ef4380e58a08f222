"""What many scores share, and is kept once for all of them: words, products, the policy, how numbers are written."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from riskscore.service.chain import canonical


class Context(dict[str, Any]):
    """JSON values by name, never changed once they are given; nothing about a person is among them.

    A desk makes one, which goes with all of its scores: the text and its digest are computed once.
    """

    @cached_property
    def text(self) -> str:
        """The values as they are kept."""
        return canonical(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text: what a score names it by."""
        return hashlib.sha256(self.text.encode()).hexdigest()
