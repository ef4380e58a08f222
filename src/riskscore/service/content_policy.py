"""The content policy of a page: its own style and scripts by their hashes, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable


def policy_of(css: str, scripts: Iterable[str], *, connect: str = "'self'", form: str = "'self'") -> str:
    """Return the directives that a header and a ``meta`` element may hold.

    Examples
    --------
    >>> policy_of("", [], connect="'none'", form="'none'").split("; ")[0]
    "default-src 'none'"
    """
    hashes = " ".join(_hash(text) for text in scripts)
    run = f"script-src {hashes}; " if hashes else ""
    return (
        f"default-src 'none'; style-src {_hash(css)}; {run}connect-src {connect}; base-uri 'none'; form-action {form}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
