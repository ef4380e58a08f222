"""Every figure of the fairness report as plain values, for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.evaluation.fairness import AttributeFindings
from riskscore.reports.json_file import plain
from riskscore.scoring.fairness import FairnessAudit


def fairness_json(found: FairnessAudit) -> Mapping[str, Any]:
    """Return every figure as plain values; a small group has its name alone."""
    champion = found.past.judging.champion
    return {
        "recipe": champion.recipe.name,
        "model_version": champion.version,
        "lock": champion.lock.sha256,
        "policy_version": found.past.policy.version,
        "first_test": found.past.judging.first_test.isoformat(),
        "asked": found.asked,
        "judged": len(found.past),
        "bads": int(found.judged.y.sum()),
        "ready": float(found.judged.ready.mean()),
        "standard": found.watched.standard,
        "traits": [_trait_json(trait) for trait in found.traits],
        "crossings": {
            key: [cell if cell.told else {"groups": cell.groups, "told": False} for cell in cells]
            for key, cells in found.crossings.items()
        },
        "proxies": found.proxies,
        "alternatives": found.alternatives,
        "not_watched": found.not_watched,
    }


def _trait_json(trait: AttributeFindings) -> Mapping[str, Any]:
    groups = [one if one.told else {"name": one.name, "told": False} for one in trait.groups]
    return {**plain(trait), "groups": groups}
