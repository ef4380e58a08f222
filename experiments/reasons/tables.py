"""The measured shares as tables a README can hold: means over the seeds, sums of counts."""

from __future__ import annotations

import numpy as np

#: Shares of first reasons that have to be reached, on the mean of the seeds.
BARS = {"adverse": 0.95, "among_two": 0.75, "largest": 0.55}


def row_of(*cells: object) -> str:
    return f"| {' | '.join(f'{cell:.1%}' if isinstance(cell, float) else str(cell) for cell in cells)} |"


def head_of(*cells: str) -> list[str]:
    return [row_of(*cells), "|" + "---|" * len(cells)]


def means(results: list[dict], kind: str, way: str) -> dict[str, float]:
    return {bar: float(np.mean([one["candidates"][kind]["ways"][way][bar] for one in results])) for bar in BARS}


def whole(results: list[dict]) -> str:
    return "\n".join([*truths_table(results), "", *stability_table(results), "", *group_table(results)])


def truths_table(results: list[dict]) -> list[str]:
    lines = head_of("candidate", "chosen by", "adverse in truth", "one of her two largest", "the largest")
    for kind, one in results[0]["candidates"].items():
        lines += [row_of(kind, way, *means(results, kind, way).values()) for way in one["ways"]]
    return lines


def stability_table(results: list[dict]) -> list[str]:
    lines = head_of(
        "candidate",
        "riskiest rows",
        "an unseen effect outweighs every cause",
        "no reason",
        "keeps its first reason",
        "keeps the first code",
        "codes of both in both",
    )
    for kind in results[0]["candidates"]:
        own = [one["candidates"][kind] for one in results]
        kept = [float(np.mean([one["stability"][name] for one in own])) for name in ("first", "first_code", "overlap")]
        shares = [float(np.mean([one[name] for one in own])) for name in ("unseen_outweighs", "without_reason")]
        lines.append(row_of(kind, sum(one["rows"] for one in own), *shares, *kept))
    return lines


def group_table(results: list[dict]) -> list[str]:
    lines = head_of(
        "candidate",
        "later rows",
        "talk first by the bands",
        "held back by the cap",
        "states turned by the group",
        "were the whole PD read",
        "and without the cap",
        "turned by the cap",
    )
    for kind in results[0]["candidates"]:
        own = [one["candidates"][kind]["group"] for one in results]
        counts = [
            sum(sum(one[name].values()) for one in own)
            for name in ("turned", "turned_if_read", "turned_if_uncapped", "turned_by_cap")
        ]
        lines.append(row_of(kind, *(sum(one[name] for one in own) for name in ("rows", "talk_first", "held")), *counts))
    return lines
