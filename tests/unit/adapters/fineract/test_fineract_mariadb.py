"""The same core on MariaDB gives the same portfolio, byte for byte; a server that dies is resumed from there too."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskscore.errors import Unreachable
from riskscore.portfolio import check_portfolio
from riskscore.portfolio.adapters.fineract.report import Report
from tests.unit.adapters.fineract.conftest import Core
from tests.unit.adapters.fineract.declarations import value

MARIADBD = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
INSTALL = shutil.which("mariadb-install-db")

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.skipif(not (MARIADBD and INSTALL), reason="Debian's mariadb-server is not installed"),
]


class Server:
    """A MariaDB of this test alone, on a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = [f"--user={'root' if os.geteuid() == 0 else os.environ.get('USER', '')}"]
        data = f"--datadir={folder / 'data'}"
        subprocess.run(
            [str(INSTALL), "--no-defaults", data, *self.user, "--auth-root-authentication-method=normal",
             "--skip-test-db"],
            check=True, capture_output=True,
        )  # fmt: skip
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [str(MARIADBD), "--no-defaults", f"--datadir={self.folder / 'data'}", f"--socket={self.folder / 'socket'}",
             "--skip-networking", f"--pid-file={self.folder / 'pid'}", "--innodb-buffer-pool-size=64M", *self.user],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        engine = sa.create_engine(self.url(""), poolclass=sa.pool.NullPool)
        for _ in range(200):
            try:
                with engine.connect():
                    return
            except sa.exc.OperationalError:
                time.sleep(0.1)
        raise RuntimeError("MariaDB did not start")

    def url(self, database: str) -> sa.URL:
        return sa.URL.create(
            "mysql+pymysql", "root", host="localhost", database=database, query={"unix_socket": f"{self.folder}/socket"}
        )

    def core(self, database: str) -> Core:
        engine = sa.create_engine(self.url(""), poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {database}"))
        made = Core(self.url(database))
        made.fill()
        return made

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        self._start()


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        yield server
        server.kill()


def test_the_same_core_gives_the_same_portfolio(mariadb: Server, report: Report, tmp_path: Path) -> None:
    found = mariadb.core("core").ingest(tmp_path / "bank")
    assert check_portfolio(tmp_path / "bank") == []
    assert found.portfolio.manifest.content_hash == report.portfolio.manifest.content_hash
    assert found.reconciliation.loans.equals(report.reconciliation.loans)
    assert [fault.where for fault in found.missing] == [fault.where for fault in report.missing]
    assert value(found.portfolio, 101, "2024-02-06", "worst") == 12


def test_truth_kept_in_bits_is_truth(mariadb: Server, report: Report, tmp_path: Path) -> None:
    core = mariadb.core("bits")
    core.execute(
        "ALTER TABLE m_loan_transaction MODIFY is_reversed BIT(1)",
        "ALTER TABLE m_portfolio_command_source CHANGE status processing_result_enum SMALLINT",
    )
    found = core.ingest(tmp_path / "bank")
    assert found.portfolio.manifest.content_hash == report.portfolio.manifest.content_hash


def test_a_server_that_dies_mid_way_is_resumed(mariadb: Server, report: Report, tmp_path: Path) -> None:
    core = mariadb.core("dying")
    told: list[object] = []

    def kill(*batch: object) -> None:
        told.append(batch)
        if len(told) == 9:
            mariadb.kill()

    with pytest.raises(Unreachable, match="no longer does"):
        core.ingest(tmp_path / "bank", progress=kill)
    assert not (tmp_path / "bank").exists()
    mariadb.restart()
    resumed = core.ingest(tmp_path / "bank")
    assert resumed.portfolio.manifest.content_hash == report.portfolio.manifest.content_hash
