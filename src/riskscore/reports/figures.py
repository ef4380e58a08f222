"""Figures with their intervals, and dataclasses as plain JSON."""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riskscore.evaluation import Figure, Rate
from riskscore.words import Format, Words

#: What stands where there is no figure.
NONE = "–"


def told(figure: Figure, words: Words, form: Format, decimals: int = 2) -> str:
    """Return a figure with its interval, as people read it; a dash where there is none."""
    if math.isnan(figure.value):
        return NONE
    value = form.number(figure.value, decimals)
    if math.isnan(figure.low):
        return value
    return words(
        "figure.interval", value=value, low=form.number(figure.low, decimals), high=form.number(figure.high, decimals)
    )


def share(rate: Rate, words: Words, form: Format, decimals: int = 1) -> str:
    """Return a rate in percent with its clustered interval; a dash where it has no rows."""
    if math.isnan(rate.rate):
        return NONE
    figure = Figure(100 * rate.rate, 100 * rate.low, 100 * rate.high)
    return told(figure, words, form, decimals)


def percent(value: float, form: Format, decimals: int = 1) -> str:
    """Return a share as a percentage; a dash where it is missing."""
    return NONE if math.isnan(value) else form.percent(value, decimals)


def plain(value: Any) -> Any:
    """Return dataclasses, arrays and mappings as JSON knows them; NaN and infinity as None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {" × ".join(key) if isinstance(key, tuple) else str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(one) for one in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    return value


def write_json(content: Mapping[str, Any], out: Path) -> None:
    """Write JSON aside and rename it, so that nobody opens half of it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    try:
        aside.write_text(json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")
        os.replace(aside, out)
    finally:
        aside.unlink(missing_ok=True)
