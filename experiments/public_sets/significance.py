"""What the differences of the table are worth: a t test that knows how much the halves share, and ranks.

Halves of one set are not independent: every row trains half of the models. Nadeau and Bengio's corrected variance,
``(1/J + test rows / training rows) * s²`` over the J halves, is wide enough for that. Holm's steps keep the chance of
any false alarm, among a set's comparisons with its best model, at 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from scipy.stats import rankdata, t

LEVEL = 0.05

#: Rows from which a set is large: there the distance to the best counts, and not whether it is significant.
LARGE = 10_000
NEAR = 0.005
RANK = 3.0


class Half(Protocol):
    """One model's AUC on one half of one set."""

    set: str
    model: str
    half: int
    auc: float


def corrected_p(differences: Sequence[float], test_to_train: float = 1.0) -> float:
    """Return the two-sided p value of a mean difference over halves.

    Examples
    --------
    >>> round(corrected_p([0.02, 0.01, 0.03, 0.02]), 3)
    0.059
    """
    values = np.asarray(differences, dtype=float)
    spread = values.std(ddof=1)
    if spread == 0.0:
        return 1.0 if values.mean() == 0.0 else 0.0
    score = values.mean() / (spread * np.sqrt(1.0 / len(values) + test_to_train))
    return float(2.0 * t.sf(abs(score), len(values) - 1))


def holm(p: Mapping[str, float], level: float = LEVEL) -> set[str]:
    """Return the names whose hypotheses fall, the chance of any false one at most `level`.

    Examples
    --------
    >>> sorted(holm({"a": 0.001, "b": 0.02, "c": 0.04, "d": 0.9}))
    ['a']
    """
    fallen: set[str] = set()
    for number, name in enumerate(sorted(p, key=p.__getitem__)):
        if p[name] > level / (len(p) - number):
            break
        fallen.add(name)
    return fallen


def verdicts(done: Sequence[Half], rows: Sequence[Mapping[str, Any]], sizes: Mapping[str, int]) -> str:
    """Return, as Markdown, who is significantly worse than the best of each set, average ranks, and our bars."""
    sets = list(dict.fromkeys(row["set"] for row in rows))
    models = list(dict.fromkeys(row["model"] for row in rows))
    area = {(row["set"], row["model"]): row["auc"] for row in rows}
    halves = {(one.set, one.model, one.half): one.auc for one in done}
    lines = ["", "Corrected resampled t against the best of the set, Holm at 5 %:", ""]
    missed = []
    for name in sets:
        best = max(models, key=lambda model: area[name, model])
        count = 1 + max(one.half for one in done if one.set == name)
        p = {
            model: corrected_p([halves[name, best, half] - halves[name, model, half] for half in range(count)])
            for model in models
            if model != best
        }
        worse = holm(p)
        said = ", ".join(f"{model} (p = {p[model]:.3f})" for model in models if model in worse) or "nobody"
        lines.append(f"- {name} ({sizes[name]:,} rows): best is {best}; significantly worse: {said}.")
        for model in (one for one in models if one.startswith("riskscore")):
            behind = area[name, best] - area[name, model]
            if (sizes[name] >= LARGE and behind > NEAR) or (sizes[name] < LARGE and model in worse):
                missed.append(f"{model} on {name} ({-behind:+.4f})")
    ranks = np.mean([rankdata([-area[name, model] for model in models]) for name in sets], axis=0)
    order = np.argsort(ranks)
    lines += ["", f"Average rank over {len(sets)} sets (1 is best of {len(models)}):", ""]
    lines += [f"- {ranks[place]:.2f} {models[place]}" for place in order]
    ours = [float(rank) for model, rank in zip(models, ranks, strict=True) if model.startswith("riskscore")]
    lines += [
        "",
        f"Bars: from {LARGE:,} rows within {NEAR} AUC of the best, below not significantly worse; rank {RANK:g}.",
    ]
    lines.append(f"Where ours miss them: {'; '.join(missed) or 'nowhere'}.")
    if ours:
        lines.append(f"Best average rank of ours: {min(ours):.2f} ({'met' if min(ours) <= RANK else 'missed'}).")
    return "\n".join(lines) + "\n"
