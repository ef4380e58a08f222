"""The products that are held against the truth: each a function from a seed to answers."""

from __future__ import annotations

from functools import partial

from member import of_members
from producers import producer_default

PRODUCTS = {
    "member_default": partial(of_members, "member_default", "p_bad"),
    "over_indebtedness": partial(of_members, "over_indebtedness", "p_over_indebted"),
    "producer_default": producer_default,
}
