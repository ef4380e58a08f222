"""What each role sees of a score: an allow-list, built up from nothing, never a whole with parts taken out.

A committee guarantees its neighbour and lives next door. It sees what the group itself recorded, one of two states
and a rounded ceiling; whatever rests on her budget, her debts elsewhere, her own savings or a bureau stays with her
and with the officer. An auditor sees everything about nobody: ids become pseudonyms.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from riskscore.service.access import Grant, Role
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.records import Record, Sighting
from riskscore.service.views import bank, producer

#: Fields of the request that were spoken at the group's table. Loans elsewhere are not among them.
_SPOKEN = ("amount", "currency", "term_days", "frequency", "purpose")

#: What the group's own books say of her, by the name it has in a value row.
_GROUP_RECORD = {
    "cycle_no": "cycle_no",
    "late_share": "late_share_cycle",
    "attendance_rate": "attendance_rate_cycle",
    "group_savings": "group_savings",
}

#: What a role sees of a score that is not a member's, where it sees less than all of it.
_NARROW: Mapping[str, Mapping[Role, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    COMMUNAL_BANK: {"committee": bank.committee, "assistant": bank.aggregate},
    PRODUCER_ASSOCIATION: {"assistant": producer.aggregate},
}

#: Said with every score (transparency of automatic systems, human decision).
NOTICE = {
    "es": "Lo calculó un sistema automático. Recomienda; deciden las personas.",
    "en": "Computed by an automatic system. It recommends; people decide.",
}


@dataclass(frozen=True, slots=True)
class View:
    """What a page may show.

    Parameters
    ----------
    audience : {"committee", "full"}
    content : dict
        The score as `Serializer.score` gives it.
    own : bool
        She herself looks at her score, and is spoken to.
    country, currency, time_zone : str
        How numbers and moments are written.
    words : dict
        Title of each feature, by name and language; empty for a committee.
    sightings : tuple of Sighting
        Who saw the score; empty for a committee.
    """

    audience: Literal["committee", "full"]
    content: dict[str, Any]
    own: bool
    country: str
    currency: str
    time_zone: str
    words: dict[str, Any]
    sightings: tuple[Sighting, ...]


class Serializer:
    """Shows scores to roles.

    Parameters
    ----------
    secret : str
        Makes pseudonyms; whoever has it can tell who is who.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def score(self, record: Record, viewer: Grant) -> dict[str, Any]:
        """Return the score as `viewer`, whose role is of its audience, may see it."""
        if record.kind != MEMBER and viewer.role in _NARROW[record.kind]:
            narrow = _NARROW[record.kind][viewer.role]
            return {"score_id": record.score_id, **narrow(record.score), "notice": NOTICE}
        if viewer.role == "committee":
            return committee_view(record)
        if viewer.role == "auditor":
            return self._pseudonymous(full_view(record), record)
        return full_view(record)

    def page(self, record: Record, viewer: Grant, sightings: Sequence[Sighting]) -> View:
        """Return what the page of the score may show `viewer`."""
        committee = viewer.role == "committee"
        return View(
            audience="committee" if committee else "full",
            content=self.score(record, viewer),
            own=viewer.role == "member",
            country=record.context["country"],
            currency=record.context["currency"],
            time_zone=record.context["time_zone"],
            words={} if committee else record.context["features"],
            sightings=() if committee else tuple(sightings),
        )

    def pseudonym(self, subject: str) -> str:
        """Return a name for `subject` that is always the same and says nothing."""
        return f"P{hmac.new(self._secret, subject.encode(), hashlib.sha256).hexdigest()[:12]}"

    def _pseudonymous(self, view: dict[str, Any], record: Record) -> dict[str, Any]:
        name = self.pseudonym(record.place.subject)
        view["subject"] = name
        view["request"] = {**view["request"], "subject": name}
        if "application_id" in view:  # a communal bank's own request
            view["application_id"] = self.pseudonym(view["application_id"])
        return view


def full_view(record: Record) -> dict[str, Any]:
    """Return the whole score: for the member, the officer, the analyst, and a producer association's board and fund."""
    return {**record.score, "request": dict(record.request), "recorded_at": record.recorded_at, "notice": NOTICE}


def committee_view(record: Record) -> dict[str, Any]:
    """Return what her own committee may see (classes A and B)."""
    score, recommendation = record.score, record.score["recommendation"]
    return {
        "score_id": record.score_id,
        "recipe": score["recipe"],
        "subject": record.place.subject,
        "as_of": score["as_of"],
        "request": {name: record.request[name] for name in _SPOKEN},
        "group_record": group_record(record.values),
        # Unknown and nothing are one to her neighbours: which of them it is rests on her budget.
        "recommendation": {
            "state": recommendation["state"],
            "ceiling": recommendation["ceiling"] or None,
        },
        "model_version": score["model_version"],
        "policy_version": score["policy_version"],
        "notice": NOTICE,
    }


def group_record(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return what the group's own books say; a missing fact stays missing."""
    return {name: values.get(source) for name, source in _GROUP_RECORD.items()}
