"""Everything a report found, as a file of plain JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riskscore.reports.page import write_page


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
    """Write JSON whole, or nothing."""
    write_page(json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n", out)
