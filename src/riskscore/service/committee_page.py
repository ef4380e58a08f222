"""The committee's page, made of nothing but what the serialiser's committee view holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskscore.words import Format, Words

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CommitteePage:
    """What ``committee.html`` shows, ready to be written out."""

    title: str
    as_of: str
    ready: bool
    state_text: str
    ceiling: str
    hint: str
    request: Rows
    group_record: Rows
    foot: str


def committee_page(view: Mapping[str, Any], words: Words, form: Format) -> CommitteePage:
    """Return the page of `riskscore.service.serializer.committee_view`."""
    recommendation = view["recommendation"]
    ready = recommendation is not None and recommendation["state"] == "ready"
    hint = "" if recommendation is not None else "opinion_first" if view["opinion_needed"] else "not_ready"
    return CommitteePage(
        title=words("page.title", subject=view["subject"]),
        as_of=words("page.as_of", date=form.last_day(view["as_of"])),
        ready=ready,
        state_text="" if hint else state_text(ready, words, own=False),
        ceiling="" if recommendation is None else ceiling_line(recommendation["ceiling"], words, form),
        hint=words(f"meeting.{hint}") if hint else "",
        request=request_rows(view["request"], words, form),
        group_record=group_rows(view["group_record"], words, form),
        foot=" · ".join(
            (words("foot.score_id", score_id=view["score_id"]), words("foot.model", version=view["model_version"]))
        ),
    )


def state_text(ready: bool, words: Words, *, own: bool) -> str:
    """Return what the state asks for: said to her on her own page, of her on everyone else's."""
    if ready:
        return words("state.ready_text")
    return words("state.talk_text_own" if own else "state.talk_text")


def ceiling_line(ceiling: float | None, words: Words, form: Format) -> str:
    """Return the sentence about the amount: none known, none that fits, or up to one."""
    if ceiling is None:
        return words("state.no_ceiling")
    return words("state.ceiling", amount=form.money(ceiling)) if ceiling else words("state.nothing_fits")


def request_rows(request: Mapping[str, Any], words: Words, form: Format) -> Rows:
    """Return what was asked for at the group's table."""
    return (
        (words("request.amount"), form.money(request["amount"])),
        (words("request.term"), words("request.days", days=request["term_days"])),
        (words("request.frequency"), words(f"frequency.{request['frequency']}")),
        (words("request.purpose"), words(f"purpose.{request['purpose'] or 'other'}")),
    )


def group_rows(record: Mapping[str, float | None], words: Words, form: Format) -> Rows:
    """Return what the group's own books say."""

    def share(value: float | None, *, of_rest: bool = False) -> str:
        if value is None:
            return words("group_record.not_recorded")
        return words("group_record.of_100", count=form.number(round(100 * (1 - value if of_rest else value))))

    cycle, savings = record["cycle_no"], record["group_savings"]
    return (
        (words("group_record.cycle"), words("group_record.first_cycle") if cycle is None else form.number(cycle + 1)),
        (words("group_record.punctuality"), share(record["late_share"], of_rest=True)),
        (words("group_record.attendance"), share(record["attendance_rate"])),
        (
            words("group_record.savings"),
            words("group_record.not_recorded") if savings is None else form.money(savings),
        ),
    )
