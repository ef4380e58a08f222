"""What each role sees of a score: an allow-list, built up from nothing, never a whole with parts taken out.

A committee guarantees its neighbour and lives next door. It sees what the group itself recorded, one of two states
and a rounded ceiling; whatever rests on her budget, her debts elsewhere, her own savings or a bureau stays with her
and with the officer. An auditor sees everything about nobody: ids become pseudonyms.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Literal

from riskscore.portfolio.regulation import in_force
from riskscore.service.access import Grant, Role
from riskscore.service.bank_facts import group_record
from riskscore.service.before import NOTHING, Before
from riskscore.service.consents import Consent
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.objections import Objection
from riskscore.service.problem import forbidden
from riskscore.service.records import Record, Sighting
from riskscore.service.shown import showable
from riskscore.service.views import bank, producer

#: Fields of the request that were spoken at the group's table. Loans elsewhere are not among them.
_SPOKEN = ("amount", "currency", "term_days", "frequency", "purpose")

#: What a role sees of a score that is not a member's, where it sees less than all of it.
_NARROW: Mapping[str, Mapping[Role, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    COMMUNAL_BANK: {"assistant": bank.aggregate},
    PRODUCER_ASSOCIATION: {"assistant": producer.aggregate},
}
#: Roles that see a score of a kind in full. An auditor has a view of its own; every other role has none.
_FULL: Mapping[str, frozenset[Role]] = {
    MEMBER: frozenset({"member", "officer", "analyst"}),
    COMMUNAL_BANK: frozenset({"officer", "analyst"}),
    PRODUCER_ASSOCIATION: frozenset({"officer", "board", "lender", "analyst"}),
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
    history : tuple of dict
        Her last cycles; empty for a committee.
    products : tuple of dict
        What was on offer; empty for a committee.
    objections : tuple of Objection
        What was said against the score; empty for a committee, without its words for an auditor.
    consents : tuple of Consent
        What she agreed to; empty for a committee.
    outlook : GroupOutlook or None
        Her group's, by its own books, where she herself looks.
    rules : tuple of dict
        Rules of the policy on herself and her loan that do not hold, where she herself looks.
    showable : mapping of str to object
        What she may show her committee, where she herself looks; empty for everybody else.
    shown : tuple of str
        What of it she shows.
    """

    audience: Literal["committee", "full"]
    content: dict[str, Any]
    own: bool
    country: str
    currency: str
    time_zone: str
    words: dict[str, Any]
    sightings: tuple[Sighting, ...]
    history: tuple[dict[str, Any], ...] = ()
    products: tuple[dict[str, Any], ...] = ()
    objections: tuple[Objection, ...] = ()
    consents: tuple[Consent, ...] = ()
    outlook: GroupOutlook | None = None
    rules: tuple[Mapping[str, Any], ...] = ()
    showable: Mapping[str, Any] = field(default_factory=dict)
    shown: tuple[str, ...] = ()


class Serializer:
    """Shows scores to roles.

    Parameters
    ----------
    secret : str
        Makes pseudonyms; whoever has it can tell who is who.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def score(
        self,
        record: Record,
        viewer: Grant,
        before: Before = NOTHING,
        books: Mapping[str, float | None] | None = None,
    ) -> dict[str, Any]:
        """Return the score as `viewer` may see it; a committee, the recommendation about a member once `before` allows.

        Beside it a committee reads what its own `books` say of her (`riskscore.service.meeting.books_of`).

        Raises
        ------
        Problem
            403 for a role that is not named here: what is new sees nothing.
        """
        if record.kind != MEMBER and viewer.role in _NARROW[record.kind]:
            narrow = _NARROW[record.kind][viewer.role]
            return {"score_id": record.score_id, **narrow(record.score), "notice": NOTICE}
        if viewer.role == "committee":
            return committee_view(record, before, books)
        if viewer.role == "auditor":
            return self._pseudonymous(full_view(record), record)
        if viewer.role in _FULL[record.kind]:
            return full_view(record)
        raise forbidden()

    def page(
        self,
        record: Record,
        viewer: Grant,
        sightings: Sequence[Sighting],
        *,
        before: Before = NOTHING,
        books: Mapping[str, float | None] | None = None,
        objections: Sequence[Objection] = (),
        consents: Sequence[Consent] = (),
        outlook: GroupOutlook | None = None,
        rules: Sequence[Mapping[str, Any]] = (),
        shown: Sequence[str] = (),
    ) -> View:
        """Return what the page of the score may show `viewer`."""
        content, context = self.score(record, viewer, before, books), record.context
        written = (context["country"], context["currency"], context["time_zone"])
        if viewer.role == "committee":
            return View("committee", content, False, *written, words={}, sightings=())
        if viewer.role == "auditor":  # whoever writes freely may name somebody
            objections = [_wordless(one) for one in objections]
        return View(
            "full",
            content,
            viewer.role == "member",
            *written,
            words=context["features"],
            sightings=tuple(sightings),
            history=tuple(record.history),
            products=tuple(context.get("products", ())),
            objections=tuple(objections),
            consents=tuple(consents),
            outlook=outlook,
            rules=tuple(rules) if viewer.role == "member" else (),
            showable=showable(record) if viewer.role == "member" else {},
            shown=tuple(shown) if viewer.role == "member" else (),
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


def _wordless(objection: Objection) -> Objection:
    return replace(objection, text="", answers=tuple(replace(one, text="") for one in objection.answers))


def full_view(record: Record) -> dict[str, Any]:
    """Return the whole score: for the member, the officer, the analyst, and a producer association's board and fund."""
    view = {
        **record.score,
        "regulation": regulation(record),
        "request": dict(record.request),
        "recorded_at": record.recorded_at,
        "notice": NOTICE,
    }
    if record.facts is not None:
        view["facts"] = {"source": "sent", "tables": record.facts["tables"], "rows": record.facts["rows"]}
    return view


def regulation(record: Record) -> dict[str, Any] | None:
    """Return which supervisor's table was in force on the day of a score: for information, nothing is computed from it.

    It follows from country and day, so that it is no part of what is on record and computed again.
    """
    found = in_force(record.context["country"], date.fromisoformat(record.score["as_of"][:10]))
    return None if found is None else asdict(found) | {"effective_from": found.effective_from.isoformat()}


def committee_view(record: Record, before: Before, books: Mapping[str, float | None] | None) -> dict[str, Any]:
    """Return what her own committee may see (classes A and B).

    Not what her values say of the group's books: of a day on which she told something outside the group they are of
    another hour, and count the instalment that falls due.
    """
    score = record.score
    return {
        "score_id": record.score_id,
        "recipe": score["recipe"],
        "subject": record.place.subject,
        "as_of": day_answered_for(record),
        "request": spoken(record),
        "group_record": dict(books or group_record({})),
        **recommended(record, before, withheld=True),
        "model_version": score["model_version"],
        "policy_version": score["policy_version"],
        "notice": NOTICE,
    }


def day_answered_for(record: Record) -> str:
    """Return the moment of a score as her neighbours know it: the hour would show that something was told of her."""
    return f"{record.score['as_of'][:10]}T00:00:00"


def spoken(record: Record) -> dict[str, Any]:
    """Return what was asked for at the group's table."""
    return {name: record.request[name] for name in _SPOKEN}


def recommended(record: Record, before: Before, *, withheld: bool) -> dict[str, Any]:
    """Return state and ceiling, or, where `withheld`, what has to come first: for both states alike."""
    recommendation = record.score["recommendation"]
    return {
        # Unknown and nothing are one to her neighbours: which of them it is rests on her budget.
        "recommendation": {"state": recommendation["state"], "ceiling": recommendation["ceiling"] or None}
        if before.shown or not withheld
        else None,
        "opinion_needed": not before.opinion,
        "not_ready": not before.opened,
    }
