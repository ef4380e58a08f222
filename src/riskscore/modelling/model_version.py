"""A registered version of a model, as its tags in the registry describe it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A registered version of a recipe's model.

    Parameters
    ----------
    recipe, version : str
    aliases : tuple of str
        ``"champion"``, ``"challenger"``, or none.
    created_at : datetime
        UTC, naive.
    kind : str
        ``"woe_scorecard"`` or ``"lightgbm"``.
    passed : bool
        Whether every gate was passed.
    reasons : tuple of str
        What the failed gates said.
    auc : float or None
        Out of time, on all later rows.
    lock_sha256, fingerprint, manifest_sha256 : str
        Of the features, the training set and the artefact.
    forced : str
        Why it was promoted against its gates; empty where it was not.
    """

    recipe: str
    version: str
    aliases: tuple[str, ...]
    created_at: datetime
    kind: str
    passed: bool
    reasons: tuple[str, ...]
    auc: float | None
    lock_sha256: str
    fingerprint: str
    manifest_sha256: str
    forced: str


def model_version(found: Any, aliases: Mapping[str, tuple[str, ...]]) -> ModelVersion:
    """Read MLflow's own version; `aliases` are by version number, because its search leaves them out."""
    tags = found.tags
    number = str(found.version)
    return ModelVersion(
        recipe=found.name,
        version=number,
        aliases=aliases.get(number, ()),
        created_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC).replace(tzinfo=None),
        kind=tags.get("kind", ""),
        passed=tags.get("passed") == "true",
        reasons=tuple(json.loads(tags.get("reasons", "[]"))),
        auc=float(tags["auc"]) if tags.get("auc") else None,
        lock_sha256=tags.get("lock_sha256", ""),
        fingerprint=tags.get("fingerprint", ""),
        manifest_sha256=tags.get("manifest_sha256", ""),
        forced=tags.get("forced", ""),
    )
