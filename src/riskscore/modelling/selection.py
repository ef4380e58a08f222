"""Which candidate wins, answered in words: one that cannot be checked with a pencil must be better beyond noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.evaluation import auc_difference
from riskscore.modelling.gates import Gate
from riskscore.modelling.margin import Floats

#: The kind that every other must beat.
BASELINE = "woe_scorecard"

#: Coverage of the interval by which a candidate must beat the scorecard.
BEATEN_LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Gain:
    """The AUC of a candidate less the scorecard's on the same later rows, with the paired interval over clusters."""

    value: float
    low: float
    high: float

    @property
    def beyond_noise(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low > 0

    def __str__(self) -> str:
        return f"{self.value:+.4f} AUC out of time ({self.low:+.4f} to {self.high:+.4f})"


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner's kind and why.

    Parameters
    ----------
    kind : str
    words : str
    gains : mapping of str to Gain
        Of every other candidate over the scorecard; empty where no scorecard was fitted.
    """

    kind: str
    words: str
    gains: Mapping[str, Gain] = field(default_factory=dict)


def gain_gate(gain: Gain) -> Gate:
    """Return the gate of a candidate other than the scorecard: it beats the scorecard by more than noise."""
    said = "" if gain.beyond_noise else "not "
    words = f"It does {said}beat the scorecard by more than noise: {gain}."
    if gain.beyond_noise:
        words = words.replace("does beat", "beats")
    return Gate("gain over the scorecard", gain.beyond_noise, gain.value, words, "Use the scorecard.")


def choose(failed: Mapping[str, Sequence[str]], gains: Mapping[str, Gain]) -> Choice:
    """Choose between candidates.

    One that passes its gates goes before one that does not. Every other candidate must beat the scorecard by more than
    noise (the whole clustered 90 % interval of the difference in AUC, on the same later rows), which is a gate of its
    own: else the scorecard is chosen, because it can be checked with a pencil. Where the scorecard itself fails, a
    candidate that does not beat it is not promoted in its place.

    Parameters
    ----------
    failed : mapping of str to sequence of str
        The names of the gates that each kind failed, in the recipe's order.
    gains : mapping of str to Gain
        Of each other candidate over the scorecard; empty where no scorecard was fitted.
    """
    kinds = list(failed)
    ahead = [kind for kind in kinds if not failed[kind]] or kinds
    beaten = [kind for kind in ahead if kind in gains and gains[kind].beyond_noise]
    base = BASELINE if BASELINE in ahead else ahead[0]
    kind = max(beaten, key=lambda one: gains[one].value) if beaten else base
    words = [
        f"{one} {'beats' if gain.beyond_noise else 'does not beat'} the scorecard by more than noise: {gain}"
        f"{'' if gain.beyond_noise else '; it is not promoted'}."
        for one, gain in gains.items()
    ]
    if not gains:
        others = "the only candidate" if len(kinds) == 1 else "the first that passes its gates"
        words.append(f"{kind} is {others if not failed[kind] else 'shown, and fails its gates'}.")
        if kind != BASELINE:
            words.append("There is no scorecard to hold it against.")
    elif failed[kind]:
        words.append(f"No candidate passes its gates; {_named(kind)} is kept as challenger, to be looked at.")
    elif failed.get(BASELINE):
        words.append(f"The scorecard fails its gates ({', '.join(failed[BASELINE])}); only {kind} passes.")
    elif kind == BASELINE and any(failed[one] and gains[one].beyond_noise for one in gains):
        words.append("The scorecard is the only one that passes its gates.")
    return Choice(kind, " ".join(words), gains)


def _named(kind: str) -> str:
    return "the scorecard" if kind == BASELINE else kind


def auc_gain(first: Floats, second: Floats, y: Floats, clusters: Sequence[Any] | NDArray[Any], *, seed: int) -> Gain:
    """Return the AUC of the first less the second's, with its paired interval over whole clusters."""
    found = auc_difference(y, first, second, clusters=np.asarray(clusters), level=BEATEN_LEVEL, seed=seed)
    return Gain(found.value, found.low, found.high)
