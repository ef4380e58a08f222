"""Errors as a caller meets them: problem+json (RFC 9457) with every field and its remedy at once.

One shape for everything that goes wrong, and one and the same 404 for what is unknown and for what lies outside the
asker's scope: a different answer would tell a neighbour that a score exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.responses import Response

from riskscore.errors import Fault

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is an error.

    Parameters
    ----------
    status : int
        HTTP status code.
    title : str
        What kind of problem it is; the same words for every problem of the kind.
    detail : str
        What to do about it.
    faults : iterable of Fault
        The fields at fault; `Fault.where` is the field's name in the request.
    headers : mapping
        Further response headers.
    reason : str
        Why, in one word, for the records; it is not answered.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(f"{status} {title}")
        self.status = HTTPStatus(status)
        self.title = title
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.reason = reason

    def response(self) -> Response:
        """Return the problem as a response."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [
                {"field": fault.where, "message": fault.what, "remedy": fault.remedy} for fault in self.faults
            ]
        return Response(
            json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            status_code=int(self.status),
            media_type=MEDIA_TYPE,
            headers=self.headers,
        )


def unauthenticated(reason: str) -> Problem:
    """Nobody is known by the token given, or none was given; which of them is not answered."""
    return Problem(
        401,
        "A token is required",
        "Send the header 'Authorization: Bearer TOKEN' with a token that is valid, or open the link you were given.",
        headers={"WWW-Authenticate": "Bearer"},
        reason=reason,
    )


def forbidden() -> Problem:
    """The asker's role does not have the right."""
    return Problem(403, "Your role may not do this", "Ask whoever granted your token for a role that may.")


def not_found(faults: Iterable[Fault] = ()) -> Problem:
    """Unknown, or outside the asker's scope: the two are one answer."""
    return Problem(404, "Not found", "There is nothing of this name that you may see. Check the name.", faults=faults)


def invalid(faults: Iterable[Fault]) -> Problem:
    """The request breaks its contract, field by field."""
    return Problem(422, "The request is not valid", "Correct the fields named and send it again.", faults=faults)


def unavailable(reason: str) -> Problem:
    """No usable champion or portfolio."""
    return Problem(503, "The service is not ready", reason, headers={"Retry-After": "5"})
