"""Browser sessions: opened with a token or by an identity provider, listed, and ended.

A session ends twelve hours after it began, an hour after its last use, when it is left, or with its token.
Of the browser nothing is kept, not its address and not its name: the list tells times.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from riskscore.service.access import PERSON, Grant, digest
from riskscore.service.database import BLOCKED, LINKS, SESSIONS, TOKENS, Database, now, stamp

#: Longest life of a session, and how long it may lie idle.
SESSION, IDLE = timedelta(hours=12), timedelta(hours=1)

#: A session's last use is written down at most this often: a page must not cost a write to the disk each time.
_NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is listed.

    Parameters
    ----------
    session_id : str
        Names it; opens nothing.
    token_id, role : str
    opened_at, seen_at, expires_at : str
        UTC, ISO 8601.
    """

    session_id: str
    token_id: str
    role: str
    opened_at: str
    seen_at: str
    expires_at: str


class Sessions:
    """The sessions in the records database.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, given: Grant, *, longest: timedelta = SESSION) -> str:
        """Open a session and return its cookie."""
        with self._database.write() as connection:
            return _insert(connection, given, longest)

    def enter(self, key: str) -> str | None:
        """Use a link's key up and return the session's cookie, or None where the key is used, expired or unknown."""
        moment = now()
        with self._database.write() as connection:
            token_id = connection.execute(
                LINKS.update()
                .where(LINKS.c.digest == digest(key), LINKS.c.used_at.is_(None), LINKS.c.expires_at > moment)
                .values(used_at=moment)
                .returning(LINKS.c.token_id)
            ).scalar()
            token = (
                None
                if token_id is None
                else connection.execute(sa.select(TOKENS).where(TOKENS.c.token_id == token_id)).first()
            )
            if token is None:
                return None
            return _insert(connection, Grant(token.token_id, token.role, token.scope_kind, token.scope_id), SESSION)

    def of(self, cookie: str) -> Grant | None:
        """Return what the session of `cookie` was granted, or None where there is none or it has ended."""
        moment = datetime.now(UTC)
        row = self._database.row(
            sa.select(SESSIONS).where(SESSIONS.c.digest == digest(cookie), _open(moment), _backed())
        )
        if row is None:
            return None
        if row.seen_at < stamp(moment - _NOTED):
            with self._database.write() as connection:
                connection.execute(
                    SESSIONS.update().where(SESSIONS.c.digest == row.digest).values(seen_at=stamp(moment))
                )
        return Grant(row.token_id, row.role, row.scope_kind, row.scope_id)

    def session_id(self, cookie: str) -> str | None:
        """Return the name of the session of `cookie`."""
        with self._database.read() as connection:
            named = sa.select(SESSIONS.c.session_id).where(SESSIONS.c.digest == digest(cookie))
            return connection.execute(named).scalar()

    def leave(self, cookie: str) -> None:
        """End the session of `cookie`."""
        with self._database.write() as connection:
            connection.execute(SESSIONS.delete().where(SESSIONS.c.digest == digest(cookie)))

    def list(self, token_id: str | None = None) -> tuple[Session, ...]:
        """Return the open sessions, the latest used first; of one token where it is named."""
        wanted = sa.select(SESSIONS).where(_open(datetime.now(UTC)), _backed())
        if token_id is not None:
            wanted = wanted.where(SESSIONS.c.token_id == token_id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.session_id)).all()
        return tuple(
            Session(row.session_id, row.token_id, row.role, row.opened_at, row.seen_at, row.expires_at) for row in rows
        )

    def end(self, session_id: str, token_id: str | None = None) -> bool:
        """End a session, of this token where it is named, and tell whether there was one."""
        wanted = SESSIONS.delete().where(SESSIONS.c.session_id == session_id)
        if token_id is not None:
            wanted = wanted.where(SESSIONS.c.token_id == token_id)
        with self._database.write() as connection:
            return connection.execute(wanted).rowcount == 1


def _insert(connection: sa.Connection, given: Grant, longest: timedelta) -> str:
    """Write a session down, clear those that have ended, and return its cookie.

    What the grant gives is kept with it, since an identity provider's is nowhere else.
    """
    moment = datetime.now(UTC)
    connection.execute(SESSIONS.delete().where(sa.not_(_open(moment))))
    cookie = secrets.token_urlsafe(32)
    row = {
        "digest": digest(cookie),
        "session_id": f"b_{secrets.token_hex(6)}",
        "token_id": given.token_id,
        "role": given.role,
        "scope_kind": given.scope_kind,
        "scope_id": given.scope_id,
        "opened_at": stamp(moment),
        "seen_at": stamp(moment),
        "expires_at": stamp(moment + min(longest, SESSION)),
    }
    connection.execute(SESSIONS.insert().values(**row))
    return cookie


def _open(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(SESSIONS.c.expires_at > stamp(moment), SESSIONS.c.seen_at > stamp(moment - IDLE))


def _backed() -> sa.ColumnElement[bool]:
    """Return that what the session came from still holds: its token, or a provider's person who was not shut out."""
    good = sa.select(TOKENS.c.token_id).where(
        TOKENS.c.revoked_at.is_(None), sa.or_(TOKENS.c.expires_at.is_(None), TOKENS.c.expires_at > now())
    )
    person = SESSIONS.c.token_id.startswith(PERSON, autoescape=True)
    return sa.or_(
        SESSIONS.c.token_id.in_(good),
        sa.and_(person, SESSIONS.c.token_id.not_in(sa.select(BLOCKED.c.token_id))),
    )
