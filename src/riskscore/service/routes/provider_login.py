"""Signing in at the identity provider's own page: the way there, and the way back.

The browser comes back from another site. A cookie that only our own pages send (``SameSite=Strict``) does not come with
it: what binds the return to this browser is ``Lax``, short, and good for these two addresses alone; and the way on is
a page of ours, with which the session's cookie is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.service.answers import page_answer
from riskscore.service.callers import language, session
from riskscore.service.oidc.attempts import LASTS, Attempt
from riskscore.service.oidc.client import BACK
from riskscore.service.oidc.code_flow import CodeFlow
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, not_found
from riskscore.service.routes.browser import safe_next
from riskscore.service.routes.login import login_form, open_session

#: Holds an attempt to sign in until the browser is back.
ATTEMPT_COOKIE = "riskscore_attempt"

_BEGIN = "/login/provider"


@dataclass(frozen=True, slots=True)
class ProviderLogin:
    """The way to the provider's page, and back."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route(_BEGIN, self.begin), Route(BACK, self.back)]

    def begin(self, request: Request) -> Response:
        """Send the browser to the provider's page; whoever is signed in is led on."""
        self.parts.limits.unknown(request)
        flow = self._flow()
        if request.method == "HEAD":
            return Response()  # a preview must not begin another attempt in the place of hers
        target = safe_next(request.query_params.get("next", ""))
        if session(self.parts, request) is not None:
            return RedirectResponse(target, status_code=303)
        address, cookie = flow.begin(target, language(self.parts, request))
        response = RedirectResponse(address, status_code=303)
        response.set_cookie(
            ATTEMPT_COOKIE,
            cookie,
            max_age=LASTS,
            path=_BEGIN,
            httponly=True,
            samesite="lax",
            secure=self.parts.secure_cookies,
        )
        return response

    async def back(self, request: Request) -> Response:
        """Take what the provider sent along, open a session and lead on; else the form again, which says why not."""
        if request.method == "HEAD":
            return Response()  # a preview must not use the attempt up
        self.parts.limits.unknown(request)
        flow, said = self._flow(), request.query_params
        try:
            attempt = flow.attempts.kept(request.cookies.get(ATTEMPT_COOKIE, ""))
        except Problem as problem:
            return await run_in_threadpool(self._refused, request, problem, None)
        # Only now: images on any page of the web may ask for this, without a cookie, and must not shut a branch out.
        self.parts.limits.attempt(request)
        try:
            await run_in_threadpool(flow.attempts.take, attempt, said.get("state", ""))
            token = await flow.redeem(attempt, said)
            return await run_in_threadpool(self._enter, request, flow, attempt, token)
        except Problem as problem:
            return await run_in_threadpool(self._refused, request, problem, attempt)

    def _flow(self) -> CodeFlow:
        if self.parts.code_flow is None:
            raise not_found()
        return self.parts.code_flow

    def _enter(self, request: Request, flow: CodeFlow, attempt: Attempt, token: str) -> Response:
        grant, longest = flow.enter(attempt, token)
        spoken = self._spoken(attempt)
        html = self.parts.pages.onward(attempt.target, spoken)
        response = page_answer(self.parts, request, html, spoken)
        open_session(self.parts, request, response, grant, longest)
        response.delete_cookie(
            ATTEMPT_COOKIE, path=_BEGIN, httponly=True, samesite="lax", secure=self.parts.secure_cookies
        )
        return response

    def _refused(self, request: Request, problem: Problem, attempt: Attempt | None) -> Response:
        self.parts.metrics.refused(problem.title)
        self.parts.refusals.note(None, request.method, BACK, problem)
        spoken = language(self.parts, request) if attempt is None else self._spoken(attempt)
        target = "/" if attempt is None else attempt.target
        response = login_form(
            self.parts, request, spoken, target, trouble=_trouble(problem), status=int(problem.status)
        )
        response.headers.update(problem.headers)
        return response

    def _spoken(self, attempt: Attempt) -> str:
        """Return the language in which an attempt began: its file may have gone since, with a restart."""
        return self.parts.pages.language(attempt.language, None, None)


def _trouble(problem: Problem) -> str:
    """Return the text of the form that says why nobody was let in."""
    if problem.status == 503:
        return "away"
    if problem.status == 403:
        return "over" if problem.reason in ("late", "replayed", "state") else "no_role"
    return "cancelled" if problem.reason == "cancelled" else "unproven"
