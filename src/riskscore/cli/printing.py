"""How the command line speaks: short lines, seconds beside each step, faults with their remedy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from riskscore.errors import Fault

#: Results.
out = Console(soft_wrap=True, highlight=False)
#: Progress and faults.
err = Console(stderr=True, soft_wrap=True, highlight=False)


def line(text: str = "") -> None:
    """Print one line of a result as it stands: no wrapping, so that an address stays whole; no markup."""
    out.print(text, markup=False)


def prose(text: str) -> None:
    """Print a sentence: between words where a terminal is too narrow for it, and whole where a log or a pipe reads."""
    out.print(text, markup=False, soft_wrap=not out.is_terminal)


def faults(found: Iterable[Fault]) -> None:
    """Print every fault on standard error: where, what, and what to do."""
    listed = list(found)
    err.print(f"{len(listed)} {'fault' if len(listed) == 1 else 'faults'}", style="bold red")
    for fault in listed:
        err.print(f"  {fault.where}", style="bold", markup=False)
        err.print(f"    {fault.what}", markup=False)
        if fault.remedy:
            err.print(f"    -> {fault.remedy}", markup=False)


def remarks(found: Iterable[Fault]) -> None:
    """Print what is unusual and no fault, one line each, with the result."""
    for remark in found:
        line(f"  remark  {remark}")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under column names, one line each however wide, so that a log or a pipe gets them whole."""
    lines = [columns, *rows]
    widths = [max(len(cells[place]) for cells in lines) for place in range(len(columns))]
    for number, cells in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        out.print(text, style="bold" if number == 0 else None, markup=False)


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Show that something is going on while it does, and one line with its seconds when it is done.

    The moving bar is drawn on a terminal only; a log gets the closing line alone. The block is given a callable that
    says what is going on just now.
    """
    begun = time.monotonic()
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(name, total=None)

        def tell(doing: str) -> None:
            bar.update(task, description=f"{name}: {doing}")

        yield tell
    err.print(f"  {name:<44} {time.monotonic() - begun:6.1f} s", markup=False)


@contextmanager
def counted(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` are done, and one line with the seconds and the pace at the end.

    The block is given a callable that is told how many more are done.
    """
    begun = time.monotonic()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(name, total=total)
        yield lambda more: bar.update(task, advance=more)
    took = time.monotonic() - begun
    err.print(f"  {name:<44} {took:6.1f} s  {total / max(took, 1e-9):,.0f} a second", markup=False)
