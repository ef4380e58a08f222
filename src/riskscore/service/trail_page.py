"""The auditor's trail as a page: each entry in words, with whether it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from riskscore.service.chain import Kind
from riskscore.service.records import Erased
from riskscore.service.replay import Replay
from riskscore.service.rules_replay import RulesReplay
from riskscore.service.trail import Asked, Entry
from riskscore.words import Words

#: Kinds of entries, in the order in which they are offered.
KINDS: tuple[str, ...] = get_args(Kind)

#: Places named of a score that came out otherwise; the rest is counted.
NAMED = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is read."""

    number: int
    at: str
    kind: str
    who: str
    text: str
    score_id: str | None
    override: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class TrailPage:
    """What ``trail.html`` shows, ready to be written out.

    Parameters
    ----------
    query : str
        The filters, to be put before the language in its link.
    older : str or None
        Address of the next page.
    score_id : str or None
        Of the one score whose trail it is.
    erased : str or None
        That the score's content was erased, and when.
    replayed : tuple of str
        What came of computing it again; empty where nobody asked.
    """

    lines: tuple[Line, ...]
    kinds: tuple[tuple[str, str], ...]
    asked: Asked
    query: str
    older: str | None
    head: str | None
    checked: str
    score_id: str | None
    erased: str | None
    replayed: tuple[str, ...]


def trail_page(
    words: Words,
    entries: Sequence[Entry],
    *,
    asked: Asked,
    older: int | None,
    head: str | None = None,
    score_id: str | None = None,
    erased: Erased | None = None,
    replayed: tuple[str, ...] = (),
) -> TrailPage:
    """Return the page of some entries."""
    lines = tuple(_line(entry, words) for entry in entries)
    unfit = [str(line.number) for line in lines if not line.fits]
    checked = words("trail.unfit", numbers=", ".join(unfit)) if unfit else words("trail.fit", count=len(lines))
    address = "/trail" if score_id is None else f"/trail/{score_id}"
    kept = {name: value for name, value in (("kind", asked.kind), ("score_id", asked.score_id)) if value}
    kept = {} if score_id is not None else kept
    return TrailPage(
        lines=lines,
        kinds=tuple((kind, _kind(kind, words)) for kind in KINDS),
        asked=asked,
        query=urlencode(kept | ({} if asked.before is None else {"before": str(asked.before)})),
        older=None if older is None else f"{address}?{urlencode(kept | {'before': str(older)})}",
        head=head,
        checked=checked if lines else words("trail.nothing"),
        score_id=score_id,
        erased=None if erased is None else words("trail.erased_at", at=_moment(erased.at), entry=erased.entry),
        replayed=replayed,
    )


def replay_lines(found: Replay, words: Words) -> tuple[str, ...]:
    """Return what came of a replay, in sentences; of what differs, the place and never the value."""
    if found.erased:
        return (words("trail.behind_erased", count=found.erased),)
    with_what = words("trail.replayed_with", model=found.model_version, policy=found.policy_version)
    if found.same:
        return words("trail.same"), with_what
    named = [one.where for one in found.differences[:NAMED]]
    rest = len(found.differences) - len(named)
    more = () if not rest else (words("trail.more_differ", count=rest),)
    return words("trail.differs", count=len(found.differences)), with_what, *named, *more


def rules_lines(found: RulesReplay, words: Words) -> tuple[str, ...]:
    """Return what came of computing rules again, in sentences; of what differs, the place and never the value."""
    if found.erased:
        return (words("trail.rules_erased"),)
    if not found.differences:
        return (words("trail.rules_same"),)
    named = found.differences[:NAMED]
    rest = len(found.differences) - len(named)
    more = () if not rest else (words("trail.more_differ", count=rest),)
    return words("trail.rules_differ"), *named, *more


def _line(entry: Entry, words: Words) -> Line:
    role = entry.role
    return Line(
        number=entry.sequence,
        at=_moment(entry.at),
        kind=_kind(entry.kind, words),
        who="" if role is None else _or(words, f"role.{role}", role),
        text=words("trail.erased") if entry.erased else _text(entry, words),
        score_id=entry.score_id,
        override=entry.overrides,
        fits=entry.fault is None,
    )


def _text(entry: Entry, words: Words) -> str:
    says, subject = entry.says, entry.subject or ""
    if entry.kind == "score":
        recipe = _or(words, f"recipe.{says['recipe']}", str(says["recipe"]))
        told = words("trail.score_says", recipe=recipe, subject=subject, model=says["model_version"])
        state = {"ready": "state.ready", "talk_first": "state.talk"}.get(says["state"] or "")
        return told if state is None else f"{told} {words(state)}."
    if entry.kind == "decision":
        result = words(f"trail.result_{says['result']}")
        told = f"{result}. {words('trail.decided_on', date=says['decided_on'])}"
        if says["rules"]:
            told = f"{told} {words('trail.against_rules', codes=', '.join(says['rules']))}"
        return f"{told} {words('trail.reason_given')}" if says["reason_given"] else told
    if entry.kind == "rules":
        told = words("trail.rules_not_met", codes=", ".join(says["not_met"])) if says["not_met"] else ""
        return " · ".join(part for part in (told or words("trail.rules_met"), subject, says.get("rules_id")) if part)
    if entry.kind == "erasure":
        return words("trail.erasure_says", count=says["entries"], subject=subject)
    if "times" in says:
        return words("trail.refused_together", count=says["times"])
    if entry.kind == "refusal":
        return f"{says['method']} {says['route']}: {says['status']}"
    told = _or(words, f"seen.{says['action']}", str(says["action"])) if "action" in says else ""
    return " · ".join(part for part in (told, subject) if part)


def _kind(kind: str, words: Words) -> str:
    return _or(words, f"trail_kind.{kind}", kind)


def _or(words: Words, key: str, plain: str) -> str:
    """Return the text of a key; what a later release wrote has none yet, and is told as it is."""
    return words(key) if key in words.texts else plain


def _moment(at: str) -> str:
    return at[:19].replace("T", " ")
