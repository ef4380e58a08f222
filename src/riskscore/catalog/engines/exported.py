"""A portfolio's relations as Parquet files, for an engine that does not read DuckDB's views.

What DuckDB has settled, judged and joined is written once for each content of the portfolio, beside its other derived
files; a view that is nothing but a file is read where it lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.portfolio import cache
from riskscore.portfolio.connection import text

if TYPE_CHECKING:
    import duckdb

    from riskscore.portfolio import Portfolio

#: A view of one file or folder with all its columns, as DuckDB writes it back.
_PLAIN = re.compile(r"SELECT \* FROM read_parquet\('((?:[^']|'')+)'\);?", re.IGNORECASE)


def exported(portfolio: Portfolio, wanted: Iterable[str], *, threads: int, memory: str) -> dict[str, Path]:
    """Return a Parquet file, or a folder of them, for each relation of `wanted` that the portfolio has.

    Parameters
    ----------
    portfolio : Portfolio
    wanted : iterable of str
        Names of relations; those the portfolio has not are left out.
    threads : int
    memory : str
        DuckDB's bound while it writes.
    """
    folder = cache.folder(portfolio.path, portfolio.manifest.content_hash)
    con = portfolio.connect(threads=threads, memory=memory)
    try:
        views = dict(con.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall())
        return {name: _file(con, folder, name, views[name]) for name in sorted(set(wanted)) if name in views}
    finally:
        con.close()


def _file(con: duckdb.DuckDBPyConnection, folder: Path, name: str, view: str) -> Path:
    plain = _PLAIN.fullmatch(view.partition(" AS ")[2].strip())
    if plain:
        file = Path(plain[1].replace("''", "'"))
        return file.parent if file.name == "*" else file

    def build(aside: Path) -> None:
        con.execute(f'COPY (FROM "{name}") TO {text(aside)} (FORMAT parquet)')

    return cache.once(folder / f"relation-{name}.parquet", build)
