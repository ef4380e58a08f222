"""The service as BentoML runs it: worker processes around one ASGI application.

`POST /v1/scores` is a route of that application rather than a `bentoml.api`: BentoML logs the body of every request it
cannot validate, which may hold what nobody should read in a log, answers such a request in a shape of its own, and
takes half a millisecond longer over a good one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from riskscore.service import logs
from riskscore.service.assembly import assemble
from riskscore.service.gate import SLOWEST_ANSWER
from riskscore.service.launch import leave_with_parent
from riskscore.service.settings import Settings
from riskscore.service.state import DeskSource


class Front:
    """ASGI middleware that hands every request to `app` before BentoML's own routes see it.

    BentoML answers ``/readyz``, ``/schema.json`` and ``/`` itself, in shapes of its own and without a reason.
    """

    def __init__(self, bento: ASGIApp, app: ASGIApp) -> None:
        self._bento = bento
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            leave_with_parent()  # a worker's supervisor may be killed without a word
        await (self._app if scope["type"] == "http" else self._bento)(scope, receive, send)


def bento_service(source: DeskSource | None = None, *, serving: Path | None = None) -> Any:
    """Return the BentoML service; ``RISKSCORE_WORKERS`` (2) says how many processes answer.

    Two, so that callers are not left waiting for ten seconds when one is killed.

    Parameters
    ----------
    source : DeskSource, optional
        Where desks come from; champion and portfolio of the settings where it is left out.
    serving : Path, optional
        The folder of policy, pages and words. A bento carries them beside its entry, and no project around them.
    """
    settings = Settings()
    logs.set_up(settings.log_format)
    app = assemble(settings, source=source, serving=serving).app()

    class Riskscore:
        """Scores of a village bank's loans, explained."""

    service = bentoml.service(
        Riskscore,
        name="riskscore",
        workers=int(os.environ.get("RISKSCORE_WORKERS", "2")),
        # Behind our own limit, which answers as everything else does.
        traffic={"timeout": SLOWEST_ANSWER + 10},
        metrics={"enabled": False},
        logging={"access": {"enabled": False}},
        # A span would hold the address that was asked for, which no log of ours does; and an empty one costs as much as
        # all the routing of a request.
        tracing={"excluded_urls": [".*"]},
    )
    service.mount_asgi_app(app, path="/")
    service.add_asgi_middleware(Front, app=app)
    return service
