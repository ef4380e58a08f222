"""Which of a member's scores stands: the last that answers a request of hers.

A look back at a day that is past does not take the place of a later answer, and what an analyst asks is no request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

#: Who asks to learn how the model answers, and not because somebody wants a loan.
CURIOUS = "analyst"


def standing(scores: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[tuple[str, str], str]:
    """Return the score that stands of each subject and recipe.

    Parameters
    ----------
    scores : iterable of (str, mapping)
        Ids, and what is on record of each score, in the order in which they were written.

    Returns
    -------
    dict of (str, str) to str
        By subject and recipe the id of the score for the latest moment; of two for one moment the later one.

    Examples
    --------
    >>> def told(day, role):
    ...     return {"place": {"subject": "M1"}, "score": {"recipe": "r", "as_of": f"2026-02-{day}"}, "asked_as": role}
    >>> standing([("s_1", told("02", "officer")), ("s_2", told("01", "officer")), ("s_3", told("03", "analyst"))])
    {('M1', 'r'): 's_1'}
    """
    found: dict[tuple[str, str], tuple[datetime, str]] = {}
    for score_id, content in scores:
        if content.get("asked_as") == CURIOUS:  # the first records do not say who asked
            continue
        of = (content["place"]["subject"], content["score"]["recipe"])
        as_of = datetime.fromisoformat(content["score"]["as_of"])
        if of not in found or as_of >= found[of][0]:
            found[of] = (as_of, score_id)
    return {of: score_id for of, (_, score_id) in found.items()}
