"""Who asks: the token or the session of a request, the right it needs, and the score it may reach."""

from __future__ import annotations

from starlette.requests import Request

from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.desk import MemberDesk
from riskscore.service.desks import Desks
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, not_found, unauthenticated, unavailable
from riskscore.service.records import Record
from riskscore.service.roles import AUDIENCES, WRITES, Right, require

SESSION_COOKIE = "riskscore_session"
LANGUAGE_COOKIE = "riskscore_lang"

_READING = "The champion and the portfolio are being read."


def known(parts: Parts, request: Request, right: Right, *, field: str | None = None) -> Grant:
    """Return what the asker was granted, and keep it beside the request for the log and for refusals.

    Parameters
    ----------
    parts, request
    right : str
        What is about to be done.
    field : str, optional
        The word that proves a page of ours, where it came as a form's field; the header is looked at otherwise.

    Raises
    ------
    Problem
        401 where nobody is known by what came with the request; 429 where too often; 403 where the role has no such
        right, or where a browser writes without the word of an open page.
    """
    grant = caller(parts, request)
    require(grant, right)
    if right in WRITES and "authorization" not in request.headers:
        from_our_page(request, field)
    return grant


def caller(parts: Parts, request: Request) -> Grant:
    """Return what the asker was granted, whatever her role may do, and count the request.

    Raises
    ------
    Problem
        401 where nobody is known; 429 where she, or where nobody is known her address, asked too often.
    """
    try:
        grant = _bearer(parts, request) if "authorization" in request.headers else _of_session(parts, request)
    except Problem:
        parts.limits.unknown(request)
        raise
    request.state.token_id = grant.token_id
    request.state.grant = grant
    parts.limits.known(grant.token_id)
    return grant


def from_our_page(request: Request, field: str | None = None) -> None:
    """Refuse what a browser sends, with the session's cookie, without the word of an open page.

    Raises
    ------
    Problem
        403.
    """
    csrf.require(request, request.cookies[SESSION_COOKIE], field or request.headers.get(csrf.HEADER))


def identify(parts: Parts, token: str) -> Grant:
    """Return what a token grants, ours or the identity provider's.

    Raises
    ------
    Problem
        401, the same for every fault; 503 where it needs the provider and that does not answer.
    """
    if parts.provider is not None and is_providers(token):
        return parts.provider.grant(token)
    return own(parts, token)


def own(parts: Parts, token: str) -> Grant:
    """Return what a token of the service's own grants.

    Raises
    ------
    Problem
        401.
    """
    grant = parts.access.of_token(token)
    if grant is None:
        raise unauthenticated(parts.access.why_not(token))
    return grant


def is_providers(token: str) -> bool:
    """Tell whether a token has the shape of an identity provider's; none of ours has a dot."""
    return "." in token


def session(parts: Parts, request: Request) -> Grant | None:
    """Return what a browser's session was granted, if the request carries one that holds."""
    cookie = request.cookies.get(SESSION_COOKIE)
    return parts.sessions.of(cookie) if cookie else None


def page_word(request: Request) -> str:
    """Return the word that a page shown to this session carries; empty where a token asked for the page."""
    cookie = request.cookies.get(SESSION_COOKIE)
    return csrf.word(cookie) if cookie and "authorization" not in request.headers else ""


def reached(parts: Parts, request: Request, viewer: Grant, *, kind: str | None = None) -> Record:
    """Return the score that the path names; where `kind` is given, only one of this kind of subject.

    Raises
    ------
    Problem
        404, whether there is none, it lies outside the viewer's scope, or it is of a kind her role sees nothing of.
    """
    record = parts.records.get(request.path_params["score_id"])
    if record is None or not viewer.reaches(record.place) or viewer.role not in AUDIENCES[record.kind]:
        raise not_found()
    if kind is not None and record.kind != kind:
        raise not_found()
    return record


def desks_of(parts: Parts) -> Desks:
    """Return the desks in service.

    Raises
    ------
    Problem
        503 where none could be built yet; it says why.
    """
    desks = parts.state.desks
    if desks is None or not desks.by_recipe:
        raise unavailable(parts.state.fault or _READING)
    return desks


def desk_of(parts: Parts) -> MemberDesk:
    """Return the desk of members' loans.

    Raises
    ------
    Problem
        503 where there is none; it says why.
    """
    desk = desks_of(parts).member
    if desk is None:
        raise unavailable(parts.state.fault or "No champion of members' loans is served. Promote one.")
    return desk


def language(parts: Parts, request: Request) -> str:
    """Return the language the page is to speak."""
    return parts.pages.language(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language"),
    )


def _bearer(parts: Parts, request: Request) -> Grant:
    kind, _, token = request.headers["authorization"].partition(" ")
    if kind.lower() != "bearer":
        raise unauthenticated("unknown")
    return identify(parts, token.strip())


def _of_session(parts: Parts, request: Request) -> Grant:
    grant = session(parts, request)
    if grant is None:
        raise unauthenticated("session_ended" if request.cookies.get(SESSION_COOKIE) else "none")
    return grant
