"""`riskscore serve` beside the service's log: a sentence for a person, and nothing in between where a machine reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from riskscore.cli import app


@pytest.mark.parametrize(
    ("log_format", "printed"),
    [("text", "ready at http://127.0.0.1:3000; Ctrl-C ends it\n"), ("json", "")],
)
def test_ready_is_said_only_where_a_person_reads(
    monkeypatch: pytest.MonkeyPatch, log_format: str, printed: str
) -> None:
    def serve(*_: object, on_ready: Callable[[str], None] | None) -> int:
        if on_ready is not None:
            on_ready("http://127.0.0.1:3000")
        return 0

    monkeypatch.setattr("riskscore.service.run.serve", serve)
    monkeypatch.setenv("RISKSCORE_LOG_FORMAT", log_format)
    result = CliRunner().invoke(app, ["serve"])
    assert (result.exit_code, result.output) == (0, printed)
