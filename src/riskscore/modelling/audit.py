"""Auditing an artefact: read everything, judge everything, and only then hand out contents to build from.

The bytes that were hashed are the bytes that are parsed; nothing is executed, and nothing but the files named is
accepted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from riskscore.errors import ArtefactError, Fault, InvalidInput, RiskscoreError
from riskscore.modelling.expert.margin import agreement_faults
from riskscore.modelling.model_json import model_faults, reference_faults, structure_faults
from riskscore.modelling.recipe import Recipe

if TYPE_CHECKING:
    from riskscore.catalog import Lock

FORMAT = "riskscore-artefact/1"
MANIFEST = "manifest.json"
ALWAYS = ("model.json", "lock.json", "recipe.toml", "reference.json", "card.md")
BOOSTER = "booster.txt"
STRUCTURE = "structure.json"

#: No file of an artefact is near this size; a larger one is not read.
LARGEST = 64 * 1024 * 1024

AGAIN = "Fetch the artefact again, or roll back to the version before it."


@dataclass(frozen=True)
class Audited:
    """The contents of a folder that passed every check, not yet built."""

    model: Mapping[str, Any]
    booster: str | None
    structure: Mapping[str, Any] | None
    lock: Lock
    recipe: Recipe
    reference: Mapping[str, Any]
    card: str
    manifest_sha256: str


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
        raise ArtefactError.of(str(folder), "There is no such folder.", AGAIN)
    faults: list[Fault] = []
    present = {path.name: path for path in folder.iterdir()}
    odd = [name for name, path in present.items() if path.is_symlink() or not path.is_file()]
    faults += [Fault(name, "It is no plain file.", "Nothing but the files named is accepted.") for name in odd]
    if MANIFEST not in present or MANIFEST in odd:
        raise ArtefactError([*faults, Fault(MANIFEST, "It is missing.", AGAIN)])
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
    structure = _parsed(STRUCTURE, texts[STRUCTURE], faults) if STRUCTURE in texts else None
    if STRUCTURE in texts:
        faults += structure_faults(structure)
    if reference is not None:
        faults += reference_faults(reference)
    if not faults and model is not None and reference is not None and lock is not None and recipe is not None:
        faults += _agreement(manifest, model, reference, lock, recipe)
        faults += _structure_agreement(structure, model, lock, recipe)
        if not faults:
            return Audited(
                model=model,
                booster=texts.get(BOOSTER),
                structure=structure,
                lock=lock,
                recipe=recipe,
                reference=reference,
                card=texts["card.md"],
                manifest_sha256=hashlib.sha256(raw).hexdigest(),
            )
    raise ArtefactError(faults)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _read_json(path: Path, faults: list[Fault]) -> tuple[bytes, Any]:
    if path.stat().st_size > LARGEST:
        faults.append(Fault(path.name, "It is too large to be read.", AGAIN))
        return b"", None
    raw = path.read_bytes()
    try:
        return raw, json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except ValueError as cause:
        faults.append(Fault(path.name, f"It is no JSON: {cause}.", AGAIN))
        return raw, None


def _parsed(name: str, text: str, faults: list[Fault]) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as cause:
        faults.append(Fault(name, f"It is no JSON: {cause}.", AGAIN))
        return None


def _manifest_entries(manifest: Any, faults: list[Fault]) -> dict[str, Any] | None:
    """Return the files the manifest names, or None, with faults, where it cannot be trusted at all."""
    if not isinstance(manifest, dict):
        if not faults:
            faults.append(Fault(MANIFEST, "It is no table.", AGAIN))
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
        faults.append(Fault(MANIFEST, "It does not name files with size and sha256.", AGAIN))
        return None
    known = {*ALWAYS, BOOSTER, STRUCTURE}
    faults += [
        Fault(name, "No artefact has such a file.", "Nothing but the files named is accepted.")
        for name in sorted(set(files) - known)
    ]
    faults += [Fault(name, "The manifest does not name it.", AGAIN) for name in ALWAYS if name not in files]
    return {name: entry for name, entry in files.items() if name in known}


def _checked_text(name: str, present: Mapping[str, Path], entry: Mapping[str, Any], faults: list[Fault]) -> str:
    path = present.get(name)
    if path is None or path.is_symlink() or not path.is_file():
        faults.append(Fault(name, "It is missing.", AGAIN))
        return ""
    if path.stat().st_size != entry["size"] or entry["size"] > LARGEST:
        faults.append(Fault(name, f"It has {path.stat().st_size} bytes, expected {entry['size']}.", AGAIN))
        return ""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        faults.append(Fault(name, "Its SHA-256 is not the manifest's: it was changed after training.", AGAIN))
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        faults.append(Fault(name, "It is not UTF-8.", AGAIN))
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
        faults.append(Fault("lock.json", f"An entry is broken: {cause!r}.", AGAIN))
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
    # What a structural model reads of the lock is its members' scorecard's.
    reads = model["margin"]["member"] if model["margin"]["kind"] == "structural" else model
    faults = _of_the_lock("model.json", reads, lock)
    faults += [
        Fault(f"reference.json: {name}", "The feature has no reference.", AGAIN)
        for name in model["features"]
        if name not in reference["features"]
    ]
    faults += [
        Fault(MANIFEST, f"{field} is {manifest.get(field)!r}, expected {expected!r}.", AGAIN)
        for field, expected in (("recipe", recipe.name), ("kind", model["margin"]["kind"]))
        if manifest.get(field) != expected
    ]
    if model["margin"]["kind"] == "expert_prior":
        faults += agreement_faults(model, recipe.candidates)
    if dict(recipe.caps) != model["caps"]:
        faults.append(Fault("model.json: caps", "They are not the recipe's.", AGAIN))
    if set(recipe.offsets) != set(model["offsets"]):
        faults.append(Fault("model.json: offsets", "They are not the recipe's.", AGAIN))
    return faults


def _structure_agreement(
    structure: Mapping[str, Any] | None, model: Mapping[str, Any], lock: Lock, recipe: Recipe
) -> list[Fault]:
    """Return the faults between a structure that lies beside a model and the rest."""
    if structure is None:
        return []
    faults = _of_the_lock(STRUCTURE, structure["member"], lock)
    if recipe.liability is None:
        faults.append(Fault(STRUCTURE, "The recipe has no section [liability] to compute it by.", AGAIN))
    if model["margin"]["kind"] == "structural":
        faults.append(Fault(STRUCTURE, "It lies beside a structural model, which holds its own.", AGAIN))
    return faults


def _of_the_lock(where: str, reads: Mapping[str, Any], lock: Lock) -> list[Fault]:
    """Return what a model reads that the lock has not, or has in another family."""
    families = {feature.name: feature.family for feature in lock.predictors}
    faults = [
        Fault(f"{where}: {name}", "The lock has no such predictor.", AGAIN)
        for name in reads["features"]
        if name not in families
    ]
    return faults + [
        Fault(f"{where}: {name}", f"Its family is {family!r}, in the lock {families[name]!r}.", AGAIN)
        for name, family in reads["families"].items()
        if name in families and families[name] != family
    ]
