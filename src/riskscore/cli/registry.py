"""The model registry that the commands work on: MLFLOW_TRACKING_URI, else a file in the current folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskscore.modelling import Registry


def open_registry() -> Registry:
    """Open the registry."""
    from riskscore.modelling import Registry

    return Registry(os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db"))
