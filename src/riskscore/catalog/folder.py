"""Load a folder of declarations by path, without touching ``sys.path``.

The folder becomes a package of a name of its own for as long as it loads, so that its files may import one another
(``from .sources import Instalments``) and two folders never meet.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from riskscore.catalog.declare import Declaration, FeatureSet, Formulas, PeerSet, Source
from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.tables import Table

_numbers = count()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a folder declares, in the order of file names and of lines.

    Parameters
    ----------
    sets, peers, formulas : tuple of (where, class)
        ``where`` is ``"features/repayment.py: Repayment"``.
    sources : tuple of (where, Source)
    tables : tuple of Table
        The institution's own.
    """

    sets: tuple[tuple[str, type[FeatureSet]], ...]
    peers: tuple[tuple[str, type[PeerSet]], ...]
    formulas: tuple[tuple[str, type[Formulas]], ...]
    sources: tuple[tuple[str, Source], ...]
    tables: tuple[Table, ...]

    @property
    def classes(self) -> tuple[tuple[str, Declaration], ...]:
        """Every class of features, of whatever kind."""
        return (*self.sets, *self.peers, *self.formulas)


def load(folder: Path) -> Declared:
    """Run every ``*.py`` of `folder` and collect its declarations.

    Raises
    ------
    InvalidInput
        If the folder holds no declarations, or a file cannot be run: one fault for each file.
    """
    paths = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    if not paths:
        raise InvalidInput.of(str(folder), "There are no declarations here.", "Name a folder with *.py declarations.")
    modules: list[tuple[str, ModuleType]] = []
    faults: list[Fault] = []
    with _package(folder) as package:
        for path in paths:
            name = f"{package}.{path.stem}"
            try:
                modules.append((f"{folder.name}/{path.name}", importlib.import_module(name)))
            except (SyntaxError, ImportError, NameError, TypeError, AttributeError, ValueError, LookupError) as error:
                what = f"The file cannot be run: {type(error).__name__}: {error}."
                faults.append(Fault(f"{folder.name}/{path.name}", what, "Mend the file; it may only declare."))
        if faults:
            raise InvalidInput(faults)
        return declared(modules)


@contextmanager
def _package(folder: Path) -> Iterator[str]:
    name = f"_riskscore_declarations_{next(_numbers)}"
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder.resolve())]
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        yield name
    finally:
        for loaded in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
            del sys.modules[loaded]


def declared(modules: list[tuple[str, ModuleType]]) -> Declared:
    """Collect declarations from modules; what a module merely imports belongs to the module that wrote it."""
    found: dict[str, list[Any]] = {"sets": [], "peers": [], "formulas": [], "sources": [], "tables": []}
    seen: set[int] = set()
    for file, module in modules:
        for name, value in vars(module).items():
            if id(value) in seen or name.startswith("_"):
                continue
            if isinstance(value, type):
                if value.__module__ != module.__name__:
                    continue
                for kind, base in (("sets", FeatureSet), ("peers", PeerSet), ("formulas", Formulas)):
                    if issubclass(value, base):
                        found[kind].append((f"{file}: {name}", value))
            elif isinstance(value, Source):
                found["sources"].append((f"{file}: {name}", value))
            elif isinstance(value, Table):
                found["tables"].append(value)
            else:
                continue
            seen.add(id(value))
    return Declared(**{kind: tuple(values) for kind, values in found.items()})
