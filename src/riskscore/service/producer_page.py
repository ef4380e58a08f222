"""A producer association's page: for its board, for the fund that lends to it, and in the aggregate for who assists it.

It is a legal person, so its own score is told in full: how little it rests on, whose word it is, and what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from riskscore.scoring.wording import whole_of_100
from riskscore.service.committee_page import Rows, request_rows
from riskscore.service.producer_drawings import (
    MonthColumn,
    SeasonBar,
    month_columns,
    month_sentences,
    season_bars,
)
from riskscore.service.records import Sighting
from riskscore.service.sections.defined import reason_given, title_of
from riskscore.service.sections.said import seen_lines
from riskscore.service.waterfall import Bar, Step, bars, signed
from riskscore.words import Format, Words

#: What is shared by many associations stands beside the five dimensions in the points.
_POOL = "pool"


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands beside the score, as `riskscore.scoring.producer_facts` told it then."""

    seasons: tuple[SeasonBar, ...]
    months: tuple[MonthColumn, ...]
    month_lines: tuple[str, ...]
    without_rate: str | None
    governance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """What board, fund, officer, analyst and auditor see beyond the aggregate."""

    ready: bool
    request: Rows
    gates: tuple[tuple[str, str, bool], ...]
    reasons: tuple[str, ...]
    conflict: tuple[str, ...]
    left_open: str
    bars: tuple[Bar, ...]
    height: float
    waterfall_title: str
    own_and_group: str
    missing: tuple[str, ...]
    facts: Facts | None
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProducerPage:
    """What ``producer.html`` shows, ready to be written out; `whole` is None for who may see the aggregate only."""

    title: str
    as_of: str
    frequency: str
    range: str
    dots: int
    dots_title: str
    rests_on: tuple[str, ...]
    dimensions: tuple[tuple[str, str, float], ...]
    whole: Whole | None
    foot: str


def producer_page(
    words: Words,
    view: Mapping[str, Any],
    context: Mapping[str, Any],
    *,
    facts: Mapping[str, Any] | None,
    sightings: Sequence[Sighting],
) -> ProducerPage:
    """Return the page.

    Parameters
    ----------
    words : Words
    view : mapping
        The score as `riskscore.service.serializer.Serializer.score` gives it to this viewer.
    context : mapping
        The record's.
    facts : mapping or None
        Of the record; None where it holds none.
    sightings : sequence of Sighting
    """
    form = words.form(context["country"], context["currency"])
    whole = "points" in view
    low, high = _range(view, whole=whole)
    count = whole_of_100(view["pd"]) if whole else view["of_100"]
    return ProducerPage(
        title=words("page.title", subject=view["subject"]),
        as_of=words("page.as_of", date=form.last_day(view["as_of"])),
        frequency=words.said(view["natural_frequency"]),
        range=words("producer.range", low=low, high=high),
        dots=count,
        dots_title=words("producer.dots", count=count),
        rests_on=_rests_on(view, words, form) if whole else (),
        dimensions=tuple(
            (
                words.said(one),
                words("producer.points_of", points=round(one["points"]), of=round(one["of"])),
                one["points"] / one["of"],
            )
            for one in view["dimensions"]
        ),
        whole=_whole(words, view, context, form, facts, sightings) if whole else None,
        foot=" · ".join(
            (
                words("foot.score_id", score_id=view["score_id"]),
                words("foot.model", version=view["model_version"]),
            )
        ),
    )


def _range(view: Mapping[str, Any], *, whole: bool) -> tuple[int, int]:
    if not whole:
        return view["low"], view["high"]
    return whole_of_100(view["pd_interval"]["low"]), whole_of_100(view["pd_interval"]["high"])


def _rests_on(view: Mapping[str, Any], words: Words, form: Format) -> tuple[str, ...]:
    expert = round(100 * view["prior_share"])
    cases = round(view["effective_n"])
    return (
        words("producer.share", expert=expert, data=100 - expert),
        words("producer.one_case" if cases == 1 else "producer.cases", count=form.number(cases)),
    )


def _whole(
    words: Words,
    view: Mapping[str, Any],
    context: Mapping[str, Any],
    form: Format,
    facts: Mapping[str, Any] | None,
    sightings: Sequence[Sighting],
) -> Whole:
    points = view["points"]
    steps = _steps(view, context["features"], words)
    drawn, height = bars(steps)
    pool = points["shown_families"].get(_POOL, 0)
    left = view["open_outcomes"]
    return Whole(
        ready=view["recommendation"]["state"] == "ready",
        request=request_rows(view["request"], words, form),
        gates=tuple(
            (words.said(gate), words(f"producer.gate_{gate['answer']}"), gate["answer"] != "passed")
            for gate in view["gates"]
        ),
        reasons=tuple(reason_given(reason, words) for reason in view["reasons"]),
        conflict=(words("producer.disagree"), words("producer.find_out"))
        if view["conflict"]["found"]
        else (words("producer.agree"),),
        left_open=words("producer.open" if len(left) > 1 else f"producer.only_{left[0]}"),
        bars=drawn,
        height=height,
        waterfall_title=words("waterfall.title", base=steps[0].shown, score=steps[-1].shown),
        own_and_group=words("producer.pool_says", points=signed(pool)),
        missing=tuple(
            title_of(name, context["features"], words) if name in context["features"] else name
            for name in view["data_quality"]["missing"]
        ),
        facts=None if facts is None else _facts(facts, view["as_of"], words, form),
        seen=seen_lines(sightings, ZoneInfo(context["time_zone"]), words, form),
    )


def _steps(view: Mapping[str, Any], features: Mapping[str, Any], words: Words) -> list[Step]:
    """Return the rows of the waterfall: the five dimensions in the expert's order, opened; what many share is last."""
    points = view["points"]
    shown: Mapping[str, int] = points["shown"]
    missing = frozenset(view["data_quality"]["missing"])
    of: dict[str, list[str]] = {}
    for name in shown:
        of.setdefault(features[name]["family"] if name in features else _POOL, []).append(name)
    titles = {one["name"]: words.said(one) for one in view["dimensions"]} | {_POOL: words("producer.pool")}
    steps = [Step(words("waterfall.base"), points["shown_base"], "base")]
    for family, title in titles.items():
        steps.append(Step(title, points["shown_families"].get(family, 0), "family"))
        for name in sorted((one for one in of.get(family, ()) if shown[one]), key=lambda one: (-abs(shown[one]), one)):
            if name in features:
                label = title_of(name, features, words, missing=name in missing)
            else:
                label = words(f"producer.{name.replace('.', '_')}")
            steps.append(Step(label, shown[name], "feature"))
    return [*steps, Step(words("waterfall.total"), points["shown_score"], "total")]


def _facts(facts: Mapping[str, Any], as_of: str, words: Words, form: Format) -> Facts:
    without = facts["sold_without_rate"]
    return Facts(
        seasons=season_bars(facts["seasons"], words, form),
        months=month_columns(facts["months"], form),
        month_lines=month_sentences(facts["months"], words, form),
        without_rate=words("producer.without_rate", count=without) if without else None,
        governance=_governance(facts, as_of, words, form),
    )


def _governance(facts: Mapping[str, Any], as_of: str, words: Words, form: Format) -> tuple[str, ...]:
    register = facts["register"] or {}
    ends, active, registered = (
        register.get(one) for one in ("mandate_ends_on", "active_members", "registered_members")
    )
    lines = []
    if ends is None:
        lines.append(words("producer.mandate_unknown"))
    else:
        key = "producer.mandate_over" if date.fromisoformat(ends).isoformat() < as_of[:10] else "producer.mandate"
        lines.append(words(key, date=form.day(ends)))
    if active is not None and registered:
        lines.append(words("producer.active", active=active, registered=registered))
    lines += [
        _kept("producer.assembly", one["due_on"], one["held_on"], words, form) + _present(one, words)
        for one in facts["assemblies"]
    ]
    for one in facts["accounts"]:
        year = {"year": one["period_ends_on"][:4]}
        lines.append(_kept("producer.accounts", one["due_on"], one["delivered_on"], words, form, **year))
    return tuple(lines)


def _kept(key: str, due: str, done: str | None, words: Words, form: Format, **more: str) -> str:
    """Return whether something that was due was done: in time, late, or not yet."""
    if done is None:
        return words(f"{key}_missing", due=form.day(due), **more)
    return words(f"{key}_late" if done > due else key, done=form.day(done), **more)


def _present(one: Mapping[str, Any], words: Words) -> str:
    if one["present"] is None or not one["entitled"]:
        return ""
    told = words("producer.present", present=one["present"], entitled=one["entitled"])
    return f" {told}" if one["quorum"] is not False else f" {told} {words('producer.no_quorum')}"
