"""The application: every route behind one gate, and one shape for everything that goes wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from riskscore.service.answers import PAGES, page_answer
from riskscore.service.bounds import Bounds
from riskscore.service.callers import language
from riskscore.service.gate import Gate, trace
from riskscore.service.outage import outage
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, not_found
from riskscore.service.routes.applications import Applications
from riskscore.service.routes.batch import Batches
from riskscore.service.routes.browser import Browser
from riskscore.service.routes.decisions import Decisions
from riskscore.service.routes.groups import Groups
from riskscore.service.routes.health import Health
from riskscore.service.routes.login import Login, login_path
from riskscore.service.routes.meeting_files import MeetingFiles
from riskscore.service.routes.models import Models
from riskscore.service.routes.models_page import ModelsPages
from riskscore.service.routes.objections import Objections
from riskscore.service.routes.officer import Officer
from riskscore.service.routes.opinions import Opinions
from riskscore.service.routes.provider_login import ProviderLogin
from riskscore.service.routes.scores import Scores
from riskscore.service.routes.sessions import OwnSessions
from riskscore.service.routes.shown import Shown
from riskscore.service.routes.trail import Trail
from riskscore.service.routes.trials import Trials
from riskscore.service.routes.uploads import Uploads
from riskscore.service.routes.what_if import WhatIfs

logger = logging.getLogger("riskscore.service")

#: Each gives the routes of one thing that is asked for.
_ROUTES = (
    Browser,
    Login,
    ProviderLogin,
    OwnSessions,
    Health,
    Batches,
    Scores,
    WhatIfs,
    Trials,
    Groups,
    MeetingFiles,
    Opinions,
    Decisions,
    Uploads,
    Objections,
    Shown,
    Applications,
    Models,
    ModelsPages,
    Officer,
    Trail,
)


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
                # Every request has been answered by now: the server waits for them before it ends the lifespan.
                await run_in_threadpool(self.state.stop)
                await run_in_threadpool(self.shelf.stop)
                await run_in_threadpool(self.refusals.flush)
                await run_in_threadpool(self.records.database.close)

        app = Starlette(
            routes=[route for asked in _ROUTES for route in asked(self).routes()],
            middleware=[
                # A page has to fit into what a server may send at first, some 14 kB: one round trip on a bad line.
                Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6),
                Middleware(Gate, metrics=self.metrics),
                Middleware(Bounds, refusals=self.refusals),
            ],
            exception_handlers={
                Problem: self._on_problem,
                HTTPException: self._on_http,
                SQLAlchemyError: self._on_outage,
            },
            lifespan=lifespan,
        )
        # Such a redirect would take its host and scheme from the request, and a client would send its token there.
        app.router.redirect_slashes = False
        return app

    async def _on_problem(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, Problem):  # pragma: no cover - registered for Problem only
            raise error
        self.metrics.refused(error.title)
        grant, route = getattr(request.state, "grant", None), getattr(request.scope.get("route"), "path", "unknown")
        await run_in_threadpool(self.refusals.note, grant, request.method, route, error)
        path = request.url.path
        if _of_browser(request):
            if error.status == 401 and path != "/enter":
                return RedirectResponse(login_path(request), status_code=303)
            if path.startswith(PAGES):
                return self._page(request, error)
        return error.response()

    def _page(self, request: Request, problem: Problem) -> Response:
        """Return what went wrong as a page in the reader's language."""
        spoken = language(self, request)
        html = self.pages.problem(problem, spoken)
        answer = page_answer(self, request, html, spoken, status=int(problem.status))
        answer.headers.update(problem.headers)
        return answer

    async def _on_outage(self, request: Request, error: Exception) -> Response:
        """Answer while the records are away; any other error of the database is the gate's."""
        problem = outage(error)
        if problem is None:
            raise error
        logger.error("%s", trace(error))
        return await self._on_problem(request, problem)

    async def _on_http(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):  # pragma: no cover - registered for HTTPException only
            raise error
        try:
            self.limits.unknown(request)
        except Problem as often:
            return await self._on_problem(request, often)
        problem = not_found()
        if error.status_code != 404:
            detail = (
                "This address does not answer to this method." if error.status_code == 405 else "Check the request."
            )
            headers = dict(error.headers or {})
            problem = Problem(error.status_code, "The request cannot be answered", detail, headers=headers)
        self.metrics.refused(problem.title)
        # Who mistypes an address reads a page too; what it says is what a page says of an unknown id.
        return self._page(request, problem) if _of_browser(request) else problem.response()


def _of_browser(request: Request) -> bool:
    """Whether a person reads the answer: a browser asks for a page, and not under the addresses of programs."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
