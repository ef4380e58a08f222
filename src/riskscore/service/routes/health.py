"""Routes that tell how the service is, and what it can be asked."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.service.answers import json_answer
from riskscore.service.callers import desks_of, known
from riskscore.service.metrics import MEDIA_TYPE
from riskscore.service.openapi import document
from riskscore.service.parts import Parts
from riskscore.service.problem import unavailable


@dataclass(frozen=True, slots=True)
class Health:
    """Life, readiness, metrics and the document of every route."""

    parts: Parts

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
        """The latest champion and portfolio are in service, or why they are not."""
        if self.parts.state.fault is not None:
            raise unavailable(self.parts.state.fault)
        desks = desks_of(self.parts).by_recipe
        first = next(iter(desks.values()))
        return json_answer(
            {
                "status": "ready",
                "recipe": first.recipe,
                "model_version": first.model_version,
                "recipes": {name: desk.model_version for name, desk in desks.items()},
            }
        )

    def metrics(self, request: Request) -> Response:
        """Prometheus exposition, for those who may read it."""
        known(self.parts, request, "metrics")
        return Response(self.parts.metrics.text(), headers={"Content-Type": MEDIA_TYPE})

    async def openapi(self, _: Request) -> Response:
        """The document of every route."""
        return json_answer(document())
