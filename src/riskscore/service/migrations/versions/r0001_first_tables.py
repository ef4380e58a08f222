"""The tables of the first releases, as the service then made them itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "scores",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("score_id", sa.Text, nullable=False, unique=True),
        *(_text(name) for name in ("recorded_at", "asked_by", "recipe")),
        sa.Column("subject", sa.Text, nullable=False, index=True),
        *(sa.Column(name, sa.Text) for name in ("group_id", "bank_id", "branch_id")),
        *(_text(name) for name in ("as_of", "model_version", "lock", "policy_version", "score", "request")),
        *(_text(name) for name in ("value_row", "context", "salt", "digest")),
    )
    op.create_table("contexts", sa.Column("digest", sa.Text, primary_key=True), _text("content"))
    op.create_table(
        "accesses",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        *(_text(name) for name in ("at", "token_id", "role")),
        sa.Column("score_id", sa.Text, nullable=False, index=True),
        _text("action"),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        *(_text(name) for name in ("role", "scope_kind")),
        sa.Column("scope_id", sa.Text),
        _text("granted_at"),
        *(sa.Column(name, sa.Text) for name in ("expires_at", "revoked_at")),
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.Text, primary_key=True),
        *(_text(name) for name in ("token_id", "expires_at")),
        sa.Column("used_at", sa.Text),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        *(_text(name) for name in ("token_id", "expires_at")),
    )
    op.create_table("secrets", sa.Column("name", sa.Text, primary_key=True), _text("value"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
