"""A communal bank's page, for the officer and whoever answers for the model: its outlook, and how likely each end is.

The bank's own committee reads the same outlook on its meeting's sheet, made of the group's books alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from riskscore.scoring.measures import Audience
from riskscore.service.committee_page import Rows, request_rows
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.meeting import Meeting
from riskscore.service.outlook_page import WIDTH, GroupPart, group_part
from riskscore.service.records import Sighting
from riskscore.service.rules_page import RuleLine, rule_lines
from riskscore.service.rules_told import about_group
from riskscore.service.sections.said import seen_lines
from riskscore.service.views import bank
from riskscore.words import Words

#: Ends that fewer than this share of cycles come to, from the most falls down, are told as one.
_TAIL = 0.005


@dataclass(frozen=True, slots=True)
class FallBar:
    """How many of 100 cycles end with so many falls: what it says, the number, and the length of its bar."""

    label: str
    shown: str
    width: float


@dataclass(frozen=True, slots=True)
class BankPage:
    """What ``bank.html`` shows, ready to be written out."""

    title: str
    as_of: str
    basis: str
    ready: bool
    by_rules: str
    request: Rows
    group_outlook: GroupPart
    rules: tuple[RuleLine, ...]
    rules_as_of: str
    arrears: str
    falls: tuple[FallBar, ...]
    loss: str
    rests_on: tuple[str, ...]
    seen: tuple[str, ...]
    foot: str


def bank_page(
    words: Words,
    view: Mapping[str, Any],
    context: Mapping[str, Any],
    *,
    sightings: Sequence[Sighting],
    meeting: Meeting | None,
    reader: Audience,
) -> BankPage:
    """Return the page of what `riskscore.service.serializer.Serializer.score` shows in full, `context` the record's.

    The rules are those of the bank's `meeting` that `reader` may read, as they answer now. The state is the stricter of
    theirs and the score's own, which stays on record as it was.
    """
    told = [] if meeting is None else about_group(meeting.rules, reader)["not_met"]
    by_itself = view["recommendation"]["state"] == "ready"
    form = words.form(context["country"], context["currency"])
    return BankPage(
        title=words("bank.title", subject=view["subject"]),
        as_of=words("page.as_of", date=form.last_day(view["as_of"])),
        basis=words(f"bank.{view['basis']}", date=form.day(view["requested_at"][:10])),
        ready=by_itself and not told,
        by_rules=words("bank.by_rules") if by_itself and told else "",
        request=request_rows(view["asked"], words, form),
        group_outlook=group_part(GroupOutlook(bank.committee(view)), words, form),
        rules=rule_lines(told, words, form),
        rules_as_of="" if meeting is None else words("page.as_of", date=form.last_day(meeting.facts.as_of.isoformat())),
        arrears="" if view["arrears"] is None else _arrears(view["arrears"], words),
        falls=() if view["in_arrears"] is None else _falls(view["in_arrears"], words),
        loss=words("bank.loss_unknown")
        if view["expected_loss"] is None
        else words("bank.loss", amount=form.money(view["expected_loss"])),
        rests_on=_rests_on(view, words),
        seen=seen_lines(sightings, ZoneInfo(context["time_zone"]), words, form),
        foot=" · ".join(
            (
                words("foot.score_id", score_id=view["score_id"]),
                words("foot.model", version=view["model_version"]),
            )
        ),
    )


def _falls(shares: Sequence[float], words: Words) -> tuple[FallBar, ...]:
    """Return a bar for each number of falls; the last one stands for that many and more."""
    last = len(shares) - 1
    while last > 1 and sum(shares[last - 1 :]) < _TAIL:
        last -= 1
    told = [*shares[:last], sum(shares[last:])]
    most = max(told)
    bars = []
    for count, share in enumerate(told):
        more = count == last < len(shares) - 1
        name = "bank.falls_more" if more else "bank.falls_one" if count == 1 else "bank.falls"
        label = words(name, count=count)
        shown = words("bank.of_100_less") if share < 0.01 else words("bank.of_100", count=round(100 * share))
        bars.append(FallBar(label, shown, round(WIDTH * share / most, 1)))
    return tuple(bars)


def _arrears(found: Mapping[str, Any], words: Words) -> str:
    name = {0: "bank.arrears_none", 1: "bank.arrears_one"}.get(found["late"], "bank.arrears")
    return words(name, members=found["members"], late=found["late"])


def _rests_on(view: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """Return what the answer rests on, and of how many members something is not known."""
    share = view["prior_share"]
    told = [] if share is None else [words("bank.share", structure=round(100 * share), cases=100 - round(100 * share))]
    counts = {name: view["cover"][name] for name in ("savings_untold", "spare_untold")}
    untold = [
        words(f"bank.{name}_one" if count == 1 else f"bank.{name}", count=count)
        for name, count in counts.items()
        if count
    ]
    return (*told, *untold)
