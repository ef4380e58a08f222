"""What goes in and out of a route: a body read within its limit, JSON, pages, and cookies."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from riskscore.service.callers import LANGUAGE_COOKIE, page_word
from riskscore.service.intake import LONGEST_BODY
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem

JSON, FORM = "application/json", "application/x-www-form-urlencoded"

#: Addresses that a person opens: what goes wrong there is told on a page.
PAGES = (
    "/scores/",
    "/groups/",
    "/officer",
    "/trail",
    "/models",
    "/policy",
    "/apply",
    "/enter",
    "/leave",
    "/login",
    "/sessions",
)

#: Seconds a body may take: of a few hundred bytes, on a telephone in the hills.
SLOWEST_BODY = 30.0

_YEAR = 31_536_000


async def body_of(request: Request, longest: int = LONGEST_BODY) -> bytes:
    """Return the body: JSON under ``/v1``, and what a browser makes of a form at the address of a page.

    Raises
    ------
    Problem
        413 as soon as it is longer than `longest` bytes, 408 where it does not come within `SLOWEST_BODY` seconds or
        breaks off, 415
        where it says that it is something else, or not in UTF-8.
    """
    kind = JSON if request.url.path.startswith("/v1/") else FORM
    said, _, options = request.headers.get("content-type", kind).partition(";")
    _, _, encoding = options.replace('"', "").lower().partition("charset=")
    if said.strip().lower() != kind or encoding.strip() not in ("", "utf-8") or "content-encoding" in request.headers:
        raise Problem(415, "The body is of another kind", f"Send {kind} in UTF-8, not compressed.")
    content = b""
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                content += chunk
                if len(content) > longest:
                    detail = f"Send at most {longest} bytes: one request at a time."
                    raise Problem(413, "The request is too long", detail)
    except TimeoutError as error:
        detail = f"Send the whole body within {SLOWEST_BODY:g} s."
        raise Problem(408, "The request came too slowly", detail, headers={"Connection": "close"}) from error
    except ClientDisconnect as error:  # a telephone lost its line: nobody reads the answer, and nothing failed here
        raise Problem(408, "The request broke off", "Send it again.", headers={"Connection": "close"}) from error
    return content


def json_answer(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return `content` as JSON."""
    return Response(
        json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_plain),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )


def page_answer(parts: Parts, request: Request, html: str, language: str, *, status: int = 200) -> Response:
    """Return a page under its content policy, with a way out where a session is open; a language asked for is kept."""
    word = page_word(request) if getattr(request.state, "grant", None) is not None else ""
    shown = parts.pages.with_way_out(html, word, language)
    response = HTMLResponse(shown, status_code=status)
    response.headers["Content-Security-Policy"] = parts.pages.content_policy
    response.headers["Content-Language"] = language
    if "lang" in request.query_params:
        keep(parts, response, LANGUAGE_COOKIE, language, _YEAR)
    return response


def keep(parts: Parts, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script and no other site can use."""
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="strict", secure=parts.secure_cookies)


def forget(parts: Parts, response: Response, name: str) -> None:
    """Take a cookie away that `keep` set."""
    response.delete_cookie(name, httponly=True, samesite="strict", secure=parts.secure_cookies)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
