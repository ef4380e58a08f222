"""What would have to change, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.scoring.change_words import parts_of
from riskscore.words import Format, Words


def offer_said(change: Mapping[str, Any], words: Words, form: Format) -> str:
    """Return the sentence of one `riskscore.scoring.changes.Change`.

    Spanish and English are said as they are on record; a third language says it with its texts of section ``offer``,
    and in Spanish where it lacks one of those that the sentence is made of.
    """
    if words.language in change:
        return str(change[words.language])
    names = parts_of(change["kind"], change["frequency"])
    needed = {*names, "ready"} | ({"and"} if len(names) > 1 else set()) | ({"by_itself"} if "debt" in names else set())
    if not all(f"offer.{name}" in words.texts for name in needed):
        return words.said(change)
    told = {
        "amount": form.money(change["amount"]),
        "days": change["term_days"],
        "frequency": words(f"frequency.{change['frequency']}"),
        "savings": form.money(change["savings"]),
    }
    parts = words.texts.get("offer.and", "").join(words(f"offer.{name}", **told) for name in names)
    said = words("offer.ready", parts=f"{parts[0].upper()}{parts[1:]}", score=change["score"])
    return f"{said} {words('offer.by_itself')}" if "debt" in names else said
