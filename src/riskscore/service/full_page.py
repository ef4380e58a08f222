"""The whole page, for the member herself, the officer, the analyst and (under a pseudonym) the auditor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from riskscore.scoring.score import NOTHING_LEFT
from riskscore.scoring.signals import SIGNALS
from riskscore.service.committee_page import Rows, ceiling_line, request_rows, state_text
from riskscore.service.records import Sighting
from riskscore.service.serializer import View
from riskscore.service.waterfall import WIDTH, Bar, Step, bars, signed
from riskscore.words import Format, Words

#: Features drawn by name in each family; what is left is one row.
NAMED = 3

#: Facts of one family that are listed by name where they are missing; more are counted.
LISTED = 3

#: The group's record is shown apart and last: what is of her own comes first.
_GROUP_FAMILY = "group"


@dataclass(frozen=True, slots=True)
class DebtRow:
    """One bar of indebtedness: instalments out of every 100 left over a month."""

    label: str
    shown: str
    width: float
    over: bool


@dataclass(frozen=True, slots=True)
class FullPage:
    """What ``score.html`` shows, ready to be written out."""

    title: str
    as_of: str
    ready: bool
    state_text: str
    whys: tuple[str, ...]
    ceiling: str
    request: Rows
    frequency: str
    range: str
    dots: int | None
    dots_title: str
    chips: tuple[str, ...]
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    no_change: str
    bars: tuple[Bar, ...]
    height: float
    waterfall_title: str
    own_and_group: str
    debts: tuple[DebtRow, ...]
    debt_lines: tuple[str, ...]
    cap_x: float | None
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    unseen: tuple[str, ...]
    seen: tuple[str, ...]
    foot: str


def full_page(view: View, words: Words, form: Format) -> FullPage:
    """Return the page of a whole score."""
    score = view.content
    steps = waterfall_steps(score["points"], view.words, words, frozenset(score["data_quality"]["missing"]))
    drawn, height = bars(steps)
    group = sum(
        count for name, count in score["points"]["shown"].items() if view.words[name]["family"] == _GROUP_FAMILY
    )
    own = sum(score["points"]["shown"].values()) - group
    rows, lines, cap_x = _debts(score["indebtedness"], words, form)
    ready = score["recommendation"]["state"] == "ready"
    known = score["indebtedness"]["level"] != "UNKNOWN"
    frequency, spread, dots = _frequency(score, words, form)
    return FullPage(
        title=words("page.title", subject=score["subject"]),
        as_of=words("page.as_of", date=form.last_day(score["as_of"])),
        ready=ready,
        state_text=state_text(ready, words, own=view.own),
        whys=tuple(why[words.language] for why in score["recommendation"]["why"]),
        ceiling=ceiling_line(score["recommendation"]["ceiling"], words, form),
        request=(
            *request_rows(score["request"], words, form),
            (words("request.other_loans"), form.number(score["request"]["other_active_loans"])),
        ),
        frequency=frequency,
        range=spread,
        dots=dots,
        dots_title=words("frequency_of_trouble.dots", count=dots),
        chips=(
            words("frequency_of_trouble.score", score=steps[-1].shown),
            words("frequency_of_trouble.grade", grade=score["grade"]),
        ),
        reasons=tuple(reason[words.language] for reason in score["reasons"]),
        changes=tuple(change[words.language] for change in score["what_would_change"]),
        no_change=words("change.none" if ready else "change.unknown" if known else "change.facts"),
        bars=drawn,
        height=height,
        waterfall_title=words("waterfall.title", base=steps[0].shown, score=steps[-1].shown),
        own_and_group=words("waterfall.own_and_group", own=signed(own), group=signed(group)),
        debts=rows,
        debt_lines=lines,
        cap_x=cap_x,
        missing=_missing(score["data_quality"]["missing"], view.words, words),
        stale=_old(score["data_quality"]["stale"], view.words, words),
        unseen=_titles(score["data_quality"]["off_support"], view.words, words),
        seen=seen_lines(view.sightings, ZoneInfo(view.time_zone), words, form),
        foot=" · ".join(
            (
                words("foot.score_id", score_id=score["score_id"]),
                words("foot.model", version=score["model_version"]),
                words("foot.policy", version=score["policy_version"]),
                words("foot.lock", lock=str(score["lock"])[:12]),
            )
        ),
    )


def waterfall_steps(
    points: Mapping[str, Any], features: Mapping[str, Any], words: Words, missing: Set[str] = frozenset()
) -> list[Step]:
    """Return the rows of the waterfall in whole points that add up: her own first, the group's last.

    Families come in the order of their weight, and so do the features inside one; those beyond `NAMED`, and those of
    no whole point, are one row together. A feature that is `missing` says so: its points are those of having no record.
    """
    shown: Mapping[str, int] = points["shown"]
    families: dict[str, list[str]] = {}
    for name in shown:
        families.setdefault(features[name]["family"], []).append(name)
    weight = {family: abs(sum(shown[name] for name in names)) for family, names in families.items()}
    order = sorted(families, key=lambda family: (family == _GROUP_FAMILY, -weight[family], family))
    steps = [Step(words("waterfall.base"), points["shown_base"], "base")]
    for family in order:
        names = sorted(families[family], key=lambda name: (-abs(shown[name]), name))
        total = sum(shown[name] for name in names)
        key = f"family.{family}"
        steps.append(Step(words(key if key in words.texts else "family.other"), total, "family"))
        named = [name for name in names if shown[name]][:NAMED]
        for name in named:
            title = features[name][words.language]
            label = words("waterfall.no_record", title=title) if name in missing else title
            steps.append(Step(label, shown[name], "feature"))
        rest = total - sum(shown[name] for name in named)
        if rest:
            steps.append(Step(words("waterfall.others"), rest, "feature"))
    return [*steps, Step(words("waterfall.total"), points["shown_score"], "total")]


def _frequency(score: Mapping[str, Any], words: Words, form: Format) -> tuple[str, str, int | None]:
    """Return the sentence of natural frequency, its range, and how many of 100 dots to fill.

    Where the request is unlike what was seen nobody was like her, and no number is given.
    """
    interval = score["pd_interval"]
    if interval is None:
        return words("frequency_of_trouble.unlike"), words("frequency_of_trouble.no_range"), None
    count = round(100 * interval["rate"])
    if 100 * interval["rate"] < 1:
        sentence = words("frequency_of_trouble.less_than_one")
    elif count == 1:
        sentence = words("frequency_of_trouble.one")
    else:
        sentence = words("frequency_of_trouble.sentence", count=form.number(count))
    low, high = (form.number(round(100 * interval[name])) for name in ("low", "high"))
    if low == high:
        return sentence, words("frequency_of_trouble.alike"), count
    return sentence, words("frequency_of_trouble.range", low=low, high=high), count


def _debts(
    found: Mapping[str, Any], words: Words, form: Format
) -> tuple[tuple[DebtRow, ...], tuple[str, ...], float | None]:
    """Return the three bars of indebtedness, the sentences under them, and where the limit stands."""
    if found["level"] == "UNKNOWN" or found["nii_post"] is None:
        return (), (), None
    cap = found["cap"]
    longest = max(found[name] for name in ("nii_now", "nii_post", "nii_stress") if found[name] is not None)
    full = min(max(1.25, longest), 2.5)  # the drawing ends between 125 and 250 of 100
    rows = tuple(
        DebtRow(
            label=words(f"debts.{name}"),
            shown=_of_100(found[field], words, form),
            width=round(min(found[field], full) / full * WIDTH, 1) if found[field] is not None else 0.0,
            over=found[field] is not None and found[field] > cap + 1e-9,
        )
        for name, field in (("now", "nii_now"), ("after", "nii_post"), ("stress", "nii_stress"))
    )
    lines = [words("debts.limit", limit=form.number(round(100 * cap)))]
    if found["headroom"] is not None:
        lines.append(words("debts.headroom", amount=form.money(round(found["headroom"], 2))))
    if found["largest_amount"]:
        lines.append(words("debts.largest", amount=form.money(found["largest_amount"])))
    present = found.get("signals", {})
    lines += [getattr(sign, words.language) for sign in SIGNALS if present.get(sign.name)]
    return rows, tuple(lines), round(cap / full * WIDTH, 1)


def _of_100(index: float | None, words: Words, form: Format) -> str:
    if index is None:
        return words("group_record.not_recorded")
    if index >= NOTHING_LEFT:
        return words("debts.nothing_left")
    return words("debts.of_100", count=form.number(round(100 * index)))


def _missing(names: Sequence[str], features: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """Return what is missing; where most of a family is, as in a first cycle, the family with how many."""
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(features[name]["family"] if name in features else "", []).append(name)
    lines: list[str] = []
    for family, members in families.items():
        if len(members) <= LISTED or f"family.{family}" not in words.texts:
            lines += _titles(members, features, words)
        else:
            lines.append(words("data.many", family=words(f"family.{family}"), count=len(members)))
    return tuple(lines)


def _old(names: Sequence[str], features: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """Return what is old: the thing itself where the words have it, not the feature that tells its age."""
    things = {name: f"data.old_{name}" for name in names}
    return tuple(
        words(thing) if thing in words.texts else _titles([name], features, words)[0] for name, thing in things.items()
    )


def _titles(names: Sequence[str], features: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    return tuple(features[name][words.language] if name in features else name for name in names)


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
        line = f"{form.day(last.isoformat())}, {last:%H:%M}: {words(f'role.{role}')}, {words(f'seen.{action}')}"
        lines.append(f"{line} ({words('seen.times', count=len(moments))})" if len(moments) > 1 else line)
    return tuple(lines)
