"""The products that are held against the truth: each a function from a seed to answers."""

from __future__ import annotations

from member import member_default

PRODUCTS = {"member_default": member_default}
