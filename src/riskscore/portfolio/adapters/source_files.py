"""Sources that are files: CSV, CSV packed with gzip, and Parquet, read in batches by DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.adapters.expressions import literal, quoted
from riskscore.portfolio.adapters.mapping import Source

KINDS = (".csv", ".csv.gz", ".parquet")


class FileSource:
    """A file below the data folder.

    Parameters
    ----------
    name : str
        Of the source.
    source : Source
    path : Path
        An existing file of one of `KINDS`.

    Attributes
    ----------
    found : dict of str to str
        The DuckDB type of every column in the file.

    Raises
    ------
    InvalidInput
        Where the file's head cannot be read.
    """

    def __init__(self, name: str, source: Source, path: Path) -> None:
        self.name, self.path = name, path
        self._columns = list(source.columns)
        self._parquet = path.name.lower().endswith(".parquet")
        if self._parquet:
            self._relation = f"read_parquet({literal(path)})"
        else:
            self._relation = (
                f"read_csv({literal(path)}, all_varchar = true, header = true, delim = {literal(source.delimiter)}, "
                # Unless told that nothing is a comment, DuckDB may take rows that begin with # for one, and skip them.
                f"""quote = '"', escape = '"', comment = '', encoding = {literal(source.encoding)})"""
            )
        try:
            with duckdb.connect() as con:
                shape = con.execute(f"DESCRIBE SELECT * FROM {self._relation}").fetchall()
        except duckdb.Error as error:
            raise InvalidInput([self._unreadable(error)]) from None
        self.found: dict[str, str] = {row[0]: row[1] for row in shape}

    @property
    def fingerprint(self) -> list[object]:
        """What changes when the file does: its size in bytes and when it was last written."""
        state = self.path.stat()
        return [self.path.name, state.st_size, state.st_mtime_ns]

    def batches(self, skip: int, size: int) -> Iterator[pl.DataFrame]:
        """Yield the columns that are used, `size` rows at a time, without the first `skip` rows.

        Raises
        ------
        InvalidInput
            Where the file cannot be read on.
        """
        columns = ", ".join(quoted(name) for name in self._columns)
        try:
            with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as con:
                con.execute("SET enable_progress_bar = false")
                con.execute("SET TimeZone = 'UTC'")
                rows = con.sql(f"SELECT {columns} FROM {self._relation} OFFSET {skip}")
                for batch in rows.to_arrow_reader(size):
                    frame = pl.from_arrow(batch)
                    if isinstance(frame, pl.DataFrame) and frame.height:
                        yield frame
        except duckdb.Error as error:
            raise InvalidInput([self._unreadable(error)]) from None

    def _unreadable(self, error: duckdb.Error) -> Fault:
        # DuckDB's own words may quote the line: they are never shown.
        line = re.search(r"Line: (\d+)", str(error))
        place = f", line {line[1]}" if line else ""
        kind = "Parquet" if self._parquet else "CSV"
        return Fault(
            f"{self.path.name}{place}",
            f"cannot be read as {kind}.",
            "Check the delimiter, the quotes and the encoding." if kind == "CSV" else "Write the file again.",
        )
