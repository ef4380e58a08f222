"""What goes in and out of a route: a body read within its limit, JSON, pages, and cookies."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from riskscore.service.callers import LANGUAGE_COOKIE
from riskscore.service.intake import LONGEST_BODY
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem

_YEAR = 31_536_000


async def body_of(request: Request, longest: int = LONGEST_BODY) -> bytes:
    """Return the body.

    Raises
    ------
    Problem
        413 as soon as it is longer than `longest` bytes.
    """
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > longest:
            raise Problem(413, "The request is too long", f"Send at most {longest} bytes: one request at a time.")
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
    """Return a page under its content policy; a language asked for in the address is kept."""
    response = HTMLResponse(html, status_code=status)
    response.headers["Content-Security-Policy"] = parts.pages.content_policy
    response.headers["Content-Language"] = language
    if "lang" in request.query_params:
        keep(parts, response, LANGUAGE_COOKIE, language, _YEAR)
    return response


def keep(parts: Parts, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script and no other site can use."""
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="strict", secure=parts.secure_cookies)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
