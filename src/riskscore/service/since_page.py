"""What became of the loans that matured since a champion's training, in words and a small table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskscore.words import Format, Words

Row = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Since:
    """Sentences, the answer first, and rows: which part, loans over, bads expected, bads there were, what they say."""

    lines: tuple[str, ...]
    rows: tuple[Row, ...] = ()


def since_of(found: Mapping[str, Any] | None, words: Words, form: Format) -> Since | None:
    """Return what is shown of `riskscore.service.followed.Followed.told`; None of what is not in service."""
    if found is None:
        return None
    answer = found["answer"]
    if "trained_to" not in found:
        return Since((words(f"since.{answer}"),))
    said = words(f"since.{answer}", minimum=form.number(found["minimum_bads"]), since=_day(found, "trained_to", form))
    if found["observed"] is None:
        return Since((said,))
    counted = words("since.counted", since=_day(found, "trained_to", form), until=_day(found, "data_date", form))
    reach = words("since.range", low=form.number(found["low"]), high=form.number(found["high"]))
    every = {**found, "name": words("since.all"), "light": answer}
    return Since((said, counted, reach), tuple(_row(one, words, form) for one in (every, *found["grades"])))


def _row(one: Mapping[str, Any], words: Words, form: Format) -> Row:
    return (
        one["name"],
        form.number(one["matured"]),
        form.number(one["expected"], 1),
        form.number(one["observed"]),
        words(f"since.says_{one['light']}"),
    )


def _day(found: Mapping[str, Any], name: str, form: Format) -> str:
    return form.day(found[name])
