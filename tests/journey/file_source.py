"""Desks as a file says: ``3`` is version 3 of the champion, anything that is no number is a corrupt artefact."""

from __future__ import annotations

import os
from collections.abc import Hashable
from pathlib import Path

from riskscore.errors import ArtefactError
from riskscore.service.desks import Desks
from tests.unit.service.desks import PlainDesk


class FileSource:
    """Watches the file that ``CHAMPION_FILE`` names."""

    def __init__(self) -> None:
        self._file = Path(os.environ["CHAMPION_FILE"])

    def signature(self) -> Hashable:
        return self._file.read_text("utf-8")

    def build(self, previous: Desks | None) -> Desks:
        version = self._file.read_text("utf-8")
        if not version.isdigit():
            raise ArtefactError.of("model.json", "Its hash differs.", "Fetch the artefact again.")
        return Desks.of(PlainDesk(model_version=version))
