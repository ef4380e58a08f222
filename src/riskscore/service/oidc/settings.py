"""The identity provider, as an institution's TOML file describes it: every fault at once, with the place it is at."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from riskscore.errors import Fault, InvalidInput
from riskscore.service.access import ROLES, SCOPES, Role, ScopeKind
from riskscore.service.oidc.addresses import is_private
from riskscore.service.oidc.client import Client, client_faults

_Text = Annotated[str, Field(min_length=1, max_length=500)]


class Reach(BaseModel):
    """Whom a role reaches: the kind of scope, and the claim that holds its id.

    Parameters
    ----------
    kind : str
    claim : str or None
        None for ``all`` alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: _Text
    claim: _Text | None = None


class ProviderSettings(BaseModel):
    """What is known of the identity provider.

    Parameters
    ----------
    issuer, audience : str
        What ``iss`` and ``aud`` have to say.
    jwks : str
        Its public keys: an address (https, or http on this machine), or a file's path, relative to the TOML file.
    role_claim : str
        The claim with the person's groups, a text or a list; a dot goes one level down.
    roles : dict
        A group at the provider, and its role here.
    scopes : dict
        Whom each of these roles reaches.
    leeway_seconds : int
        How far the two clocks may be apart.
    session_minutes : int
        How long a browser's session lasts that was opened with one of its tokens.
    single_use : bool
        Each token is good for one request; it then has to carry ``jti``.
    client : Client or None
        This service at the provider, where people sign in on the provider's own page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    issuer: _Text
    audience: _Text
    jwks: _Text
    role_claim: _Text
    roles: Annotated[dict[str, str], Field(min_length=1)]
    scopes: Annotated[dict[str, Reach], Field(min_length=1)]
    leeway_seconds: Annotated[int, Field(ge=0, le=120)] = 30
    session_minutes: Annotated[int, Field(ge=1, le=720)] = 480
    single_use: bool = False
    client: Client | None = None

    def role_of(self, group: object) -> Role | None:
        """Return the role of a group at the provider."""
        named = self.roles.get(group) if isinstance(group, str) else None
        return next((role for role in ROLES if role == named), None)

    def kind_of(self, role: Role) -> ScopeKind:
        """Return the kind of scope of a role that `roles` names."""
        return next(kind for kind in SCOPES[role] if kind == self.scopes[role].kind)


def read_provider(file: Path) -> ProviderSettings:
    """Return the provider that `file` describes.

    Raises
    ------
    InvalidInput
        It cannot be read, or does not hold together; every fault is named.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput.of(str(file), f"It cannot be read ({error.strerror}).", "Check RISKSCORE_OIDC.") from error
    except ValueError as error:  # of TOML, or of the encoding
        raise InvalidInput.of(str(file), f"This is not TOML: {error}.", "Correct it.") from error
    try:
        found = ProviderSettings.model_validate(content)
    except ValidationError as error:
        raise InvalidInput([_fault(file, detail) for detail in error.errors()]) from error
    faults = _address_faults(file, found) + _role_faults(file, found)
    faults += [] if found.client is None else client_faults(file, found.client)
    if faults:
        raise InvalidInput(faults)
    jwks = found.jwks if "://" in found.jwks else str((file.parent / found.jwks).resolve())
    client = None if found.client is None else found.client.beside(file.parent)
    return found.model_copy(update={"jwks": jwks, "client": client})


def _fault(file: Path, detail: Any) -> Fault:
    where = ".".join(str(step) for step in detail["loc"])
    return Fault(f"{file}: {where}", f"{detail['msg']}.", "See docs/access.md for what may stand here.")


def _address_faults(file: Path, found: ProviderSettings) -> list[Fault]:
    if "://" not in found.jwks or is_private(found.jwks):
        return []
    return [
        Fault(f"{file}: jwks", "Keys read in clear could be anybody's.", "Give an https address, or a file's path.")
    ]


def _role_faults(file: Path, found: ProviderSettings) -> list[Fault]:
    faults = []
    for group, named in found.roles.items():
        role = found.role_of(group)
        if role is None:
            faults.append(
                Fault(f"{file}: roles.{group}", f"There is no role {named!r}.", f"Use one of: {', '.join(ROLES)}.")
            )
        elif role not in found.scopes:
            faults.append(Fault(f"{file}: scopes.{role}", "It is missing.", "Say whom this role reaches."))
    for named, reach in found.scopes.items():
        where = f"{file}: scopes.{named}"
        if named not in found.roles.values():
            faults.append(Fault(where, "No group has this role.", "Take it out, or give the role in [roles]."))
        for role in ROLES:
            if role == named and reach.kind not in SCOPES[role]:
                what = f"A {role} cannot have the scope {reach.kind!r}."
                faults.append(Fault(where, what, f"Use {' or '.join(SCOPES[role])}."))
        if (reach.kind == "all") == (reach.claim is not None):
            what = "The scope 'all' takes no claim." if reach.claim else "No claim says whom it reaches."
            faults.append(Fault(where, what, "Give `claim` for every kind but 'all'."))
    return faults
