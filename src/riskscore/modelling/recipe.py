"""A recipe says how a champion is chosen: outcome, split, candidates, calibration, gates. TOML, and no code.

Everything an institution may argue about is here and nothing of it in the library: how much of the past is test, what
a family may weigh, what a model must show before it meets a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from riskscore.dataset import OUTCOMES, Figures, OverIndebtednessRule
from riskscore.errors import Fault, InvalidInput
from riskscore.modelling import recipe_reading as reading
from riskscore.modelling.communal_bank.settings import LiabilitySettings, liability_settings
from riskscore.modelling.maturity import maturity_rule
from riskscore.modelling.over_indebtedness import over_indebtedness_rule
from riskscore.modelling.recipe_faults import faults_between
from riskscore.modelling.recipe_parts import (
    BoostingCandidate,
    Candidate,
    FeatureChoice,
    GateSettings,
    Grade,
    ScorecardCandidate,
    Span,
    SplitSettings,
    Words,
)
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.toml_fields import Fields
from riskscore.modelling.toml_file import parse_toml, read_text
from riskscore.modelling.toml_lines import place_of
from riskscore.portfolio.maturity_rule import MaturityRule

__all__ = [
    "BoostingCandidate",
    "Candidate",
    "FeatureChoice",
    "GateSettings",
    "Grade",
    "Recipe",
    "ScorecardCandidate",
    "Span",
    "SplitSettings",
    "Words",
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one product's champion is chosen; see the fields of its parts.

    Parameters
    ----------
    first_cycle : str
        A column of the training set that is missing (or a 0/1 feature that is 1) for a member's first cycle.
    offsets : tuple of str
        0/1 features whose segment has a level of its own in the calibration.
    maturity : MemberRule, BankRule, ProducerRule or None
        When the outcome is final and what makes it bad; None where it rests on the household, or the source labels.
    household : OverIndebtednessRule or None
        The numbers of an outcome that rests on the household.
    liability : LiabilitySettings or None
        How falls of members reach the lender; only of a communal bank's recipe.
    text : str
        The file, verbatim: it goes into the artefact.
    file : str
        What it is called in faults.
    places : mapping of str to str
        Where a field stands in the file, of a recipe made from a section of another.
    """

    name: str
    subject: str
    ledger: str
    words: Mapping[str, Words]
    outcome: str
    min_bads: int
    first_cycle: str
    split: SplitSettings
    features: FeatureChoice
    scale: ScoreScale
    caps: Mapping[str, float]
    candidates: tuple[Candidate, ...]
    calibration_folds: int
    offsets: tuple[str, ...]
    gates: GateSettings
    grades: tuple[Grade, ...]
    band_edges: tuple[float, ...]
    maturity: MaturityRule | None
    household: OverIndebtednessRule | None
    text: str = field(repr=False)
    liability: LiabilitySettings | None = None
    file: str = field(default="recipe", repr=False, compare=False)
    places: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def at(self, where: str, naming: str = "") -> str:
        """Return the place of a field for a fault, with its line: ``"member_default.toml:34: features.families"``.

        `naming` is an entry of a list, whose own line is told.
        """
        return place_of(self.text, self.file, self.places.get(where, where), naming)

    @property
    def of_household(self) -> bool:
        """Whether the outcome is what becomes of the household, and not of the loan."""
        return self.outcome in OUTCOMES and OUTCOMES[self.outcome].of_household

    @property
    def rule(self) -> Figures | None:
        """The figures by which the labels are made; None where the source brought them."""
        return self.household if self.of_household else self.maturity

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a recipe.

        Raises
        ------
        InvalidInput
            The file is missing, is no TOML, or breaks the contract; every fault at once.
        """
        path = Path(path)
        return cls.parse(read_text(path), where=path.name)

    @classmethod
    def parse(cls, text: str, *, where: str = "recipe") -> Self:
        """Read a recipe from its text; `where` names it in faults."""
        content = parse_toml(text, where)
        faults: list[Fault] = []
        top = Fields(content, "", faults)
        outcome = top.text("outcome")
        folds, offsets = reading.read_calibration(top.table("calibration"))
        recipe = cls(
            name=top.text("name"),
            subject=top.text("subject", among=("member", "group", "organisation")),
            ledger=top.text("ledger", among=("internal", "external")),
            words=reading.read_words(top.table("words")),
            outcome=outcome,
            min_bads=top.whole("min_bads", 0, 10**9),
            first_cycle=top.text("first_cycle"),
            split=reading.read_split(top.table("split")),
            features=reading.read_features(top.table("features")),
            scale=reading.read_scale(top.table("scale")),
            caps=reading.read_caps(top.table("caps", needed=False)),
            candidates=reading.read_candidates(top.tables("candidates")),
            calibration_folds=folds,
            offsets=offsets,
            gates=reading.read_gates(top.table("gates")),
            grades=reading.read_grades(top.table("grades")),
            band_edges=reading.read_bands(top.table("bands")),
            maturity=maturity_rule(top, outcome),
            household=over_indebtedness_rule(top, outcome),
            text=text,
            liability=liability_settings(top.table("liability")) if "liability" in content else None,
            file=where,
        )
        top.done()
        faults += faults_between(recipe)
        if faults:
            raise InvalidInput(Fault(place_of(text, where, fault.where), fault.what, fault.remedy) for fault in faults)
        return recipe
