"""One chain over all records: scores and accesses become entries, in the order in which they happened.

What this file says of formats is how they were on its day: it imports nothing that may change.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from riskscore.errors import InvalidInput

revision = "r0002"
down_revision = "r0001"

_GENESIS = "0" * 64

#: Read and written at a time: a record of one score is some four kilobytes.
_BATCH = 500


def upgrade() -> None:
    """Make the chain, fill it with what there is, and let the database refuse changes from here on."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    entries = op.create_table(
        "entries",
        sa.Column("sequence", number, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "at", "digest")),
        sa.Column("previous", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False),
    )
    contents = op.create_table(
        "contents",
        sa.Column("sequence", number, sa.ForeignKey("entries.sequence"), primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.Text, unique=True),
        sa.Column("score_id", sa.Text, index=True),
        sa.Column("subject", sa.Text, index=True),
        *(sa.Column(name, sa.Text) for name in ("salt", "content")),
        sa.Column("erased_by", number, sa.ForeignKey("entries.sequence")),
    )
    connection = op.get_bind()
    _move(connection, entries, contents)
    op.drop_table("scores")
    op.drop_table("accesses")
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement))


def _move(connection: sa.Connection, entries: sa.Table, contents: sa.Table) -> None:
    previous = _GENESIS
    chained: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for sequence, (kind, at, row, content) in enumerate(_happened(connection), start=1):
        salt = row.salt if kind == "score" else secrets.token_hex(16)
        record_id = row.score_id if kind == "score" else None
        text = _canonical(content)
        digest = _sha256(json.dumps([salt, record_id, row.score_id, row.subject, text], ensure_ascii=False))
        link = _sha256(json.dumps([sequence, kind, at, digest, previous], ensure_ascii=False))
        chained.append(
            {"sequence": sequence, "kind": kind, "at": at, "digest": digest, "previous": previous, "hash": link}
        )
        said.append(
            {
                "sequence": sequence,
                "record_id": record_id,
                "score_id": row.score_id,
                "subject": row.subject,
                "salt": salt,
                "content": text,
            }
        )
        previous = link
        if len(chained) == _BATCH:
            _write(connection, entries, contents, chained, said)
    _write(connection, entries, contents, chained, said)


def _write(
    connection: sa.Connection,
    entries: sa.Table,
    contents: sa.Table,
    chained: list[dict[str, Any]],
    said: list[dict[str, Any]],
) -> None:
    if chained:
        connection.execute(entries.insert(), chained)
        connection.execute(contents.insert(), said)
    chained.clear()
    said.clear()


def _happened(connection: sa.Connection) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """Yield kind, time, row and content of every score and access; a score before those who saw it."""
    order = connection.execute(
        sa.text(
            "SELECT recorded_at AS moment, 0 AS later, number FROM scores "
            "UNION ALL SELECT at, 1, number FROM accesses ORDER BY 1, 2, 3"
        )
    ).all()
    score = sa.text("SELECT * FROM scores WHERE number = :number")
    access = sa.text(
        "SELECT accesses.*, scores.subject FROM accesses LEFT JOIN scores ON scores.score_id = accesses.score_id "
        "WHERE accesses.number = :number"
    )
    for moment, later, number in order:
        if later:
            row = connection.execute(access, {"number": number}).one()
            yield "access", moment, row, {"token_id": row.token_id, "role": row.role, "action": row.action}
        else:
            row = connection.execute(score, {"number": number}).one()
            _check(row)
            yield (
                "score",
                moment,
                row,
                {
                    "place": {name: getattr(row, name) for name in ("subject", "group_id", "bank_id", "branch_id")},
                    "score": json.loads(row.score),
                    "request": json.loads(row.request),
                    "values": json.loads(row.value_row),
                    "context": row.context,
                    "recorded_at": row.recorded_at,
                    "asked_by": row.asked_by,
                },
            )


def _check(row: Any) -> None:
    """Refuse a score that no longer fits the digest it was written with: the chain would vouch for it."""
    parts = (row.salt, row.score_id, row.score, row.request, row.value_row, row.context)
    if _sha256("\n".join(parts)) != row.digest:
        raise InvalidInput.of(
            f"records: {row.score_id}",
            "This score is not the one that was written down: its digest does not fit.",
            "Restore the records from a backup made before it was changed; nothing was migrated.",
        )


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_ERASED = (
    "OLD.content IS NOT NULL AND NEW.content IS NULL AND NEW.salt IS NULL AND NEW.subject IS NULL "
    "AND NEW.erased_by IS NOT NULL AND NEW.sequence = OLD.sequence "
    "AND NEW.record_id {same} OLD.record_id AND NEW.score_id {same} OLD.score_id"
)

_FOLLOWS = (
    "NEW.sequence = (SELECT coalesce(max(sequence), 0) + 1 FROM entries) AND NEW.previous = "
    f"coalesce((SELECT hash FROM entries ORDER BY sequence DESC LIMIT 1), '{_GENESIS}')"
)

_SQLITE = (
    *(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table, change in (
            ("entries", "UPDATE"),
            ("entries", "DELETE"),
            ("contents", "DELETE"),
            ("contexts", "UPDATE"),
            ("contexts", "DELETE"),
        )
    ),
    f"CREATE TRIGGER contents_only_erased BEFORE UPDATE ON contents WHEN NOT ({_ERASED.format(same='IS')}) "
    "BEGIN SELECT RAISE(ABORT, 'contents is append-only'); END",
    # OR REPLACE takes a row away without asking the triggers above.
    "CREATE TRIGGER contents_no_replace BEFORE INSERT ON contents "
    "WHEN EXISTS (SELECT 1 FROM contents WHERE sequence = NEW.sequence) "
    "BEGIN SELECT RAISE(ABORT, 'contents is append-only'); END",
    "CREATE TRIGGER contexts_no_replace BEFORE INSERT ON contexts "
    "WHEN EXISTS (SELECT 1 FROM contexts WHERE digest = NEW.digest) "
    "BEGIN SELECT RAISE(ABORT, 'contexts is append-only'); END",
    f"CREATE TRIGGER entries_follow BEFORE INSERT ON entries WHEN NOT ({_FOLLOWS}) "
    "BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END",
)

_POSTGRESQL = (
    "CREATE FUNCTION riskscore_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$",
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE {changes} ON {table} FOR EACH ROW EXECUTE FUNCTION riskscore_refuse()"
        for table, changes in (
            ("entries", "UPDATE OR DELETE"),
            ("contents", "DELETE"),
            ("contexts", "UPDATE OR DELETE"),
        )
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION riskscore_refuse()"
        for table in ("entries", "contents", "contexts")
    ),
    "CREATE TRIGGER contents_only_erased BEFORE UPDATE ON contents FOR EACH ROW "
    f"WHEN (NOT ({_ERASED.format(same='IS NOT DISTINCT FROM')})) EXECUTE FUNCTION riskscore_refuse()",
    "CREATE FUNCTION riskscore_follow() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF NOT ({_FOLLOWS}) THEN "
    "RAISE integrity_constraint_violation USING MESSAGE = 'entries is append-only'; "
    "END IF; RETURN NEW; END $$",
    "CREATE TRIGGER entries_follow BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION riskscore_follow()",
)
