"""Proof that what a browser sends came from a page of ours (CSRF).

A cookie goes with every request to this service, whichever site began it. A page of ours carries a word made from its
session's cookie, which no other site can read; a write from a browser has to bring it back, in a header or a field.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from starlette.requests import Request

from riskscore.service.problem import Problem

#: Where a script sends the word, and where a form does.
HEADER, FIELD = "X-CSRF-Token", "csrf_token"

#: Length of the lasting half of a word.
_BYTES = hashlib.sha256().digest_size


def word(cookie: str) -> str:
    """Return a word for a page of this session: another one each time, so that a page's length tells nothing of it.

    Pages are compressed; a word that stayed the same could be guessed from lengths, letter by letter.
    """
    mask = secrets.token_bytes(_BYTES)
    return (mask + _xor(mask, _lasting(cookie))).hex()


def holds(cookie: str, given: str) -> bool:
    """Tell whether `given` is a word of this session."""
    if re.fullmatch(f"[0-9a-f]{{{4 * _BYTES}}}", given) is None:
        return False
    told = bytes.fromhex(given)
    return hmac.compare_digest(_xor(told[:_BYTES], told[_BYTES:]), _lasting(cookie))


def _lasting(cookie: str) -> bytes:
    return hmac.new(cookie.encode(), b"a page of this session", hashlib.sha256).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def require(request: Request, cookie: str, given: str | None) -> None:
    """Refuse what another site began, or what does not bring the word.

    Raises
    ------
    Problem
        403.
    """
    elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if elsewhere or given is None or not holds(cookie, given):
        raise Problem(
            403,
            "This did not come from an open page",
            "Open the page again and repeat what you did there.",
            reason="page",
        )
