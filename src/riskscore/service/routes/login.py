"""Signing in on a page: a token becomes a browser's session.

A form of another site could sign a person in as somebody else, and then read what she writes (login CSRF). So the form
carries a word made from a cookie that only a page of ours sets.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, forget, keep, page_answer
from riskscore.service.callers import SESSION_COOKIE, is_providers, language, own, session
from riskscore.service.forms import read_form
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem
from riskscore.service.routes.browser import safe_next
from riskscore.service.sessions import SESSION

#: Holds what the form's word is made from, until somebody has signed in.
LOGIN_COOKIE, _LOGIN_SECONDS = "riskscore_login", 3_600

#: Pages whose forms are sent to an address under their own.
_PAGES = ("/groups/", "/scores/")


def login_path(request: Request) -> str:
    """Return the way to the form that leads back to where `request` wanted to go, or to the page it was sent from."""
    if request.method not in ("GET", "HEAD"):
        page = "/".join(request.url.path.split("/")[:3])
        return f"/login?next={quote(page, safe='/')}" if page.startswith(_PAGES) else "/login"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/login?next={quote(request.url.path + query, safe='/')}"


@dataclass(frozen=True, slots=True)
class Login:
    """The form, and what it sends."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/login", self.login, methods=["GET", "POST"])]

    async def login(self, request: Request) -> Response:
        """The form, or a token that was written in it."""
        if request.method != "POST":
            return await run_in_threadpool(self._ask, request)
        content = await body_of(request)
        return await run_in_threadpool(self._enter, request, content)

    def _ask(self, request: Request) -> Response:
        """Show the form; whoever is signed in is led on."""
        self.parts.limits.unknown(request)
        target = safe_next(request.query_params.get("next", ""))
        if session(self.parts, request) is not None:
            return RedirectResponse(target, status_code=303)
        return login_form(self.parts, request, language(self.parts, request), target)

    def _enter(self, request: Request, content: bytes) -> Response:
        """Take a token and open a session."""
        self.parts.limits.unknown(request)
        fields = read_form(content)
        csrf.require(request, request.cookies.get(LOGIN_COOKIE) or secrets.token_hex(), fields.get(csrf.FIELD))
        # Only now: forms on any page of the web may send something here, and must not shut a branch out.
        self.parts.limits.attempt(request)
        target = safe_next(fields.get("next", ""))
        token = fields.get("token", "")
        longest = SESSION
        try:
            if self.parts.provider is not None and is_providers(token):
                grant = self.parts.provider.sign_in(token)
                longest = self.parts.provider.session
            else:
                grant = own(self.parts, token)
        except Problem as problem:
            if problem.status != 401:
                raise
            self.parts.refusals.note(None, "POST", "/login", problem)
            spoken = language(self.parts, request)
            return login_form(self.parts, request, spoken, target, trouble="wrong", status=401)
        response = RedirectResponse(target, status_code=303)
        open_session(self.parts, request, response, grant, longest)
        return response


def login_form(
    parts: Parts, request: Request, spoken: str, target: str, *, trouble: str | None = None, status: int = 200
) -> Response:
    """Return the form; `trouble` names the text that says why nobody was let in."""
    kept = request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(32)
    provider = None if parts.code_flow is None else parts.code_flow.name
    html = parts.pages.login(spoken, word=csrf.word(kept), target=target, provider=provider, trouble=trouble)
    response = page_answer(parts, request, html, spoken, status=status)
    keep(parts, response, LOGIN_COOKIE, kept, _LOGIN_SECONDS)
    return response


def open_session(parts: Parts, request: Request, response: Response, grant: Grant, longest: timedelta) -> None:
    """Open a session that goes out with `response`, and end the one before, if the browser told of one."""
    before = request.cookies.get(SESSION_COOKIE)
    if before:
        parts.sessions.leave(before)
    cookie = parts.sessions.open(grant, longest=longest)
    keep(parts, response, SESSION_COOKIE, cookie, int(SESSION.total_seconds()))
    forget(parts, response, LOGIN_COOKIE)
