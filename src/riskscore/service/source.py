"""Where desks come from: the champion the registry names, and the portfolio folder."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path

from riskscore.errors import ArtefactError, InvalidInput, NotFound
from riskscore.modelling import artefact
from riskscore.modelling.artefact import Champion
from riskscore.modelling.toml_file import read_text
from riskscore.modelling.tracking import Registry
from riskscore.portfolio import Portfolio
from riskscore.project import Project
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.database import sqlite_file
from riskscore.service.desk import Desk
from riskscore.service.settings import Settings

#: Models of earlier versions kept in memory for questions on their scores.
EARLIER_MODELS = 4


class ChampionSource:
    """Builds desks of the champion and the portfolio that the settings name.

    Parameters
    ----------
    settings : Settings
    project : Project
        Its policy is read with every desk.
    """

    def __init__(self, settings: Settings, project: Project) -> None:
        self._settings = settings
        self._project = project
        self._registry = Registry(settings.tracking_uri)
        self._of_version = lru_cache(maxsize=EARLIER_MODELS)(self._load)

    def signature(self) -> Hashable:
        """Return what differs when champion, portfolio or policy do."""
        version, folder = self._champion()
        return (
            version,
            _traces(folder),
            self._manifest_digest(),
            self._policy_text(),
        )

    def build(self, previous: Desk | None) -> Desk:
        """Audit and load the champion, open the portfolio, compute the members' values."""
        version, folder = self._champion()
        champion = artefact.load(folder, version=version)
        if champion.recipe.name != self._settings.recipe:
            what = f"The artefact answers {champion.recipe.name!r}, not {self._settings.recipe!r}."
            raise ArtefactError.of("recipe.toml", what, "Promote a version of the right recipe.")
        return ChampionDesk.build(
            champion,
            self._policy_text(),
            Portfolio.open(self._portfolio),
            previous=previous if isinstance(previous, ChampionDesk) else None,
            of_version=self._of_version,
        )

    def _champion(self) -> tuple[str, Path]:
        file = sqlite_file(self._settings.tracking_uri)
        if file is not None and not file.exists():
            # MLflow would make an empty registry, and two workers at once would make a broken one.
            recipe = self._settings.recipe
            remedy = f"Run `riskscore train {recipe} PORTFOLIO --promote`, or set MLFLOW_TRACKING_URI."
            raise NotFound.of(recipe, "It has no champion: there is no registry yet.", remedy)
        return self._registry.champion(self._settings.recipe)

    def _load(self, version: str) -> Champion:
        return artefact.load(self._registry.folder(self._settings.recipe, version), version=version)

    def _policy_text(self) -> str:
        return read_text(self._project.serving_dir / "policy.toml")

    def _manifest_digest(self) -> str:
        path = self._portfolio / "portfolio.json"
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            remedy = "Set RISKSCORE_PORTFOLIO to a portfolio folder."
            raise InvalidInput.of(str(path), f"It cannot be read: {error.strerror}.", remedy) from error

    @property
    def _portfolio(self) -> Path:
        if self._settings.portfolio is None:
            raise InvalidInput.of("RISKSCORE_PORTFOLIO", "No portfolio is named.", "Set it to a portfolio folder.")
        return self._settings.portfolio


def _traces(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of each file: an artefact that was tampered with in place is looked at again."""
    if not folder.is_dir():
        return ()
    found = ((path.relative_to(folder).as_posix(), path.stat()) for path in folder.rglob("*") if path.is_file())
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in found))
