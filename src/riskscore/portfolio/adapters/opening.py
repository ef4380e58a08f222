"""Opening a mapping's sources: that each is there, and holds the columns that are used, before a row is read."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.adapters.mapping import Mapping, Source
from riskscore.portfolio.adapters.reading import ADVICE, fits
from riskscore.portfolio.adapters.source_databases import DatabaseSource
from riskscore.portfolio.adapters.source_files import KINDS, FileSource
from riskscore.portfolio.forbidden import forbidden

AnySource = FileSource | DatabaseSource


def opened(mapping: Mapping, path: Path, data: Path | str | None) -> dict[str, AnySource]:
    """Return every source, opened.

    Parameters
    ----------
    mapping : Mapping
    path : Path
        Of the mapping. A file is looked for in `data`, then in the folder of `data` that is named as the mapping's own.
    data : Path or str, optional

    Raises
    ------
    InvalidInput
        For every source that is not there, and every column of it that is not there or of another type.
    """
    faults: list[Fault] = []
    found: dict[str, AnySource] = {}
    for name, source in mapping.sources.items():
        try:
            if source.file is not None:
                found[name] = FileSource(name, source, _file(f"sources.{name}.file", source.file, path, data))
            elif source.url_env and (source.table or source.query):
                found[name] = DatabaseSource(name, source)
            else:
                continue  # told by the binding
        except InvalidInput as error:
            faults += error.faults
        else:
            faults += _column_faults(name, source, found[name].found)
    if faults:
        raise InvalidInput(faults)
    return found


def _file(where: str, name: str, path: Path, data: Path | str | None) -> Path:
    if not name.lower().endswith(KINDS):
        raise InvalidInput.of(where, f"{name!r} is no file that can be read.", f"Give one of {', '.join(KINDS)}.")
    if data is None:
        raise InvalidInput.of(where, "there is no data folder.", "Give it: --data DIR.")
    folder = Path(data).resolve()
    for place in (folder, folder / path.resolve().parent.name):
        file = (place / name).resolve()
        if not file.is_relative_to(folder):
            raise InvalidInput.of(where, f"{name!r} lies outside the data folder.", "Copy it there.")
        if file.is_file():
            return file
    raise InvalidInput.of(where, f"there is no {name} in {data}.", "Name the folder that holds it: --data DIR.")


def _column_faults(name: str, source: Source, found: dict[str, str]) -> list[Fault]:
    faults = []
    for column, read in source.columns.items():
        where = f"sources.{name}.columns.{column}"
        if forbidden(column):
            continue  # told by the binding, and not looked for
        if column not in found:
            near = get_close_matches(column, found, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(found)}."
            faults.append(Fault(where, "is not there.", hint))
        elif found[column] and not fits(read, found[column]):
            faults.append(
                Fault(where, f"is of type {found[column]}, and cannot be read as {read.type}.", ADVICE[read.type])
            )
    return faults
