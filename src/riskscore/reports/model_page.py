"""What the pages of a model's version share: which model, judged on what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from riskscore.modelling.artefact import Champion
from riskscore.reports.measures import Measures
from riskscore.words import Format, Words


class OfAModel(Protocol):
    """What was found of a champion on a portfolio."""

    @property
    def champion(self) -> Champion:
        """The champion."""

    @property
    def content_hash(self) -> str:
        """Of the portfolio."""

    @property
    def data_date(self) -> date:
        """Of the portfolio."""


@dataclass(frozen=True, slots=True)
class ModelHead:
    """The head and the foot of a page of a model."""

    found: OfAModel
    words: Words
    form: Format

    @property
    def measures(self) -> Measures:
        """How figures are written."""
        return Measures(self.words, self.form)

    @property
    def title(self) -> str:
        """The recipe's own title."""
        return self.found.champion.recipe.words[self.words.language].title

    @property
    def question(self) -> str:
        """The recipe's own question."""
        return self.found.champion.recipe.words[self.words.language].question

    @property
    def model(self) -> tuple[str, str]:
        """Which model."""
        champion, t = self.found.champion, self.words
        kind = t(f"kind.{champion.model.kind}")
        told = t("validation.version", recipe=champion.recipe.name, version=champion.version, kind=kind)
        return t("validation.model"), told

    @property
    def portfolio(self) -> tuple[str, str]:
        """Up to when the portfolio goes."""
        return self.words("validation.portfolio"), self.form.day(self.found.data_date.isoformat())

    @property
    def names(self) -> str:
        """What was judged on what, for the foot."""
        model, data = self.found.champion.manifest_sha256[:12], self.found.content_hash[:12]
        return f"{model} · {self.words('foot.portfolio')} {data}"
