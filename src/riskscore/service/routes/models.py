"""Models and the register: what is in service, what waits, and what each automatic system is."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import RiskscoreError
from riskscore.service.answers import json_answer
from riskscore.service.callers import desks_of, known, language
from riskscore.service.parts import Parts
from riskscore.service.problem import unavailable
from riskscore.words import LANGUAGES

logger = logging.getLogger("riskscore.service")


@dataclass(frozen=True, slots=True)
class Models:
    """Versions for those who look after them, and the register for everyone with a token."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/v1/models", self.models), Route("/v1/register", self.register)]

    def models(self, request: Request) -> Response:
        """Each recipe's champion and challenger: gates, lock, figures, and whether it is in service."""
        known(self.parts, request, "models")
        try:
            return json_answer({"models": self.parts.shelf.models(desks_of(self.parts))})
        except RiskscoreError as error:
            raise unavailable(str(error)) from error

    def register(self, request: Request) -> Response:
        """The register's entry of each system in service, in one language."""
        known(self.parts, request, "register")
        asked = language(self.parts, request)
        spoken = asked if asked in LANGUAGES else "es"  # the register's file is in these two
        try:
            systems = self.parts.shelf.register(desks_of(self.parts), spoken)
        except RiskscoreError as error:
            # Paths and addresses are for whoever runs the service, not for everybody with a token.
            logger.error("The register: %s", error)
            raise unavailable("The register cannot be read. Tell who runs the service.") from error
        return json_answer({"language": spoken, "systems": systems}, headers={"Content-Language": spoken})
