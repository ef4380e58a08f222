"""The page of a group's meeting, made of nothing but what the sheet holds for its viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Literal

from markupsafe import escape

from riskscore.service.committee_page import Rows, ceiling_line, group_rows
from riskscore.service.entered import Entered
from riskscore.service.forms import fresh_key
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.outlook_page import GroupPart, group_part
from riskscore.service.rules_page import RuleLine, rule_lines
from riskscore.service.shown_lines import shown_lines
from riskscore.service.unasked import Unasked
from riskscore.words import Format, Words

Todo = Literal["", "opinion", "decision"]

#: Bytes of an opinion's words on the page, as they are written out. 500 letters fit, also where each has an accent; of
#: 500 quotation marks or little pictures the beginning does, so that no opinion makes the page too long for a phone.
MOST_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class SheetControls:
    """What the viewer may do on the page, and what its forms carry.

    Parameters
    ----------
    word : str
        The word of an open page; empty where a token asked for the page, which can send no form.
    officer : bool
        She prepares the meeting: talks, withdrawals, files.
    committee : bool
    today : str
        ISO date, by the institution's clock.
    key : str
        A fresh name for the decision of the open form.
    opens : str
        The score whose form the viewer asked for.
    unasked : Unasked
        Open requests without a score; an officer may ask for all of them.
    """

    word: str = ""
    officer: bool = False
    committee: bool = False
    today: str = ""
    key: str = ""
    opens: str = ""
    unasked: Unasked = field(default_factory=Unasked)

    @property
    def writes(self) -> bool:
        """Whether there are forms for opinions and decisions."""
        return bool(self.word) and (self.officer or self.committee)

    @property
    def leads(self) -> bool:
        """Whether there are forms to prepare the meeting."""
        return bool(self.word) and self.officer


@dataclass(frozen=True, slots=True)
class MemberPart:
    """One member on the page.

    Parameters
    ----------
    data_of : str
        Until when data were known to her score, where that is before the sheet's own day; else empty.
    asks_opinion, asks_decision : str
        Name a form: who, how much she asks for, and what is still to do.
    asks : str
        That of the form which there is about her; empty where there is none.
    todo : {"", "opinion", "decision"}
        What the viewer has still to do about her.
    """

    name: str
    score_id: str | None
    asked: str
    purpose: str
    data_of: str
    record: Rows
    rules: tuple[RuleLine, ...]
    shown: tuple[str, ...]
    amount: float | None
    state: str
    ceiling: str
    hint: str
    opinion: str
    opinion_words: str
    decision: str
    opinion_needed: bool
    may_decide: bool
    asks_opinion: str
    asks_decision: str
    asks: str
    todo: Todo
    told: bool | None


@dataclass(frozen=True, slots=True)
class UnaskedPart:
    """Open requests without a score on the officer's page: what is asked by one button, and what by the form."""

    count: str
    rows: Rows
    lacking: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class SheetPage:
    """What ``group.html`` shows, ready to be written out.

    Parameters
    ----------
    current : str
        The score whose form is there: the one that was not taken, else the one asked for, else the first with something
        to do. Of 27 women one form at a time is there; the page would be too long for a phone.
    onward : str
        What leads to it; empty where nothing is to do, or not by this viewer.
    """

    group: str
    title: str
    as_of: str
    group_outlook: GroupPart
    rules: tuple[RuleLine, ...]
    arrears: tuple[str, ...]
    members: tuple[MemberPart, ...]
    unasked: UnaskedPart | None
    waiting: str
    stamp: str
    current: str
    onward: str
    entered: Entered
    faults: tuple[tuple[str, str], ...]
    form_of: Mapping[str, str]


def sheet_page(
    view: Mapping[str, Any], words: Words, form: Format, controls: SheetControls, entered: Entered | None = None
) -> SheetPage:
    """Return the page of `riskscore.service.sheet.sheet`."""
    wrong = entered or Entered()
    told = [fault if f"fault.{fault}" in words.texts else "other" for fault in wrong.faults]
    members = tuple(
        _member(one, words, form, officer=controls.officer, sheet_of=view["as_of"]) for one in view["members"]
    )
    of_fault = [one for one in members if wrong.score_id and one.score_id == wrong.score_id]
    asked_for = [one for one in members if one.asks and one.score_id == controls.opens]
    current = next(iter(of_fault or asked_for or [one for one in members if one.todo]), None)
    return SheetPage(
        group=view["group"],
        title=words("meeting.title", group=view["group"]),
        as_of=words("page.as_of", date=form.last_day(view["as_of"])),
        group_outlook=group_part(GroupOutlook(view["outlook"], view["outlook_missing"]), words, form),
        rules=rule_lines(view["rules"]["not_met"], words, form),
        arrears=_arrears(view["arrears"], words, form),
        members=members,
        unasked=_unasked(controls.unasked, words, form),
        waiting=_waiting(view, words),
        stamp=_stamp(view, words),
        current="" if current is None else current.score_id or "",
        onward=words("meeting.onward", name=current.name) if current is not None and controls.writes else "",
        entered=wrong,
        faults=tuple((fault, words(f"fault.{fault}")) for fault in dict.fromkeys(told)),
        form_of=wrong.values,
    )


def _member(one: Mapping[str, Any], words: Words, form: Format, *, officer: bool, sheet_of: str) -> MemberPart:
    request, recommendation = one["request"], one["recommendation"]
    opinion, decision = one["opinion"], one["decision"]
    shown = recommendation is not None
    may_decide = request is not None and not one["opinion_needed"] and (officer or not one["not_ready"])
    opinion_needed = request is not None and one["opinion_needed"]
    asks = {} if request is None else {"name": one["member"], "amount": form.money(request["amount"])}
    older = one["as_of"] is not None and one["as_of"][:10] < sheet_of[:10]
    asks_opinion = words("opinion.asks", **asks) if asks else ""
    asks_decision = words("decide.asks", **asks) if asks else ""
    again = f"{words('decide.again')}: {one['member']}"
    hint = ""
    if request is not None and not shown:
        hint = words("meeting.opinion_first" if one["opinion_needed"] else "meeting.not_ready")
    return MemberPart(
        name=one["member"],
        score_id=one["score_id"],
        asked=words("meeting.no_request")
        if request is None
        else words(
            "meeting.asked",
            amount=form.money(request["amount"]),
            days=request["term_days"],
            frequency=words(f"frequency.{request['frequency']}"),
        ),
        purpose=""
        if request is None
        else words("meeting.purpose", purpose=words(f"purpose.{request['purpose'] or 'other'}")),
        data_of=words("meeting.data_of", date=form.last_day(one["as_of"])) if older else "",
        record=group_rows(one["group_record"], words, form),
        rules=rule_lines(one.get("rules", ()), words, form),
        shown=shown_lines(one.get("shown", {}), words, form),
        amount=None if request is None else request["amount"],
        state=words("state.ready" if recommendation["state"] == "ready" else "state.talk") if shown else "",
        ceiling=ceiling_line(recommendation["ceiling"], words, form) if shown else "",
        hint=hint,
        opinion="" if opinion is None else _opinion(opinion, words, form),
        opinion_words="" if opinion is None else _beginning(opinion["words"] or ""),
        decision="" if decision is None else _decision(decision, words, form),
        opinion_needed=opinion_needed,
        may_decide=may_decide,
        asks_opinion=asks_opinion,
        asks_decision=asks_decision,
        asks=asks_opinion if opinion_needed else "" if not may_decide else again if decision else asks_decision,
        todo=_todo(one, officer=officer, may_decide=may_decide),
        told=one.get("told"),
    )


def _todo(one: Mapping[str, Any], *, officer: bool, may_decide: bool) -> Todo:
    """Return what is still to do; to give an opinion is the committee's, whoever writes it down."""
    if one["request"] is not None and one["opinion_needed"] and not officer:
        return "opinion"
    return "decision" if may_decide and one["decision"] is None else ""


def _unasked(found: Unasked, words: Words, form: Format) -> UnaskedPart | None:
    if not found.ready and not found.lacking:
        return None
    ready = len(found.ready)
    return UnaskedPart(
        count="" if not ready else words("unasked.one" if ready == 1 else "unasked.count", count=ready),
        rows=tuple(
            (
                one.member_id,
                words(
                    "meeting.asked",
                    amount=replace(form, currency=one.currency).money(one.amount),
                    days=one.term_days,
                    frequency=words(f"frequency.{one.frequency}"),
                ),
            )
            for one in found.ready
        ),
        lacking=found.lacking,
        key=fresh_key(),
    )


def _opinion(opinion: Mapping[str, Any], words: Words, form: Format) -> str:
    amount = "" if opinion["amount"] is None else form.money(opinion["amount"])
    return words(f"opinion.said_{opinion['would_approve']}", amount=amount)


def _beginning(text: str) -> str:
    """Return a text, or as much of it as takes `MOST_BYTES`."""
    sizes = accumulate(len(escape(letter).encode()) for letter in text)
    fits = sum(size <= MOST_BYTES for size in sizes)
    return text if fits == len(text) else f"{text[:fits]}…"


def _decision(decision: Mapping[str, Any], words: Words, form: Format) -> str:
    amount = "" if decision["amount_approved"] is None else form.money(decision["amount_approved"])
    return words(f"decide.was_{decision['result']}", amount=amount, date=form.day(decision["decided_on"]))


def _arrears(owed: Mapping[str, Mapping[str, Any]], words: Words, form: Format) -> tuple[str, ...]:
    said = []
    for name, ledger in (("own", owed["own_loan"]), ("between", owed["between_members"])):
        kind = "none" if not ledger["loans"] else "late" if ledger["overdue"] > 0 else "clean"
        said.append(
            words(
                f"arrears.{name}_{kind}",
                outstanding=form.money(ledger["outstanding"]),
                overdue=form.money(ledger["overdue"]),
                days=ledger.get("days_late"),
            )
        )
    return tuple(said)


def _waiting(view: Mapping[str, Any], words: Words) -> str:
    if "waiting" not in view:
        return words("meeting.stale") if view["not_ready"] else ""
    count = view["waiting"]
    if not count:
        return words("meeting.all_told") if any(one["request"] is not None for one in view["members"]) else ""
    return words("meeting.waiting_one" if count == 1 else "meeting.waiting", count=count)


def _stamp(view: Mapping[str, Any], words: Words) -> str:
    agreement = view.get("agreement")
    if agreement is None or not agreement["rubber_stamp"]:
        return ""
    return words("meeting.stamp", decisions=agreement["decisions"])
