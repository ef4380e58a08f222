"""Which model of communal banks is chosen: the structural one, unless a learnt one beats it by more than noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riskscore.evaluation import Evaluation
from riskscore.modelling.development import Developed
from riskscore.modelling.gates import Gate
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows
from riskscore.modelling.selection import Choice, Gain, auc_gain


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A candidate with what it showed on each test, the rows behind it and its gates."""

    developed: Developed
    evaluations: Mapping[str, Evaluation]
    training: Rows
    later: Rows
    gates: tuple[Gate, ...] = ()


def choose_bank(
    log_odds: Mapping[str, Floats],
    judged: Mapping[str, Judged],
    later: Rows,
    *,
    seed: int,
    dropped: Mapping[str, str],
) -> Choice:
    """Choose: a learnt candidate must pass its gates and beat the structural one by more than noise.

    Parameters
    ----------
    log_odds : mapping of str to ndarray
        Of the later rows, by kind.
    judged : mapping of str to Judged
    later : Rows
        The rows that judge.
    seed : int
    dropped : mapping of str to str
        Candidates that were not fitted, and why.
    """
    gains: dict[str, Gain] = {}
    words = [f"{kind} was not fitted: {why}." for kind, why in dropped.items()]
    winner = "structural"
    for kind, one in judged.items():
        if kind == "structural":
            continue
        if one.evaluations["later"].too_few is not None:
            words.append(f"Too few bads out of time to hold {kind} against the structural model.")
            continue
        gain = auc_gain(log_odds[kind], log_odds["structural"], later.y, later.clusters, seed=seed)
        gains[kind] = gain
        passed = all(gate.passed for gate in one.gates)
        if gain.beyond_noise and passed:
            winner = kind
        beats = "beats" if gain.beyond_noise else "does not beat"
        fails = "" if passed else "; it fails its gates"
        words.append(f"{kind} {beats} the structural model by more than noise: {gain}{fails}.")
    words.append(f"{winner} is chosen.")
    return Choice(winner, " ".join(words), gains)
