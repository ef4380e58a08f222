"""A portfolio under way: what an adapter has read so far, kept beside the place it is meant for.

An adapter reads in steps, each in batches. A batch is a set of frames and the cursor after it: its part files are
written aside and renamed, then the state file with the new cursor is, so that a batch is there whole or not at all.
Whatever stops the reading, a second run with the same settings goes on after the last whole batch. The portfolio
itself appears only at the end, whole, by the same renames as `write_portfolio`'s; until then what stood there stands.

The folder is ``.<name>.ingesting`` beside the portfolio's. It holds what the adapter gave it, so identifiers are
pseudonymised before they come here.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import duckdb
import polars as pl

from riskscore.errors import InvalidInput
from riskscore.portfolio.folder import Portfolio, place_portfolio, shape_faults
from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.manifest import Manifest
from riskscore.portfolio.tables import TABLES, Table

LAYOUT = 1
STATE = "state.json"
_PART = re.compile(r"(?P<step>.+)\.(?P<number>\d{6})\.parquet")


class Staging:
    """Relations under way to a portfolio. Open one with `Staging.open`, as a context manager.

    Attributes
    ----------
    out : Path
        Where the portfolio will stand.
    folder : Path
        Where its parts stand until then.
    """

    def __init__(self, out: Path, folder: Path, state: dict[str, Any], lock: IO[str]) -> None:
        self.out = out
        self.folder = folder
        self._state = state
        self._lock = lock

    @classmethod
    def open(cls, out: Path | str, settings: Mapping[str, Any], *, restart: bool = False) -> Staging:
        """Begin, or go on where an earlier run with the same settings stopped.

        Parameters
        ----------
        out : Path or str
            Where the portfolio will stand; new, empty, or a portfolio to be replaced.
        settings : mapping of str to JSON value
            All that decides what is read and how: source without password, mapping, key id, batch size.
        restart : bool
            Throw away what an earlier run staged.

        Raises
        ------
        InvalidInput
            Where an earlier run had other settings, or another process is at work on the same portfolio.
        """
        out = Path(out).resolve()  # of a link, the folder that it leads to: the link stays
        folder = out.parent / f".{out.name}.ingesting"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise InvalidInput.of(
                str(out), "another ingestion into it is under way.", "Wait for it, or stop it; then run again."
            ) from error
        try:
            state = _state(out, folder, json.loads(json.dumps(settings)), restart=restart)
        except BaseException:
            lock.close()
            raise
        staging = cls(out, folder, state, lock)
        staging._drop_unfinished()
        staging._save()
        return staging

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.close()

    @property
    def resumed(self) -> bool:
        """Whether an earlier run left something to go on from."""
        return bool(self._state["steps"])

    def cursor(self, step: str) -> Any:
        """Return the cursor after the last whole batch of `step`; None where there is none yet."""
        return self._state["steps"].get(step, {}).get("cursor")

    def rows(self, step: str) -> int:
        """Return how many rows `step` has staged, over all its relations."""
        return int(self._state["steps"].get(step, {}).get("rows", 0))

    def is_complete(self, step: str) -> bool:
        """Say whether `step` was closed by `complete`."""
        return bool(self._state["steps"].get(step, {}).get("complete"))

    def add(
        self,
        step: str,
        frames: Mapping[str, pl.DataFrame],
        *,
        cursor: Any,
        notes: Mapping[str, Any] | None = None,
    ) -> None:
        """Stage one batch of `step`, whole or not at all.

        Parameters
        ----------
        step : str
            A name of the adapter's own, such as the source's table.
        frames : mapping of str to DataFrame
            By relation; rows are appended to what the relation holds. Every part of a relation has the same columns
            and types.
        cursor : JSON value
            Where the next batch begins.
        notes : mapping of str to JSON value, optional
            What is to be noted with the batch, as by `note`.
        """
        found = self._state["steps"].setdefault(step, {"cursor": None, "parts": 0, "rows": 0, "complete": False})
        number = found["parts"] + 1
        for relation, frame in frames.items():
            into = self.folder / "parts" / relation
            into.mkdir(parents=True, exist_ok=True)
            aside = into / f".{step}.writing"
            frame.write_parquet(aside)
            _sync(aside)
            os.replace(aside, into / f"{step}.{number:06}.parquet")
        found |= {"cursor": cursor, "parts": number, "rows": found["rows"] + sum(f.height for f in frames.values())}
        self._state["notes"] |= notes or {}
        self._save()

    def complete(self, step: str) -> None:
        """Note that `step` has nothing more to read."""
        self._state["steps"].setdefault(step, {"cursor": None, "parts": 0, "rows": 0})["complete"] = True
        self._save()

    def note(self, name: str, value: Any) -> None:
        """Keep a JSON value for later runs and the report, such as a count of what was dropped."""
        self._state["notes"][name] = value
        self._save()

    def noted(self, name: str) -> Any:
        """Return what `note` kept under `name`; None where it kept nothing."""
        return self._state["notes"].get(name)

    def parts(self, relation: str) -> list[Path]:
        """Return the part files of a relation, in the order in which they were staged by each step."""
        return sorted((self.folder / "parts" / relation).glob("[!.]*.parquet"))

    def source(self, relation: str) -> str:
        """Return the DuckDB expression that reads all of a relation that has at least one part."""
        return f"read_parquet([{', '.join(_text(part) for part in self.parts(relation))}])"

    def finish(
        self,
        manifest: Manifest,
        sources: Mapping[str, str] | None = None,
        *,
        tables: Mapping[str, Table] = TABLES,
        threads: int = 2,
        memory: str = "2GB",
    ) -> Portfolio:
        """Assemble the portfolio and put it in place, then throw the staged parts away.

        Parameters
        ----------
        manifest : Manifest
            Currency, country, time zone, data date, complete_from, tolerance; hash and rows are filled in here.
        sources : mapping of str to str
            A DuckDB relation (``read_parquet(…)`` or a SELECT in parentheses) for each table of the portfolio. Where
            left out: every staged relation that has the name of a table.
        tables : mapping of str to Table
        threads : int
        memory : str
            DuckDB's bound, beyond which sorting spills to disk.

        Raises
        ------
        InvalidInput
            For every table or column that is not of the contract, missing or of the wrong type, all at once.
        """
        if sources is None:
            sources = {name: self.source(name) for name in tables if self.parts(name)}
        with duckdb.connect(
            config={"threads": threads, "memory_limit": memory, "temp_directory": str(self.folder / "spill")}
        ) as con:
            con.execute("SET enable_progress_bar = false")
            columns = {name: con.sql(f"SELECT * FROM {source} LIMIT 0").pl() for name, source in sources.items()}
            faults = [
                fault
                for name, frame in columns.items()
                for fault in shape_faults(tables[name], frame.schema, may_lack_nullable=True)
            ]
            if faults:
                raise InvalidInput(faults)

            def write(aside: Path) -> dict[str, int]:
                return {
                    name: _copy(con, tables[name], source, columns[name].columns, aside / f"{name}.parquet")
                    for name, source in sources.items()
                }

            portfolio = place_portfolio(self.out, manifest, write, tables=tables)
        self.discard()
        return portfolio

    def discard(self) -> None:
        """Throw away all that is staged; whatever stops this, no later run takes what is left for whole."""
        (self.folder / STATE).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()

    def _drop_unfinished(self) -> None:
        """Remove the part files of a batch that was stopped before its cursor was noted."""
        for file in (self.folder / "parts").glob("*/*"):
            part = _PART.fullmatch(file.name)
            known = self._state["steps"].get(part["step"], {}).get("parts", 0) if part else 0
            if part is None or int(part["number"]) > known:
                file.unlink()

    def _save(self) -> None:
        aside = self.folder / f".{STATE}.writing"
        aside.write_text(json.dumps(self._state), "utf-8")
        _sync(aside)
        os.replace(aside, self.folder / STATE)


def _state(out: Path, folder: Path, settings: Any, *, restart: bool) -> dict[str, Any]:
    """Return the state an earlier run left, or a new one."""
    new = {"layout": LAYOUT, "fingerprint": _fingerprint(settings), "settings": settings, "steps": {}, "notes": {}}
    if restart:
        (folder / STATE).unlink(missing_ok=True)
    try:
        found: dict[str, Any] = json.loads((folder / STATE).read_text("utf-8"))
    except FileNotFoundError:
        found = {}
    except ValueError as error:
        raise InvalidInput.of(
            str(folder / STATE), "cannot be read.", "Run again with --restart: what was read is read anew."
        ) from error
    same = bool(found) and found["layout"] == LAYOUT and found["fingerprint"] == new["fingerprint"]
    if same:
        return found
    if not found.get("steps"):
        shutil.rmtree(folder / "parts", ignore_errors=True)
        return new
    other = sorted(
        name for name in {*settings, *found["settings"]} if settings.get(name) != found["settings"].get(name)
    )
    raise InvalidInput.of(
        str(out),
        f"an earlier run stopped half-way with other settings ({', '.join(other) or 'another version of riskscore'}).",
        "Run it with the same settings to go on, or with --restart to begin anew.",
    )


def _copy(con: duckdb.DuckDBPyConnection, table: Table, source: str, found: list[str], target: Path) -> int:
    """Write one table of the contract, sorted as `write_portfolio` sorts it, and return its rows."""
    columns = ", ".join(
        f'CAST({_quoted(c.name) if c.name in found else "NULL"} AS {DUCKDB[c.kind]}) AS "{c.name}"'
        for c in table.all_columns
        if c.name in found or not c.optional
    )
    con.execute(
        f"COPY (SELECT {columns} FROM {source} ORDER BY id, known_at, event_at) TO {_text(target)} (FORMAT parquet)"
    )
    return int(pl.scan_parquet(target, glob=False).select(pl.len()).collect().item())


def _fingerprint(settings: Any) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
