"""A registry that is away: told at once, in one fault, without a password; and the model is not lost."""

from __future__ import annotations

import http.server
import socket
import threading
import time

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.errors import ArtefactError, InvalidInput, Unreachable
from riskscore.modelling import artefact
from riskscore.modelling.tracking import Registry


@pytest.fixture
def closed_port():
    """A port of this machine at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@pytest.fixture
def other_server():
    """A server that is no MLflow: it answers 404 to everything."""

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        do_POST = do_GET  # noqa: N815 - the name that the server looks for

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["http", "postgresql", "mysql+pymysql"])
def test_nobody_listening_is_told_in_seconds_and_without_the_password(scheme, closed_port):
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="Nobody answers there") as told:
        Registry(f"{scheme}://clerk:canary@127.0.0.1:{closed_port}/store").reach()
    assert time.monotonic() - begun < 10
    assert "canary" not in str(told.value)
    assert f"127.0.0.1:{closed_port}" in str(told.value)


@pytest.mark.parametrize("address", ["foo", "ftp://there", "http://", "http://[bad", "mlruns/store"])
def test_what_is_no_address_is_a_fault_of_the_setting(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="MLFLOW_TRACKING_URI"):
        Registry(address).list("member_default")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(Unreachable, match="does not exist"):
        Registry(f"sqlite:///{tmp_path / 'nowhere' / 'mlflow.db'}").recipes()


def test_a_server_that_is_no_mlflow_is_one_fault(other_server):
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="It does not do as asked") as told:
        Registry(other_server).reach()
    assert len(told.value.faults) == 1
    assert time.monotonic() - begun < 60


def test_train_asks_before_it_builds(closed_port, monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{closed_port}")
    portfolio = tmp_path / "portfolio"
    assert CliRunner().invoke(app, ["simulate", str(portfolio), "--members", "100", "--seed", "1"]).exit_code == 0
    result = CliRunner().invoke(app, ["train", "member_default", str(portfolio)])
    assert result.exit_code == 1
    assert "Nobody answers there" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.slow
def test_what_dies_after_the_fit_leaves_the_model_and_says_how_to_register_it(run, closed_port, tmp_path):
    with pytest.raises(Unreachable) as told:
        Registry(f"http://127.0.0.1:{closed_port}").log(run)
    (fault,) = told.value.faults
    assert fault.remedy.endswith(f"riskscore models register {run.folder}")

    later = Registry(f"sqlite:///{tmp_path / 'mlflow.db'}")
    registered = later.register(run.folder)
    logged = later.log(run)
    twin = later.show("member_default", logged.version or "")
    assert (registered.version, twin.version) == ("1", "2")
    for name in ("kind", "passed", "reasons", "auc", "lock_sha256", "fingerprint", "manifest_sha256"):
        assert getattr(registered, name) == getattr(twin, name), name
    assert later.card("member_default", "1") == run.winner.card
    later.promote("member_default", "1")
    version, folder = later.champion("member_default")
    assert artefact.load(folder, version=version).manifest_sha256 == twin.manifest_sha256


def test_a_folder_that_was_changed_is_not_registered(run, tmp_path):
    copy = tmp_path / "model"
    copy.mkdir()
    for path in run.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "card.md").write_text("better than it is", encoding="utf-8")
    registry = Registry(f"sqlite:///{tmp_path / 'mlflow.db'}")
    with pytest.raises(ArtefactError):
        registry.register(copy)
    assert registry.recipes() == ()
