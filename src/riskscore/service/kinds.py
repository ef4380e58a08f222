"""Whom a score is about: a person, or one of two kinds of association. Every score but a member's says which."""

from __future__ import annotations

MEMBER = "member"
COMMUNAL_BANK = "communal_bank"
PRODUCER_ASSOCIATION = "producer_association"
