"""The plain page of a communal bank's or a producer association's score: how often such a one gets into trouble.

It is made of what the serialiser gives the viewer and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskscore.scoring.wording import whole_of_100
from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class AssociationPage:
    """What ``association.html`` shows, ready to be written out."""

    heading: str
    subject: str
    moment: str
    frequency: str
    range: str
    state: str


def association_page(view: Mapping[str, Any], words: Words, form: Format) -> AssociationPage:
    """Return the page of what `riskscore.service.serializer.Serializer.score` gives of an association."""
    low, high = _range(view)
    recommendation = view.get("recommendation")
    state = "" if recommendation is None else "ready" if recommendation["state"] == "ready" else "talk"
    return AssociationPage(
        heading=words(f"association.{view['subject_kind']}"),
        subject=str(view["subject"]),
        moment=words("page.as_of", date=form.last_day(view["as_of"])),
        frequency=words.said(view["natural_frequency"]),
        range="" if low is None or high is None else words("association.range", low=low, high=high),
        state=words(f"state.{state}") if state else "",
    )


def _range(view: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the ends of the range, of 100: as they stand in a narrow view, rounded from a full one."""
    if "of_100" in view:
        return view["low"], view["high"]
    interval = view["pd_interval"]
    return (None, None) if interval is None else (whole_of_100(interval["low"]), whole_of_100(interval["high"]))
