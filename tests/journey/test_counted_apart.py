"""Loans since training are counted in a process of their own: the same figures, and it ends when it has to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest

from riskscore.modelling import artefact
from riskscore.modelling.tracking import Registry
from riskscore.modelling.validation.since_training import since_training
from riskscore.service import apart
from riskscore.service.apart import Apart


@pytest.fixture(scope="module")
def champion(institution):
    registry = Registry(institution.tracking_uri)
    folder = registry.folder("member_default", institution.version)
    return artefact.load(folder, version=institution.version)


def test_the_figures_are_those_of_the_count_itself(institution, champion):
    told = Apart(Registry(institution.tracking_uri)).count(champion, institution.portfolio)
    itself = since_training(champion, institution.portfolio).to_dict()
    assert told == json.loads(json.dumps(itself))
    assert told["trained_to"] == "2025-12-31"


def test_a_service_that_stops_ends_the_count_and_begins_no_other(institution, champion, monkeypatch, tmp_path, caplog):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o700)
    monkeypatch.setattr(apart.sys, "executable", str(slow))
    counting, told = Apart(Registry(institution.tracking_uri)), []
    waiting = threading.Thread(target=lambda: told.append(counting.count(champion, institution.portfolio)))
    waiting.start()
    until = time.monotonic() + 60
    while counting._child is None and time.monotonic() < until:
        time.sleep(0.01)
    child = psutil.Process(counting._child.pid)
    counting.stop()
    waiting.join(60)
    assert told == [{"answer": "unknown"}]
    assert not child.is_running()
    assert counting.count(champion, institution.portfolio) == {"answer": "unknown"}
    assert counting._child.pid == child.pid
    assert caplog.text == ""


def test_what_goes_wrong_there_is_told_as_unknown_and_logged_by_its_kind(institution, champion, tmp_path, caplog):
    gone = SimpleNamespace(path=tmp_path / "budget-913", manifest=institution.portfolio.manifest)
    assert Apart(Registry(institution.tracking_uri)).count(champion, gone) == {"answer": "unknown"}
    assert "member_default since its training: InvalidInput" in caplog.text
    assert "budget-913" not in caplog.text


def test_a_portfolio_that_was_replaced_meanwhile_is_not_counted_for_the_other(institution, champion, caplog):
    other = SimpleNamespace(path=institution.portfolio.path, manifest=SimpleNamespace(content_hash="other"))
    assert Apart(Registry(institution.tracking_uri)).count(champion, other) == {"answer": "unknown"}
    assert "the portfolio was replaced meanwhile" in caplog.text


def test_it_leaves_with_a_parent_that_ended_before_it_looked():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)
    waits = (
        "import sys, time; from riskscore.service.launch import leave_with_parent; leave_with_parent(int(sys.argv[1]))"
    )
    child = subprocess.run([sys.executable, "-c", f"{waits}; time.sleep(60)", str(ended.pid)], check=False, timeout=50)
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_is_killed_is_told_as_unknown(institution, champion, monkeypatch, tmp_path, caplog):
    dying = tmp_path / "dying"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o700)
    monkeypatch.setattr(apart.sys, "executable", str(dying))
    told = Apart(Registry(institution.tracking_uri)).count(champion, institution.portfolio)
    assert told == {"answer": "unknown"}
    assert "it ended with -9" in caplog.text
