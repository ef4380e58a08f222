"""Who may ask: tokens with a role and a scope, and one-time links.

A token is 32 random bytes, so its SHA-256 is enough: there is nothing to guess and no dictionary to try. The database
holds digests only; whoever reads it cannot ask for a score.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.database import BLOCKED, LINKS, SESSIONS, TOKENS, USED, Database, now, stamp

Role = Literal["member", "officer", "committee", "board", "lender", "assistant", "analyst", "auditor"]
ScopeKind = Literal["all", "branch", "group", "organisation", "self"]

ROLES: tuple[Role, ...] = get_args(Role)

#: Scopes that make sense for a role. A committee or a member with everything in sight would be a mistake.
SCOPES: dict[Role, tuple[ScopeKind, ...]] = {
    "member": ("self",),
    "officer": ("branch", "group", "all"),
    "committee": ("group",),
    "board": ("organisation",),
    "lender": ("organisation", "branch", "all"),
    "assistant": ("group", "organisation", "branch"),
    "analyst": ("all", "branch"),
    "auditor": ("all", "branch"),
}

LINK = timedelta(minutes=30)

_OF_TOKEN = sa.select(TOKENS).where(TOKENS.c.digest == sa.bindparam("digest"))

#: Begins the id of a person whom an identity provider knows; a token's own begins otherwise.
PERSON = "o_"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject stands: the ids a scope is compared with; None where there is no such place."""

    subject: str
    group_id: str | None
    bank_id: str | None
    branch_id: str | None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token gives: a role, and whom it reaches.

    Parameters
    ----------
    token_id : str
        Names the token in records and logs; it opens nothing.
    role : str
    scope_kind : {"all", "branch", "group", "organisation", "self"}
    scope_id : str or None
        The branch, the group (communal bank or solidarity group), the producer association or the member; None for
        ``all``.
    granted_at : str
    expires_at, revoked_at : str or None
        UTC, ISO 8601.
    """

    token_id: str
    role: Role
    scope_kind: ScopeKind
    scope_id: str | None
    granted_at: str = ""
    expires_at: str | None = None
    revoked_at: str | None = None

    def reaches(self, place: Place) -> bool:
        """Tell whether `place` lies inside the scope."""
        if self.scope_kind == "all":
            return True
        if self.scope_id is None:
            return False
        if self.scope_kind == "branch":
            return self.scope_id == place.branch_id
        if self.scope_kind == "group":
            return self.scope_id in (place.group_id, place.bank_id)
        if self.scope_kind == "organisation":
            return self.scope_id == place.organisation_id
        return self.scope_id == place.subject


class Access:
    """Tokens, links and sessions in the records database.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(
        self,
        role: str,
        scope_kind: str,
        scope_id: str | None = None,
        *,
        valid_for: timedelta | None = None,
    ) -> tuple[str, Grant]:
        """Make a token.

        Returns
        -------
        tuple of str and Grant
            The token, which is shown this once and stored nowhere, and what it grants.

        Raises
        ------
        InvalidInput
            If role and scope do not go together.
        """
        checked_role, checked_kind = _check(role, scope_kind, scope_id)
        token = f"rs_{secrets.token_urlsafe(32)}"
        given = Grant(
            token_id=f"t_{secrets.token_hex(6)}",
            role=checked_role,
            scope_kind=checked_kind,
            scope_id=None if checked_kind == "all" else scope_id,
            granted_at=now(),
            expires_at=stamp(datetime.now(UTC) + valid_for) if valid_for is not None else None,
        )
        row = {
            "token_id": given.token_id,
            "digest": digest(token),
            "role": given.role,
            "scope_kind": given.scope_kind,
            "scope_id": given.scope_id,
            "granted_at": given.granted_at,
            "expires_at": given.expires_at,
        }
        with self._database.write() as connection:
            connection.execute(TOKENS.insert().values(**row))
        return token, given

    def revoke(self, token_id: str) -> None:
        """End a token, or shut a person out whom an identity provider knows, with every session and link of either.

        Raises
        ------
        NotFound
            If no token has this id.
        """
        with self._database.write() as connection:
            if token_id.startswith(PERSON):
                if connection.execute(sa.select(BLOCKED).where(BLOCKED.c.token_id == token_id)).first() is None:
                    connection.execute(BLOCKED.insert().values(token_id=token_id, revoked_at=now()))
            else:
                found = connection.execute(
                    TOKENS.update()
                    .where(TOKENS.c.token_id == token_id)
                    .values(revoked_at=sa.func.coalesce(TOKENS.c.revoked_at, now()))
                )
                if found.rowcount == 0:
                    raise NotFound.of(
                        "access", f"There is no token {token_id!r}.", "`riskscore access list` names all there are."
                    )
            for table in (SESSIONS, LINKS):
                connection.execute(table.delete().where(table.c.token_id == token_id))

    def restore(self, token_id: str) -> bool:
        """Let a person in again who was shut out; false where she was not. A token that was ended stays so."""
        with self._database.write() as connection:
            return connection.execute(BLOCKED.delete().where(BLOCKED.c.token_id == token_id)).rowcount == 1

    def list(self) -> tuple[Grant, ...]:
        """Return every token ever granted, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(TOKENS).order_by(TOKENS.c.granted_at, TOKENS.c.token_id))
            return tuple(_grant(row) for row in rows)

    def of_token(self, token: str) -> Grant | None:
        """Return what `token` grants, or None where it is unknown, expired or revoked."""
        row = self._database.row(_OF_TOKEN, {"digest": digest(token)})
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= now():
            return None
        return _grant(row)

    def link(self, token: str, *, valid_for: timedelta = LINK) -> str:
        """Make the key of a one-time link for whoever holds `token`.

        Raises
        ------
        NotFound
            If the token is unknown, expired or revoked.
        """
        given = self.of_token(token)
        if given is None:
            raise NotFound.of("access", "This token is not valid.", "Grant a new one.")
        key = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            connection.execute(
                LINKS.insert().values(
                    digest=digest(key),
                    token_id=given.token_id,
                    expires_at=stamp(datetime.now(UTC) + valid_for),
                )
            )
        return key

    def why_not(self, token: str) -> str:
        """Return why a token that was refused is not valid, for the records: unknown, revoked or expired."""
        row = self._database.row(_OF_TOKEN, {"digest": digest(token)})
        if row is None:
            return "unknown"
        return "expired" if row.revoked_at is None else "revoked"

    def shut_out(self, token_id: str) -> bool:
        """Tell whether a person whom an identity provider knows was shut out here."""
        return self._database.row(sa.select(BLOCKED).where(BLOCKED.c.token_id == token_id)) is not None

    def use(self, token: str, until: datetime) -> bool:
        """Use an identity provider's token up, which would be valid `until`; false where it was used before."""
        try:
            with self._database.write() as connection:
                connection.execute(USED.delete().where(USED.c.expires_at < now()))
                connection.execute(USED.insert().values(digest=digest(token), expires_at=stamp(until)))
        except IntegrityError:
            return False
        return True


def _grant(row: sa.Row[tuple[object, ...]]) -> Grant:
    return Grant(
        token_id=row.token_id,
        role=row.role,
        scope_kind=row.scope_kind,
        scope_id=row.scope_id,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(role: str, scope_kind: str, scope_id: str | None) -> tuple[Role, ScopeKind]:
    known = next((name for name in ROLES if name == role), None)
    if known is None:
        raise InvalidInput.of("role", f"There is no role {role!r}.", f"Choose one of: {', '.join(ROLES)}.")
    kind = next((name for name in SCOPES[known] if name == scope_kind), None)
    faults = []
    if kind is None:
        faults.append(
            Fault(
                "scope", f"A {known} token cannot have the scope {scope_kind!r}.", f"Use {' or '.join(SCOPES[known])}."
            )
        )
    if scope_kind != "all" and not scope_id:
        faults.append(Fault("scope", f"The scope {scope_kind!r} names nobody.", "Give the id of whom it reaches."))
    if faults or kind is None:
        raise InvalidInput(faults)
    return known, kind
