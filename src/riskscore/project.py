"""Where the definitions lie: the three folders that an institution edits, loaded by path.

``features/`` says what is measured, ``training/`` how a champion is chosen, ``serving/`` what people meet. The library
holds none of it: it is told a folder, or finds one, and falls back on the starter that ships in the wheel.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Self

from riskscore.errors import Fault, InvalidInput, NotFound

if TYPE_CHECKING:
    from riskscore.catalog import Catalog
    from riskscore.modelling import Recipe
    from riskscore.portfolio import Table
    from riskscore.scoring import Policy

#: The folders that make a project.
FOLDERS = ("features", "training", "serving")

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".gitkeep")


def starter_dir() -> Path:
    """Return the folder of the definitions that come with riskscore.

    In a wheel they lie beside the package, in ``riskscore/starter``; in a checkout they are the repository's own root
    folders.
    """
    package = Path(__file__).resolve().parent
    packed = package / "starter"
    return packed if packed.is_dir() else package.parents[1]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with ``features/``, ``training/`` and ``serving/``.

    Parameters
    ----------
    root : Path
        The folder that holds the three. Use `Project.open`, which checks it.
    """

    root: Path

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Self:
        """Find the definitions: `folder` if given, else the current folder if it has them, else the starter.

        Parameters
        ----------
        folder : str or Path, optional
            A folder that must hold all of ``features/``, ``training/`` and ``serving/``.

        Raises
        ------
        InvalidInput
            If a folder is named and lacks any of the three; one fault for each that is missing.
        """
        if folder is None:
            here = Path.cwd()
            root = here if all((here / name).is_dir() for name in FOLDERS) else starter_dir()
            return cls(root)
        root = Path(folder).resolve()
        faults = [
            Fault(f"{root / name}", "This definition folder does not exist.", "Run `riskscore init DIR` to make one.")
            for name in FOLDERS
            if not (root / name).is_dir()
        ]
        if faults:
            raise InvalidInput(faults)
        return cls(root)

    @property
    def features_dir(self) -> Path:
        """The folder of feature declarations."""
        return self.root / "features"

    @property
    def training_dir(self) -> Path:
        """The folder of recipes."""
        return self.root / "training"

    @property
    def serving_dir(self) -> Path:
        """The folder of the policy, the pages and the service's entry."""
        return self.root / "serving"

    @property
    def recipes(self) -> tuple[str, ...]:
        """Names of the recipes in ``training/``, sorted."""
        return tuple(sorted(path.stem for path in self.training_dir.glob("*.toml")))

    def recipe(self, name: str) -> Recipe:
        """Load the recipe `name` from ``training/<name>.toml``.

        Raises
        ------
        NotFound
            If there is none of that name; the remedy names the nearest, or all there are.
        InvalidInput
            If the file breaks the recipe's contract.
        """
        if name not in self.recipes:
            near = get_close_matches(name, self.recipes, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(self.recipes) or 'none'}."
            raise NotFound.of("training", f"There is no recipe {name!r} in {self.training_dir}.", remedy)
        from riskscore.modelling import Recipe

        return Recipe.load(self.training_dir / f"{name}.toml")

    def catalog(self) -> Catalog:
        """Load and check the declarations of ``features/``."""
        from riskscore.catalog import Catalog

        return Catalog.from_folder(self.features_dir)

    def policy(self) -> Policy:
        """Load ``serving/policy.toml``."""
        from riskscore.scoring import Policy

        return Policy.load(self.serving_dir / "policy.toml")

    def tables(self) -> Mapping[str, Table]:
        """Return the tables to expect of a portfolio: the library's, and the institution's own of ``features/``."""
        from riskscore.portfolio import TABLES

        return {**TABLES, **{table.name: table for table in self.catalog().tables}}

    def copy_to(self, folder: str | Path) -> tuple[Path, ...]:
        """Copy the definition folders into `folder`, which is made if it does not exist.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        InvalidInput
            If any of the three already stands there: nothing is overwritten, and nothing is copied.
        """
        target = Path(folder).resolve()
        if target.exists() and not target.is_dir():
            raise InvalidInput.of(str(target), "This is a file, not a folder.", "Name a folder.")
        faults = [
            Fault(str(target / name), "It exists already.", "Choose another folder, or move this one away first.")
            for name in FOLDERS
            if (target / name).exists()
        ]
        if faults:
            raise InvalidInput(faults)
        for name in FOLDERS:
            shutil.copytree(self.root / name, target / name, ignore=_LEFT_OUT)
        return tuple(sorted(path for name in FOLDERS for path in (target / name).rglob("*") if path.is_file()))
