"""A desk of a champion, a policy and a portfolio."""

from __future__ import annotations


class ChampionDesk:
    """Not yet joined."""
