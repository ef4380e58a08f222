"""A champion as a folder of text: written once, audited whole before anything in it is built.

==================  =========================================================================
``model.json``      candidate, calibration, caps, scale; all coefficients of a scorecard
``booster.txt``     LightGBM's text, only beside a boosted candidate
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
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from riskscore.errors import ArtefactError, Fault, InvalidInput, RiskscoreError
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.model_json import model_faults, reference_faults
from riskscore.modelling.recipe import Grade, Recipe
from riskscore.modelling.reference import Band, FeatureReference, Reference
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Scorecard
from riskscore.modelling.trees import MonotoneTrees

if TYPE_CHECKING:
    from riskscore.catalog import Lock

FORMAT = "riskscore-artefact/1"
MANIFEST = "manifest.json"
ALWAYS = ("model.json", "lock.json", "recipe.toml", "reference.json", "card.md")
BOOSTER = "booster.txt"

#: No file of an artefact is near this size; a larger one is not read.
LARGEST = 64 * 1024 * 1024

_AGAIN = "Fetch the artefact again, or roll back to the version before it."


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
    """

    model: CalibratedModel
    lock: Lock
    recipe: Recipe
    reference: Reference
    card: str
    manifest_sha256: str
    version: str

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


@dataclass(frozen=True)
class Audited:
    """The contents of a folder that passed every check, not yet built."""

    model: Mapping[str, Any]
    booster: str | None
    lock: Lock
    recipe: Recipe
    reference: Mapping[str, Any]
    card: str
    manifest_sha256: str


def save(
    folder: str | Path, *, model: CalibratedModel, lock: Lock, recipe: Recipe, reference: Reference, card: str
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
    if not isinstance(margin, Scorecard | MonotoneTrees):
        raise InvalidInput.of("model", f"A {type(margin).__name__} cannot be written.", "Use a candidate of a recipe.")
    files = {
        "model.json": _text(
            {
                "features": list(model.features),
                "families": {name: model.families[name] for name in model.features},
                "a": model.a,
                "b": model.b,
                "caps": dict(model.caps),
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


def audit(folder: str | Path) -> Audited:
    """Check everything in the folder, and return its contents; nothing has been built from them yet.

    Raises
    ------
    ArtefactError
        With every fault: unknown or missing files, hashes and sizes that differ, another format, broken JSON, fields
        of the wrong kind, features that the lock does not define.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ArtefactError.of(str(folder), "There is no such folder.", _AGAIN)
    faults: list[Fault] = []
    present = {path.name: path for path in folder.iterdir()}
    odd = [name for name, path in present.items() if path.is_symlink() or not path.is_file()]
    faults += [Fault(name, "It is no plain file.", "Nothing but the files named is accepted.") for name in odd]
    if MANIFEST not in present or MANIFEST in odd:
        raise ArtefactError([*faults, Fault(MANIFEST, "It is missing.", _AGAIN)])
    raw, manifest = _read_json(present[MANIFEST], faults)
    entries = _manifest_entries(manifest, faults)
    if entries is None:
        raise ArtefactError(faults)
    faults += [
        Fault(name, "The file is not in the manifest.", "Nothing but the files named is accepted.")
        for name in sorted(set(present) - set(entries) - {MANIFEST})
        if name not in odd
    ]
    texts = {name: _checked_text(name, present, entry, faults) for name, entry in sorted(entries.items())}
    if faults:
        raise ArtefactError(faults)
    model, reference = (_parsed(name, texts[name], faults) for name in ("model.json", "reference.json"))
    lock, recipe = _lock(texts["lock.json"], faults), _recipe(texts["recipe.toml"], faults)
    if model is not None:
        faults += model_faults(model, has_booster=BOOSTER in texts)
    if reference is not None:
        faults += reference_faults(reference)
    if not faults and model is not None and reference is not None and lock is not None and recipe is not None:
        faults += _agreement(manifest, model, reference, lock, recipe)
        if not faults:
            return Audited(
                model=model,
                booster=texts.get(BOOSTER),
                lock=lock,
                recipe=recipe,
                reference=reference,
                card=texts["card.md"],
                manifest_sha256=hashlib.sha256(raw).hexdigest(),
            )
    raise ArtefactError(faults)


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
        raise ArtefactError(Fault(fault.where, fault.what, _AGAIN) for fault in cause.faults) from cause
    return Champion(
        model=model,
        lock=audited.lock,
        recipe=audited.recipe,
        reference=Reference.from_json(audited.reference),
        card=audited.card,
        manifest_sha256=audited.manifest_sha256,
        version=version or audited.manifest_sha256[:12],
    )


def _build(audited: Audited) -> CalibratedModel:
    content = audited.model
    margin: Scorecard | MonotoneTrees
    if audited.booster is None:
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
    )


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _read_json(path: Path, faults: list[Fault]) -> tuple[bytes, Any]:
    if path.stat().st_size > LARGEST:
        faults.append(Fault(path.name, "It is too large to be read.", _AGAIN))
        return b"", None
    raw = path.read_bytes()
    try:
        return raw, json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except ValueError as cause:
        faults.append(Fault(path.name, f"It is no JSON: {cause}.", _AGAIN))
        return raw, None


def _parsed(name: str, text: str, faults: list[Fault]) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as cause:
        faults.append(Fault(name, f"It is no JSON: {cause}.", _AGAIN))
        return None


def _manifest_entries(manifest: Any, faults: list[Fault]) -> dict[str, Any] | None:
    """Return the files the manifest names, or None, with faults, where it cannot be trusted at all."""
    if not isinstance(manifest, dict):
        if not faults:
            faults.append(Fault(MANIFEST, "It is no table.", _AGAIN))
        return None
    if manifest.get("format") != FORMAT:
        found = manifest.get("format")
        faults.append(Fault(MANIFEST, f"The format is {found!r}, expected {FORMAT!r}.", "Train with this library."))
    files: Any = manifest.get("files")
    fits = isinstance(files, dict) and all(
        isinstance(entry, dict) and isinstance(entry.get("sha256"), str) and isinstance(entry.get("size"), int)
        for entry in files.values()
    )
    if not fits:
        faults.append(Fault(MANIFEST, "It does not name files with size and sha256.", _AGAIN))
        return None
    known = {*ALWAYS, BOOSTER}
    faults += [
        Fault(name, "No artefact has such a file.", "Nothing but the files named is accepted.")
        for name in sorted(set(files) - known)
    ]
    faults += [Fault(name, "The manifest does not name it.", _AGAIN) for name in ALWAYS if name not in files]
    return {name: entry for name, entry in files.items() if name in known}


def _checked_text(name: str, present: Mapping[str, Path], entry: Mapping[str, Any], faults: list[Fault]) -> str:
    path = present.get(name)
    if path is None or path.is_symlink() or not path.is_file():
        faults.append(Fault(name, "It is missing.", _AGAIN))
        return ""
    if path.stat().st_size != entry["size"] or entry["size"] > LARGEST:
        faults.append(Fault(name, f"It has {path.stat().st_size} bytes, expected {entry['size']}.", _AGAIN))
        return ""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        faults.append(Fault(name, "Its SHA-256 is not the manifest's: it was changed after training.", _AGAIN))
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        faults.append(Fault(name, "It is not UTF-8.", _AGAIN))
        return ""


def _lock(text: str, faults: list[Fault]) -> Lock | None:
    from riskscore.catalog import Lock

    try:
        lock = Lock.from_json(text)
        lock.predictors  # noqa: B018 - read now, so that a broken entry is a fault of the audit
    except RiskscoreError as cause:
        faults.extend(Fault(f"lock.json: {fault.where}", fault.what, fault.remedy) for fault in cause.faults)
        return None
    except (KeyError, TypeError, AttributeError) as cause:
        faults.append(Fault("lock.json", f"An entry is broken: {cause!r}.", _AGAIN))
        return None
    return lock


def _recipe(text: str, faults: list[Fault]) -> Recipe | None:
    try:
        return Recipe.parse(text, where="recipe.toml")
    except InvalidInput as cause:
        faults.extend(cause.faults)
        return None


def _agreement(
    manifest: Mapping[str, Any], model: Mapping[str, Any], reference: Mapping[str, Any], lock: Lock, recipe: Recipe
) -> list[Fault]:
    """Return the faults between files that are each sound."""
    families = {feature.name: feature.family for feature in lock.predictors}
    faults = [
        Fault(f"model.json: {name}", "The lock has no such predictor.", _AGAIN)
        for name in model["features"]
        if name not in families
    ]
    faults += [
        Fault(f"model.json: {name}", f"Its family is {family!r}, in the lock {families[name]!r}.", _AGAIN)
        for name, family in model["families"].items()
        if name in families and families[name] != family
    ]
    faults += [
        Fault(f"reference.json: {name}", "The feature has no reference.", _AGAIN)
        for name in model["features"]
        if name not in reference["features"]
    ]
    faults += [
        Fault(MANIFEST, f"{field} is {manifest.get(field)!r}, expected {expected!r}.", _AGAIN)
        for field, expected in (("recipe", recipe.name), ("kind", model["margin"]["kind"]))
        if manifest.get(field) != expected
    ]
    if dict(recipe.caps) != model["caps"]:
        faults.append(Fault("model.json: caps", "They are not the recipe's.", _AGAIN))
    return faults
