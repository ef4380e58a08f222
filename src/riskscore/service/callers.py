"""Who asks: the token or the session of a request, the right it needs, and the score it may reach."""

from __future__ import annotations

from starlette.requests import Request

from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.desk import Desk
from riskscore.service.desks import Desks
from riskscore.service.parts import Parts
from riskscore.service.problem import not_found, unauthenticated, unavailable
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
        401 where nobody is known by what came with the request; 403 where the role has no such right, or where a
        browser writes without the word of an open page.
    """
    bearer = "authorization" in request.headers
    grant = _bearer(parts, request) if bearer else session(parts, request)
    if grant is None:
        raise unauthenticated()
    request.state.token_id = grant.token_id
    request.state.grant = grant
    require(grant, right)
    if right in WRITES and not bearer:
        csrf.require(request, request.cookies[SESSION_COOKIE], field or request.headers.get(csrf.HEADER))
    return grant


def session(parts: Parts, request: Request) -> Grant | None:
    """Return what a browser's session was granted, if the request carries one that holds."""
    cookie = request.cookies.get(SESSION_COOKIE)
    return parts.access.of_session(cookie) if cookie else None


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


def desk_of(parts: Parts) -> Desk:
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


def _bearer(parts: Parts, request: Request) -> Grant | None:
    kind, _, token = request.headers["authorization"].partition(" ")
    return parts.access.of_token(token.strip()) if kind.lower() == "bearer" else None
