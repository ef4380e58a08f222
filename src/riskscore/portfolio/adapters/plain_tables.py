"""`ingest tables`: an institution's own tables to a portfolio, as a mapping says.

The way: the mapping is bound (every fault of it at once, before a row is read); sources land in batches, identifiers
as pseudonyms; tables are derived beside the place the portfolio is meant for; everything is checked there (every fault
of the data at once); only then is it renamed into place. An interrupted run is taken up after its last whole batch.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from pathlib import Path

import duckdb

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.adapters.binding import bind
from riskscore.portfolio.adapters.bound import BoundDerivation
from riskscore.portfolio.adapters.deriving import Derived, derive, write_table
from riskscore.portfolio.adapters.expressions import quoted, shut
from riskscore.portfolio.adapters.landing import (
    BATCH,
    Told,
    key_faults,
    land,
    landed_types,
    relation,
    unreadable_faults,
)
from riskscore.portfolio.adapters.mapping import Mapping, Source, read_mapping
from riskscore.portfolio.adapters.opening import AnySource, opened
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
from riskscore.portfolio.adapters.staging import Staging
from riskscore.portfolio.adapters.tables_report import TablesReport
from riskscore.portfolio.check import check_portfolio
from riskscore.portfolio.folder import Portfolio, place_faults, place_portfolio
from riskscore.portfolio.manifest import Manifest
from riskscore.portfolio.tables import TABLES, Table

_MEMORY = "2GB"


def ingest_tables(
    mapping: Path | str,
    out: Path | str,
    data: Path | str | None = None,
    *,
    tables: MappingOf[str, Table] = TABLES,
    pseudonyms: Pseudonyms | None = None,
    dry_run: bool = False,
    restart: bool = False,
    batch: int = BATCH,
    told: Told = lambda doing: None,
) -> tuple[Portfolio | None, TablesReport]:
    """Make a portfolio at `out` from the files in `data` and the databases that the mapping names.

    Parameters
    ----------
    mapping : Path or str
        A TOML file; see `riskscore.portfolio.adapters.mapping`.
    out : Path or str
        New, empty, or a portfolio that is replaced. The report goes to ``OUT.ingest/report.md`` beside it.
    data : Path or str, optional
        The folder with the mapping's files.
    tables : mapping of str to Table
        The contract, with the institution's own tables where it has some.
    pseudonyms : Pseudonyms, optional
        Needed where the mapping pseudonymises a column.
    dry_run : bool
        Do everything, and leave nothing at `out`.
    restart : bool
        Forget what an earlier, interrupted run has read.
    batch : int
        Rows held in memory at once.
    told : callable
        Is told what is going on.

    Returns
    -------
    portfolio : Portfolio or None
        None of a dry run.
    report : TablesReport

    Raises
    ------
    InvalidInput
        With every fault of the mapping and its sources' columns; else with every fault of the data.
    """
    path, out = Path(mapping), Path(out).resolve()  # of a link, the folder that it leads to: the link stays
    written = read_mapping(path)
    manifest, bound, sources = _prepared(written, path, out, tables, data, pseudonyms)
    settings = {
        "mapping": hashlib.sha256(path.read_bytes()).hexdigest(),
        "sources": {name: source.fingerprint for name, source in sources.items()},
        "key": pseudonyms.key_id if pseudonyms else None,
        "batch": batch,
    }
    with tempfile.TemporaryDirectory(prefix="riskscore-dry-") as scratch:
        place = Path(scratch) / out.name if dry_run else out
        with Staging.open(place, settings, restart=restart) as staging:
            report = TablesReport(path.name, manifest)
            for name, source in sources.items():
                report.sources[name] = land(
                    staging,
                    source,
                    written.sources[name],
                    zone=manifest.time_zone,
                    pseudonyms=pseudonyms,
                    batch=batch,
                    told=told,
                )
            whole = _whole(staging, written, bound, manifest, tables, report, told)
            if not dry_run:
                report.write(out)
            if report.faults:
                # The same data would give the same faults: what was read of them is no help to the next run.
                staging.discard()
                raise InvalidInput(report.faults)
            if dry_run:
                return None, report
            portfolio = place_portfolio(out, manifest, lambda aside: _moved(whole, aside), tables=tables)
            staging.discard()
    return portfolio, report


def _prepared(
    written: Mapping,
    path: Path,
    out: Path,
    tables: MappingOf[str, Table],
    data: Path | str | None,
    pseudonyms: Pseudonyms | None,
) -> tuple[Manifest, list[BoundDerivation], dict[str, AnySource]]:
    """Return what a mapping says, bound to its tables and to the heads of its sources; or every fault of it at once."""
    faults = place_faults(out)
    manifest = None
    try:
        manifest = written.manifest()
    except InvalidInput as error:
        faults += error.faults
    bound: list[BoundDerivation] = []
    try:
        bound = bind(written, tables)
    except InvalidInput as error:
        faults += error.faults
    sources: dict[str, AnySource] = {}
    try:
        sources = opened(written, path, data)
    except InvalidInput as error:
        faults += error.faults
    if pseudonyms is None:
        faults += [
            Fault(
                f"sources.{name}.columns.{column}",
                "is pseudonymised, and there is no key.",
                "Give --key FILE; with --new-key it is made. Keep it apart from the portfolio, and for ever.",
            )
            for name, source in written.sources.items()
            for column, read in source.columns.items()
            if read.pseudonym
        ]
    if faults or manifest is None:
        raise InvalidInput(dict.fromkeys(faults))
    return manifest, bound, sources


def _whole(
    staging: Staging,
    written: Mapping,
    bound: Sequence[BoundDerivation],
    manifest: Manifest,
    tables: MappingOf[str, Table],
    report: TablesReport,
    told: Told,
) -> Path:
    """Derive every table into a folder of the staging and check it; faults go into the report."""
    folder = staging.folder / "derived"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    whole = folder / "whole"
    report.faults += unreadable_faults(staging, written.sources)
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as con:
        con.execute("SET enable_progress_bar = false")
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"SET temp_directory = '{str(staging.folder / 'spill').replace(chr(39), chr(39) * 2)}'")
        for name, source in written.sources.items():
            con.execute(f"CREATE VIEW {quoted(name)} AS {_landed(staging, name, source)}")
        # From here on the mapping's own SQL runs: it reaches what is staged, and nothing else.
        shut(con, str(staging.folder))
        for name, source in written.sources.items():
            report.faults += key_faults(con, name, source)
        for name, view in written.views.items():
            con.execute(f"CREATE VIEW {quoted(name)} AS {view.sql}")
        for number, one in enumerate(bound):
            told(f"derive {one.where.removeprefix('tables.')}")
            found, faults = derive(con, one, folder / f"{number:03}.parquet")
            report.faults += faults
            if found:
                report.derived.append(found)

        def write(aside: Path) -> dict[str, int]:
            parts: dict[str, list[Derived]] = {}
            for one in report.derived:
                parts.setdefault(one.bound.table.name, []).append(one)
            return {
                name: write_table(con, tables[name], parts[name], aside / f"{name}.parquet")
                for name in tables
                if name in parts
            }

        place_portfolio(whole, manifest, write, tables=tables)
    told("check")
    report.faults += _not_told_yet(check_portfolio(whole, tables), report)
    return whole


def _landed(staging: Staging, name: str, source: Source) -> str:
    """Return the SELECT of a landed source; one without a row has its columns all the same."""
    if staging.parts(relation(name)):
        return f"SELECT * FROM {staging.source(relation(name))}"
    typed = (f"CAST(NULL AS {kind}) AS {quoted(column)}" for column, kind in landed_types(source).items())
    return f"SELECT {', '.join(typed)} WHERE false"


def _not_told_yet(found: Sequence[Fault], report: TablesReport) -> list[Fault]:
    """Return the faults of the tables without what follows from a code that is not mapped: that has been told."""
    told = {f"{one.bound.table.name}.{column}" for one in report.derived for column, _ in one.unmapped}
    return [fault for fault in found if fault.where not in told]


def _moved(whole: Path, aside: Path) -> dict[str, int]:
    """Move the checked tables into the folder that is put in place."""
    rows = Manifest.read(whole).rows
    for name in rows:
        (whole / f"{name}.parquet").rename(aside / f"{name}.parquet")
    return rows
