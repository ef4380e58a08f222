"""Is there a model that treats the groups more alike, and what does it cost? Refits come in as a callable.

*Less discriminatory alternative*: the same candidate, settings and rows without a proxy. Its AUC on the later rows is
compared with the champion's on the same draws of whole clusters, so that what they share cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from riskscore.evaluation.comparison import auc_difference
from riskscore.evaluation.fairness.attribute import Attribute
from riskscore.evaluation.fairness.measures import Judged
from riskscore.evaluation.fairness.ratio import Ratio, Standard, impact_ratio
from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Floats

#: From the names left out to the PD of each row and who would be ready by it.
Refit = Callable[[tuple[str, ...]], tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]]


@dataclass(frozen=True, slots=True)
class Alternative:
    """The champion without some features.

    Parameters
    ----------
    without : tuple of str
        Empty for the champion itself.
    auc : float
    loss : Figure
        AUC of the champion less the alternative's, with its paired interval; 0 for the champion.
    ready : float
        Share called ready.
    ratios : mapping of (str, str) to Ratio
        By trait and group, the groups that can be compared.
    """

    without: tuple[str, ...]
    auc: float
    loss: Figure
    ready: float
    ratios: Mapping[tuple[str, str], Ratio]


def alternatives(
    judged: Judged,
    attributes: Sequence[Attribute],
    left_out: Sequence[tuple[str, ...]],
    refit: Refit,
    *,
    standard: Standard | None = None,
    replicates: int = 300,
    seed: int = 0,
) -> tuple[Alternative, ...]:
    """Return the champion and then each refit, in the order of `left_out`."""
    from riskscore.evaluation.ranking import auc

    held = standard or Standard()
    found = [Alternative((), auc(judged.y, judged.pd), Figure(0.0), float(judged.ready.mean()), {})]
    found[0] = _with_ratios(found[0], judged, judged.ready, attributes, held)
    for names in left_out:
        pd, ready = refit(names)
        loss = auc_difference(judged.y, judged.pd, pd, clusters=judged.clusters, replicates=replicates, seed=seed)
        plain = Alternative(names, auc(judged.y, pd), loss, float(ready.mean()), {})
        found.append(_with_ratios(plain, judged, ready, attributes, held))
    return tuple(found)


def _with_ratios(
    one: Alternative,
    judged: Judged,
    ready: np.ndarray[tuple[int], np.dtype[np.bool_]],
    attributes: Sequence[Attribute],
    held: Standard,
) -> Alternative:
    ratios = {
        (attribute.name, group): impact_ratio(
            ready,
            attribute.codes == code,
            attribute.codes == attribute.reference,
            clusters=judged.clusters,
            standard=held,
        )
        for attribute in attributes
        if attribute.comparable
        for code, group in enumerate(attribute.groups)
        if code != attribute.reference
    }
    return Alternative(one.without, one.auc, one.loss, one.ready, ratios)
