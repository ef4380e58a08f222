"""What is told of the models themselves: versions on the registry's shelf, and the register's entries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from riskscore.errors import RiskscoreError
from riskscore.modelling import artefact
from riskscore.modelling.artefact import Champion
from riskscore.modelling.gates import SEGMENTS
from riskscore.modelling.model_version import ModelVersion
from riskscore.modelling.tracking import CHALLENGER, CHAMPION, Registry
from riskscore.scoring import Policy
from riskscore.scoring.register import RegisterWords, register
from riskscore.service.apart import Apart
from riskscore.service.desks import Desks
from riskscore.service.followed import Followed

#: Models kept in memory after they were asked about: four recipes, champion and challenger.
KEPT = 8


class Shelf:
    """Reads the registry, and ``register.toml`` and ``policy.toml`` of the serving folder, when it is asked.

    Parameters
    ----------
    registry : Registry
    serving : Path
    """

    def __init__(self, registry: Registry, serving: Path) -> None:
        self._registry = registry
        self._serving = serving
        self._champion = lru_cache(maxsize=KEPT)(self._load)
        self._apart = Apart(registry)
        self._followed = Followed(self._apart.count)

    def stop(self) -> None:
        """End what is being counted, and begin nothing more."""
        self._apart.stop()

    def models(self, desks: Desks) -> list[dict[str, Any]]:
        """Return champion and challenger of every registered recipe, by recipe, and which version is in service.

        The registry's champion is not the version in service while it is being read, and where it could not be. What
        became of loans since training is of the version in service.
        """
        since = self._followed.told(desks)
        told = []
        for recipe in sorted(self._registry.recipes()):
            versions = self._registry.list(recipe)
            own = {alias: next((one for one in versions if alias in one.aliases), None) for alias in _ALIASES}
            told.append(
                {
                    "recipe": recipe,
                    "in_service": desks.versions.get(recipe),
                    "fault": desks.faults.get(recipe),
                    "since_training": since.get(recipe),
                    **{alias: None if one is None else self._told(one) for alias, one in own.items()},
                }
            )
        return told

    def register(self, desks: Desks, language: str) -> list[dict[str, Any]]:
        """Return the entry of every model in service, by recipe; see `riskscore.scoring.register.register`.

        Raises
        ------
        RiskscoreError
            The words, the policy or an artefact cannot be read.
        """
        words, policy = RegisterWords.load(self._serving / "register.toml"), self.policy()
        serving = sorted(desks.versions.items())
        return [register(self._champion(recipe, version), policy, words, language) for recipe, version in serving]

    def policy(self) -> Policy:
        """Return the policy.

        Raises
        ------
        InvalidInput
            It cannot be read, with every fault.
        """
        return Policy.load(self._serving / "policy.toml")

    def _told(self, version: ModelVersion) -> dict[str, Any]:
        """Return a version as its tags and its artefact tell it; why not, where the artefact cannot be read."""
        told: dict[str, Any] = {
            "version": version.version,
            "model": version.kind,
            "trained_at": f"{version.created_at.isoformat()}+00:00",
            "passed": version.passed,
            "promoted_against_gates": version.forced or None,
            "auc": version.auc,
            "lock": version.lock_sha256,
            "training_set": version.fingerprint,
            "artefact": version.manifest_sha256,
        }
        try:
            champion = self._champion(version.recipe, version.version)
        except RiskscoreError as error:
            return {**told, "card": None, "gates": [], "unreadable": str(error)}
        return {**told, "card": _card(champion), "gates": champion.metrics.get("gates", []), "unreadable": None}

    def _load(self, recipe: str, version: str) -> Champion:
        return artefact.load(self._registry.folder(recipe, version), version=version)


_ALIASES = (CHAMPION, CHALLENGER)


def _card(champion: Champion) -> dict[str, Any]:
    """Return what the model card begins with; the whole of it is ``riskscore models show``."""
    recipe, metrics = champion.recipe, champion.metrics
    return {
        "title": {language: words.title for language, words in recipe.words.items()},
        "question": {language: words.question for language, words in recipe.words.items()},
        "subject": recipe.subject,
        "outcome": recipe.outcome,
        "features": list(champion.model.features),
        "caps": dict(champion.model.caps),
        "grades": {grade.name: grade.below for grade in recipe.grades},
        "data": metrics.get("data", {}),
        "auc": {
            name: evaluation.get("figures", {}).get("auc")
            for name, evaluation in metrics.get("evaluations", {}).items()
        },
        "calibration": _calibration(metrics.get("evaluations", {}).get("later", {})),
    }


def _calibration(later: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return slope and observed over expected on the rows after the split, of all (no name) and of each segment.

    A figure is None where the evaluation had too few bads to say.
    """
    parts = {"": later} if later else {}
    for variable, segments in later.get("segments", {}).items():
        if variable in SEGMENTS:
            parts |= {
                f"{name} cycle" if variable == "cycle" else f"regime {name}": one for name, one in segments.items()
            }
    return {
        name: {
            "rows": one["n"],
            "bads": one["bads"],
            **{figure: one["figures"].get(figure) for figure in ("slope", "observed_expected")},
        }
        for name, one in parts.items()
    }
