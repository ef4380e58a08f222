"""Over-indebtedness of members: where each household stands, and whether it may come to owe more than it can pay.

Three answers stand side by side and are never merged. *Objective*: the level and the indices, now, after the loan and
in a bad season. *Subjective*: the flag of the sacrifice questionnaire, where it was asked. *Probable*: the probability
to be over-indebted by her next request, with the interval of those like her. There is none for who is over-indebted
already, nor for whom too little is known to say where she stands; and none of the three is a PD.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.errors import InvalidInput
from riskscore.indebtedness import LEVELS
from riskscore.modelling.artefact import Champion
from riskscore.scoring.asked import cases_of
from riskscore.scoring.batch import score_frame
from riskscore.scoring.cases import Cases, Computed, Engine
from riskscore.scoring.policy import Policy
from riskscore.scoring.reasons import ReasonGiven, Reasons
from riskscore.scoring.score import NOTHING_LEFT
from riskscore.scoring.scorer import Scorer
from riskscore.scoring.signals import SIGNALS, sacrifice_shown, signals_shown
from riskscore.scoring.snapshot import Snapshot

_INDICES = ("nii_now", "nii_post", "nii_stress")


@dataclass(frozen=True, slots=True)
class OverIndebtedness:
    """One member's answer for one request; None is unknown.

    Parameters
    ----------
    level, level_now : str
        After the loan asked for, and before it.
    nii_now, nii_post, nii_stress : float or None
        Net indebtedness before the loan, with it, and with it in a bad season.
    probability : float or None
        To be over-indebted by her next request; None where she is already, or where it is not known.
    interval : tuple of float or None
        What became of those in her span of scores, 90 %; None without probability and off the support.
    sacrifice : bool or None
        The questionnaire's flag, of at most a year.
    signals : mapping of str to bool or None
    reasons : tuple of ReasonGiven
        Why the probability is higher than usual.
    """

    level: str
    level_now: str
    nii_now: float | None
    nii_post: float | None
    nii_stress: float | None
    probability: float | None
    interval: tuple[float, float] | None
    sacrifice: bool | None
    signals: dict[str, bool | None]
    reasons: tuple[ReasonGiven, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; an index on no surplus is written as `NOTHING_LEFT`, which stands for all above it."""
        plain = asdict(self)
        for name in _INDICES:
            if plain[name] is not None:
                plain[name] = min(plain[name], NOTHING_LEFT)
        words = {signal.name: {"es": signal.es, "en": signal.en} for signal in SIGNALS}
        plain["signals"] = [{"name": name, "present": present, **words[name]} for name, present in self.signals.items()]
        return plain


class OverIndebtednessScorer:
    """Answers with the champion of a recipe whose outcome is what becomes of the household.

    Parameters
    ----------
    champion : Champion
    policy : Policy
        Its numbers of indebtedness.

    Raises
    ------
    InvalidInput
        The champion answers another question.
    """

    def __init__(self, champion: Champion, policy: Policy) -> None:
        if not champion.recipe.of_household:
            what = f"{champion.recipe.name!r} is not about households."
            raise InvalidInput.of("recipe", what, "Use a champion of over_indebtedness.")
        self.champion = champion
        self._engine = Engine(champion, policy)
        self._reasons = Reasons(champion.lock, champion.model.features, champion.support)

    def batch(self, snapshot: Snapshot, applications: pl.DataFrame, *, explain: bool = False) -> pl.DataFrame:
        """Answer for many applications at once; see `riskscore.scoring.Scorer.batch` for what they must hold.

        Returns
        -------
        DataFrame
            The keys of `applications`, then ``level, level_now, nii_now, nii_post, nii_stress, headroom,
            largest_amount, p_over_indebted, p_low, p_high, sacrifice``, a column ``signal.<name>`` for each sign, and
            ``score, grade`` of the probability; with `explain` points and reasons. No probability for who is
            over-indebted already or of whom too little is known; no interval off the support.
        """
        kept, cases = cases_of(snapshot, applications)
        keys = applications.select(name for name in ("application_id", "member_id") if name in applications.columns)
        scored = score_frame(self._engine, self._reasons, snapshot, cases, explain=explain)
        found = self._engine.compute(snapshot, cases, explain=False)
        intervals, fact = self._intervals(found), self._fact(snapshot, cases)
        told = ~np.isnan(self._probability(found))
        hers = {
            "level_now": np.array(LEVELS)[found.assessed.level_now],
            "p_over_indebted": self._probability(found),
            "p_low": intervals[:, 0],
            "p_high": intervals[:, 1],
        }
        beside = {
            "sacrifice": pl.Series(sacrifice_shown(fact), dtype=pl.Boolean),
            **{
                f"signal.{name}": pl.Series(shown, dtype=pl.Boolean)
                for name, shown in signals_shown(fact, found.formulas).items()
            },
        }
        answer = scored.drop("pd", "state", "ceiling", strict=False).with_columns(
            pl.DataFrame(hers, nan_to_null=True).get_columns() + [one.alias(name) for name, one in beside.items()]
        )
        # Its points and reasons speak of the probability, and fall silent with it.
        about = [name for name in answer.columns if name in ("score", "grade") or "points" in name or "reason" in name]
        answer = answer.with_columns(pl.when(pl.Series(told)).then(pl.col(name)).alias(name) for name in about)
        first = ["level", "level_now", *_INDICES, "headroom", "largest_amount", "p_over_indebted", "p_low", "p_high"]
        ordered = answer.select(*first, *beside, *about)
        placed = ordered.with_columns(pl.Series("row", kept, dtype=pl.UInt32))
        return keys.with_row_index("row").join(placed, on="row", how="left", maintain_order="left").drop("row")

    def answer(self, snapshot: Snapshot, applications: pl.DataFrame) -> OverIndebtedness:
        """Return the answer for the one application of a member of the snapshot; raises as `answers`."""
        return self.answers(snapshot, applications[:1])[0]

    def answers(self, snapshot: Snapshot, applications: pl.DataFrame) -> list[OverIndebtedness]:
        """Return the answer for each application, explained; all of them are computed together.

        Raises
        ------
        InvalidInput
            One is not of a member at the moment, or no product on offer allows it.
        """
        kept, cases = cases_of(snapshot, applications)
        if len(kept) < len(applications):
            remedy = "Check the member, and the amount, term and frequency."
            raise InvalidInput.of(
                "applications", "There is no member or no product of this kind at the moment.", remedy
            )
        found = self._engine.compute(snapshot, cases, explain=True)
        explanation = found.explanation
        if explanation is None:
            raise RuntimeError("an explained computation came without explanation")
        probabilities, intervals = self._probability(found), self._intervals(found).tolist()
        points = self.champion.model.scale.points(explanation.phi)
        assessed, fact = found.assessed, self._fact(snapshot, cases)
        sacrifice, signals = sacrifice_shown(fact), signals_shown(fact, found.formulas)
        answers = []
        for row, (low, high) in enumerate(intervals):
            probability = _number(probabilities, row)
            answers.append(
                OverIndebtedness(
                    level=LEVELS[int(assessed.level[row])],
                    level_now=LEVELS[int(assessed.level_now[row])],
                    nii_now=_number(assessed.nii_now, row),
                    nii_post=_number(assessed.nii_post, row),
                    nii_stress=_number(assessed.nii_stress, row),
                    probability=probability,
                    interval=None if math.isnan(low) else (low, high),
                    sacrifice=sacrifice[row],
                    signals={name: shown[row] for name, shown in signals.items()},
                    reasons=() if probability is None else self._reasons.of_row(points[row], found.X[row]),
                )
            )
        return answers

    def _probability(self, found: Computed) -> NDArray[np.float64]:
        """Return the probability, NaN for who is over-indebted already and for whom that is not known."""
        household = self.champion.recipe.household
        limit = 1.0 if household is None else household.over_above
        now = found.assessed.nii_now
        return np.where(np.isnan(now) | (now > limit), np.nan, found.pd)

    def _intervals(self, found: Computed) -> NDArray[np.float64]:
        """Return low and high of each case (n, 2)."""
        spans = self.champion.intervals(found.X, self.champion.model.scale.score(found.log_odds))
        return np.where(np.isnan(self._probability(found))[:, None], np.nan, spans)

    def _fact(self, snapshot: Snapshot, cases: Cases) -> Callable[[str], NDArray[np.float64]]:
        values = snapshot.values[cases.places]
        return lambda name: self._engine.fact(values, name)


class BesideScorer:
    """Scores of default with the probability of over-indebtedness beside them; see `tightened`.

    Parameters
    ----------
    scorer : Scorer
    other : OverIndebtednessScorer
    policy : Policy
    values : Snapshot, optional
        What `other` reads, where its definitions are not the scorer's.
    """

    def __init__(
        self, scorer: Scorer, other: OverIndebtednessScorer, policy: Policy, values: Snapshot | None = None
    ) -> None:
        self._scorer, self._other, self._policy, self._values = scorer, other, policy, values

    def batch(self, snapshot: Snapshot, applications: pl.DataFrame, *, explain: bool = False) -> pl.DataFrame:
        """Return what `Scorer.batch` gives, with ``p_over_indebted, p_low, p_high`` after it."""
        scores = self._scorer.batch(snapshot, applications, explain=explain)
        return tightened(scores, self._other.batch(self._values or snapshot, applications), self._policy)


def tightened(scores: pl.DataFrame, answers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Set the probability of over-indebtedness beside scores of default, and let it tighten their state.

    From the policy's ``indebtedness.probability_talk_from`` on people talk first. Low or unknown it opens nothing, and
    it moves neither PD, score nor points.

    Parameters
    ----------
    scores, answers : DataFrame
        What `Scorer.batch` and `OverIndebtednessScorer.batch` gave for the same applications.
    policy : Policy
    """
    likely = pl.col("p_over_indebted") >= policy.value("indebtedness.probability_talk_from")
    talks = pl.col("state").is_not_null() & likely.fill_null(value=False)
    beside = scores.with_columns(answers.select("p_over_indebted", "p_low", "p_high"))
    return beside.with_columns(state=pl.when(talks).then(pl.lit("talk_first")).otherwise("state"))


def _number(values: NDArray[np.float64], row: int) -> float | None:
    value = float(values[row])
    return None if math.isnan(value) else value
