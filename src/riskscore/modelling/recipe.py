"""A recipe says how a champion is chosen: outcome, split, candidates, calibration, gates. TOML, and no code.

Everything an institution may argue about is here and nothing of it in the library: how much of the past is test, what
a family may weigh, what a model must show before it meets a person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from riskscore.dataset import OUTCOMES, OverIndebtednessRule
from riskscore.errors import Fault, InvalidInput
from riskscore.modelling.communal_bank.settings import (
    LiabilitySettings,
    StructuralCandidate,
    liability_settings,
    structural_candidate,
)
from riskscore.modelling.expert.candidate import ExpertCandidate, read_expert
from riskscore.modelling.over_indebtedness import over_indebtedness_rule
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.toml_fields import Fields, not_utf8
from riskscore.modelling.toml_lines import line_of

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Words:
    """What the model is called and what it answers, in one language."""

    title: str
    question: str


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Which rows test.

    Parameters
    ----------
    test_share : float
        Share of the applications, the latest ones, that only test.
    held_out_groups : float
        Share of whole groups that never train; their later rows are the conservative test.
    embargo_days : int
        Days that must lie between a training row's final outcome and the first test moment.
    """

    test_share: float
    held_out_groups: float
    embargo_days: int


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """Which of the lock's predictors may enter: whole families, less the excluded names.

    `free` names features that have to be declared ``risk="free"``: evidence gives them no direction.
    """

    families: tuple[str, ...]
    exclude: tuple[str, ...]
    free: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScorecardCandidate:
    """A weight-of-evidence scorecard: at most `max_bins` a feature, none under `min_iv`, ridge on the coefficients."""

    max_bins: int
    min_iv: float
    ridge: float
    kind: Literal["woe_scorecard"] = "woe_scorecard"


@dataclass(frozen=True, slots=True)
class BoostingCandidate:
    """Monotone LightGBM: optuna's trials within the spans, each judged on `folds` grouped folds."""

    trials: int
    timeout_seconds: float
    folds: int
    trees: int
    learning_rate: Span
    leaves: Span
    rows_per_leaf: Span
    l2: Span
    features_per_tree: Span
    rows_per_tree: Span
    kind: Literal["lightgbm"] = "lightgbm"


Candidate = ScorecardCandidate | BoostingCandidate | ExpertCandidate | StructuralCandidate


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What an evaluated model must show before it may be promoted.

    Parameters
    ----------
    min_bads : int
        Fewest bads in the later test rows.
    min_auc : float
        Smallest AUC out of time.
    leakage_auc : float
        An AUC above this is an alarm, not a success.
    slope, observed_expected : tuple of float
        Ranges of the calibration slope and of observed over expected bads.
    max_ici : float
        Largest integrated calibration index beyond chance, as a probability.
    segment_min_bads : int
        A segment (first cycle, repeat) with fewer bads is shown and not judged.
    """

    min_bads: int
    min_auc: float
    leakage_auc: float
    slope: Span
    observed_expected: Span
    max_ici: float
    segment_min_bads: int


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter and the PD below which it is given (exclusive); the last one reaches 1."""

    name: str
    below: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one product's champion is chosen; see the fields of its parts.

    Parameters
    ----------
    first_cycle : str
        A column of the training set that is missing (or a 0/1 feature that is 1) for a member's first cycle.
    offsets : tuple of str
        0/1 features whose segment has a level of its own in the calibration.
    household : OverIndebtednessRule or None
        The numbers of an outcome that rests on the household.
    liability : LiabilitySettings or None
        How falls of members reach the lender; only of a communal bank's recipe.
    text : str
        The file, verbatim: it goes into the artefact.
    file : str
        What it is called in faults.
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
    household: OverIndebtednessRule | None
    text: str = field(repr=False)
    liability: LiabilitySettings | None = None
    file: str = field(default="recipe", repr=False, compare=False)

    def at(self, where: str, naming: str = "") -> str:
        """Return the place of a field for a fault, with its line: ``"member_default.toml:33: features.families"``.

        `naming` is an entry of a list, whose own line is told.
        """
        return place_of(self.text, self.file, where, naming)

    @property
    def of_household(self) -> bool:
        """Whether the outcome is what becomes of the household, and not of the loan."""
        return self.outcome in OUTCOMES and OUTCOMES[self.outcome].of_household

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a recipe.

        Raises
        ------
        InvalidInput
            The file is missing, is no TOML, or breaks the contract; every fault at once.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as cause:
            raise InvalidInput.of(str(path), f"It cannot be read: {cause.strerror}.", "Name a recipe file.") from cause
        except UnicodeDecodeError as cause:
            raise InvalidInput.of(path.name, *not_utf8(cause)) from cause
        return cls.parse(text, where=path.name)

    @classmethod
    def parse(cls, text: str, *, where: str = "recipe") -> Self:
        """Read a recipe from its text; `where` names it in faults."""
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as cause:
            raise InvalidInput.of(where, f"It is no TOML: {cause}.", "Mend the line named.") from cause
        faults: list[Fault] = []
        top = Fields(content, "", faults)
        folds, offsets = _calibration(top.table("calibration"))
        recipe = cls(
            name=top.text("name"),
            subject=top.text("subject", among=("member", "group", "organisation")),
            ledger=top.text("ledger", among=("internal", "external")),
            words=_words(top.table("words")),
            outcome=top.text("outcome"),
            min_bads=top.whole("min_bads", 0, 10**9),
            first_cycle=top.text("first_cycle"),
            split=_split(top.table("split")),
            features=_features(top.table("features")),
            scale=_scale(top.table("scale")),
            caps=_caps(top.table("caps", needed=False)),
            candidates=_candidates(top.tables("candidates")),
            calibration_folds=folds,
            offsets=offsets,
            gates=_gates(top.table("gates")),
            grades=_grades(top.table("grades")),
            band_edges=_bands(top.table("bands")),
            household=over_indebtedness_rule(top.table("over_indebtedness", needed=False)),
            text=text,
            liability=liability_settings(top.table("liability")) if "liability" in content else None,
            file=where,
        )
        top.done()
        kinds = [candidate.kind for candidate in recipe.candidates]
        if len(set(kinds)) != len(kinds):
            top.fault("candidates", "Two are of the same kind.", "Keep one of each.")
        if (recipe.liability is None) == ("structural" in kinds):
            top.fault("liability", "A structural candidate and this section go together.", "Add the other, or drop it.")
        if recipe.of_household and recipe.household is None:
            top.fault("over_indebtedness", "It is missing.", "Add the section; training/over_indebtedness.toml has it.")
        if recipe.household is not None and not recipe.of_household:
            top.fault("over_indebtedness", "The outcome is not about households.", "Take the section out.")
        if recipe.features.families:
            for family in recipe.caps:
                if family not in recipe.features.families:
                    top.fault(f"caps.{family}", "The family is not in features.families.", "Add it there, or drop it.")
        if faults:
            raise InvalidInput(Fault(place_of(text, where, fault.where), fault.what, fault.remedy) for fault in faults)
        return recipe


def place_of(text: str, file: str, where: str, naming: str = "") -> str:
    """Return file, line and field, as faults name them; without a line where nothing of it is in the text."""
    line = line_of(text, where, naming)
    return f"{file}: {where}" if line is None else f"{file}:{line}: {where}"


def _words(table: Fields) -> dict[str, Words]:
    words = {}
    for language in ("es", "en"):
        one = table.table(language)
        words[language] = Words(one.text("title"), one.text("question"))
        one.done()
    table.done()
    return words


def _split(table: Fields) -> SplitSettings:
    settings = SplitSettings(
        test_share=table.number("test_share", 0.05, 0.6),
        held_out_groups=table.number("held_out_groups", 0.0, 0.5),
        embargo_days=table.whole("embargo_days", 0, 3650, default=0),
    )
    table.done()
    return settings


def _features(table: Fields) -> FeatureChoice:
    choice = FeatureChoice(table.texts("families"), table.texts("exclude", default=()), table.texts("free", default=()))
    if not choice.families:
        table.fault("families", "No family is named.", "Name the families that may enter.")
    table.done()
    return choice


def _scale(table: Fields) -> ScoreScale:
    scale = ScoreScale(
        base=table.number("base", -1e6, 1e6),
        odds=table.number("odds", 1e-6, 1e6),
        pdo=table.number("pdo", 1e-3, 1e6),
    )
    table.done()
    return scale


def _caps(table: Fields) -> dict[str, float]:
    caps = {family: table.number(family, 0.0, 1000.0, above_low=True) for family in table.content}
    table.done()
    return caps


def _woe_scorecard(table: Fields) -> ScorecardCandidate:
    return ScorecardCandidate(
        max_bins=table.whole("max_bins", 2, 20),
        min_iv=table.number("min_iv", 0.0, 1.0),
        ridge=table.number("ridge", 0.0, 1e6),
    )


def _lightgbm(table: Fields) -> BoostingCandidate:
    search = table.table("search")
    candidate = BoostingCandidate(
        trials=table.whole("trials", 1, 1000),
        timeout_seconds=table.number("timeout_seconds", 1, 86400),
        folds=table.whole("folds", 2, 10),
        trees=table.whole("trees", 10, 200),
        learning_rate=search.span("learning_rate", 0.001, 0.5),
        leaves=search.span("leaves", 2, 15),
        rows_per_leaf=search.span("rows_per_leaf", 1, 100_000),
        l2=search.span("l2", 0.0, 10_000),
        features_per_tree=search.span("features_per_tree", 0.1, 1.0),
        rows_per_tree=search.span("rows_per_tree", 0.1, 1.0),
    )
    search.done()
    return candidate


#: How each kind of candidate is read from its table.
KINDS: dict[str, Callable[[Fields], Candidate]] = {
    "woe_scorecard": _woe_scorecard,
    "lightgbm": _lightgbm,
    "expert_prior": read_expert,
    "structural": structural_candidate,
}


def _candidates(tables: list[Fields]) -> tuple[Candidate, ...]:
    found = []
    for table in tables:
        kind = table.text("kind", among=tuple(KINDS))
        if kind in KINDS:
            found.append(KINDS[kind](table))
            table.done()
    return tuple(found)


def _calibration(table: Fields) -> tuple[int, tuple[str, ...]]:
    folds, offsets = table.whole("folds", 2, 20), table.texts("offsets", ())
    if len(set(offsets)) < len(offsets):
        table.fault("offsets", "A feature stands twice.", "Name each once.")
    table.done()
    return folds, offsets


def _gates(table: Fields) -> GateSettings:
    gates = GateSettings(
        min_bads=table.whole("min_bads", 1, 10**9),
        min_auc=table.number("min_auc", 0.5, 1.0),
        leakage_auc=table.number("leakage_auc", 0.5, 1.0),
        slope=table.span("slope", 0.0, 10.0),
        observed_expected=table.span("observed_expected", 0.0, 10.0),
        max_ici=table.number("max_ici", 0.0, 1.0),
        segment_min_bads=table.whole("segment_min_bads", 1, 10**9),
    )
    if gates.min_auc >= gates.leakage_auc:
        table.fault("leakage_auc", "It is not above min_auc, so no model could pass.", "Raise it; 0.90 is usual.")
    table.done()
    return gates


def _grades(table: Fields) -> tuple[Grade, ...]:
    names, below = table.texts("names"), table.numbers("pd_below")
    table.done()
    if len(names) != len(below) + 1 or len(set(names)) != len(names):
        table.fault("names", f"{len(names)} names for {len(below)} bounds.", "Give one name more than bounds.")
        return ()
    if any(not 0 < bound < 1 for bound in below):
        table.fault("pd_below", "A bound is not a probability.", "Give probabilities in (0, 1).")
    return tuple(Grade(name, bound) for name, bound in zip(names, [*below, 1.0], strict=True))


def _bands(table: Fields) -> tuple[float, ...]:
    edges = table.numbers("score_edges")
    if table.content.get("score_edges") == []:
        table.fault("score_edges", "There is no edge.", "Give at least one score.")
    table.done()
    return edges
