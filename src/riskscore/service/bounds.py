"""What is refused before anything is read: an address or headers longer than any request of ours has."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from riskscore.service.problem import Problem
from riskscore.service.refusals import Refusals

#: Longest address with its query, longest headers together, in bytes, and how many of them.
LONGEST_ADDRESS, LONGEST_HEADERS, MOST_HEADERS = 2_048, 16_384, 100


class Bounds:
    """ASGI middleware before every route.

    Parameters
    ----------
    app : ASGI application
    refusals : Refusals
    """

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        problem = _problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
            return
        self._refusals.note(None, scope["method"], "unknown", problem)
        await problem.response()(scope, receive, send)


def _problem(scope: Scope) -> Problem | None:
    if len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"]) > LONGEST_ADDRESS:
        return Problem(414, "The address is too long", f"Send at most {LONGEST_ADDRESS} bytes; lists go in a body.")
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LONGEST_HEADERS:
        detail = f"Send at most {MOST_HEADERS} headers, {LONGEST_HEADERS} bytes together; delete this site's cookies."
        return Problem(431, "The headers are too long", detail)
    return None
