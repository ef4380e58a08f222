"""What the catalogue of features defines in Spanish and in English, said in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.service.languages import figures
from riskscore.words import InSpanish, Words, unfilled


def title_of(name: str, features: Mapping[str, Any], words: Words, *, missing: bool = False) -> str:
    """Return a feature's title; where it is `missing`, with the words that say so."""
    title = words.said(features[name], f"feature.{name}")
    if not missing:
        return title
    if isinstance(title, InSpanish) and words.spanish is not None:
        return InSpanish(words.spanish("waterfall.no_record", title=title))
    return words("waterfall.no_record", title=title)


def reason_given(reason: Mapping[str, Any], words: Words) -> str:
    """Return the sentence of a reason, with its figure; in Spanish where a third language cannot say the figure."""
    key = f"reason.{reason.get('feature', '')}"
    told = figures(reason.get("value"), words) if key in words.texts else {}
    sayable = not unfilled(words.texts.get(key, ""), "".join(f"{{{unit}}}" for unit in told))
    return words.said(reason, key if sayable else "", **told)
