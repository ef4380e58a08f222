"""The register's entry of one system as a page: for a regulator, a member's lawyer, or whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskscore.reports.grounds import GroundsTables
from riskscore.reports.measures import NONE, Measures
from riskscore.reports.page import Reports
from riskscore.words import Format


def register_page(entry: Mapping[str, Any], *, country: str, currency: str, folder: Path) -> str:
    """Return an entry of `riskscore.scoring.register` as one HTML document.

    Parameters
    ----------
    entry : mapping
    country, currency : str
        How numbers are written.
    folder : Path
        ``serving/reports`` of a project.
    """
    language = str(entry["language"])
    reports = Reports(folder, language)
    form = Format(language, country, currency)
    words = reports.words
    features = [
        (
            one["title"] or one["name"],
            words(f"risk.{one['risk']}"),
            NONE if one["mean_points"] is None else form.number(one["mean_points"], 1),
            one["basis"] or NONE,
        )
        for one in entry["logic"]["features"]
    ]
    thresholds = [
        (
            one["name"],
            form.number(one["value"], 2),
            words("register.yes" if one["verified"] else "register.no"),
            one["source"],
        )
        for one in entry["logic"]["thresholds"]
    ]
    resting = GroundsTables(entry["grounds"], {}, Measures(words, form)) if entry["grounds"] else None
    return reports.render("register.html", entry=entry, features=features, thresholds=thresholds, resting=resting)
