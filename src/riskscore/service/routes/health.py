"""Routes that tell how the service is, and what it can be asked."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.service.answers import json_answer
from riskscore.service.callers import desks_of, known
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
        if fault is not None:
            raise unavailable(fault)
        desks = desks_of(self._parts)
        first = next(iter(desks.by_recipe.values()))
        age = data_age(first, self._parts.clock())
        remark = self._parts.data_limits.remark(age)
        return json_answer(
            {
                "status": "ready" if remark is None else "degraded",
                "recipe": first.recipe,
                "model_version": first.model_version,
                "recipes": desks.versions,
                "data_age_days": age,
                "remarks": [] if remark is None else [remark],
            }
        )

    def metrics(self, request: Request) -> Response:
        """Prometheus exposition, for those who may read it."""
        known(self._parts, request, "metrics")
        desks = self._parts.state.desks
        standing = Standing(
            ready=self._fault() is None,
            champions={} if desks is None else desks.versions,
            data_age_days=self._data_age(),
            entries=self._parts.records.length(),
        )
        return Response(self._parts.metrics.text(standing), headers={"Content-Type": MEDIA_TYPE})

    async def openapi(self, request: Request) -> Response:
        """The document of every route."""
        self._parts.limits.unknown(request)
        return json_answer(document())

    def _fault(self) -> str | None:
        """Return everything that keeps this process from its work; None where nothing does."""
        age = self._data_age()
        old = None if age is None else self._parts.data_limits.fault(age)
        return " ".join(fault for fault in (self._parts.state.fault, self._pulse.fault(), old) if fault) or None

    def _data_age(self) -> int | None:
        """Return the age of the portfolio in days; it is one for all desks."""
        desks = self._parts.state.desks
        first = None if desks is None else next(iter(desks.by_recipe.values()), None)
        return None if first is None else data_age(first, self._parts.clock())
