"""Sessions that can be listed and lie idle, people of an identity provider who are shut out, tokens that are used up.

Sessions that are open end: nothing tells when they began. Whoever had one signs in again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"


def upgrade() -> None:
    """Make the tables."""
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Text, nullable=False, unique=True),
        *(_text(name) for name in ("token_id", "role", "scope_kind")),
        sa.Column("scope_id", sa.Text),
        *(_text(name) for name in ("opened_at", "seen_at", "expires_at")),
    )
    op.create_table("blocked", sa.Column("token_id", sa.Text, primary_key=True), _text("revoked_at"))
    op.create_table("used", sa.Column("digest", sa.Text, primary_key=True), _text("expires_at"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
