"""A portfolio under way: whole batches, the same result after a stop, never half of anything."""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio import Manifest, Portfolio, write_portfolio
from riskscore.portfolio.adapters.staging import STATE, Staging

SETTINGS = {"source": "postgresql://reader@db/core", "batch": 2}
MANIFEST = Manifest("PEN", "PE", "America/Lima", date(2026, 1, 31))


def payments(*ids: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": ids,
            "event_at": datetime(2026, 1, 5),
            "known_at": [datetime(2026, 1, 5, 9, n) for n in range(len(ids))],
            "loan_id": "L1",
            "amount": [Decimal("25.00")] * len(ids),
            "currency": "PEN",
            "payer": "self",
            "reversed": False,
        }
    )


def ingest(out: Path, *, stop_after: int | None = None) -> Portfolio | None:
    """Read three batches, or stop as if the power had gone after some of them."""
    batches = [payments("P4", "P3"), payments("P1", "P5"), payments("P2")]
    with Staging.open(out, SETTINGS) as staging:
        for number in range(staging.cursor("payments") or 0, len(batches)):
            if number == stop_after:
                return None
            staging.add("payments", {"payments": batches[number]}, cursor=number + 1)
        staging.complete("payments")
        return staging.finish(MANIFEST)


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_a_second_run_goes_on_and_gives_the_same_bytes(tmp_path: Path, stop: int) -> None:
    whole = ingest(tmp_path / "whole")
    assert whole is not None
    assert ingest(tmp_path / "stopped", stop_after=stop) is None
    assert not (tmp_path / "stopped").exists()
    resumed = ingest(tmp_path / "stopped")
    assert resumed is not None
    assert resumed.manifest.content_hash == whole.manifest.content_hash
    assert Portfolio.open(tmp_path / "stopped").table("payments")["id"].to_list() == ["P1", "P2", "P3", "P4", "P5"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["stopped", "whole"]


def test_the_tables_are_those_write_portfolio_writes(tmp_path: Path) -> None:
    staged = ingest(tmp_path / "staged")
    frame = pl.concat([payments("P4", "P3"), payments("P1", "P5"), payments("P2")])
    written = write_portfolio(
        tmp_path / "written",
        {"payments": frame.cast({"amount": pl.Decimal(18, 2)})},
        currency="PEN",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2026, 1, 31),
    )
    assert staged is not None
    assert staged.table("payments").equals(written.table("payments"))
    assert staged.manifest.rows == written.manifest.rows == {"payments": 5}


def test_a_batch_without_its_cursor_is_not_counted(tmp_path: Path) -> None:
    ingest(tmp_path / "out", stop_after=1)
    with Staging.open(tmp_path / "out", SETTINGS) as staging:
        parts = staging.parts("payments")[0].parent
    # The machine stopped between the part file's rename and the state's.
    payments("P1", "P5").write_parquet(parts / "payments.000002.parquet")
    (parts / ".payments.writing").write_bytes(b"half")
    found = ingest(tmp_path / "out")
    assert found is not None
    assert found.table("payments").height == 5


def test_the_old_portfolio_stands_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ingest(tmp_path / "out")
    assert first is not None
    ingest(tmp_path / "out", stop_after=2)
    assert Portfolio.open(tmp_path / "out").manifest.content_hash == first.manifest.content_hash

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("riskscore.portfolio.folder._put_in_place", full)
        with pytest.raises(OSError, match="No space left"):
            ingest(tmp_path / "out")
    assert Portfolio.open(tmp_path / "out").manifest.content_hash == first.manifest.content_hash
    assert ingest(tmp_path / "out") is not None


def test_other_settings_are_refused_and_restart_begins_anew(tmp_path: Path) -> None:
    ingest(tmp_path / "out", stop_after=1)
    with pytest.raises(InvalidInput, match=r"other settings \(batch\).*--restart"):
        Staging.open(tmp_path / "out", {**SETTINGS, "batch": 3})
    with Staging.open(tmp_path / "out", {**SETTINGS, "batch": 3}, restart=True) as staging:
        assert staging.cursor("payments") is None
        assert staging.parts("payments") == []


def test_a_state_that_cannot_be_read_is_a_fault_and_restart_begins_anew(tmp_path: Path) -> None:
    ingest(tmp_path / "out", stop_after=1)
    (tmp_path / ".out.ingesting" / STATE).write_text("")
    with pytest.raises(InvalidInput, match=r"cannot be read.*--restart"):
        Staging.open(tmp_path / "out", SETTINGS)
    with Staging.open(tmp_path / "out", SETTINGS, restart=True) as staging:
        assert staging.cursor("payments") is None


def test_what_was_being_thrown_away_is_never_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(tmp_path / "out", stop_after=2)
    (first, *_) = (tmp_path / ".out.ingesting").glob("parts/*/*.parquet")
    # As if the power had gone after one of two parts.
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: first.unlink())
    Staging.open(tmp_path / "out", SETTINGS).discard()
    monkeypatch.undo()
    whole = ingest(tmp_path / "out")
    assert whole is not None
    assert whole.table("payments")["id"].to_list() == ["P1", "P2", "P3", "P4", "P5"]


def test_a_link_leads_to_the_portfolio_and_stays(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    ingest(tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert Portfolio.open(tmp_path / "disk").manifest.rows == {"payments": 5}


def test_two_ingestions_into_one_place_are_not_let_in(tmp_path: Path) -> None:
    with (
        Staging.open(tmp_path / "out", SETTINGS),
        pytest.raises(InvalidInput, match="under way"),
    ):
        Staging.open(tmp_path / "out", SETTINGS)
    Staging.open(tmp_path / "out", SETTINGS).discard()


def test_what_is_staged_is_for_its_owner_and_notes_survive(tmp_path: Path) -> None:
    with Staging.open(tmp_path / "out", SETTINGS) as staging:
        staging.note("dropped", {"payments": 3})
        folder = staging.folder
    assert os.stat(folder).st_mode & 0o077 == 0
    assert (folder / STATE).exists()
    with Staging.open(tmp_path / "out", SETTINGS) as staging:
        assert staging.noted("dropped") == {"payments": 3}
        assert staging.noted("other") is None


def test_every_wrong_column_is_told_at_once_and_nothing_is_placed(tmp_path: Path) -> None:
    frame = payments("P1").drop("payer").with_columns(amount=pl.lit(25.0), paid=1)
    with Staging.open(tmp_path / "out", SETTINGS) as staging:
        staging.add("payments", {"payments": frame}, cursor=1)
        with pytest.raises(InvalidInput) as caught:
            staging.finish(MANIFEST)
    assert [fault.where for fault in caught.value.faults] == ["payments.amount", "payments.payer", "payments.paid"]
    assert not (tmp_path / "out").exists()
