"""The models' page and the policy in force, for those who look after them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import InvalidInput
from riskscore.service.answers import page_answer
from riskscore.service.callers import desks_of, known, language
from riskscore.service.days import day_of
from riskscore.service.models_page import ModelsPage, models_page
from riskscore.service.parts import Parts
from riskscore.service.policy_page import PolicyPage, policy_page
from riskscore.service.problem import unavailable
from riskscore.words import Words


@dataclass(frozen=True, slots=True)
class ModelsPages:
    """The page of every recipe's champion and challenger, and the policy's."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/models", self.page), Route("/policy", self.policy)]

    def page(self, request: Request) -> Response:
        """Champion and challenger side by side, gates, and how old the data are."""
        viewer = known(self.parts, request, "models")
        desks = desks_of(self.parts)
        models = self.parts.shelf.models(desks)
        desk = next(iter(desks.by_recipe.values()))
        today = day_of(self.parts.clock(), desk.time_zone)

        def build(words: Words) -> ModelsPage:
            return models_page(words, models, fault=self.parts.state.fault, moment=desk.moment, today=today)

        spoken = language(self.parts, request)
        html = self.parts.pages.built("models.html", spoken, build, role=viewer.role, here="/models")
        return page_answer(self.parts, request, html, spoken)

    def policy(self, request: Request) -> Response:
        """Every rule of the policy with its limits, in words."""
        viewer = known(self.parts, request, "models")
        try:
            policy = self.parts.shelf.policy()
        except InvalidInput as error:
            raise unavailable(str(error)) from error

        def build(words: Words) -> PolicyPage:
            return policy_page(policy, words)

        spoken = language(self.parts, request)
        html = self.parts.pages.built("policy.html", spoken, build, role=viewer.role, here="/policy")
        return page_answer(self.parts, request, html, spoken)
