"""The models' page: each recipe's champion and challenger side by side, and how old the data are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from riskscore.modelling.tracking import CHALLENGER, CHAMPION
from riskscore.service.gate_words import calibration_lines, gate_line
from riskscore.service.since_page import Since, since_of
from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version: its alias in words, facts, the gates it failed, every gate, and how well it was right when made."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    failed: tuple[str, ...]
    gates: tuple[str, ...]
    calibration: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One recipe."""

    recipe: str
    name: str
    question: str
    state: str
    since: Since | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What ``models.html`` shows, ready to be written out."""

    health: tuple[str, ...]
    models: tuple[ModelCard, ...]


def models_page(
    words: Words, models: Sequence[Mapping[str, Any]], *, fault: str | None, moment: datetime, today: date
) -> ModelsPage:
    """Return the page of `riskscore.service.shelf.Shelf.models`.

    Parameters
    ----------
    words : Words
    models
    fault : str or None
        Why the newest is not in service.
    moment : datetime
        To when the portfolio knows; local, exclusive.
    today : date
        By the institution's clock.
    """
    form = words.form("", "")
    age = max((today - moment.date()).days, 0)
    return ModelsPage(
        health=(
            words("models.ready") if fault is None else words("models.not_ready"),
            words("models.age", date=form.last_day(moment.isoformat()), days=age),
            words("models.calibration"),
        ),
        models=tuple(_card(one, words, form) for one in models),
    )


def _card(model: Mapping[str, Any], words: Words, form: Format) -> ModelCard:
    served = model["in_service"]
    versions = [(alias, model[alias]) for alias in (CHAMPION, CHALLENGER) if model[alias] is not None]
    card: Mapping[str, Any] = next((version["card"] for _, version in versions if version["card"]), {})
    told = words("models.serves", version=served) if served else words("models.serves_none")
    return ModelCard(
        recipe=model["recipe"],
        name=_name(model["recipe"], card, words),
        question=words.said(card["question"], f"question.{model['recipe']}") if "question" in card else "",
        state=told if model["fault"] is None else f"{told} {words('models.newest_not_read')}",
        since=since_of(model["since_training"], words, form),
        candidates=tuple(_candidate(alias, version, words, form) for alias, version in versions),
    )


def _candidate(alias: str, version: Mapping[str, Any], words: Words, form: Format) -> Candidate:
    auc, card = version["auc"], version["card"] or {}
    gates = [(gate["passed"], gate_line(gate, words, form)) for gate in version["gates"]]
    verdict = "models.passed" if version["passed"] else "models.failed"
    facts = [
        (words("models.version"), version["version"]),
        (words("models.kind"), _kind(version["model"], words)),
        (words("models.trained"), form.day(version["trained_at"])),
        (words("models.gates"), words(verdict)),
        (
            words("models.order"),
            words("models.not_told") if auc is None else words("models.pairs", count=round(100 * auc)),
        ),
    ]
    if card:
        facts.append((words("models.features"), str(len(card["features"]))))
    if version["promoted_against_gates"]:
        facts.append((words("models.against"), version["promoted_against_gates"]))
    return Candidate(
        words(f"models.{alias}"),
        tuple(facts),
        failed=tuple(line for passed, line in gates if not passed),
        gates=tuple(line for _, line in gates),
        calibration=calibration_lines(card.get("calibration", {}), words, form),
    )


def _name(recipe: str, card: Mapping[str, Any], words: Words) -> str:
    """Return what people call a recipe; one that an institution brought itself as it says, else by its id."""
    key = f"recipe.{recipe}"
    if key in words.texts:
        return words(key)
    return words.said(card["title"]) if "title" in card else recipe


def _kind(model: str, words: Words) -> str:
    """Return a kind of model in words; one that an institution brought itself by its name."""
    key = f"models.kind_{model}"
    return words(key) if key in words.texts else model
