"""What does not fit into memory goes to a private folder, and nothing of it stays."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from riskscore.errors import Refused
from riskscore.portfolio import spill
from riskscore.portfolio.connection import tables_only

SPILLING = """
import sys
from pathlib import Path
from riskscore.portfolio import Portfolio
from riskscore.portfolio.connection import tables_only
con = tables_only(Portfolio.open(sys.argv[1]), threads=1, memory="60MB", temporary=Path(sys.argv[2]))
con.execute("CREATE TEMP TABLE t AS SELECT hash(range) AS a, hash(range + 1) AS b FROM range(8_000_000)")
spilled = [file for file in Path(sys.argv[2]).rglob("*") if file.is_file()]
print(len(spilled), flush=True)
{end}
"""


@pytest.fixture
def bank(write):
    return write()


@pytest.fixture
def temporary(tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def spilling(portfolio, temporary: Path, end: str = "con.close()") -> subprocess.Popen:
    code = SPILLING.format(end=end)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(portfolio.path), str(temporary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_process_spills_and_leaves_nothing(bank, temporary):
    process = spilling(bank, temporary)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert int(out) >= 1
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next(bank, temporary):
    killed = spilling(bank, temporary, end="import time; time.sleep(60)")
    assert int(killed.stdout.readline()) >= 1
    killed.kill()
    killed.wait()
    assert len(list(temporary.iterdir())) == 1
    spilling(bank, temporary).communicate(timeout=60)
    assert list(temporary.iterdir()) == []


def test_what_a_living_process_holds_stays(bank, temporary):
    living = spilling(bank, temporary, end="import sys; sys.stdin.read()")
    try:
        assert int(living.stdout.readline()) >= 1
        spilling(bank, temporary).communicate(timeout=60)
        assert len(list(temporary.iterdir())) == 1
    finally:
        living.kill()
        living.wait()


def test_only_the_user_enters(temporary):
    made = spill.folder(temporary).parent
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.stat().st_uid == os.getuid()


def test_connections_have_folders_of_their_own(bank, temporary):
    one, two = (tables_only(bank, threads=1, memory="100MB", temporary=temporary) for _ in range(2))
    folders = {con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0] for con in (one, two)}
    assert len(folders) == 2
    one.close(), two.close()


def test_a_disk_that_is_full_is_said():
    with pytest.raises(Refused) as refused, spill.explained("4GB"):
        duckdb.connect().execute("COPY (SELECT hash(range) FROM range(3_000_000)) TO '/dev/full' (FORMAT parquet)")
    assert str(refused.value) == (
        "memory: The disk is full. Make room in the temporary folder (TMPDIR names another one), or allow more memory."
    )


def test_work_that_fits_nowhere_is_said(tmp_path):
    con = duckdb.connect(config={"memory_limit": "20MB", "threads": 1, "temp_directory": str(tmp_path)})
    con.execute("SET max_temp_directory_size = '1MB'")
    with pytest.raises(Refused) as refused, spill.explained("20MB"):
        con.execute("CREATE TEMP TABLE t AS SELECT hash(range) FROM range(20_000_000) ORDER BY 1")
    assert str(refused.value).startswith("memory: The work does not fit into 20MB of memory and the disk beside it.")


def test_other_failures_pass_as_they_are():
    with pytest.raises(duckdb.CatalogException), spill.explained("4GB"):
        duckdb.connect().execute("FROM nothing")
