"""Words for a frequency that two readers read in two ways, and what to say in their place."""

from __future__ import annotations

import unicodedata

_WORDS = frozenset({"bimonthly", "bimensual", "bimestral", "bimensuel"})

MEANS_TWO = "means twice a month to one reader and every two months to another."
NAMED_SO = "Name it twice_a_month, fortnightly or every_two_months: ask whoever runs the meetings which it is."


def ambiguous(word: str) -> bool:
    """Say whether `word` does not tell twice a month from every two months, however it is written.

    Examples
    --------
    >>> ambiguous("Bi-monthly"), ambiguous("BIMESTRAL"), ambiguous("every_two_months")
    (True, True, False)
    """
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    return "".join(filter(str.isalpha, plain)) in _WORDS
