"""How a structural model is judged: its level always, its ranking only where there are bads enough to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scipy import stats

from riskscore.evaluation import Evaluation
from riskscore.modelling.gates import Gate, judge
from riskscore.modelling.recipe import GateSettings

_NO_ORDER = "Do not order banks by it; look at the waterfall's assumptions, and at who paid in the record."

#: Coverage of the interval of the number of bads that the level may explain.
LEVEL = 0.90


def judge_structural(
    settings: GateSettings,
    later: Evaluation,
    other_groups: Evaluation | None,
    chance: Mapping[str, float],
    *,
    highest_auc: float,
) -> tuple[Gate, ...]:
    """Return the gates of a structural candidate; arguments as in `riskscore.modelling.selection.judge`.

    With fewer bads out of time than the recipe asks for, the gate of their number is passed with the words *too few
    bads to say*: the structure was not learnt from them, and what cannot be judged is told and not held against it.
    What can be judged is the level, as a count, and where there are bads enough for an interval of the AUC, whether all
    of it lies below the bar. The order then counts as never judged (`order_judged`), and everything that shows the
    model says so.
    """
    level = _level(settings, later)
    if later.bads >= settings.min_bads and later.too_few is None:
        return (*judge(settings, later, other_groups, chance, highest_auc=highest_auc), level)
    words = (
        f"{later.bads:g} bads among {later.n:g} later loans, {settings.min_bads} asked for: too few bads to say how it "
        "ranks. Nothing was learnt from them; only the level is judged."
    )
    told = [Gate("bads", True, later.bads, words)]
    if later.too_few is None:
        area = later.figures["auc"]
        words = f"AUC out of time {area}, not below {settings.min_auc} beyond chance."
        told.append(Gate("order", not area.high < settings.min_auc, area.value, words, _NO_ORDER))
    return (*told, level)


def order_judged(gates: Sequence[Mapping[str, Any]]) -> bool:
    """Whether bads were enough to hold the order of communal banks against the recipe's bar.

    Parameters
    ----------
    gates : sequence of mapping
        As an artefact keeps them (`Gate.to_dict`).
    """
    return any(gate["name"] == "auc" for gate in gates)


def unjudged_order(settings: GateSettings, later: Evaluation) -> str:
    """Return the sentence that tells that the order was never judged."""
    return (
        f"Whether it tells better banks from worse was never judged: {later.bads:g} bads out of time, at least "
        f"{settings.min_bads} are asked for. Its level was."
    )


def _level(settings: GateSettings, later: Evaluation) -> Gate:
    """Whether the bads seen are among those that the level expects, as widely as loans of one bank go together."""
    expected = later.mean_pd * later.n
    effect = max(1.0, later.design_effect if later.design_effect == later.design_effect else 1.0)
    low, high = settings.observed_expected
    seen, cases = later.bads / effect, later.n / effect
    belief = stats.beta(seen + 0.5, cases - seen + 0.5).interval(LEVEL)
    reaches = belief[0] <= high * later.mean_pd and belief[1] >= low * later.mean_pd
    words = (
        f"{later.bads:g} bads, {expected:.1f} expected; their rate lies from {belief[0]:.4f} to {belief[1]:.4f}, the "
        f"mean PD is {later.mean_pd:.4f}, allowed is {low:g} to {high:g} times as many, within chance."
    )
    return Gate("level", bool(reaches), later.bads / expected if expected > 0 else None, words)
