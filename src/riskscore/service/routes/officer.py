"""The officer's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import Fault
from riskscore.service.access import Place
from riskscore.service.answers import page_answer
from riskscore.service.callers import known, language
from riskscore.service.database import stamp
from riskscore.service.lately import lately
from riskscore.service.officer_page import PARTS, OfficerPage, Shown, officer_page
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid
from riskscore.words import Words

#: Scores older than this are no longer listed; a link to one still opens it.
LATELY = timedelta(days=60)

#: Longest id that is looked for, and the last page that can be asked for.
LONGEST_FIND, LAST_PAGE = 80, 9999


@dataclass(frozen=True, slots=True)
class Officer:
    """The list."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/officer", self.page)]

    def page(self, request: Request) -> Response:
        """Her communal banks, what waits, and what was asked lately."""
        viewer = known(self.parts, request, "list")
        shown = read_shown(request)
        self.parts.records.looked(viewer, "list")
        since = stamp(datetime.fromisoformat(self.parts.clock()) - LATELY)
        scores = lately(self.parts.records, viewer, since)
        desk = self.parts.state.desk
        # A scope that names a solidarity group reaches its members, not the communal bank around it.
        banks = (
            None
            if desk is None
            else [
                one
                for one in desk.calendar()
                if viewer.reaches(Place(one.bank_id, one.bank_id, one.bank_id, one.branch_id))
            ]
        )

        def build(words: Words) -> OfficerPage:
            return officer_page(
                words,
                shown=shown,
                scores=scores,
                banks=banks,
                country="" if desk is None else desk.context["country"],
                currency="" if desk is None else desk.currency,
                zone=ZoneInfo("UTC" if desk is None else desk.time_zone),
                as_of=None if desk is None else desk.moment,
            )

        spoken = language(self.parts, request)
        html = self.parts.pages.built("officer.html", spoken, build, role=viewer.role, here="/officer")
        return page_answer(self.parts, request, html, spoken)


def read_shown(request: Request) -> Shown:
    """Return what the address asks for.

    Raises
    ------
    Problem
        422; every part at fault is named.
    """
    given = {name: value for name, value in request.query_params.items() if value}
    part = next((one for one in PARTS if one == given.get("part")), None)
    # The form of the page has the others, and sends them empty.
    page, find = request.query_params.get("page", "1"), given.get("find", "").strip()
    faults = []
    if "part" in given and part is None:
        faults.append(Fault("part", "There is no such part.", f"Use one of: {', '.join(PARTS)}."))
    if not (page.isascii() and page.isdecimal() and 1 <= int(page[:5]) <= LAST_PAGE and len(page) <= 4):
        faults.append(Fault("page", "There is no such page.", f"Give a number from 1 to {LAST_PAGE}."))
    if len(find) > LONGEST_FIND:
        faults.append(Fault("find", "No id is that long.", f"Give at most {LONGEST_FIND} characters."))
    if faults:
        raise invalid(faults)
    return Shown(part, int(page), find)
