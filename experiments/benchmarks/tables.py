"""The rows of a run as a table: for a terminal, and as Markdown for the page."""

from __future__ import annotations

from measure import Row
from rich.table import Table


def table(found: list[Row]) -> Table:
    """Return what a terminal shows."""
    shown = Table(title="cost beside the floor of the same run; above 1 is dearer")
    for heading, justify in (("work", "left"), ("cost", "right"), ("floor", "right"), ("unit", "left")):
        shown.add_column(heading, justify=justify)  # type: ignore[arg-type]
    shown.add_column("ratio", justify="right")
    shown.add_column("at most", justify="right")
    shown.add_column("the floor is")
    for row in found:
        shown.add_row(
            row.name,
            f"{row.value:,.4g}",
            f"{row.floor:,.4g}",
            row.unit,
            f"{row.ratio:.3g}" + ("  over" if _over(row) else ""),
            "" if row.target is None else f"{row.target:g}",
            row.against,
        )
    return shown


def markdown(found: list[Row], when: str) -> str:
    """Return the section *Measured* of the page: `when` is a sentence on the run, then a row for each piece of work."""
    lines = [when, "", "| work | cost | floor | ratio | at most |", "|---|---|---|---|---|"]
    for row in found:
        ratio = f"**{row.ratio:.3g}, over**" if _over(row) else f"{row.ratio:.3g}"
        target = "" if row.target is None else f"{row.target:g}"
        lines.append(f"| {row.name} | {row.value:,.3g} {row.unit} | {row.floor:,.3g} | {ratio} | {target} |")
    return "\n".join(lines)


def _over(row: Row) -> bool:
    return row.target is not None and row.ratio > row.target
