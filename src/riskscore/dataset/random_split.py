"""The split one should not make, on the very rows of the honest one, to show by how much it flatters.

A random split lets a woman's later loans teach about her earlier ones and her neighbours about her. To measure that and
nothing else, the test rows are the honest split's own and the training sets are as large as its training set; only
*which* rows train differs. On other test rows the difference could take either sign.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from riskscore.dataset.split import Split
from riskscore.dataset.training_set import TrainingSet
from riskscore.errors import InvalidInput


def random_twins(
    ts: TrainingSet, test: TrainingSet, split: Split, *, parts: int = 2, seed: int = 0
) -> Iterator[tuple[TrainingSet, TrainingSet]]:
    """Yield (train, test) pairs whose test rows together are exactly those of `test`.

    Parameters
    ----------
    ts : TrainingSet
        All rows.
    test : TrainingSet
        The honest test rows, such as ``split.same_groups``.
    split : Split
        Its training set gives the size.
    parts : int
        Into how many parts the test rows are cut: rows of one part test, those of the others may train.
    seed : int

    Raises
    ------
    InvalidInput
        Where a test row is not among all rows, or there are fewer than two parts.
    """
    if parts < 2:
        raise InvalidInput.of("parts", f"{parts} is fewer than 2.", "Cut the test rows into at least two parts.")
    where = {name: row for row, name in enumerate(ts.frame["application_id"].to_list())}
    names = test.frame["application_id"].to_list()
    if any(name not in where for name in names):
        raise InvalidInput.of("test", "a test row is not among all rows.", "Pass the set that was split.")
    draw = np.random.default_rng(seed)
    tested = draw.permutation(np.array([where[name] for name in names], dtype=np.int64))
    for part in np.array_split(tested, parts):
        others = np.setdiff1d(np.arange(len(ts)), part)
        size = min(len(split.train), len(others))
        yield ts.with_rows(draw.choice(others, size, replace=False)), ts.with_rows(part)
