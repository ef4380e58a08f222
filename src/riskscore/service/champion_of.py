"""What every desk of one champion and one portfolio tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio


@dataclass(frozen=True, eq=False, kw_only=True)
class ChampionOf:
    """A champion over a portfolio."""

    champion: Champion
    portfolio: Portfolio

    @property
    def recipe(self) -> str:
        """Name of the recipe served."""
        return self.champion.recipe.name

    @property
    def model_version(self) -> str:
        """The champion's version."""
        return self.champion.version

    @property
    def currency(self) -> str:
        """The portfolio's, ISO 4217."""
        return self.portfolio.manifest.currency

    @property
    def time_zone(self) -> str:
        """The institution's, an IANA name."""
        return self.portfolio.manifest.time_zone

    def read_moment(self, value: str | date | datetime) -> datetime:
        """Return the local moment that `value` names."""
        return self.portfolio.manifest.moment(value)
