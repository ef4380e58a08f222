"""The champion that scores are timed with, trained as any other and kept in a registry of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from riskscore import Portfolio, Project, Recipe, train
from riskscore.modelling import Champion, Registry
from riskscore.modelling.artefact import load

RECIPE = Path(__file__).parent / "definitions" / "member_default.toml"


@dataclass(frozen=True, slots=True)
class Trained:
    """A promoted champion, and the address of the registry that names it."""

    champion: Champion
    tracking_uri: str

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        dumped = self.booster().dump_model()["tree_info"]
        leaves = max(tree["num_leaves"] for tree in dumped)
        return f"{len(dumped)} trees of up to {leaves} leaves, {len(self.champion.model.features)} features"

    def booster(self):  # type: ignore[no-untyped-def]
        """Return the bare LightGBM booster: the floor of everything that explains."""
        import lightgbm

        return lightgbm.Booster(model_str=self.champion.model.margin.text)  # type: ignore[attr-defined]


def trained(scratch: Path, portfolio: Portfolio) -> Trained:
    uri = f"sqlite:///{scratch / 'mlflow.db'}"
    registry, recipe = Registry(uri), Recipe.load(RECIPE)
    run = train(recipe, Project.open().catalog(), portfolio, tracking=registry, seed=1, folder=scratch / "artefacts")
    registry.promote(recipe.name, run.version, force=True, reason="timed, not served")
    version, folder = registry.champion(recipe.name)
    return Trained(load(folder, version=version), uri)
