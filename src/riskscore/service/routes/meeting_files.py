"""The files of a meeting, written for the road, and the file of decisions that comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.errors import InvalidInput
from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.answers import body_of
from riskscore.service.callers import desk_of, known, language
from riskscore.service.decision_files import LONGEST_FILE
from riskscore.service.entered import Entered
from riskscore.service.forms import read_form
from riskscore.service.intake import LONGEST_BODY
from riskscore.service.meeting import Meeting, meeting_of
from riskscore.service.meeting_files import committee_file, officer_file
from riskscore.service.outlooks import outlook_at
from riskscore.service.parts import Parts
from riskscore.service.routes.groups import Groups
from riskscore.service.routes.uploads import upload
from riskscore.service.rules_recorded import record_rules

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class MeetingFiles:
    """Files out and in, from the officer's page."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/groups/{group_id}/files/committee", self.committee, methods=["POST"]),
            Route("/groups/{group_id}/files/officer", self.officer, methods=["POST"]),
            Route("/groups/{group_id}/uploads", self.back, methods=["POST"]),
        ]

    async def committee(self, request: Request) -> Response:
        """Hand out the committee's file."""
        return await self._read(request, self._committee)

    async def officer(self, request: Request) -> Response:
        """Hand out the officer's file, closed with the passphrase that came."""
        return await self._read(request, self._officer)

    async def back(self, request: Request) -> Response:
        """Take a file of decisions."""
        return await self._read(request, self._back, 3 * LONGEST_FILE)  # a form writes most signs as three

    async def _read(
        self, request: Request, act: Callable[[Request, Fields], Response], longest: int = LONGEST_BODY
    ) -> Response:
        content = await body_of(request, longest)
        return await run_in_threadpool(lambda: act(request, read_form(content)))

    def _committee(self, request: Request, fields: Fields) -> Response:
        viewer, meeting = self._led(request, fields)
        outlook = outlook_at(self.parts, meeting.facts.bank_id)
        spoken = language(self.parts, request)
        html = committee_file(meeting, outlook, self.parts.serializer, self.parts.pages.files, spoken)
        return self._handed(meeting, viewer, html, "committee")

    def _officer(self, request: Request, fields: Fields) -> Response:
        viewer, meeting = self._led(request, fields)
        if fields.get("passphrase", "") != fields.get("again", ""):
            return self._again(request, viewer, meeting, "again")
        try:
            html = officer_file(
                meeting,
                self.parts.serializer,
                self.parts.pages.files,
                desk_of(self.parts).grid,
                fields.get("passphrase", ""),
                language(self.parts, request),
            )
        except InvalidInput:
            return self._again(request, viewer, meeting, "passphrase")
        return self._handed(meeting, viewer, html, "officer")

    def _back(self, request: Request, fields: Fields) -> Response:
        viewer = known(self.parts, request, "decide", field=fields.get(csrf.FIELD))
        bank_id = request.path_params["group_id"]
        meeting = meeting_of(self.parts, bank_id, viewer)
        try:
            upload(self.parts, fields.get("file", "").encode(), viewer)
        except InvalidInput:
            return self._again(request, viewer, meeting, "file")
        return RedirectResponse(f"/groups/{bank_id}", status_code=303)

    def _led(self, request: Request, fields: Fields) -> tuple[Grant, Meeting]:
        viewer = known(self.parts, request, "lead", field=fields.get(csrf.FIELD))
        return viewer, meeting_of(self.parts, request.path_params["group_id"], viewer)

    def _again(self, request: Request, viewer: Grant, meeting: Meeting, fault: str) -> Response:
        """Show the page again; a passphrase that was sent is not in it."""
        return Groups(self.parts).page_of(request, viewer, meeting, Entered(faults=(fault,)))

    def _handed(self, meeting: Meeting, viewer: Grant, html: str, name: str) -> Response:
        ids = [seat.record.score_id for seat in meeting.held.seats if seat.record is not None]
        record_rules(self.parts.records, meeting)
        self.parts.records.seen_together(ids, viewer, "file")
        headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
        return Response(html, media_type="text/html", headers=headers)
