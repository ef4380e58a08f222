"""A run that is stopped leaves nothing half-written, and the next one goes on after the last whole batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio.adapters.plain_tables import ingest_tables
from riskscore.portfolio.adapters.source_files import FileSource
from tests.unit.adapters.small_bank import PAYMENTS, write


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A run killed at the second batch of the instalments; what each later run asks of which source."""
    asked: list[tuple[str, int]] = []
    real = FileSource.batches

    def batches(self: FileSource, skip: int, size: int) -> Iterator[pl.DataFrame]:
        asked.append((self.name, skip))
        for number, batch in enumerate(real(self, skip, size)):
            if self.name == "instalments" and number == 1 and not killed:
                killed.append(True)
                raise Killed
            yield batch

    killed: list[bool] = []
    monkeypatch.setattr(FileSource, "batches", batches)
    with pytest.raises(Killed):
        ingest_tables(write(tmp_path), tmp_path / "out", tmp_path, batch=1)
    assert not (tmp_path / "out").exists()
    asked.clear()
    return asked


def test_a_second_run_goes_on(stopped: list[tuple[str, int]], tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    resumed, report = ingest_tables(mapping, tmp_path / "out", tmp_path, batch=1)
    # What landed whole is not read again; the instalments go on after the first.
    assert stopped == [("instalments", 1), ("payments", 0)]
    assert report.sources["instalments"] == 3
    fresh, _ = ingest_tables(mapping, tmp_path / "other", tmp_path)
    assert resumed is not None
    assert fresh is not None
    assert resumed.manifest.content_hash == fresh.manifest.content_hash
    assert not (tmp_path / ".out.ingesting").exists()


def test_another_file_or_mapping_does_not_go_on_with_the_old_rows(
    stopped: list[tuple[str, int]], tmp_path: Path
) -> None:
    write(tmp_path, payments=PAYMENTS.replace("200.00", "199.00"))
    mapping = tmp_path / "mapping.toml"
    with pytest.raises(InvalidInput, match="--restart"):
        ingest_tables(mapping, tmp_path / "out", tmp_path, batch=1)
    portfolio, _ = ingest_tables(mapping, tmp_path / "out", tmp_path, batch=2, restart=True)
    assert portfolio is not None
    assert portfolio.manifest.rows["instalments"] == 3
