"""A browser's way in and out: the notice, one-time links, and the end of a session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.service import csrf
from riskscore.service.answers import body_of, forget, keep, page_answer
from riskscore.service.callers import SESSION_COOKIE, from_our_page, language, session
from riskscore.service.forms import read_form
from riskscore.service.parts import Parts
from riskscore.service.problem import unauthenticated
from riskscore.service.sessions import SESSION
from riskscore.service.ways_on import ways_on


@dataclass(frozen=True, slots=True)
class Browser:
    """The notice, the way in and the way out."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.notice),
            Route("/enter", self.enter),
            Route("/leave", self.leave, methods=["POST"]),
        ]

    def notice(self, request: Request) -> Response:
        """What this service is, for whoever comes by; whoever is signed in finds her own pages there."""
        viewer = session(self.parts, request)
        if viewer is None:
            self.parts.limits.unknown(request)
        else:
            self.parts.limits.known(viewer.token_id)
            request.state.token_id, request.state.grant = viewer.token_id, viewer
        spoken = language(self.parts, request)
        if viewer is None:
            html = self.parts.pages.notice(spoken)
        else:
            html = self.parts.pages.notice(spoken, viewer.role, partial(ways_on, self.parts, viewer))
        return page_answer(self.parts, request, html, spoken)

    def enter(self, request: Request) -> Response:
        """Use a one-time link up: set the session's cookie and go where the link leads."""
        target = safe_next(request.query_params.get("next", ""))
        if request.method == "HEAD":
            return Response(headers={"Cache-Control": "no-store"})  # a preview must not use the link up
        cookie = self.parts.sessions.enter(request.query_params.get("key", ""))
        if cookie is None:
            if session(self.parts, request) is None:
                self.parts.limits.unknown(request)
                raise unauthenticated("link")
            return RedirectResponse(target, status_code=303)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # A redirect that began on another site carries no SameSite=Strict cookie; a page of ours that
            # leads on does.
            spoken = language(self.parts, request)
            response = page_answer(self.parts, request, self.parts.pages.onward(target, spoken), spoken)
        else:
            response = RedirectResponse(target, status_code=303)
        keep(self.parts, response, SESSION_COOKIE, cookie, int(SESSION.total_seconds()))
        return response

    async def leave(self, request: Request) -> Response:
        """End the browser's session."""
        content = await body_of(request)
        return await run_in_threadpool(self._leave, request, content)

    def _leave(self, request: Request, content: bytes) -> Response:
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie:
            from_our_page(request, read_form(content).get(csrf.FIELD))
            self.parts.sessions.leave(cookie)
        response = RedirectResponse("/login", status_code=303)
        forget(self.parts, response, SESSION_COOKIE)
        return response


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
