"""Attempts to sign in at the provider's page: bound to one browser, short, and good for one return.

An attempt lies in the browser's cookie, signed, and not in a process: any worker may take the return. Nonce, and the
verifier of PKCE, follow from its state under the same secret: whoever reads the cookie has neither.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from riskscore.service.access import Access
from riskscore.service.problem import Problem

#: Seconds from the button to the return: a password, a second factor, a bad line.
LASTS = 600

_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to sign in.

    Parameters
    ----------
    state, nonce, verifier : str
        Random, and not to be guessed from one another: what the return brings, what the ID token says, and what the
        token endpoint is shown.
    target : str
        The page that was wanted, a path of this service.
    language : str
        What the page spoke; the cookie that keeps it does not come back from another site.
    ends : int
        When it is over, in seconds of Unix time.
    """

    state: str
    nonce: str
    verifier: str
    target: str
    language: str
    ends: int

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (PKCE, S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


class Attempts:
    """Attempts of every worker process.

    Parameters
    ----------
    access : Access
        Knows which were used up.
    secret : str
        Signs cookies and derives what goes with a state.
    """

    def __init__(self, access: Access, secret: str) -> None:
        self._access = access
        self._secret = secret.encode()

    def begin(self, target: str, language: str) -> tuple[Attempt, str]:
        """Return a new attempt, and the cookie that holds it."""
        kept = {"state": secrets.token_urlsafe(32), "target": target, "language": language, "exp": _end()}
        return self._attempt(kept), jwt.encode(kept, self._secret, _ALGORITHM)

    def kept(self, cookie: str) -> Attempt:
        """Return the attempt that a browser's cookie holds.

        Raises
        ------
        Problem
            403: there is none of ours, or it is over.
        """
        try:
            return self._attempt(jwt.decode(cookie, self._secret, [_ALGORITHM]))
        except jwt.ExpiredSignatureError:
            raise _over("late") from None
        except jwt.PyJWTError:
            raise _over("state") from None

    def take(self, attempt: Attempt, state: str) -> None:
        """Use an attempt up, of which a browser came back with `state`.

        Raises
        ------
        Problem
            403: it comes back from another attempt, or this one was used before.
        """
        if not hmac.compare_digest(attempt.state.encode(), state.encode()):
            raise _over("state")
        if not self._access.use(f"attempt\0{attempt.state}", datetime.fromtimestamp(attempt.ends, UTC)):
            raise _over("replayed")

    def _attempt(self, kept: dict[str, Any]) -> Attempt:
        state = kept["state"]
        nonce, verifier = (self._derived(what, state) for what in ("nonce", "verifier"))
        return Attempt(state, nonce, verifier, kept["target"], kept["language"], kept["exp"])

    def _derived(self, what: str, state: str) -> str:
        return _text(hmac.new(self._secret, f"{what}\0{state}".encode(), hashlib.sha256).digest())


def _end() -> int:
    return int(time.time()) + LASTS


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _over(reason: str) -> Problem:
    return Problem(403, "This attempt to sign in is over", "Begin again at /login.", reason=reason)
