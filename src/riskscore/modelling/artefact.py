"""A champion as a folder of text: written once, audited whole before anything in it is built.

==================  =========================================================================
``model.json``      candidate, calibration, caps, scale; all coefficients of a scorecard
``booster.txt``     LightGBM's text, only beside a boosted candidate
``structure.json``  structure of joint liability of the same run, only beside a learnt model of communal banks
``lock.json``       the definitions and SQL of every feature
``recipe.toml``     the recipe, verbatim
``reference.json``  development means and ranges, score bands with intervals, metrics
``card.md``         the model card
``manifest.json``   format, library version, size and SHA-256 of every other file
==================  =========================================================================

Nothing is a pickle and nothing is executed. The bytes that were hashed are the bytes that are parsed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import ArtefactError, Fault, InvalidInput, RiskscoreError
from riskscore.modelling.audit import AGAIN, BOOSTER, FORMAT, MANIFEST, STRUCTURE, Audited, audit
from riskscore.modelling.calibrated import CalibratedModel, Offset
from riskscore.modelling.communal_bank.structural import Structural
from riskscore.modelling.expert.candidate import ExpertCandidate
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import Grade, Recipe
from riskscore.modelling.reference import Band, FeatureReference, Reference
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Scorecard
from riskscore.modelling.trees import MonotoneTrees

if TYPE_CHECKING:
    from riskscore.catalog import Lock

__all__ = ["Champion", "audit", "load", "save"]


@dataclass(frozen=True, eq=False)
class Champion:
    """A loaded artefact.

    Parameters
    ----------
    model : CalibratedModel
    lock : Lock
        The features it was trained on; scoring runs this lock's SQL.
    recipe : Recipe
    reference : Reference
        Development means and ranges, score bands and metrics.
    card : str
        The model card, Markdown.
    manifest_sha256 : str
        Names the artefact: it covers the hash of every file.
    version : str
        The registry's version, or the first 12 digits of `manifest_sha256` where none was given.
    structure : Structural or None
        Beside a learnt model of communal banks, the structure of the same run, from which its outlooks come.
    """

    model: CalibratedModel
    lock: Lock
    recipe: Recipe
    reference: Reference
    card: str
    manifest_sha256: str
    version: str
    structure: Structural | None = None

    @property
    def bands(self) -> tuple[Band, ...]:
        """Score bands with their clustered intervals, lowest score (highest risk) first."""
        return self.reference.bands

    @property
    def support(self) -> Mapping[str, FeatureReference]:
        """Range and missing share of each feature in development."""
        return self.reference.features

    @property
    def grades(self) -> tuple[Grade, ...]:
        """Grades, safest first."""
        return self.recipe.grades

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The evaluations, by name of the test."""
        return self.reference.metrics

    def grade(self, pd: float) -> str:
        """Return the grade of a probability of bad."""
        return next((grade.name for grade in self.grades if pd < grade.below), self.grades[-1].name)

    def band(self, score: float) -> Band:
        """Return the band that a score falls in; the bands cover every score."""
        return next(band for band in self.bands if band.holds(score))

    def intervals(self, X: Floats, scores: Floats) -> Floats:
        """Return low and high of each row's band (n, 2), NaN off the support."""
        edges = [band.from_score for band in self.bands[1:]]
        spans = np.array([(band.low, band.high) for band in self.bands], dtype=np.float64)
        found = spans[np.searchsorted(np.array(edges, dtype=np.float64), scores, side="right")]
        return np.where(self.supports(X)[:, None], found, np.nan)

    def supports(self, X: Floats) -> NDArray[np.bool_]:
        """Whether every value of a row is one that rows of development had around it (n,)."""
        return np.asarray(self.supported(X).all(axis=1))

    def supported(self, values: Floats) -> NDArray[np.bool_]:
        """Whether each value is within its column's `FeatureReference.bounds`, or missing where some were (n, k)."""
        least, most, may_miss = self._bounds
        return ((values >= least) & (values <= most)) | (np.isnan(values) & may_miss)

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Bounds of each column, and whether it may be missing; a feature without reference may be anything."""
        anything = (-np.inf, np.inf), True
        every = [
            (self.support[name].bounds, self.support[name].missing_share > 0.0) if name in self.support else anything
            for name in self.model.features
        ]
        ends = np.array([bounds for bounds, _ in every], dtype=np.float64).reshape(-1, 2)
        return ends[:, 0], ends[:, 1], np.array([may for _, may in every], dtype=np.bool_)


def save(
    folder: str | Path,
    *,
    model: CalibratedModel,
    lock: Lock,
    recipe: Recipe,
    reference: Reference,
    card: str,
    structure: Structural | None = None,
) -> Path:
    """Write an artefact into an empty or new folder, and return the folder.

    Raises
    ------
    InvalidInput
        The folder holds something already.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput.of(str(folder), "The folder is not empty.", "Name a new one: an artefact is written once.")
    margin = model.margin
    if not isinstance(margin, Scorecard | MonotoneTrees | ExpertMargin | Structural):
        raise InvalidInput.of("model", f"A {type(margin).__name__} cannot be written.", "Use a candidate of a recipe.")
    files = {
        "model.json": _text(
            {
                "features": list(model.features),
                "families": {name: model.families[name] for name in model.features},
                "a": model.a,
                "b": model.b,
                "caps": dict(model.caps),
                "offsets": {name: {"value": one.value, "mean": one.mean} for name, one in model.offsets.items()},
                "scale": {"base": model.scale.base, "odds": model.scale.odds, "pdo": model.scale.pdo},
                "margin": margin.to_json(),
            }
        ),
        "lock.json": lock.to_json(),
        "recipe.toml": recipe.text,
        "reference.json": _text(reference.to_json()),
        "card.md": card,
    }
    if isinstance(margin, MonotoneTrees):
        files[BOOSTER] = margin.text
    if structure is not None:
        files[STRUCTURE] = _text(structure.to_json())
    entries = {}
    for name, text in sorted(files.items()):
        content = text.encode("utf-8")
        (folder / name).write_bytes(content)
        entries[name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest = {
        "format": FORMAT,
        "library": installed_version("riskscore"),
        "recipe": recipe.name,
        "kind": model.kind,
        "files": entries,
    }
    (folder / MANIFEST).write_bytes(_text(manifest).encode("utf-8"))
    return folder


def load(folder: str | Path, *, version: str | None = None) -> Champion:
    """Audit the folder, then build the champion.

    Parameters
    ----------
    folder : str or Path
    version : str, optional
        The registry's version, which scores will name.

    Raises
    ------
    ArtefactError
        See `audit`; also where the parts do not make a model.
    """
    audited = audit(folder)
    try:
        model = _build(audited)
    except RiskscoreError as cause:
        raise ArtefactError(Fault(fault.where, fault.what, AGAIN) for fault in cause.faults) from cause
    return Champion(
        model=model,
        lock=audited.lock,
        recipe=audited.recipe,
        reference=Reference.from_json(audited.reference),
        card=audited.card,
        manifest_sha256=audited.manifest_sha256,
        version=version or audited.manifest_sha256[:12],
        structure=None if audited.structure is None else Structural.from_json(audited.structure),
    )


def _build(audited: Audited) -> CalibratedModel:
    content = audited.model
    margin: Scorecard | MonotoneTrees | ExpertMargin | Structural
    if content["margin"]["kind"] == "expert_prior":
        scorecard = next(one for one in audited.recipe.candidates if isinstance(one, ExpertCandidate))
        margin = ExpertMargin.from_json(content["margin"], scorecard)
    elif content["margin"]["kind"] == "structural":
        margin = Structural.from_json(content["margin"])
    elif audited.booster is None:
        margin = Scorecard.from_json(content["margin"])
    else:
        margin = MonotoneTrees(tuple(content["features"]), audited.booster, content["margin"]["stand_ins"])
    return CalibratedModel(
        margin=margin,
        families=content["families"],
        a=content["a"],
        b=content["b"],
        caps=content["caps"],
        scale=ScoreScale(**content["scale"]),
        offsets={name: Offset(**one) for name, one in content["offsets"].items()},
    )


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
