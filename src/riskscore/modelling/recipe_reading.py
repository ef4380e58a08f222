"""Each table of a recipe read field by field: bounds, and what must hold within one table."""

from __future__ import annotations

from collections.abc import Callable

from riskscore.modelling.communal_bank.settings import structural_candidate
from riskscore.modelling.expert.candidate import read_expert
from riskscore.modelling.recipe_parts import (
    BoostingCandidate,
    Candidate,
    FeatureChoice,
    GateSettings,
    Grade,
    ScorecardCandidate,
    SplitSettings,
    Words,
)
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.toml_fields import Fields


def read_words(table: Fields) -> dict[str, Words]:
    """Read what the model is called, in both languages."""
    words = {}
    for language in ("es", "en"):
        one = table.table(language)
        words[language] = Words(one.text("title"), one.text("question"))
        one.done()
    table.done()
    return words


def read_split(table: Fields) -> SplitSettings:
    """Read which rows test."""
    settings = SplitSettings(
        test_share=table.number("test_share", 0.05, 0.6),
        held_out_groups=table.number("held_out_groups", 0.0, 0.5),
        embargo_days=table.whole("embargo_days", 0, 3650, default=0),
    )
    table.done()
    return settings


def read_features(table: Fields) -> FeatureChoice:
    """Read what may enter."""
    choice = FeatureChoice(table.texts("families"), table.texts("exclude", default=()), table.texts("free", default=()))
    if not choice.families:
        table.fault("families", "No family is named.", "Name the families that may enter.")
    table.done()
    return choice


def read_scale(table: Fields) -> ScoreScale:
    """Read the scale of the score."""
    scale = ScoreScale(
        base=table.number("base", -1e6, 1e6),
        odds=table.number("odds", 1e-6, 1e6),
        pdo=table.number("pdo", 1e-3, 1e6),
    )
    table.done()
    return scale


def read_caps(table: Fields) -> dict[str, float]:
    """Read the most points that each capped family may weigh."""
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


def read_candidates(tables: list[Fields]) -> tuple[Candidate, ...]:
    """Read the candidates, each by its kind."""
    found = []
    for table in tables:
        kind = table.text("kind", among=tuple(KINDS))
        if kind in KINDS:
            found.append(KINDS[kind](table))
            table.done()
    return tuple(found)


def read_calibration(table: Fields) -> tuple[int, tuple[str, ...]]:
    """Read the folds of the calibration, and the features whose segment has a level of its own."""
    folds, offsets = table.whole("folds", 2, 20), table.texts("offsets", ())
    if len(set(offsets)) < len(offsets):
        table.fault("offsets", "A feature stands twice.", "Name each once.")
    table.done()
    return folds, offsets


def read_gates(table: Fields) -> GateSettings:
    """Read what a model must show."""
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


def read_grades(table: Fields) -> tuple[Grade, ...]:
    """Read the letters, safest first."""
    names, below = table.texts("names"), table.numbers("pd_below")
    table.done()
    if len(names) != len(below) + 1 or len(set(names)) != len(names):
        table.fault("names", f"{len(names)} names for {len(below)} bounds.", "Give one name more than bounds.")
        return ()
    if any(not 0 < bound < 1 for bound in below):
        table.fault("pd_below", "A bound is not a probability.", "Give probabilities in (0, 1).")
    return tuple(Grade(name, bound) for name, bound in zip(names, [*below, 1.0], strict=True))


def read_bands(table: Fields) -> tuple[float, ...]:
    """Read the edges of the score bands."""
    edges = table.numbers("score_edges")
    if table.content.get("score_edges") == []:
        table.fault("score_edges", "There is no edge.", "Give at least one score.")
    table.done()
    return edges
