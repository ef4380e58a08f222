"""The whole page, for the member herself, the officer, the analyst and (under a pseudonym) the auditor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from riskscore.service.committee_page import Rows, ceiling_line, request_rows, state_text
from riskscore.service.outlook_page import GroupPart, group_part
from riskscore.service.rules_page import RuleLine, rule_lines
from riskscore.service.sections.debts import DebtsSection, debts_section
from riskscore.service.sections.defined import reason_given
from riskscore.service.sections.frequency import FrequencySection, frequency_section
from riskscore.service.sections.history import HistorySection, history_section
from riskscore.service.sections.offers import offer_said
from riskscore.service.sections.points import PointsSection, points_section
from riskscore.service.sections.quality import QualitySection, quality_section
from riskscore.service.sections.said import ConsentLine, SaidLine, consent_lines, said_lines, seen_lines
from riskscore.service.sections.trial import TrialSection, point_tried, trial_section, tried_lines
from riskscore.service.serializer import View
from riskscore.service.shown_lines import ShownLine, choices
from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class FullPage:
    """What ``score.html`` shows, ready to be written out."""

    score_id: str
    title: str
    as_of: str
    own: bool
    ready: bool
    state_text: str
    whys: tuple[str, ...]
    ceiling: str
    request: Rows
    trouble: FrequencySection
    chips: tuple[str, ...]
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    no_change: str
    may_try: str
    trial: TrialSection
    tried: tuple[str, ...]
    again: bool
    points: PointsSection
    debts: DebtsSection
    history: HistorySection
    quality: QualitySection
    consents: tuple[ConsentLine, ...]
    rules: tuple[RuleLine, ...]
    shown: tuple[ShownLine, ...]
    group_outlook: GroupPart | None
    said: tuple[SaidLine, ...]
    seen: tuple[str, ...]
    foot: str


def full_page(view: View, words: Words, form: Format, tried: Mapping[str, Any] | None = None) -> FullPage:
    """Return the page of a whole score, and of what was `tried` on it."""
    score = view.content
    zone = ZoneInfo(view.time_zone)
    points = points_section(score["points"], view.words, words, frozenset(score["data_quality"]["missing"]))
    ready = score["recommendation"]["state"] == "ready"
    # The lists stand at what was tried, so that the answer below them is theirs.
    asked = score["request"] | {name: tried[name] for name in ("amount", "term_days") if tried is not None}
    nothing = "none" if ready else _unoffered(score)
    return FullPage(
        score_id=score["score_id"],
        title=words("page.title", subject=score["subject"]),
        as_of=words("page.as_of", date=form.last_day(score["as_of"])),
        own=view.own,
        ready=ready,
        state_text=state_text(ready, words, own=view.own),
        whys=tuple(words.said(why, f"why.{why['code']}") for why in score["recommendation"]["why"]),
        ceiling=ceiling_line(score["recommendation"]["ceiling"], words, form),
        request=(
            *request_rows(score["request"], words, form),
            (words("request.other_loans"), form.number(score["request"]["other_active_loans"])),
        ),
        trouble=frequency_section(score["pd_interval"], words, form),
        chips=(
            words("frequency_of_trouble.score", score=points.total.step.shown),
            words("frequency_of_trouble.grade", grade=score["grade"]),
        ),
        reasons=tuple(reason_given(reason, words) for reason in score["reasons"]),
        changes=tuple(offer_said(change, words, form) for change in score["what_would_change"]),
        no_change=words(f"change.{nothing}"),
        may_try=words("change.try") if nothing in ("unlike", "unknown") else "",
        trial=trial_section(asked, view.products, words, form),
        tried=tried_lines(tried or point_tried(score["request"], score), words, form),
        again="facts" not in score,
        points=points,
        debts=debts_section(score["indebtedness"], words, form),
        history=history_section(view.history, words, form),
        quality=quality_section(score["data_quality"], view.words, words),
        consents=consent_lines(view.consents, words, form, own=view.own),
        rules=rule_lines(view.rules, words, form),
        shown=choices(view.showable, view.shown, words, form),
        group_outlook=None if view.outlook is None else group_part(view.outlook, words, form),
        said=said_lines(view.objections, zone, words, form),
        seen=seen_lines(view.sightings, zone, words, form),
        foot=" · ".join(
            (
                words("foot.score_id", score_id=score["score_id"]),
                words("foot.model", version=score["model_version"]),
                words("foot.policy", version=score["policy_version"]),
                words("foot.lock", lock=str(score["lock"])[:12]),
            )
        ),
    )


def _unoffered(score: Mapping[str, Any]) -> str:
    """Return why no change may be offered where the state is not ready: words of ``change``.

    Smaller amounts that the sliders call ready may be there all the same: what lies outside of what the model was made
    from, or rests on a feature without direction, is computed when it is asked for and never offered.
    """
    if score["indebtedness"]["level"] == "UNKNOWN":
        return "facts"
    return "unlike" if score["data_quality"]["off_support"] else "unknown"
