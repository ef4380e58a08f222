"""What an ingestion of tables read, made, left out and inferred: for the terminal, and a file beside the portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from riskscore.errors import Fault
from riskscore.portfolio.adapters.deriving import Derived
from riskscore.portfolio.manifest import Manifest

FILE = "report.md"


@dataclass
class TablesReport:
    """Filled in while an ingestion goes on.

    Parameters
    ----------
    mapping : str
        Name of the mapping file.
    manifest : Manifest
    sources : dict of str to int
        Rows read of each source.
    derived : list of Derived
    faults : list of Fault
    """

    mapping: str
    manifest: Manifest
    sources: dict[str, int] = field(default_factory=dict)
    derived: list[Derived] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield a line for each derivation: table, source, rows read, made and dropped."""
        for one in self.derived:
            yield (
                one.bound.where.removeprefix("tables."),
                one.bound.source or "constants",
                f"{one.read:,}",
                f"{one.made:,}",
                f"{one.read - one.made:,}",
            )

    def dropped(self) -> Iterator[tuple[str, int, str]]:
        """Yield table, count and reason of what was left out."""
        for one in self.derived:
            for reason, count in one.dropped.items():
                yield one.bound.where.removeprefix("tables."), count, reason

    def inferred(self) -> Iterator[tuple[str, int, str]]:
        """Yield table, count and rule of the rows whose time of knowledge is inferred."""
        for one in self.derived:
            if one.bound.rule is not None:
                yield one.bound.where.removeprefix("tables."), one.inferred, one.bound.rule

    def unmapped(self) -> Iterator[tuple[str, str, int]]:
        """Yield column, code and count of the codes that nothing says the meaning of."""
        for one in self.derived:
            for (column, code), count in one.unmapped.items():
                yield f"{one.bound.where.removeprefix('tables.')}.{column}", code, count

    def to_markdown(self) -> str:
        """Return the report as Markdown."""
        manifest = self.manifest
        lines = [
            f"# Ingested by {self.mapping}",
            "",
            f"{manifest.currency}, {manifest.country}, times local to {manifest.time_zone}, "
            f"data up to {manifest.data_date}.",
            "",
            "| source | rows read |",
            "|---|---:|",
            *(f"| {name} | {count:,} |" for name, count in self.sources.items()),
            "",
            "| table | from | rows read | made | dropped |",
            "|---|---|---:|---:|---:|",
            *(f"| {' | '.join(row)} |" for row in self.rows()),
            "",
            "## Left out",
            "",
            *_or_none(f"- {table}: {count:,}, {reason}" for table, count, reason in self.dropped()),
            "",
            "## Time of knowledge inferred",
            "",
            "The source does not say when these rows were recorded; a rule of the mapping does. They are marked "
            "`known_inferred`. `event` is the row's own time; a date is known by the end of its day.",
            "",
            *_or_none(f"- {table}: {counted(count)}, known at `{rule}`" for table, count, rule in self.inferred()),
            "",
            "## Known by the date alone",
            "",
            *_or_none(
                f"- {one.bound.where.removeprefix('tables.')}: {counted(one.made)}"
                for one in self.derived
                if one.bound.event_is_day and one.bound.source is not None
            ),
            "",
            "## Codes that are not mapped",
            "",
            *_or_none(f"- {column}: `{code}`, {counted(count)}" for column, code, count in self.unmapped()),
        ]
        if self.faults:
            lines += ["", f"## {len(self.faults)} faults: nothing was put in place", ""]
            lines += [f"- **{fault.where}** {fault.what} {fault.remedy}" for fault in self.faults]
        return "\n".join(lines) + "\n"

    def write(self, out: Path) -> Path:
        """Write the report beside the portfolio at `out` and return where."""
        folder = out.absolute().parent / f"{out.name}.ingest"
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{FILE}.writing"
        aside.write_text(self.to_markdown(), "utf-8")
        return aside.replace(folder / FILE)


def counted(rows: int) -> str:
    """Return a number of rows in words."""
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def _or_none(lines: Iterator[str]) -> list[str]:
    return list(lines) or ["None."]
