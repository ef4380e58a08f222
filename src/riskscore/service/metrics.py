"""Counts and latencies for Prometheus, added up over the worker processes.

No label holds anything about a person: routes are templates, and grades are counted, not named.
"""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

MEDIA_TYPE = CONTENT_TYPE_LATEST

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


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
        self._swaps = Counter("riskscore_swaps", "Desks put in service.", registry=self._registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._latency.labels(route, method).observe(seconds)

    def scored(self, recipe: str, model_version: str, grade: str) -> None:
        """Count a score."""
        self._scores.labels(recipe, model_version, grade).inc()

    def swapped(self) -> None:
        """Count a desk put in service."""
        self._swaps.inc()

    def text(self) -> bytes:
        """Return the exposition of all worker processes together."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)
