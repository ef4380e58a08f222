"""The champion of a recipe, from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskscore.modelling import Champion


def champion_of(recipe: str) -> Champion:
    """Load the champion of a recipe from the registry, audited."""
    from riskscore.modelling import Registry, artefact

    version, folder = Registry().champion(recipe)
    return artefact.load(folder, version=version)
