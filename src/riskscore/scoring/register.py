"""The register of an automatic system: what it is for, what it reads, how it reckons, whom it may harm, who watches.

What can be read off the artefact and the policy is read there, so that it cannot go stale; the institution's own words
stand in ``serving/register.toml``. A statement of law carries whether anybody verified it in the official text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Self

from riskscore.errors import Fault, InvalidInput
from riskscore.modelling.artefact import Champion
from riskscore.modelling.kinds import kind_of
from riskscore.modelling.toml_fields import Fields
from riskscore.modelling.toml_file import read_toml
from riskscore.portfolio import TABLES
from riskscore.scoring.past_requests import REPAYMENT
from riskscore.scoring.policy import Policy

LANGUAGES = ("es", "en")

Text = Mapping[str, str]

#: Lists of the institution's texts.
SECTIONS = ("principles", "data_sources", "impacts", "supervision")


@dataclass(frozen=True, slots=True)
class Law:
    """What a law says, and whether somebody verified it in the official text."""

    name: str
    verified: bool
    source: str
    text: Text


@dataclass(frozen=True, slots=True)
class RegisterWords:
    """``serving/register.toml``.

    Parameters
    ----------
    institution, responsible, contact : str
    reviewed : bool
        Whether somebody of the institution read it all.
    purpose : mapping of str to str
        By language, as every text.
    sections : mapping of str to tuple
        `SECTIONS`.
    law : tuple of Law
    """

    institution: str
    responsible: str
    contact: str
    reviewed: bool
    purpose: Text
    sections: Mapping[str, tuple[Text, ...]]
    law: tuple[Law, ...]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read the file.

        Raises
        ------
        InvalidInput
            It is missing, no TOML, or lacks a text in a language: all faults at once.
        """
        path = Path(path)
        content = read_toml(path)
        faults: list[Fault] = []
        top = Fields(content, "", faults)
        found = cls(
            institution=top.text("institution"),
            responsible=top.text("responsible"),
            contact=top.text("contact"),
            reviewed=top.flag("reviewed"),
            purpose=_text(top.table("purpose")),
            sections={name: tuple(_text(one) for one in top.tables(name)) for name in SECTIONS},
            law=tuple(_law(one) for one in top.tables("law")),
        )
        top.done()
        if faults:
            raise InvalidInput(Fault(f"{path.name}: {fault.where}", fault.what, fault.remedy) for fault in faults)
        return found


def register(champion: Champion, policy: Policy, words: RegisterWords, language: str) -> dict[str, Any]:
    """Return the register's entry of a champion in one language, as plain values.

    Parameters
    ----------
    champion : Champion
    policy : Policy
    words : RegisterWords
    language : {"es", "en"}
    """
    recipe, model, lock, kind = champion.recipe, champion.model, champion.lock, kind_of(champion)
    grounds = kind.grounds(champion)
    weights = champion.metrics.get("weights", {})
    reads: dict[str, list[str]] = {}
    for need in lock.definition["requires"]:
        reads.setdefault(need["table"], []).extend(need["columns"])
    return {
        "language": language,
        "institution": words.institution,
        "responsible": words.responsible,
        "contact": words.contact,
        "reviewed": words.reviewed,
        "system": {
            "recipe": recipe.name,
            "title": recipe.words[language].title,
            "question": recipe.words[language].question,
            "subject": recipe.subject,
            "ledger": recipe.ledger,
            "outcome": recipe.outcome,
            "maturity_rule": None if recipe.rule is None else asdict(recipe.rule),
        },
        "purpose": words.purpose[language],
        **{name: [one[language] for one in words.sections[name]] for name in SECTIONS},
        "tables": [
            {"table": name, "holds": TABLES[name].doc if name in TABLES else "", "columns": sorted(set(columns))}
            for name, columns in sorted(reads.items())
        ],
        "logic": {
            "model": model.kind,
            "sum": f"log-odds = {model.a:.4f} x margin {model.b:+.4f}",
            "scale": {"base": recipe.scale.base, "odds": recipe.scale.odds, "pdo": recipe.scale.pdo},
            "caps": dict(model.caps),
            "grades": {grade.name: grade.below for grade in recipe.grades},
            "features": [
                {
                    "name": one.name,
                    "title": one.title[language],
                    "family": one.family,
                    "risk": one.risk,
                    "mean_points": weights.get(one.name),
                    "basis": one.basis[language],
                }
                for one in sorted(kind.features(champion), key=lambda one: -float(weights.get(one.name) or 0.0))
            ],
            "never_in_a_fit": [one.title[language] or one.name for one in lock.features if one.protected],
            "policy": [
                {"from": band.pd_from, "below": band.pd_below, "state": band.state}
                for band in policy.bands
                if recipe.outcome in REPAYMENT
            ],
            "thresholds": [
                {"name": name, "value": one.value, "verified": one.verified, "source": one.source}
                for name, one in policy.thresholds.items()
                if recipe.subject == "member"
            ],
        },
        "grounds": None if grounds is None else grounds.to_dict(),
        "measured": {
            name: evaluation.get("figures", {}).get("auc")
            for name, evaluation in champion.metrics.get("evaluations", {}).items()
        },
        "gates": champion.metrics.get("gates", []),
        "law": [
            {"name": one.name, "verified": one.verified, "source": one.source, "says": one.text[language]}
            for one in words.law
        ],
        "versions": {
            "model": champion.version,
            "artefact": champion.manifest_sha256,
            "lock": lock.sha256,
            "words": lock.words_sha256,
            "recipe": hashlib.sha256(recipe.text.encode()).hexdigest(),
            "policy": policy.version,
            "portfolio": champion.metrics.get("data", {}).get("content_hash"),
            "data_date": champion.metrics.get("data", {}).get("data_date"),
            "riskscore": installed_version("riskscore"),
        },
    }


def _text(table: Fields) -> Text:
    found = {language: table.text(language) for language in LANGUAGES}
    table.done()
    return found


def _law(table: Fields) -> Law:
    law = Law(
        table.text("name"),
        table.flag("verified"),
        table.text("source"),
        {language: table.text(language) for language in LANGUAGES},
    )
    table.done()
    return law
