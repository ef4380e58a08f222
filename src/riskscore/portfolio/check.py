"""Checking a portfolio: every fault of every table at once, and remarks on what is unusual but allowed.

Faults name tables, columns and ids, never a value that says something of a person.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.consistency import consistency_faults
from riskscore.portfolio.contracts import value_faults
from riskscore.portfolio.contradictions import contradiction_faults
from riskscore.portfolio.folder import shape_faults, table_files
from riskscore.portfolio.forbidden import forbidden, protected
from riskscore.portfolio.kinds import lossless, schema
from riskscore.portfolio.manifest import FILE, Manifest
from riskscore.portfolio.tables import TABLES, Table


def check_portfolio(path: Path | str, tables: Mapping[str, Table] = TABLES) -> list[Fault]:
    """Return every fault of every table of the portfolio at `path`; none means that it keeps its contract.

    Parameters
    ----------
    path : Path or str
        The folder.
    tables : mapping of str to Table
        The contract, with the institution's own tables where it has some.

    Returns
    -------
    list of Fault
        Each names the table, the column, at most five ids, what is expected and what to do.
    """
    path = Path(path)
    if not path.is_dir():
        return [Fault(str(path), "is no folder.", f"Name the folder that holds {FILE}.")]
    faults: list[Fault] = []
    manifest: Manifest | None = None
    try:
        manifest = Manifest.read(path)
    except InvalidInput as error:
        faults += error.faults
    files = table_files(path)
    faults += _folder_faults(path, files, manifest, tables)
    for table in tables.values():
        faults += name_faults(table)
    frames: dict[str, pl.DataFrame] = {}
    for name, file in files.items():
        if name not in tables:
            continue
        table = tables[name]
        try:
            frame = pl.read_parquet(file, glob=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            faults.append(
                Fault(name, f"{file.name} is no readable Parquet file ({type(error).__name__}).", "Write it again.")
            )
            continue
        shape = shape_faults(table, frame.schema)
        faults += [_with_reason(fault, table) for fault in shape]
        frames[name] = frame.select(
            pl.col(column.name).cast(schema(table)[column.name])
            for column in table.all_columns
            if column.name in frame.columns and lossless(column, frame.schema[column.name])
        )
        faults += value_faults(table, frames[name])
    return faults + consistency_faults(frames, tables, manifest) + contradiction_faults(frames)


def name_faults(table: Table) -> list[Fault]:
    """Return what is wrong with the names a table declares: forbidden topics, protected traits not marked."""
    faults = []
    reason = forbidden(table.name)
    if reason:
        faults.append(Fault(table.name, f"is refused: {reason}.", "Leave the table out of the portfolio."))
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        reason, trait = forbidden(column.name), protected(column.name)
        if reason:
            faults.append(Fault(where, f"is refused: {reason}.", "Leave the column out of the portfolio."))
        elif trait and not column.protected:
            faults.append(
                Fault(
                    where,
                    f"speaks of {trait} and is not protected.",
                    "Declare it with protected=True, or leave it out.",
                )
            )
    return faults


def _with_reason(fault: Fault, table: Table) -> Fault:
    """Say of a column that is not of the contract why it may never be, where that is so."""
    name = fault.where.removeprefix(f"{table.name}.")
    if name in {column.name for column in table.all_columns}:
        return fault
    if reason := forbidden(name):
        return Fault(fault.where, f"is refused: {reason}.", "Remove the column before you hand the table over.")
    if trait := protected(name):
        return Fault(
            fault.where,
            f"speaks of {trait}, which is kept for audits only.",
            "Remove it, or declare it in features/sources.py with protected=True.",
        )
    return fault


def _folder_faults(
    path: Path, files: Mapping[str, Path], manifest: Manifest | None, tables: Mapping[str, Table]
) -> list[Fault]:
    faults = []
    for name in files:
        if name in tables:
            continue
        if reason := forbidden(name):
            faults.append(Fault(name, f"is refused: {reason}.", f"Remove {name}.parquet."))
            continue
        near = difflib.get_close_matches(name, tables, 1)
        hint = f"Did you mean {near[0]!r}?" if near else "Remove it, or declare it in features/sources.py."
        faults.append(Fault(name, "is no table of the contract.", hint))
    faults += [
        Fault(file.name, "is no table of the contract.", "A portfolio holds Parquet files; move it elsewhere.")
        for file in sorted(path.iterdir())
        if file.name != FILE and file.suffix != ".parquet" and not file.name.startswith(".")
    ]
    if manifest is None:
        return faults
    faults += [
        Fault(name, f"{FILE} names this table and its file is missing.", "Copy the whole folder again.")
        for name in manifest.rows
        if name not in files
    ]
    if manifest.content_hash and manifest.content_hash != manifest.hash_of(files):
        faults.append(
            Fault(
                FILE,
                "the files are not those it was written with (their hash differs).",
                "Write it again, or remove content_hash and rows from it where the files were meant to change.",
            )
        )
    return faults
