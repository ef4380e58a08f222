"""A person's own open sessions: which there are, and ending one that she forgot somewhere."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.service import csrf
from riskscore.service.answers import body_of, page_answer
from riskscore.service.callers import SESSION_COOKIE, caller, from_our_page, language, page_word
from riskscore.service.forms import read_form
from riskscore.service.parts import Parts
from riskscore.service.problem import not_found


@dataclass(frozen=True, slots=True)
class OwnSessions:
    """The list, and the end of one."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/sessions", self.show), Route("/sessions/{session_id}/end", self.end, methods=["POST"])]

    def show(self, request: Request) -> Response:
        """The sessions that came from the same token, or from the same person at the provider."""
        grant = caller(self.parts, request)
        this = self.parts.sessions.session_id(request.cookies.get(SESSION_COOKIE, ""))
        listed = self.parts.sessions.list(grant.token_id)
        spoken = language(self.parts, request)
        html = self.parts.pages.sessions(spoken, listed, this, word=page_word(request), role=grant.role)
        return page_answer(self.parts, request, html, spoken)

    async def end(self, request: Request) -> Response:
        """End one of them."""
        content = await body_of(request)
        return await run_in_threadpool(self._end, request, content)

    def _end(self, request: Request, content: bytes) -> Response:
        grant = caller(self.parts, request)
        if "authorization" not in request.headers:
            from_our_page(request, read_form(content).get(csrf.FIELD))
        if not self.parts.sessions.end(request.path_params["session_id"], grant.token_id):
            raise not_found()
        return RedirectResponse("/sessions", status_code=303)
