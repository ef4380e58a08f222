"""Counts and latencies for Prometheus, added up over the worker processes, and how things stand at this moment.

No label holds anything about a person: routes are templates, and grades are counted, not named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

MEDIA_TYPE = CONTENT_TYPE_LATEST

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand when the metrics are read, as the process that answers sees them.

    Parameters
    ----------
    ready : bool
        As ``/readyz`` says.
    champions : mapping of str to str
        The version in service, by recipe.
    data_age_days : int or None
        Days since the portfolio's last day.
    entries : int or None
        Length of the chain; None while the database is away.
    """

    ready: bool
    champions: Mapping[str, str] = field(default_factory=dict)
    data_age_days: int | None = None
    entries: int | None = None


class Metrics:
    """The service's metrics in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "riskscore_requests", "Requests answered.", ("route", "method", "status"), registry=self._registry
        )
        self._latency = Histogram(
            "riskscore_request_seconds",
            "Seconds from request to answer.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._scores = Counter(
            "riskscore_scores", "Scores answered.", ("recipe", "model_version", "grade"), registry=self._registry
        )
        self._refusals = Counter(
            "riskscore_refusals", "Requests refused, by the title of the problem.", ("reason",), registry=self._registry
        )
        self._swaps = Counter("riskscore_swaps", "Desks put in service, in every process.", registry=self._registry)
        self._progress = self._gauge("riskscore_requests_in_progress", "Requests begun and not yet answered.")
        self._waiting = self._gauge("riskscore_cold_waiting", "Requests that wait to compute a moment of the past.")
        self._cold = self._gauge("riskscore_cold_in_progress", "Moments of the past that are being computed.")

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, multiprocess_mode="livesum", registry=self._registry)

    def begun(self) -> None:
        """Count a request in."""
        self._progress.inc()

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request out."""
        self._progress.dec()
        self._requests.labels(route, method, str(status)).inc()
        self._latency.labels(route, method).observe(seconds)

    def scored(self, recipe: str, model_version: str, grade: str) -> None:
        """Count a score."""
        self._scores.labels(recipe, model_version, grade).inc()

    def refused(self, reason: str) -> None:
        """Count a refusal; `reason` is one of a closed list of titles."""
        self._refusals.labels(reason).inc()

    def swapped(self) -> None:
        """Count a desk put in service."""
        self._swaps.inc()

    def queued(self, waiting: int, inside: int) -> None:
        """Count a change in how many requests wait for, or are at, the computation of a moment of the past."""
        self._waiting.inc(waiting)
        self._cold.inc(inside)

    def text(self, standing: Standing) -> bytes:
        """Return the exposition of all worker processes together, and how things stand."""
        now = CollectorRegistry()
        now.register(_Now(standing))
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if folder is None:
            return generate_latest(self._registry) + generate_latest(now)
        _forget_the_dead(Path(folder))
        MultiProcessCollector(now)  # type: ignore[no-untyped-call]
        return generate_latest(now)


class _Now(Collector):
    """Gauges that are the same in every process, so that one may answer for all."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what is known."""
        standing = self._standing
        release = GaugeMetricFamily("riskscore_build_info", "The release in service.", labels=["version"])
        release.add_metric([version("riskscore")], 1)
        yield release
        yield GaugeMetricFamily("riskscore_ready", "1 where /readyz says ready or degraded.", float(standing.ready))
        models = GaugeMetricFamily("riskscore_model_info", "Champions in service.", labels=["recipe", "model_version"])
        for champion in standing.champions.items():
            models.add_metric(champion, 1)
        yield models
        if standing.data_age_days is not None:
            text = "Days since the portfolio's last day."
            yield GaugeMetricFamily("riskscore_data_age_days", text, standing.data_age_days)
        if standing.entries is not None:
            yield GaugeMetricFamily("riskscore_chain_entries", "Entries in the chain of records.", standing.entries)


def _forget_the_dead(folder: Path) -> None:
    """Take out what processes that were killed had in progress: nobody else would ever count it out."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not psutil.pid_exists(pid):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
