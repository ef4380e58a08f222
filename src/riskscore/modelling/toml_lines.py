"""On which line of a TOML text each table and key stands, so that a fault can name it.

The standard reader keeps no positions. Here each statement (a header, or a key with its value, over as many lines as it
takes) is given to that reader alone: the first line from which it can be read is where the statement begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

_HEADER = re.compile(r"\s*\[")


def lines_of(text: str) -> dict[str, int]:
    r"""Return the line, from 1, of every table and key of a text that is TOML.

    Tables of a list are counted from 1, as in faults: ``candidates[2].trials``. One written within braces stands on the
    line on which it ends.

    Examples
    --------
    >>> lines_of('name = "a"\n\n[[candidates]]\ntrials = [\n  1,\n]\n')
    {'name': 1, 'candidates': 3, 'candidates[1]': 3, 'candidates[1].trials': 4}
    >>> lines_of('bands = [\n  { below = 1 },\n  { at_least = 1 },\n]\n')
    {'bands': 1, 'bands[1]': 2, 'bands[2]': 3}
    """
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, held in _statements(text):
        content = tomllib.loads(held)
        if _HEADER.match(held):
            table = _table(content, number, counts, found)
            continue
        for path in _paths(content):
            found.setdefault(f"{table}.{path}".lstrip("."), number)
        for path, line in _entries(held, number):
            found.setdefault(f"{table}.{path}".lstrip("."), line)
    return found


def line_of(text: str, where: str, naming: str = "") -> int | None:
    """Return the line of a field of a TOML text, else of the table it should stand in; None where that is missing too.

    Parameters
    ----------
    text : str
    where : str
        Such as ``"candidates[2].search.leaves"``.
    naming : str
        Where the value is a list over several lines, the line of this entry.
    """
    lines = lines_of(text)
    first = nearest(lines, where)
    if first is None or not naming or where not in lines:
        return first
    after = min((line for line in lines.values() if line > first), default=len(text.splitlines()) + 1)
    for number, line in enumerate(text.splitlines()[first - 1 : after - 1], start=first):
        if f'"{naming}"' in line or f"'{naming}'" in line:
            return number
    return first


def nearest(lines: Mapping[str, int], where: str) -> int | None:
    """Return the line of a field by `lines_of`, else of the table it should stand in; None where there is neither."""
    while where and where not in lines:
        where = where.rpartition(".")[0]
    return lines.get(where)


def place_of(text: str, file: str, where: str, naming: str = "") -> str:
    """Return file, line and field, as faults name them; without a line where nothing of it is in the text."""
    line = line_of(text, where, naming)
    return f"{file}: {where}" if line is None else f"{file}:{line}: {where}"


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line of each statement, and its text."""
    begun, held = 0, ""
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not held and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begun, held = (begun, held + line) if held else (number, line)
        try:
            tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue  # a value that goes on in the next line
        yield begun, held
        held = ""


def _entries(held: str, begun: int) -> Iterator[tuple[str, int]]:
    """Yield the tables within braces of a statement that is a list, and the line on which each can be read."""
    counted = 0
    for number, so_far in enumerate(accumulate(held.splitlines(keepends=True)), start=begun):
        try:
            content = tomllib.loads(so_far if so_far == held else f"{so_far}\n]")
        except tomllib.TOMLDecodeError:
            continue  # a table that goes on in the next line
        ((name, value),) = content.items()
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            return
        yield from ((f"{name}[{place}]", number) for place in range(counted + 1, len(value) + 1))
        counted = len(value)


def _table(content: Mapping[str, Any], number: int, counts: dict[str, int], found: dict[str, int]) -> str:
    """Note a header, and return the name under which the keys below it stand."""
    place = ""
    while content:
        ((name, inner),) = content.items()
        place = f"{place}.{name}".lstrip(".")
        if isinstance(inner, list):
            counts[place] = counts.get(place, 0) + 1
            found.setdefault(place, number)
            content = inner[0]
        else:
            content = inner
        if place in counts:
            place = f"{place}[{counts[place]}]"
    found.setdefault(place, number)
    return place


def _paths(content: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in content.items():
        path = f"{above}.{name}".lstrip(".")
        yield path
        if isinstance(value, Mapping):
            yield from _paths(value, path)
