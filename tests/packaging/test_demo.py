"""`riskscore demo` from an empty folder: it ends at an explained score, and Ctrl-C leaves no process behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow]

DEMO = [sys.executable, "-c", "from riskscore.cli import app; app()", "demo"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the demo has been made once."""
    return tmp_path_factory.mktemp("visitor")


@pytest.fixture(scope="module")
def first(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEMO_ONCE": "1"}
    return subprocess.run(DEMO, cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False)


def marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("RISKSCORE_TEST_MARK") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_once_prints_the_score_its_reasons_and_ends(first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stderr
    assert re.search(r"^score +\d{3}, grade [A-E], PD 0\.\d{3}$", first.stdout, flags=re.MULTILINE), first.stdout
    assert 1 <= len(re.findall(r"^reason +R\d\d ", first.stdout, flags=re.MULTILINE)) <= 4
    assert "Traceback" not in first.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_it_serves_the_link_until_ended_and_leaves_no_process(
    folder: Path, first: subprocess.CompletedProcess[str], ending: signal.Signals
) -> None:
    assert first.returncode == 0, first.stderr
    mark = uuid.uuid4().hex
    environment = {**os.environ, "RISKSCORE_TEST_MARK": mark}
    with subprocess.Popen(
        DEMO, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        assert demo.stdout is not None
        seen = ""
        while "Serving until Ctrl-C" not in seen:
            line = demo.stdout.readline()
            assert line, seen
            seen += line
        assert "used again" in seen
        link = re.search(r"http://127\.0\.0\.1:\d+/enter\?key=\S+", seen)
        assert link

        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(link[0], timeout=30) as page:
            assert "<svg" in page.read().decode()
        assert len(marked(mark)) > 1
        demo.send_signal(ending)
        assert demo.wait(60) == 0
    until = time.monotonic() + 60
    while marked(mark) and time.monotonic() < until:
        time.sleep(0.2)
    assert marked(mark) == []
