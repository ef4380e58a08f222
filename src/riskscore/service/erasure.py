"""What is held of a member: handed over to her, or erased at her request while the chain stays whole."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.behind_recorded import of_scores_of
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, CONTEXTS, ENTRIES, LINKS, SESSIONS, TOKENS, Database, now
from riskscore.service.serializer import Serializer

#: Longest reason of an erasure, in characters.
LONGEST_REASON = 500

#: Names of tokens say nothing about her, and whose they are is the institution's business: she sees their roles.
_STAFF = ("token_id", "asked_by")

#: By kind, what of an entry about her may rest on what others said: rules on the group that an officer went against.
_OTHERS = {"decision": ("rules",)}


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did.

    Parameters
    ----------
    entry : int
        Its own entry in the chain.
    at : str
        UTC.
    pseudonym : str
        By which its entry names her.
    records, tokens : int
        Entries whose content is gone, and tokens of hers that were ended.
    overwritten : bool
        SQLite's log of changes was emptied; where false, it still holds what was erased until the next time it is.
    """

    entry: int
    at: str
    pseudonym: str
    records: int
    tokens: int
    overwritten: bool


def export(database: Database, subject: str) -> dict[str, Any]:
    """Return all that is held of a member, as JSON values, and write down that it was.

    Raises
    ------
    NotFound
        Nothing is held of her.
    """
    with database.chain() as connection:
        rows = connection.execute(
            sa.select(ENTRIES.c.kind, ENTRIES.c.at, CONTENTS)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(CONTENTS.c.subject == subject)
            .order_by(ENTRIES.c.sequence)
        ).all()
        tokens = connection.execute(sa.select(TOKENS).where(*_hers(subject)).order_by(TOKENS.c.granted_at)).all()
        if not rows and not tokens:
            raise _nobody()
        records = [
            {
                "entry": row.sequence,
                "kind": row.kind,
                "at": row.at,
                "record_id": row.record_id,
                "score_id": row.score_id,
                "content": {
                    name: value
                    for name, value in json.loads(row.content).items()
                    if name not in (*_STAFF, *_OTHERS.get(row.kind, ()))
                },
            }
            for row in rows
        ]
        used = {record["content"]["context"] for record in records if record["kind"] == "score"}
        contexts = connection.execute(sa.select(CONTEXTS).where(CONTEXTS.c.digest.in_(used))).all()
        append(connection, Statement("access", {"role": "records", "action": "export"}, subject))
    return {
        "subject": subject,
        "exported_at": now(),
        "records": records,
        "contexts": {row.digest: json.loads(row.content) for row in contexts},
        "tokens": [
            {name: getattr(row, name) for name in ("role", "granted_at", "expires_at", "revoked_at")} for row in tokens
        ],
    }


def erase(database: Database, subject: str, *, reason: str) -> Erasure:
    """Erase the content of everything that is held of a member, with its salts, and end her tokens.

    One entry is added that tells what was erased, when and why, under her pseudonym; the chain then verifies as before.
    Of a communal bank, what its scores kept of their members goes with them.

    Raises
    ------
    NotFound
        Nothing is held of her.
    InvalidInput
        The reason is missing, too long, or names her.
    """
    faults = _reason_faults(reason, subject)
    if faults:
        raise InvalidInput(faults)
    pseudonym = Serializer(database.secret("pseudonyms", secrets.token_hex(32))).pseudonym(subject)
    held = sa.or_(CONTENTS.c.subject == subject, of_scores_of(subject))
    with database.chain() as connection:
        erased = connection.execute(
            sa.select(CONTENTS.c.sequence, CONTENTS.c.record_id, CONTENTS.c.score_id)
            .where(held)
            .order_by(CONTENTS.c.sequence)
        ).all()
        tokens = connection.execute(sa.select(TOKENS.c.token_id).where(*_hers(subject))).scalars().all()
        if not erased and not tokens:
            raise _nobody()
        content = {"pseudonym": pseudonym, "reason": reason, "erased": [list(row) for row in erased]}
        entry = append(connection, Statement("erasure", content))
        connection.execute(CONTENTS.update().where(held).values(subject=None, salt=None, content=None, erased_by=entry))
        for table in (SESSIONS, LINKS):
            connection.execute(table.delete().where(table.c.token_id.in_(tokens)))
        # A session that an identity provider's token opened has no token here.
        connection.execute(SESSIONS.delete().where(SESSIONS.c.scope_kind == "self", SESSIONS.c.scope_id == subject))
        connection.execute(
            TOKENS.update()
            .where(*_hers(subject))
            .values(scope_id=pseudonym, revoked_at=sa.func.coalesce(TOKENS.c.revoked_at, now()))
        )
        at = connection.execute(sa.select(ENTRIES.c.at).where(ENTRIES.c.sequence == entry)).scalar_one()
    return Erasure(entry, at, pseudonym, len(erased), len(tokens), database.overwrite_erased())


def _hers(subject: str) -> tuple[sa.ColumnElement[bool], ...]:
    return TOKENS.c.scope_kind == "self", TOKENS.c.scope_id == subject


def _nobody() -> NotFound:
    return NotFound.of("records", "Nothing is held of this subject.", "Check the id, and RISKSCORE_RECORDS.")


def _reason_faults(reason: str, subject: str) -> list[Fault]:
    where = "reason"
    if not reason.strip():
        return [Fault(where, "It is missing.", "Say why, such as: asked for by herself.")]
    faults = []
    if len(reason) > LONGEST_REASON:
        faults.append(Fault(where, "It is too long.", f"Use at most {LONGEST_REASON} characters."))
    if subject in reason:
        faults.append(Fault(where, "It names whom it is about, and it will stay.", "Say why without her id."))
    return faults
