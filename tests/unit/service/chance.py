"""Takes out of a text what is another one in every run or release, before it is searched for what must not be in it.

Three digits stand in one of a hundred pages by chance: in the word that guards a form, in names of records, in a
pseudonym, in the fraction of a second. A short code stands in the digest of a script after one of so many edits. Where
what is looked for could be a part of those, it is looked for in the rest.
"""

from __future__ import annotations

import re

#: Names of records, words that guard forms, pseudonyms and hashes. No figure has twelve digits before its point, and
#: the digits after a point are left.
_WORD = re.compile(r"(?<![0-9A-Za-z.])P?[0-9a-f]{12,}(?![0-9A-Za-z])")

#: A moment as records have it. A day and an hour that were asked for are left.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")

#: What a page's policy lets run: another one with each edit of a script or a style.
_DIGEST = re.compile(r"sha256-[0-9A-Za-z+/]{43}=")


def without_chance(text: str) -> str:
    """Return `text` without its random words, its digests, and the moments of its records."""
    return _DIGEST.sub("DIGEST", _MOMENT.sub("MOMENT", _WORD.sub("WORD", text)))
