"""A token of the identity provider, checked and read: who it is, in what role, and whom that reaches.

The person's name and address stay in the token: here she is a pseudonym made of issuer and subject, always the same.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from riskscore.service.access import PERSON, Access, Grant, Role
from riskscore.service.oidc.client import Client
from riskscore.service.oidc.keys import ALGORITHMS, Away, Keys
from riskscore.service.oidc.settings import ProviderSettings
from riskscore.service.problem import Problem, unauthenticated

#: Longest token that is looked at, in characters, and longest id of a scope.
LONGEST_TOKEN, _LONGEST_ID = 8_192, 80

#: A token that ends later ends in 2100.
_LAST = 4_102_444_800

#: What the library says, and the word for the records.
_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_yet"),
    (jwt.InvalidIssuerError, "issuer"),
    (jwt.InvalidAudienceError, "audience"),
    (jwt.InvalidAlgorithmError, "algorithm"),
    (jwt.InvalidSignatureError, "signature"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a token speaks of.

    Parameters
    ----------
    grant : Grant
    once : str
        What makes this token the only one of its kind.
    until : datetime
        When it ends, with the leeway.
    """

    grant: Grant
    once: str
    until: datetime


class Provider:
    """The identity provider.

    Parameters
    ----------
    settings : ProviderSettings
    access : Access
        Knows who was shut out, and what was used up.
    secret : str
        Makes pseudonyms; whoever has it can tell whether somebody is a given person of the provider.
    keys : Keys, optional
        Read from where the settings say if left out.
    """

    def __init__(self, settings: ProviderSettings, access: Access, secret: str, keys: Keys | None = None) -> None:
        self._settings = settings
        self._access = access
        self._secret = secret.encode()
        self._keys = keys or Keys(settings.jwks)

    @property
    def client(self) -> Client | None:
        """What the provider knows of this service; None where nobody signs in at its own page."""
        return self._settings.client

    @property
    def session(self) -> timedelta:
        """How long a browser's session lasts that was opened with a token."""
        return timedelta(minutes=self._settings.session_minutes)

    def grant(self, token: str) -> Grant:
        """Return what a token sent with a request grants.

        Raises
        ------
        Problem
            401 for every fault of the token alike; 503 where the provider's keys cannot be had.
        """
        person = self._person(token, self._bearer(token))
        if self._settings.single_use:
            self._use(person)
        return person.grant

    def sign_in(self, token: str) -> Grant:
        """Return what a token grants, and use it up: none opens two sessions.

        Raises
        ------
        Problem
            As `grant` does.
        """
        person = self._person(token, self._bearer(token))
        self._use(person)
        return person.grant

    def sign_in_at_page(self, token: str, client_id: str, nonce: str) -> Person:
        """Return whom an ID token speaks of, and use it up.

        Parameters
        ----------
        token : str
        client_id : str
            For whom it has to be made.
        nonce : str
            For which attempt.

        Raises
        ------
        Problem
            As `grant` does.
        """
        claims = self._claims(token, client_id, ("iat", "nonce"))
        # Made for others too, it says who asked for it (OpenID Connect Core, 3.1.3.7).
        alone = isinstance(claims["aud"], str) or len(claims["aud"]) == 1
        if claims.get("azp", client_id if alone else None) != client_id:
            raise unauthenticated("audience")
        if claims["nonce"] != nonce:
            raise unauthenticated("nonce")
        person = self._person(token, claims)
        self._use(person)
        return person

    def token_id(self, subject: str) -> str:
        """Return the pseudonym of a person, by the ``sub`` that the provider has for her."""
        said = f"{self._settings.issuer}\0{subject}".encode()
        return f"{PERSON}{hmac.new(self._secret, said, hashlib.sha256).hexdigest()[:16]}"

    def _use(self, person: Person) -> None:
        if not self._access.use(person.once, person.until):
            raise unauthenticated("replayed")

    def _person(self, token: str, claims: dict[str, Any]) -> Person:
        role = self._role(claims)
        reach, kind = self._settings.scopes[role], self._settings.kind_of(role)
        scope_id = None if reach.claim is None else _claim(claims, reach.claim)
        if kind != "all" and not _is_id(scope_id):
            raise unauthenticated("no_scope")
        given = Grant(self.token_id(claims["sub"]), role, kind, scope_id if isinstance(scope_id, str) else None)
        if self._access.shut_out(given.token_id):
            raise unauthenticated("revoked")
        # Without the signature: of one made with an elliptic curve there is always a second that fits too.
        once = f"{self._settings.issuer}\0{claims['jti']}" if "jti" in claims else token.rpartition(".")[0]
        until = datetime.fromtimestamp(min(int(claims["exp"]), _LAST) + self._settings.leeway_seconds, UTC)
        return Person(given, once, until)

    def _bearer(self, token: str) -> dict[str, Any]:
        return self._claims(token, self._settings.audience, ("jti",) if self._settings.single_use else ())

    def _claims(self, token: str, audience: str, also: tuple[str, ...]) -> dict[str, Any]:
        settings = self._settings
        try:
            if len(token) > LONGEST_TOKEN:
                raise unauthenticated("malformed")
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS or "crit" in header:
                raise unauthenticated("algorithm")
            name = header.get("kid")
            key = self._keys.key(name) if isinstance(name, str) else None
            if key is None:
                raise unauthenticated("key")
            # The key's own algorithm, not the token's: neither can then be taken for the other.
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=settings.issuer,
                audience=audience,
                leeway=settings.leeway_seconds,
                options={"require": ["iss", "aud", "sub", "exp", *also]},
            )
        except Away as error:
            raise away() from error
        except jwt.PyJWTError as error:
            kinds = (reason for kind, reason in _REASONS if isinstance(error, kind))
            # The library's message may quote the token.
            raise unauthenticated(next(kinds, "malformed")) from None
        # What has no UTF-8, or no place in a database, would fail where it is kept; all without a name would be one.
        if not claims["sub"] or not all(str(claims.get(name, "")).isprintable() for name in ("sub", "jti")):
            raise unauthenticated("malformed")
        return claims

    def _role(self, claims: dict[str, Any]) -> Role:
        said = _claim(claims, self._settings.role_claim)
        groups = said if isinstance(said, list) else [said]
        roles = {role for role in map(self._settings.role_of, groups) if role is not None}
        if len(roles) != 1:  # none, or it would be a guess
            raise unauthenticated("no_role" if not roles else "two_roles")
        return roles.pop()


def away() -> Problem:
    """The provider does not answer, or with nothing of use."""
    return Problem(
        503,
        "The identity provider does not answer",
        "Try again in a minute; a token of the service's own works meanwhile.",
        headers={"Retry-After": "60"},
        reason="provider",
    )


def _is_id(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= _LONGEST_ID and found.isprintable()


def _claim(claims: dict[str, Any], path: str) -> object:
    """Return the claim of this name; else of the path that its dots make."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
