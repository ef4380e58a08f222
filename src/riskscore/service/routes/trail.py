"""The auditor's trail: the chain page by page, one score's whole trail, and the score computed again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from threading import BoundedSemaphore

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import Fault, RiskscoreError
from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, page_answer
from riskscore.service.callers import known, language, page_word
from riskscore.service.forms import read_form
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Erased, Record
from riskscore.service.replay import replay_from
from riskscore.service.rules_recorded import rules_of_score
from riskscore.service.rules_replay import replay_rules
from riskscore.service.trail import NUMBER, PAGE, SCORE_ID, Asked, head, trail
from riskscore.service.trail_page import KINDS, TrailPage, replay_lines, rules_lines, trail_page
from riskscore.words import Words

#: Most lines of one export.
MOST = 1000

#: Scores computed again at the same time: each loads a model.
_AT_ONCE = BoundedSemaphore(1)


@dataclass(frozen=True, slots=True)
class Trail:
    """The trail, and one score's."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/trail", self.page),
            Route("/trail/{score_id}", self.of_score),
            Route("/trail/{score_id}/replay", self.replay, methods=["POST"]),
            Route("/v1/trail", self.lines),
        ]

    def page(self, request: Request) -> Response:
        """The chain, the newest entries first."""
        viewer = known(self.parts, request, "trail")
        asked = read_asked(request)
        self.parts.records.looked(viewer, "trail")
        entries, older = trail(self.parts.records, self.parts.serializer, viewer, asked)
        told = head(self.parts.records) if viewer.scope_kind == "all" else None

        def build(words: Words) -> TrailPage:
            return trail_page(words, entries, asked=asked, older=older, head=told)

        spoken = language(self.parts, request)
        html = self.parts.pages.built("trail.html", spoken, build, role=viewer.role, here="/trail", word="")
        return page_answer(self.parts, request, html, spoken)

    def lines(self, request: Request) -> Response:
        """The same as JSON lines; what comes after them is linked in the header."""
        viewer = known(self.parts, request, "trail")
        asked = read_asked(request)
        self.parts.records.looked(viewer, "trail")
        entries, older = trail(self.parts.records, self.parts.serializer, viewer, asked, most=MOST)
        text = "".join(f"{json.dumps(entry.to_dict(), ensure_ascii=False)}\n" for entry in entries)
        rest = "" if older is None else request.url.include_query_params(before=older).query
        link = {"Link": f'</v1/trail?{rest}>; rel="next"'} if rest else {}
        return Response(text, media_type="application/jsonl", headers=link)

    def of_score(self, request: Request) -> Response:
        """Everything that happened to one score."""
        viewer = known(self.parts, request, "trail")
        record, erased = self._score(request, viewer)
        self.parts.records.seen(request.path_params["score_id"], viewer, "trail")
        return self._of_score(request, viewer, record, erased, None)

    async def replay(self, request: Request) -> Response:
        """The score computed again from what its record kept, and its trail."""
        content = await body_of(request)
        return await run_in_threadpool(self._replay, request, content)

    def _replay(self, request: Request, content: bytes) -> Response:
        field = read_form(content).get(csrf.FIELD)
        viewer = known(self.parts, request, "replay", field=field)
        record, erased = self._score(request, viewer)
        self.parts.records.seen(request.path_params["score_id"], viewer, "replay")
        return self._of_score(request, viewer, record, erased, record)

    def _score(self, request: Request, viewer: Grant) -> tuple[Record | None, Erased | None]:
        """Return the score the path names, or when it was erased, which is told to whoever sees everything."""
        score_id = request.path_params["score_id"]
        if not re.fullmatch(SCORE_ID, score_id):
            raise not_found()
        record = self.parts.records.get(score_id)
        erased = None if record is not None else self.parts.records.erased(score_id)
        inside = viewer.scope_kind == "all" and erased is not None if record is None else viewer.reaches(record.place)
        if not inside:
            raise not_found()
        return record, erased

    def _of_score(
        self,
        request: Request,
        viewer: Grant,
        record: Record | None,
        erased: Erased | None,
        again: Record | None,
    ) -> Response:
        score_id = request.path_params["score_id"]
        asked = Asked(score_id=score_id, before=read_asked(request).before)
        entries, older = trail(self.parts.records, self.parts.serializer, viewer, asked, most=PAGE)

        def build(words: Words) -> TrailPage:
            replayed = () if again is None else self._replayed(again, words)
            return trail_page(
                words, entries, asked=asked, older=older, score_id=score_id, erased=erased, replayed=replayed
            )

        spoken = language(self.parts, request)
        word = page_word(request) if record is not None else ""
        html = self.parts.pages.built("trail.html", spoken, build, role=viewer.role, word=word)
        return page_answer(self.parts, request, html, spoken)

    def _replayed(self, record: Record, words: Words) -> tuple[str, ...]:
        return *self._score_again(record, words), *self._rules_again(record, words)

    def _score_again(self, record: Record, words: Words) -> tuple[str, ...]:
        registry = self.parts.registry
        if registry is None:
            return (words("trail.cannot"),)
        try:
            with _AT_ONCE:
                return replay_lines(replay_from(record, registry), words)
        except RiskscoreError:  # the model is gone, or its store is away; why is the operator's business
            return (words("trail.cannot"),)

    def _rules_again(self, record: Record, words: Words) -> tuple[str, ...]:
        """Compute the rules again as they last stood on record beside a score; nothing where they never did."""
        records, desk = self.parts.records, self.parts.state.desk
        found = rules_of_score(records.database, record)
        if not found:
            return ()
        if desk is None:
            return (words("trail.rules_cannot"),)
        try:
            with _AT_ONCE:
                return rules_lines(replay_rules(records, found[-1], desk.group), words)
        except RiskscoreError:  # such as a policy that this release cannot read
            return (words("trail.rules_cannot"),)


def read_asked(request: Request) -> Asked:
    """Return what the address asks for.

    Raises
    ------
    Problem
        422; every part at fault is named.
    """
    given = {name: value for name, value in request.query_params.items() if value}
    rules = {
        "kind": ("|".join(KINDS), f"Use one of: {', '.join(KINDS)}."),
        "score_id": (SCORE_ID, "Give the id as it stands on the page of a score."),
        "before": (NUMBER, "Give the number of an entry."),
    }
    faults = [
        Fault(name, "It cannot be read.", remedy)
        for name, (pattern, remedy) in rules.items()
        if name in given and not re.fullmatch(pattern, given[name])
    ]
    if faults:
        raise invalid(faults)
    before = given.get("before")
    return Asked(given.get("kind"), given.get("score_id"), None if before is None else int(before))
