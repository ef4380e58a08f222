"""The application: every route behind one gate, and one shape for everything that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from riskscore.service.answers import page_answer
from riskscore.service.callers import language
from riskscore.service.gate import Gate
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, not_found
from riskscore.service.routes.browser import Browser
from riskscore.service.routes.decisions import Decisions
from riskscore.service.routes.health import Health
from riskscore.service.routes.officer import Officer
from riskscore.service.routes.scores import Scores
from riskscore.service.routes.trail import Trail

#: Each gives the routes of one thing that is asked for.
_ROUTES = (Browser, Health, Scores, Decisions, Officer, Trail)

#: Addresses that a person opens: what goes wrong there is told on a page.
_PAGES = ("/scores/", "/officer", "/trail", "/enter")


class Service(Parts):
    """The service: its parts, and the ASGI application over them."""

    def app(self) -> Starlette:
        """Return the ASGI application; its lifespan starts and stops the watch over champion and portfolio."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            await run_in_threadpool(self.state.start)
            try:
                yield
            finally:
                await run_in_threadpool(self.state.stop)

        app = Starlette(
            routes=[route for asked in _ROUTES for route in asked(self).routes()],
            middleware=[Middleware(Gate, metrics=self.metrics)],
            exception_handlers={Problem: self._on_problem, HTTPException: self._on_http},
            lifespan=lifespan,
        )
        # Such a redirect would take its host and scheme from the request, and a client would send its token there.
        app.router.redirect_slashes = False
        return app

    async def _on_problem(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, Problem):  # pragma: no cover - registered for Problem only
            raise error
        await run_in_threadpool(self._write_refusal, request, error)
        if request.url.path.startswith(_PAGES) and "text/html" in request.headers.get("accept", ""):
            spoken = language(self, request)
            return page_answer(self, request, self.pages.problem(error, spoken), spoken, status=int(error.status))
        return error.response()

    def _write_refusal(self, request: Request, problem: Problem) -> None:
        """Put on record that someone known was refused; whom nobody knows the log alone tells of."""
        grant = getattr(request.state, "grant", None)
        if grant is not None and problem.status in (403, 404):
            self.records.refused(grant, request.method, request.scope["route"].path, int(problem.status))

    async def _on_http(self, _: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):  # pragma: no cover - registered for HTTPException only
            raise error
        if error.status_code == 404:
            return not_found().response()
        detail = "This address does not answer to this method." if error.status_code == 405 else "Check the request."
        return Problem(
            error.status_code, "The request cannot be answered", detail, headers=dict(error.headers or {})
        ).response()
