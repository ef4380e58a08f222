"""Where desks come from: the champions the registry names, and the portfolio folder.

Each recipe with a champion has a desk; one without is not served. A champion of over-indebtedness has none of its own:
it stands beside the members', and where it cannot be read theirs is not replaced either.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from riskscore.errors import ArtefactError, InvalidInput, NotFound, RiskscoreError
from riskscore.modelling import artefact
from riskscore.modelling.artefact import Champion
from riskscore.modelling.toml_file import read_text
from riskscore.modelling.tracking import Registry
from riskscore.portfolio import Portfolio
from riskscore.service.bank_desk import BankDesk
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.database import sqlite_file
from riskscore.service.desk import Desk
from riskscore.service.desks import Desks
from riskscore.service.gate import trace
from riskscore.service.household import BESIDE
from riskscore.service.producer_desk import ProducerDesk
from riskscore.service.settings import Settings
from riskscore.service.state import told
from riskscore.service.turnstile import AT_ONCE, Turnstile

logger = logging.getLogger("riskscore.service")

#: Models of earlier versions kept in memory for questions on their scores.
EARLIER_MODELS = 4


@dataclass(frozen=True)
class Reading:
    """What one building of desks reads: the policy, and the portfolio opened once for all of them."""

    policy_text: str
    folder: Path

    @cached_property
    def portfolio(self) -> Portfolio:
        """The portfolio."""
        return Portfolio.open(self.folder)


class ChampionSource:
    """Builds desks of the champions and the portfolio that the settings name.

    Parameters
    ----------
    settings : Settings
    serving : Path
        The folder whose policy is read with every desk.
    cold : Turnstile, optional
        Where requests that take cores of their own wait their turn, whichever desk they began with.
    """

    def __init__(self, settings: Settings, serving: Path, cold: Turnstile | None = None) -> None:
        self._settings = settings
        self._serving = serving
        self._cold = cold or Turnstile(AT_ONCE)
        self._registry = Registry(settings.tracking_uri)
        self._of_version = lru_cache(maxsize=EARLIER_MODELS)(self._earlier)

    def signature(self) -> Hashable:
        """Return what differs when a champion, the portfolio or the policy do."""
        return tuple(self._marks(self._champions()).items())

    def build(self, previous: Desks | None) -> Desks:
        """Audit and load champions, open the portfolio, compute values; what has not changed is kept as it is.

        A recipe whose champion cannot be read keeps its desk of `previous`, and the answer says why.

        Raises
        ------
        NotFound
            No recipe has a champion.
        InvalidInput
            The policy or the portfolio cannot be read.
        """
        champions = self._champions()
        before, marks = previous or Desks({}), self._marks(champions)
        reading = Reading(self._policy_text(), self._portfolio)
        desks: dict[str, Desk] = {}
        kept: dict[str, Hashable] = {}
        faults: dict[str, str] = {}
        for recipe, mark in marks.items():
            old = before.by_recipe.get(recipe)
            if old is None or before.marks.get(recipe) != mark:
                try:
                    desks[recipe], kept[recipe] = self._desk(recipe, champions, reading, old), mark
                    continue
                except Exception as error:  # noqa: BLE001 - whatever one broken artefact raises, the others are served
                    if not isinstance(error, RiskscoreError):
                        logger.error("%s", trace(error))
                    faults[recipe] = told(error)
            if old is not None:
                desks[recipe], kept[recipe] = old, before.marks.get(recipe)
        return Desks(desks, kept, faults, beside=_beside(desks.get(self._settings.recipe)))

    def _desk(self, recipe: str, champions: Mapping[str, tuple[str, Path]], reading: Reading, old: Desk | None) -> Desk:
        champion = self._load(recipe, champions)
        if champion.recipe.subject == "group":
            return BankDesk.build(champion, reading.portfolio, self._cold)
        if champion.recipe.subject == "organisation":
            return ProducerDesk.build(champion, reading.portfolio, self._cold)
        return ChampionDesk.build(
            champion,
            reading.policy_text,
            reading.portfolio,
            previous=old if isinstance(old, ChampionDesk) else None,
            over_indebtedness=self._load(BESIDE, champions) if BESIDE in champions else None,
            of_version=self._of_version,
            cold=self._cold,
        )

    def _load(self, recipe: str, champions: Mapping[str, tuple[str, Path]]) -> Champion:
        version, folder = champions[recipe]
        champion = artefact.load(folder, version=version)
        if champion.recipe.name != recipe:
            what = f"The artefact answers {champion.recipe.name!r}, not {recipe!r}."
            raise ArtefactError.of("recipe.toml", what, "Promote a version of the right recipe.")
        return champion

    def _champions(self) -> dict[str, tuple[str, Path]]:
        """Return version and folder of every recipe that has a champion; at least one has."""
        own = self._settings.recipe
        file = sqlite_file(self._settings.tracking_uri)
        if file is not None and not file.exists():
            # MLflow would make an empty registry, and two workers at once would make a broken one.
            remedy = f"Run `riskscore train {own} PORTFOLIO --promote`, or set MLFLOW_TRACKING_URI."
            raise NotFound.of(own, "It has no champion: there is no registry yet.", remedy)
        found, missing = {}, None
        for recipe in dict.fromkeys((own, *self._settings.also)):
            try:
                found[recipe] = self._registry.champion(recipe)
            except NotFound as error:
                missing = missing or error
        if missing is not None and not set(found) - {BESIDE}:
            raise missing
        return found

    def _marks(self, champions: Mapping[str, tuple[str, Path]]) -> dict[str, Hashable]:
        """Return, of each recipe that has a desk, what its desk is built from."""
        artefacts = {recipe: (version, _traces(folder)) for recipe, (version, folder) in champions.items()}
        both = (self._manifest_digest(), self._policy_text())
        beside = artefacts.pop(BESIDE, None)
        own = self._settings.recipe
        return {recipe: (one, *both, beside if recipe == own else None) for recipe, one in artefacts.items()}

    def _earlier(self, recipe: str, version: str) -> Champion:
        return artefact.load(self._registry.folder(recipe, version), version=version)

    def _policy_text(self) -> str:
        return read_text(self._serving / "policy.toml")

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


def _beside(desk: Desk | None) -> dict[str, str]:
    household = desk.household if isinstance(desk, ChampionDesk) else None
    return {} if household is None else {household.champion.recipe.name: household.champion.version}


def _traces(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of each file: an artefact that was tampered with in place is looked at again."""
    if not folder.is_dir():
        return ()
    found = ((path.relative_to(folder).as_posix(), path.stat()) for path in folder.rglob("*") if path.is_file())
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in found))
