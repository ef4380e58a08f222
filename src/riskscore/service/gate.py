"""The one way in and out: headers, request id, access log, metrics, and no error that says more than it should.

The log holds the route's template, never the path asked for, so that neither a score's id nor a link's key gets into
it; and of an unforeseen error its kind and the lines it came through, never its message, which may quote a value.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from riskscore.service import request_id
from riskscore.service.metrics import Metrics
from riskscore.service.outage import outage
from riskscore.service.problem import Problem

logger = logging.getLogger("riskscore.service")

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

#: Seconds until an answer begins: a machine that has more to do than it can says so before whatever runs the service
#: does, which would say it in a shape of its own.
SLOWEST_ANSWER = 50.0

#: Routes that are asked every few seconds and would drown the log.
_QUIET = ("/livez", "/readyz", "/metrics")


class Gate:
    """ASGI middleware around every route.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        named = request_id.read(Headers(scope=scope).get(request_id.HEADER))
        request_id.CURRENT.set(named)
        self._metrics.begun()
        limit = asyncio.timeout(SLOWEST_ANSWER)

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers[request_id.HEADER] = named
            await send(message)

        async def begun(message: Message) -> None:
            if not limit.expired():
                limit.reschedule(None)  # what has begun may take its time
            await guarded(message)

        try:
            async with limit:
                await self._app(scope, receive, begun)
        except Exception as error:  # the last resort: nothing may leave as a bare stack
            logger.error("%s", trace(error))
            if status:
                raise
            problem = _too_slow() if limit.expired() else outage(error) or _unforeseen()
            self._metrics.refused(problem.title)
            await problem.response()(scope, receive, guarded)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "unknown")
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._metrics.answered(route, method, status, seconds)
            if route not in _QUIET:
                asker = scope.get("state", {}).get("token_id", "-")
                told = {
                    "method": method,
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "token": asker,
                }
                logger.info("%s %s %d %.1fms %s", *told.values(), extra={"fields": told})


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _unforeseen() -> Problem:
    return Problem(500, "Something went wrong here", "Try again; if it persists, tell who runs the service.")


def _too_slow() -> Problem:
    return Problem(
        504,
        "It took too long",
        "It may have been done. Send it again in a moment, under the same Idempotency-Key if it has one; if it "
        "persists, tell who runs the service.",
    )


def trace(error: BaseException) -> str:
    """Return an error's kind and the lines it came through, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    told = [frame for frame in frames[:-1] if "site-packages" not in frame.filename] + frames[-1:]
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(told)]
    return " <- ".join([type(error).__name__, *lines])
