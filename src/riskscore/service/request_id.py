"""The name of one request, on its answer and on every line of the log that tells of it.

A proxy in front may give it. Only what can be nothing but a random name is taken over: another text could be a
member's id, which would then stand in the log.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from uuid import uuid4

#: Name of the header, in requests and answers.
HEADER = "X-Request-ID"

#: A UUID, or the 32 hexadecimal digits that proxies and tracers give.
PATTERN = "[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"

#: Of the request that this task or thread works for; ``-`` outside of any.
CURRENT: ContextVar[str] = ContextVar("riskscore_request_id", default="-")


def read(given: str | None) -> str:
    """Return `given` where it is well formed, else a new random id.

    Examples
    --------
    >>> read("0af7651916cd43dd8448eb211c80319c")
    '0af7651916cd43dd8448eb211c80319c'
    >>> read("M0000041") == "M0000041"
    False
    """
    return given if given is not None and re.fullmatch(PATTERN, given) else uuid4().hex
