"""Signing in at the provider's own page: the authorization code flow of OpenID Connect, with PKCE, state and nonce."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from riskscore.service.access import Access, Grant
from riskscore.service.oidc.attempts import Attempt, Attempts
from riskscore.service.oidc.client import Client
from riskscore.service.oidc.exchange import redeem
from riskscore.service.oidc.keys import Away
from riskscore.service.oidc.provider import Provider, away
from riskscore.service.problem import Problem, unauthenticated

logger = logging.getLogger("riskscore.service")

#: What the provider's page may come back with instead of a code, and is no fault of hers (RFC 6749, 4.1.2.1).
_REFUSALS = frozenset(
    {
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
    }
)

#: Whom the provider vouches for, and who may do nothing here all the same.
_WITHOUT_ROLE = frozenset({"no_role", "two_roles", "no_scope", "revoked"})


class CodeFlow:
    """The way to the provider's page and back.

    Parameters
    ----------
    client : Client
    provider : Provider
        Checks and reads what comes back.
    access : Access
    secret : str
        Of attempts.
    """

    def __init__(self, client: Client, provider: Provider, access: Access, secret: str) -> None:
        self._client = client
        self._provider = provider
        #: Which browsers are on their way.
        self.attempts = Attempts(access, secret)

    @property
    def name(self) -> str:
        """The institution's name, for the button."""
        return self._client.name

    def begin(self, target: str, language: str) -> tuple[str, str]:
        """Return the address at the provider that a browser is sent to, and the cookie that it keeps meanwhile."""
        attempt, cookie = self.attempts.begin(target, language)
        asked = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.back,
            "scope": self._client.scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        joint = "&" if "?" in self._client.authorize else "?"
        return f"{self._client.authorize}{joint}{urlencode(asked)}", cookie

    async def redeem(self, attempt: Attempt, said: Mapping[str, str]) -> str:
        """Return the ID token for what the browser brought back.

        Raises
        ------
        Problem
            401 where she cancelled or the code is not taken; 503 where the provider does not do its part.
        """
        error, code = said.get("error"), said.get("code")
        if error in _REFUSALS:
            logger.warning("The identity provider's page came back with %s", error)
            raise away()
        if error is not None:
            raise unauthenticated("cancelled")
        if not code:
            raise unauthenticated("code")
        try:
            return await redeem(self._client, code, attempt.verifier)
        except Away as nothing:
            raise away() from nothing

    def enter(self, attempt: Attempt, token: str) -> tuple[Grant, timedelta]:
        """Return what an ID token grants, and how long the session lasts that it opens.

        The token says who signed in just now; how long that is good for is the institution's to say.

        Raises
        ------
        Problem
            401 where the token does not hold, 403 where it does and its person has no role here, 503 as `redeem` does.
        """
        try:
            person = self._provider.sign_in_at_page(token, self._client.id, attempt.nonce)
        except Problem as problem:
            if problem.reason in _WITHOUT_ROLE:
                raise _without_role(problem.reason) from None
            raise
        return person.grant, self._provider.session


def _without_role(reason: str) -> Problem:
    return Problem(403, "Nobody with a role here", "Ask whoever runs the service for one.", reason=reason)
