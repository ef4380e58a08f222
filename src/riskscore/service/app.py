"""The routes: scores over HTTP and their pages, health, metrics, and the way in for a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from riskscore.errors import InvalidInput, NotFound
from riskscore.service import decision_entry
from riskscore.service.access import SESSION, Access, Grant
from riskscore.service.database import now
from riskscore.service.decisions import KEY
from riskscore.service.gate import Gate
from riskscore.service.intake import LONGEST_BODY, context_faults, read_body, read_moment
from riskscore.service.metrics import MEDIA_TYPE, Metrics
from riskscore.service.openapi import document
from riskscore.service.pages import Pages
from riskscore.service.problem import Problem, invalid, not_found, unauthenticated, unavailable
from riskscore.service.records import Record, Records
from riskscore.service.roles import Right, require
from riskscore.service.serializer import Serializer
from riskscore.service.state import State

SESSION_COOKIE = "riskscore_session"
LANGUAGE_COOKIE = "riskscore_lang"


def new_score_id() -> str:
    """Return a random id: it says nothing about subject, moment or score."""
    return f"s_{uuid4().hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything the routes need.

    Parameters
    ----------
    state : State
    access : Access
    records : Records
    serializer : Serializer
    pages : Pages
    metrics : Metrics
    secure_cookies : bool
        Send cookies over TLS only.
    new_id : callable
        Gives the next score's id.
    clock : callable
        Gives the present moment, UTC, as text.
    """

    state: State
    access: Access
    records: Records
    serializer: Serializer
    pages: Pages
    metrics: Metrics
    secure_cookies: bool = False
    new_id: Callable[[], str] = new_score_id
    clock: Callable[[], str] = now

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
            routes=[
                Route("/", self.notice),
                Route("/livez", self.livez),
                Route("/healthz", self.livez),
                Route("/readyz", self.readyz),
                Route("/metrics", self.show_metrics),
                Route("/openapi.json", self.openapi),
                Route("/docs.json", self.openapi),
                Route("/enter", self.enter),
                Route("/leave", self.leave, methods=["POST"]),
                Route("/v1/scores", self.ask, methods=["POST"]),
                Route("/v1/scores/{score_id}", self.show_score),
                Route("/v1/scores/{score_id}/decisions", self.decide, methods=["POST"]),
                Route("/v1/scores/{score_id}/decisions/{decision_id}", self.show_decision),
                Route("/scores/{score_id}", self.show_page),
            ],
            middleware=[Middleware(Gate, metrics=self.metrics)],
            exception_handlers={Problem: self._on_problem, HTTPException: self._on_http},
            lifespan=lifespan,
        )
        # Such a redirect would take its host and scheme from the request, and a client would send its token there.
        app.router.redirect_slashes = False
        return app

    async def notice(self, request: Request) -> Response:
        """What this service is, for whoever comes by."""
        language = self._language(request)
        return self._page(request, self.pages.notice(language), language)

    # -- health ---------------------------------------------------------------------------------------------------

    async def livez(self, _: Request) -> Response:
        """The process is up."""
        return Response("\n", media_type="text/plain")

    async def readyz(self, _: Request) -> Response:
        """The latest champion and portfolio are in service, or why they are not."""
        if self.state.fault is not None:
            raise unavailable(self.state.fault)
        desk = self.state.desk
        if desk is None:
            raise unavailable("The champion and the portfolio are being read.")
        return _json({"status": "ready", "recipe": desk.recipe, "model_version": desk.model_version})

    def show_metrics(self, request: Request) -> Response:
        """Prometheus exposition, for those who may read it."""
        self._known(request, "metrics")
        return Response(self.metrics.text(), headers={"Content-Type": MEDIA_TYPE})

    async def openapi(self, _: Request) -> Response:
        """The document of every route."""
        return _json(document())

    # -- the browser's way in -------------------------------------------------------------------------------------

    def enter(self, request: Request) -> Response:
        """Use a one-time link up: set the session's cookie and go where the link leads."""
        target = safe_next(request.query_params.get("next", ""))
        if request.method == "HEAD":
            return Response(headers={"Cache-Control": "no-store"})  # a preview must not use the link up
        cookie = self.access.enter(request.query_params.get("key", ""))
        if cookie is None:
            if self._session(request) is None:
                raise unauthenticated()
            return RedirectResponse(target, status_code=303)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # A redirect that began on another site carries no SameSite=Strict cookie; a page of ours that
            # leads on does.
            language = self._language(request)
            response = self._page(request, self.pages.onward(target, language), language)
        else:
            response = RedirectResponse(target, status_code=303)
        self._keep(response, SESSION_COOKIE, cookie, int(SESSION.total_seconds()))
        return response

    def leave(self, request: Request) -> Response:
        """End the browser's session."""
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie:
            self.access.leave(cookie)
        response = Response(status_code=204)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict", secure=self.secure_cookies)
        return response

    def _page(self, request: Request, html: str, language: str, *, status: int = 200) -> Response:
        response = HTMLResponse(html, status_code=status)
        response.headers["Content-Security-Policy"] = self.pages.content_policy
        response.headers["Content-Language"] = language
        if "lang" in request.query_params:
            self._keep(response, LANGUAGE_COOKIE, language, 31_536_000)
        return response

    def _keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="strict", secure=self.secure_cookies)

    # -- scores ---------------------------------------------------------------------------------------------------

    async def ask(self, request: Request) -> Response:
        """Score a request, write it down, answer."""
        content = await _content(request)
        return await run_in_threadpool(self._ask, request, content)

    def _ask(self, request: Request, content: bytes) -> Response:
        asker = self._known(request, "ask")
        fields, faults = read_body(content)
        desk = self.state.desk
        if desk is None:
            raise unavailable(self.state.fault or "The champion and the portfolio are being read.")
        as_of, moment_faults = read_moment(fields, desk.read_moment)
        faults += moment_faults
        faults += context_faults(fields, recipe=desk.recipe, currency=desk.currency, moment=desk.moment, as_of=as_of)
        limits = desk.limit_faults(fields)
        # Where a product says what it allows, that is the remedy, not everything that is known anywhere.
        faults = [fault for fault in faults if fault.where not in {limit.where for limit in limits}] + limits
        place = desk.place(fields["subject"]) if "subject" in fields else None
        if "subject" in fields and (place is None or not asker.reaches(place)):
            raise not_found()
        if faults or place is None:
            raise invalid(sorted(set(faults)))
        try:
            scored = desk.score(fields, as_of)
        except InvalidInput as error:
            raise invalid(error.faults) from error
        except NotFound as error:
            raise not_found() from error
        score_id = self.new_id()
        record = Record(
            score_id=score_id,
            place=place,
            score={"score_id": score_id, **scored.score},
            request=scored.request,
            values=scored.values,
            context=scored.context,
            recorded_at=self.clock(),
            asked_by=asker.token_id,
        )
        self.records.append(record, asker)
        self.metrics.scored(desk.recipe, desk.model_version, str(record.score.get("grade")))
        return _json(self.serializer.score(record, asker), status=201, headers={"Location": f"/v1/scores/{score_id}"})

    def show_score(self, request: Request) -> Response:
        """A score that was answered before, as far as the asker may see it."""
        viewer = self._known(request, "see")
        record = self._record(request, viewer)
        self.records.seen(record.score_id, viewer, "read")
        return _json(self.serializer.score(record, viewer))

    async def decide(self, request: Request) -> Response:
        """Write down what people decided on a score, answer."""
        content = await _content(request)
        return await run_in_threadpool(self._decide, request, content)

    def _decide(self, request: Request, content: bytes) -> Response:
        asker = self._known(request, "decide")
        record = self._record(request, asker)
        keys = request.headers.getlist(KEY)
        decided = decision_entry.enter(self.records, record, asker, keys, content, self.clock)
        location = f"/v1/scores/{record.score_id}/decisions/{decided.decision_id}"
        return _json(decision_entry.answer(decided), status=201, headers={"Location": location})

    def show_decision(self, request: Request) -> Response:
        """A decision that was entered before."""
        viewer = self._known(request, "decide")
        record = self._record(request, viewer)
        decided = decision_entry.find(self.records, record, viewer, request.path_params["decision_id"])
        self.records.seen(record.score_id, viewer, "decision")
        return _json(decision_entry.answer(decided))

    def show_page(self, request: Request) -> Response:
        """The page of a score, as far as the asker may see it."""
        viewer = self._known(request, "see")
        record = self._record(request, viewer)
        self.records.seen(record.score_id, viewer, "page")
        language = self._language(request)
        sightings = self.records.sightings(record.score_id)
        view = self.serializer.page(record, viewer, sightings)
        return self._page(request, self.pages.score(view, language), language)

    # -- who asks -------------------------------------------------------------------------------------------------

    def _known(self, request: Request, right: Right) -> Grant:
        grant = self._bearer(request) if "authorization" in request.headers else self._session(request)
        if grant is None:
            raise unauthenticated()
        request.state.token_id = grant.token_id
        request.state.grant = grant
        if right in ("ask", "decide") and "authorization" not in request.headers:
            raise unauthenticated()  # a cookie opens pages; it never writes
        require(grant, right)
        return grant

    def _bearer(self, request: Request) -> Grant | None:
        kind, _, token = request.headers["authorization"].partition(" ")
        return self.access.of_token(token.strip()) if kind.lower() == "bearer" else None

    def _session(self, request: Request) -> Grant | None:
        cookie = request.cookies.get(SESSION_COOKIE)
        return self.access.of_session(cookie) if cookie else None

    def _record(self, request: Request, viewer: Grant) -> Record:
        record = self.records.get(request.path_params["score_id"])
        if record is None or not viewer.reaches(record.place):
            raise not_found()
        return record

    def _language(self, request: Request) -> str:
        return self.pages.language(
            request.query_params.get("lang"),
            request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language"),
        )

    # -- errors ---------------------------------------------------------------------------------------------------

    async def _on_problem(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, Problem):  # pragma: no cover - registered for Problem only
            raise error
        await run_in_threadpool(self._write_refusal, request, error)
        if request.url.path.startswith(("/scores/", "/enter")) and "text/html" in request.headers.get("accept", ""):
            language = self._language(request)
            return self._page(request, self.pages.problem(error, language), language, status=int(error.status))
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


async def _content(request: Request) -> bytes:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LONGEST_BODY:
            raise Problem(413, "The request is too long", f"Send at most {LONGEST_BODY} bytes: one request at a time.")
    return content


def safe_next(target: str) -> str:
    """Return `target` if it is a path of this service, else the root: a link must not lead elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:  # such as an opening bracket that nothing closes
        return "/"
    local = (
        target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and target.isprintable()
        and not parts.scheme
        and not parts.netloc
    )
    return target if local else "/"


def _json(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_plain),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
