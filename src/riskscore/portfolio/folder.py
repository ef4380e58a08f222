"""A portfolio on disk: a folder of ``<table>.parquet`` files and ``portfolio.json``, read and written whole."""

from __future__ import annotations

import difflib
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.portfolio.kinds import empty, lossless, schema
from riskscore.portfolio.manifest import EXACT, FILE, Manifest, Tolerance
from riskscore.portfolio.tables import TABLES, Table

if TYPE_CHECKING:
    import duckdb


class Portfolio:
    """An institution's tables, with what they say about themselves. Open one with `Portfolio.open`.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : Manifest
        Currency, country, clock, data date, content hash and row counts.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    def __repr__(self) -> str:
        return f"Portfolio({str(self.path)!r}, {self.manifest.content_hash[:12]})"

    @classmethod
    def open(cls, path: Path | str) -> Portfolio:
        """Open the portfolio in folder `path`.

        A folder written by hand may leave `content_hash` and `rows` out of its ``portfolio.json``; where the hash
        stands, the files must have it. What the tables hold is judged by `check_portfolio`, not here.

        Raises
        ------
        InvalidInput
            Naming every reason why the folder cannot be read as one whole.
        """
        path = Path(path)
        manifest = Manifest.read(path)
        files = table_files(path)
        faults: list[Fault] = []
        rows: dict[str, int] = {}
        for name, file in files.items():
            try:
                rows[name] = pl.scan_parquet(file, glob=False).select(pl.len()).collect().item()
                missing = (
                    [
                        column
                        for column in (c.name for c in TABLES[name].all_columns if not c.optional)
                        if column not in pl.scan_parquet(file, glob=False).collect_schema()
                    ]
                    if name in TABLES
                    else []
                )
            except (OSError, pl.exceptions.PolarsError) as error:
                faults.append(
                    Fault(name, f"{file.name} is no readable Parquet file ({type(error).__name__}).", "Write it again.")
                )
                continue
            faults += [
                Fault(f"{name}.{column}", "the column is missing.", "Add it; where nothing is known leave it empty.")
                for column in missing
            ]
        faults += [
            Fault(name, f"{FILE} names this table and its file is missing.", "Copy the whole folder again.")
            for name in manifest.rows
            if name not in files
        ]
        found = manifest.hash_of(files)
        if manifest.content_hash and manifest.content_hash != found and not faults:
            faults.append(
                Fault(
                    FILE,
                    "the files are not those it was written with (their hash differs).",
                    "Write it again, or remove content_hash and rows from it where the files were meant to change.",
                )
            )
        if faults:
            raise InvalidInput(faults)
        return cls(path, replace(manifest, content_hash=found, rows=rows))

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table of the contract, then the institution's own that have a file."""
        return (*TABLES, *(name for name in self.manifest.rows if name not in TABLES))

    def file(self, name: str) -> Path | None:
        """Return the file of table `name`, None where it has none; `NotFound` where there is no such table."""
        if name not in self.tables:
            near = difflib.get_close_matches(name, self.tables, 1)
            raise NotFound.of("portfolio", f"there is no table {name!r}.", f"Did you mean {near[0]!r}?" if near else "")
        return self.path / f"{name}.parquet" if name in self.manifest.rows else None

    def table(self, name: str) -> pl.DataFrame:
        """Return a table, every version of every fact; one without a file is empty with the right types.

        Raises
        ------
        NotFound
            Where the contract and the folder have no such table.
        """
        file = self.file(name)
        if file is None:
            return empty(TABLES[name])
        frame = pl.read_parquet(file, glob=False)
        if name not in TABLES:
            return frame
        return frame.select(
            (pl.col(column) if column in frame.columns else pl.lit(None)).cast(dtype).alias(column)
            for column, dtype in schema(TABLES[name]).items()
        )

    def moment(self, value: str | date | datetime | None = None) -> datetime:
        """Return a local moment; None is the first instant after the data date. See `Manifest.moment`."""
        return self.manifest.moment(value)

    def connect(
        self, threads: int = 2, memory: str = "4GB", temporary: Path | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection with a view of every table and of the sources derived from them.

        Parameters
        ----------
        threads : int
        memory : str
            Limit such as ``"4GB"``; beyond it DuckDB spills to disk.
        temporary : Path, optional
            Folder under which this process makes its own to spill to. Default: the system's temporary folder.

        Raises
        ------
        Refused
            Where neither memory nor disk holds the settling of a portfolio that is opened for the first time.

        See Also
        --------
        riskscore.portfolio.connection : what the views hold.
        """
        from riskscore.portfolio.connection import connect

        return connect(self, threads=threads, memory=memory, temporary=temporary)


def table_files(path: Path) -> dict[str, Path]:
    """Return the Parquet files at the top of folder `path` by table name, in the contract's order."""
    found = {file.stem: file for file in sorted(path.glob("*.parquet"))}
    return {name: found[name] for name in (*TABLES, *found) if name in found}


def write_portfolio(
    path: Path | str,
    frames: Mapping[str, pl.DataFrame],
    *,
    currency: str,
    country: str,
    time_zone: str,
    data_date: date,
    complete_from: date | None = None,
    tables: Mapping[str, Table] = TABLES,
    tolerance: Tolerance = EXACT,
) -> Portfolio:
    """Write a portfolio folder: aside first, then renamed, so that no reader meets half of it.

    Rows are sorted by id and known_at, so the content hash does not depend on their order. A portfolio already at
    `path` is replaced; for the instant between two renames there is none, and a reader is told so.

    Parameters
    ----------
    path : Path or str
        Must not exist, be empty, or be a portfolio.
    frames : mapping of str to DataFrame
        By table name. Missing tables are empty; a missing column that may be null is null throughout.
    currency, country, time_zone, data_date, complete_from, tolerance
        See `Manifest`.
    tables : mapping of str to Table
        The contract, with the institution's own tables where it has some.

    Returns
    -------
    Portfolio
        As written. Its values are not checked here: `check_portfolio` does that.

    Raises
    ------
    InvalidInput
        For every table or column that is not of the contract, missing or of the wrong type, all at once.
    """
    path = Path(path)
    manifest = Manifest.of(
        currency=currency,
        country=country,
        time_zone=time_zone,
        data_date=data_date,
        complete_from=complete_from,
        tolerance=tolerance,
        where="write_portfolio",
    )
    faults: list[Fault] = []
    for name, frame in frames.items():
        if name not in tables:
            near = difflib.get_close_matches(name, tables, 1)
            hint = f"Did you mean {near[0]!r}?" if near else "Declare it in features/sources.py."
            faults.append(Fault(name, "is no table of the contract.", hint))
        else:
            faults += shape_faults(tables[name], frame.schema, may_lack_nullable=True)
    faults += place_faults(path)
    if faults:
        raise InvalidInput(faults)

    def write(aside: Path) -> dict[str, int]:
        rows: dict[str, int] = {}
        for name, frame in frames.items():
            whole = _conform(tables[name], frame)
            whole.write_parquet(aside / f"{name}.parquet", statistics=True)
            rows[name] = whole.height
        return rows

    return place_portfolio(path, manifest, write, tables=tables)


def place_portfolio(
    path: Path | str,
    manifest: Manifest,
    write: Callable[[Path], dict[str, int]],
    *,
    tables: Mapping[str, Table] = TABLES,
) -> Portfolio:
    """Have the tables of a portfolio written aside, hash them, and rename the folder into place.

    Parameters
    ----------
    path : Path or str
        Must not exist, be empty, or be a portfolio, which is replaced.
    manifest : Manifest
        Its content_hash and rows are filled in here.
    write : callable
        Is given an empty folder, writes ``<table>.parquet`` files into it and returns the rows of each.
    tables : mapping of str to Table

    Raises
    ------
    InvalidInput
        Where something stands at `path` that is no portfolio.
    """
    path = Path(path)
    if faults := place_faults(path):
        raise InvalidInput(faults)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _sibling(path, "writing")
    aside.mkdir()
    try:
        rows = write(aside)
        manifest = replace(manifest, rows={name: rows[name] for name in tables if name in rows})
        manifest = replace(manifest, content_hash=manifest.hash_of(table_files(aside)))
        (aside / FILE).write_text(manifest.to_json(), "utf-8")
        _put_in_place(aside, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Portfolio(path, manifest)


def place_faults(path: Path) -> list[Fault]:
    """Return why no portfolio may be put at `path`: something else stands there."""
    if path.exists() and not (path / FILE).exists() and (not path.is_dir() or any(path.iterdir())):
        return [Fault(str(path), "exists and is no portfolio.", "Name a folder that is new, or empty.")]
    return []


def shape_faults(table: Table, found: Mapping[str, pl.DataType], *, may_lack_nullable: bool = False) -> list[Fault]:
    """Return what is wrong with the columns of a table: missing, not of the contract, or of the wrong type."""
    faults: list[Fault] = []
    for column in table.all_columns:
        where = f"{table.name}.{column.name}"
        if column.name not in found:
            if not (column.optional or (may_lack_nullable and column.nullable)):
                remedy = "Add it; leave it empty where nothing is known." if column.nullable else "Add it."
                faults.append(Fault(where, "the column is missing.", remedy))
            continue
        if not lossless(column, found[column.name]):
            faults.append(
                Fault(
                    where,
                    f"has type {found[column.name]}, expected {schema(table)[column.name]}.",
                    _CASTS.get(column.kind, "Cast it."),
                )
            )
    names = [column.name for column in table.all_columns]
    for name in found:
        if name not in names:
            near = difflib.get_close_matches(name, [n for n in names if n not in found], 1)
            hint = f"Did you mean {near[0]!r}?" if near else "Remove it, or declare it in features/sources.py."
            faults.append(Fault(f"{table.name}.{name}", "is no column of the contract.", hint))
    return faults


_CASTS: dict[str, str] = {
    "money": "Cast it to DECIMAL(18,2), rounding as your ledger does; money is never a float.",
    "timestamp": "Cast it to a timestamp in microseconds, local to the institution and without offset.",
    "date": "Cast it to a date.",
    "text": "Cast it to text; ids are text even where they are digits.",
}


def _conform(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    optional = {column.name for column in table.all_columns if column.optional}
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema(table).items()
        if name in frame.columns or name not in optional
    ]
    return frame.select(columns).sort("id", "known_at", maintain_order=True)


def _put_in_place(aside: Path, path: Path) -> None:
    """Rename the folder written aside to its place, moving away what stood there."""
    if not path.exists():
        aside.rename(path)
        return
    old = _sibling(path, "old")
    path.rename(old)
    try:
        aside.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sibling(path: Path, purpose: str) -> Path:
    return path.parent / f".{path.name}.{purpose}-{uuid.uuid4().hex}"
