"""What people did about the score: who saw it, what she agreed to, what was said against it and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from riskscore.service.consents import PURPOSES, Consent
from riskscore.service.objections import Objection
from riskscore.service.records import Sighting
from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One purpose: what is on record of it."""

    purpose: str
    label: str
    line: str
    given: bool


@dataclass(frozen=True, slots=True)
class SaidLine:
    """An objection: what kind, when and by whom, its words, and the answers as when and words."""

    objection_id: str
    heading: str
    text: str
    answers: tuple[tuple[str, str], ...]


def seen_lines(sightings: Sequence[Sighting], zone: ZoneInfo, words: Words, form: Format) -> tuple[str, ...]:
    """Return who saw the score and how, each with the last time, by the institution's clock, and how often.

    Nobody is left out: many looks of one role must not push another's off the page.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for sighting in sightings:
        alike.setdefault((sighting.role, sighting.action), []).append(sighting.at)
    lines = []
    for (role, action), moments in alike.items():
        last = datetime.fromisoformat(moments[0]).astimezone(zone)
        line = f"{form.day(last.isoformat())}, {last:%H:%M}: {words(f'role.{role}')} {words(f'seen.{action}')}"
        lines.append(f"{line} ({words('seen.times', count=len(moments))})" if len(moments) > 1 else line)
    return tuple(lines)


def consent_lines(consents: Sequence[Consent], words: Words, form: Format, *, own: bool) -> tuple[ConsentLine, ...]:
    """Return what is on record of every purpose, and that nothing is where that is so."""
    standing = {one.purpose: one for one in consents}
    lines = []
    for purpose in PURPOSES:
        one, label = standing.get(purpose), words(f"consent.{purpose}")
        if one is None:
            line = words("consent.missing_own" if own else "consent.missing")
        else:
            key = "consent.given" if one.given else "consent.withdrawn"
            line = words(key, day=form.day(one.since.isoformat()), role=words(f"role.{one.role}"))
        lines.append(ConsentLine(purpose, label, line, one is not None and one.given))
    return tuple(lines)


def said_lines(objections: Sequence[Objection], zone: ZoneInfo, words: Words, form: Format) -> tuple[SaidLine, ...]:
    """Return what was said against the score and what was answered, by the institution's clock."""

    def day(at: str) -> str:
        return form.day(datetime.fromisoformat(at).astimezone(zone).isoformat())

    return tuple(
        SaidLine(
            one.objection_id,
            words(
                "object.said",
                topic=words(f"object.topic_{one.topic}"),
                day=day(one.recorded_at),
                role=words(f"role.{one.role}"),
            ),
            one.text,
            tuple((words("object.answered", day=day(reply.recorded_at)), reply.text) for reply in one.answers),
        )
        for one in objections
    )
