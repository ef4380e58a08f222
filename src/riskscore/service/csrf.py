"""Proof that what a browser sends came from a page of ours (CSRF).

A cookie goes with every request to this service, whichever site began it. A page of ours carries a word made from its
session's cookie, which no other site can read; a write from a browser has to bring it back, in a header or a field.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request

from riskscore.service.problem import Problem

#: Where a script sends the word, and where a form does.
HEADER, FIELD = "X-CSRF-Token", "csrf_token"


def word(cookie: str) -> str:
    """Return the word that pages of this session carry."""
    return hmac.new(cookie.encode(), b"a page of this session", hashlib.sha256).hexdigest()


def require(request: Request, cookie: str, given: str | None) -> None:
    """Refuse what another site began, or what does not bring the word.

    Raises
    ------
    Problem
        403.
    """
    elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if elsewhere or given is None or not hmac.compare_digest(word(cookie).encode(), given.encode()):
        raise Problem(403, "This did not come from an open page", "Open the page again and repeat what you did there.")
