"""A meeting's files without a running service: champion, portfolio and records are read once, for one group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from riskscore.errors import InvalidInput, NotFound, Refused
from riskscore.project import Project
from riskscore.service.access import Grant
from riskscore.service.assembly import assemble
from riskscore.service.callers import desk_of
from riskscore.service.meeting import meeting_of
from riskscore.service.meeting_files import committee_file, officer_file
from riskscore.service.outlooks import outlook_at
from riskscore.service.problem import Problem
from riskscore.service.rules_recorded import record_rules
from riskscore.service.settings import Settings

#: Whoever works at the machine that holds the records.
OPERATOR = Grant("command", "officer", "all", None)


@dataclass(frozen=True, slots=True)
class WrittenMeeting:
    """The committee's file, the officer's, and how many members were not spoken with yet."""

    committee: str
    officer: str
    waiting: int


def written_meeting(bank_id: str, passphrase: str, *, project: str | Path | None, language: str) -> WrittenMeeting:
    """Return the files of a communal bank's meeting, and write down that its scores were seen.

    Raises
    ------
    Refused
        There is no usable champion or portfolio; it says why.
    NotFound
        There is no such communal bank.
    InvalidInput
        The pages do not speak `language`, the passphrase is too weak, or a setting cannot be read.
    """
    settings = Settings(project=Project.open(project).root)
    parts = assemble(settings)
    try:
        if language not in parts.pages.languages:
            raise InvalidInput.of(
                "--lang", f"The pages do not speak {language!r}.", f"Use one of {', '.join(parts.pages.languages)}."
            )
        parts.state.look()
        if parts.state.desk is None:
            raise Refused.of("service", parts.state.fault or "There is no champion.", "See `riskscore models list`.")
        try:
            meeting = meeting_of(parts, bank_id, OPERATOR)
        except Problem as error:
            raise NotFound.of("group", "There is no such communal bank.", "Give its id as the portfolio has it.") from (
                error
            )
        outlook, files = outlook_at(parts, bank_id), parts.pages.files
        officer = officer_file(meeting, parts.serializer, files, desk_of(parts).grid, passphrase, language)
        committee = committee_file(meeting, outlook, parts.serializer, files, language)
        ids = [seat.record.score_id for seat in meeting.held.seats if seat.record is not None]
        record_rules(parts.records, meeting)
        parts.records.seen_together(ids, OPERATOR, "file")
    finally:
        parts.records.database.close()
    return WrittenMeeting(committee, officer, meeting.held.waiting)
