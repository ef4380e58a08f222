"""A file of decisions without a running service: champion, portfolio and records are read once, for this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from riskscore.project import Project
from riskscore.service.assembly import assemble
from riskscore.service.decisions import Decided
from riskscore.service.routes.uploads import upload
from riskscore.service.settings import Settings
from riskscore.service.written_meeting import OPERATOR


@dataclass(frozen=True, slots=True)
class EnteredFile:
    """The decisions on record, and whether rules could be answered."""

    taken: tuple[Decided, ...]
    ruled: bool


def enter_file(content: bytes, project: str | Path | None = None) -> EnteredFile:
    """Write down every decision of a file, or none; raises as `riskscore.service.decision_files.take`."""
    parts = assemble(Settings(project=Project.open(project).root))
    try:
        parts.state.look()
        return EnteredFile(upload(parts, content, OPERATOR), parts.state.desk is not None)
    finally:
        parts.records.database.close()
