"""Routes that tell how the service is, and what it can be asked."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.service.answers import json_answer
from riskscore.service.callers import known
from riskscore.service.metrics import MEDIA_TYPE, Standing
from riskscore.service.openapi import document
from riskscore.service.parts import Parts
from riskscore.service.problem import unavailable
from riskscore.service.readiness import Pulse, data_age


class Health:
    """Life, readiness, metrics and the document of every route.

    Parameters
    ----------
    parts : Parts
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pulse = Pulse(parts.records.database)
        # A thread of its own: while the database hangs, requests that wait for it hold all the others.
        self._limiter = CapacityLimiter(1)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/livez", self.livez),
            Route("/healthz", self.livez),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/openapi.json", self.openapi),
            Route("/docs.json", self.openapi),
        ]

    async def livez(self, _: Request) -> Response:
        """The process is up."""
        return Response("\n", media_type="text/plain")

    async def readyz(self, _: Request) -> Response:
        """The latest champion and portfolio are in service and records can be written, or why not."""
        fault = await to_thread.run_sync(self._fault, limiter=self._limiter)
        desk = self._parts.state.desk
        if fault is not None or desk is None:
            raise unavailable(fault or "The champion and the portfolio are being read.")
        age = data_age(desk, self._parts.clock())
        remark = self._parts.data_limits.remark(age)
        return json_answer(
            {
                "status": "ready" if remark is None else "degraded",
                "recipe": desk.recipe,
                "model_version": desk.model_version,
                "data_age_days": age,
                "remarks": [] if remark is None else [remark],
            }
        )

    def metrics(self, request: Request) -> Response:
        """Prometheus exposition, for those who may read it."""
        known(self._parts, request, "metrics")
        desk = self._parts.state.desk
        standing = Standing(
            ready=desk is not None and self._fault() is None,
            recipe=None if desk is None else desk.recipe,
            model_version=None if desk is None else desk.model_version,
            data_age_days=None if desk is None else data_age(desk, self._parts.clock()),
            entries=self._parts.records.length(),
        )
        return Response(self._parts.metrics.text(standing), headers={"Content-Type": MEDIA_TYPE})

    async def openapi(self, _: Request) -> Response:
        """The document of every route."""
        return json_answer(document())

    def _fault(self) -> str | None:
        """Return everything that keeps this process from its work; None where nothing does."""
        parts, desk = self._parts, self._parts.state.desk
        old = None if desk is None else parts.data_limits.fault(data_age(desk, parts.clock()))
        return " ".join(fault for fault in (parts.state.fault, self._pulse.fault(), old) if fault) or None
