"""Life, readiness and metrics in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service.openapi.pieces import json_of, operation


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/livez": {"get": operation("The process is up.", {"200": {"description": "Up."}}, (), secured=False)},
        "/readyz": {
            "get": operation(
                "The latest champion and portfolio are in service.",
                {"200": json_of("Ready.", {"type": "object"})},
                (503,),
                secured=False,
            )
        },
        "/metrics": {
            "get": operation(
                "Prometheus metrics, for officers, analysts and auditors.",
                {"200": {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
                (401, 403),
            )
        },
    }
