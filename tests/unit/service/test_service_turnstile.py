"""Who waits and who is inside is told as it changes, and nobody is counted for ever."""

from __future__ import annotations

import threading

import pytest

from riskscore.service.metrics import Metrics, Standing
from riskscore.service.turnstile import Turnstile


def test_the_third_waits_until_one_of_two_leaves():
    metrics, leave, inside = Metrics(), threading.Event(), threading.Semaphore(0)
    turnstile = Turnstile(2, metrics.queued)

    def stay() -> None:
        with turnstile.through():
            inside.release()
            leave.wait(30)

    threads = [threading.Thread(target=stay) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=30)
    assert inside.acquire(timeout=30)
    assert not inside.acquire(blocking=False)
    assert "riskscore_cold_in_progress 2.0" in told(metrics)
    leave.set()
    for thread in threads:
        thread.join(30)
    assert "riskscore_cold_in_progress 0.0" in told(metrics)
    assert "riskscore_cold_waiting 0.0" in told(metrics)


def test_one_that_fails_inside_leaves():
    metrics = Metrics()
    turnstile = Turnstile(1, metrics.queued)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"), turnstile.through():
            raise ValueError("no")
    assert "riskscore_cold_in_progress 0.0" in told(metrics)


def told(metrics: Metrics) -> str:
    return metrics.text(Standing(ready=True)).decode()
