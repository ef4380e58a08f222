"""Everything that a validator asks of a champion, on the rows after its first test moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.errors import Refused
from riskscore.evaluation import (
    CalibrationTest,
    Discrimination,
    Evaluation,
    Figure,
    GradeTest,
    LeftOut,
    auc_difference,
    clustered_auc,
    discrimination,
    evaluate,
    grade_tests,
    hosmer_lemeshow,
    leave_parts_out,
    spiegelhalter,
)
from riskscore.modelling.artefact import Champion
from riskscore.modelling.judging import Judging, judging
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Rows, joined
from riskscore.modelling.selection import ici_by_chance
from riskscore.modelling.validation.parts import POOL, UNRECORDED, Part, parts_in_order, parts_of
from riskscore.modelling.validation.places import placed
from riskscore.modelling.validation.refit import refit_of, scorecard_of
from riskscore.modelling.validation.verdict import Verdict, verdict
from riskscore.portfolio.cells import few

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio

#: Coverage of every interval here, as in training.
LEVEL = 0.90

#: Draws of the bootstraps, and the most parts that are left out one by one.
REPLICATES, MOST = 200, 8

#: By what rows are parted.
SEGMENTS = ("cycle", "rural", "sector", "region", "branch")

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the later rows.

    Parameters
    ----------
    name : str
        `POOL` and `UNRECORDED` of `riskscore.modelling.validation.parts` among them.
    auc : Figure
        With its interval also where there are few bads.
    evaluation : Evaluation
    """

    name: str
    auc: Figure
    evaluation: Evaluation

    @property
    def observed_expected(self) -> Figure | None:
        """Bads over the sum of the PDs; None where there are too few bads to say."""
        return self.evaluation.figures.get("observed_expected")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        return {"name": shown_name(self.name), "auc": self.auc.to_dict(), **self.evaluation.to_dict()}


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """A champion judged on the rows after its first test moment.

    Parameters
    ----------
    champion : Champion
    content_hash : str
        Of the portfolio it is judged on.
    data_date : date
    same_portfolio : bool
        Whether it was trained on this portfolio. If not, `train` counts rows that would have been free to train here.
    first_test, last_test : datetime
    train : Mapping of str to int
        ``rows, bads, clusters``.
    y, pd : ndarray (n,)
        Of the later rows.
    later : Evaluation
    order : Discrimination
    tests : tuple of CalibrationTest
        Hosmer–Lemeshow and Spiegelhalter; empty where there are too few bads.
    ici_by_chance : float
        What honest PDs exceed in 5 of 100.
    groups : mapping of str to Segment
        ``"known"`` and ``"new"`` groups; empty on another portfolio.
    grades : tuple of GradeTest
        Names that were joined, because one is too small to be shown, are parted by a line break.
    segments : mapping of str to tuple of Segment
        By `SEGMENTS`; regions only where they part the rows otherwise than branches.
    regimes, periods : tuple of Segment
        By shock that struck the loan (a loan may be in two), and by half-year.
    left_out : mapping of str to tuple of LeftOut
        ``"branch"``, and ``"region"`` where it parts the rows otherwise.
    not_refitted : str
        Why nothing was left out; empty where it was.
    parts_there : mapping of str to int
        How many branches and regions may be shown.
    gain : Figure or None
        AUC less the scorecard's on the same rows; None where there is no other scorecard.
    withheld : bool
        Whether small parts were pooled.
    verdict : Verdict
    """

    champion: Champion
    content_hash: str
    data_date: date
    same_portfolio: bool
    first_test: datetime
    last_test: datetime
    train: Mapping[str, int]
    y: Floats
    pd: Floats
    later: Evaluation
    order: Discrimination
    tests: tuple[CalibrationTest, ...]
    ici_by_chance: float
    groups: Mapping[str, Segment]
    grades: tuple[GradeTest, ...]
    segments: Mapping[str, tuple[Segment, ...]]
    regimes: tuple[Segment, ...]
    periods: tuple[Segment, ...]
    left_out: Mapping[str, tuple[LeftOut, ...]]
    not_refitted: str
    parts_there: Mapping[str, int]
    gain: Figure | None
    withheld: bool
    verdict: Verdict

    @property
    def gates(self) -> Sequence[Mapping[str, Any]]:
        """The gates of its training: name, passed, value, words."""
        found: Sequence[Mapping[str, Any]] = self.champion.metrics.get("gates", ())
        return found

    @property
    def optimism(self) -> Mapping[str, Any] | None:
        """By how much a random split would have flattered, where training measured it."""
        found: Mapping[str, Any] | None = self.champion.metrics.get("findings", {}).get("optimism")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return every figure as plain values, None for what cannot be said."""
        champion = self.champion
        return {
            "recipe": champion.recipe.name,
            "version": champion.version,
            "kind": champion.model.kind,
            "manifest_sha256": champion.manifest_sha256,
            "portfolio": self.content_hash,
            "data_date": self.data_date.isoformat(),
            "same_portfolio": self.same_portfolio,
            "first_test": self.first_test.isoformat(),
            "last_test": self.last_test.isoformat(),
            "train": dict(self.train),
            "level": LEVEL,
            "verdict": self.verdict.to_dict(),
            "later": self.later.to_dict(),
            "discrimination": self.order.to_dict(),
            "calibration_tests": [one.to_dict() for one in self.tests],
            "ici_by_chance": _plain(self.ici_by_chance),
            "groups": {name: one.to_dict() for name, one in self.groups.items()},
            "grades": [{**one.to_dict(), "name": shown_name(one.name)} for one in self.grades],
            "segments": {name: [one.to_dict() for one in parts] for name, parts in self.segments.items()},
            "regimes": [one.to_dict() for one in self.regimes],
            "periods": [one.to_dict() for one in self.periods],
            "left_out": {name: [one.to_dict() for one in parts] for name, parts in self.left_out.items()},
            "not_refitted": self.not_refitted,
            "gain_over_scorecard": None if self.gain is None else self.gain.to_dict(),
            "gates": [dict(one) for one in self.gates],
            "optimism": self.optimism,
        }


def shown_name(name: str) -> str:
    """Return a part's name as plain text: joined names with a dash, the pool and the unrecorded in English."""
    return {POOL: "(others)", UNRECORDED: "(not recorded)"}.get(name, name.replace("\n", "–"))


def validate(
    champion: Champion,
    portfolio: Portfolio,
    *,
    default_correlation: float | None = None,
    most: int = MOST,
    progress: Told | None = None,
    seed: int = 0,
) -> Validation:
    """Judge a champion on the rows after its first test moment.

    Parameters
    ----------
    champion : Champion
    portfolio : Portfolio
        The one of its training, or another of the same tables.
    default_correlation : float, optional
        Between any two rows of a grade, for Vasicek's figure; no asset correlation.
    most : int
        Most branches, and regions, that are left out one by one: the largest, and the newest.
    progress : callable, optional
        Told each step in a few words.

    Raises
    ------
    Refused
        No outcome is final after the first test moment, or so few rows that every figure would be about somebody.
    """
    tell = progress or _silent
    tell("features and outcomes")
    judged = judging(champion, portfolio)
    places = placed(judged.later.frame, portfolio)
    if few(places):
        raise Refused.of(
            "portfolio",
            "The later applications are of too few people or banks: every figure would be about somebody.",
            "Wait for more outcomes.",
        )
    rows, pd = judged.later_rows, judged.pd
    tell("figures")
    later, order = _evaluated(rows, pd, seed), discrimination(rows.y, pd, rows.clusters, level=LEVEL, seed=seed)
    enough = later.too_few is None
    grades, joined_grades = _grades(judged, places, default_correlation, seed)
    parted = {
        "cycle": parts_of(rows.cycle.tolist(), places),
        **{name: parts_of(places[name].to_list(), places) for name in SEGMENTS if name != "cycle"},
    }
    there = {name: sum(_named(part) for part in parted[name]) for name in ("branch", "region")}
    if _alike(parted["region"], parted["branch"]):
        del parted["region"]  # each region is one branch: the same figures twice
    tell("segments and regimes")
    segments = {name: tuple(segment(part, rows, pd, seed) for part in parts) for name, parts in parted.items()}
    regimes = tuple(segment(part, rows, pd, seed) for part in _regimes(places))
    halves = places["half_year"].to_list()
    periods = parts_in_order(halves, sorted(set(halves)), places)
    chance = ici_by_chance(pd, rows.clusters, later.icc, seed=seed) if enough else math.nan
    left, refused = _left_out(judged, places, portfolio, parted, most, tell, seed)
    tell("scorecard beside it")
    by_half = tuple(segment(part, rows, pd, seed) for part in periods)
    return Validation(
        champion=champion,
        content_hash=portfolio.manifest.content_hash,
        data_date=portfolio.manifest.data_date,
        same_portfolio=judged.same_portfolio,
        first_test=judged.first_test,
        last_test=judged.later.frame["as_of"].max(),  # type: ignore[arg-type]
        train={
            "rows": len(judged.train),
            "bads": int(judged.train.bad.sum()),
            "clusters": len(np.unique(judged.train.clusters)),
        },
        y=rows.y,
        pd=pd,
        later=later,
        order=order,
        tests=(
            hosmer_lemeshow(rows.y, pd, rows.clusters, seed=seed),
            spiegelhalter(rows.y, pd, rows.clusters, seed=seed),
        )
        if enough
        else (),
        ici_by_chance=chance,
        groups=_groups(judged, places, seed),
        grades=grades,
        segments=segments,
        regimes=regimes,
        periods=by_half,
        left_out=left,
        not_refitted=refused,
        parts_there=there,
        gain=_gain(judged, seed) if enough else None,
        withheld=joined_grades or any(part.name == POOL or "\n" in part.name for part in _all(parted, periods)),
        verdict=verdict(
            champion.recipe.gates,
            later,
            order,
            chance,
            _cautioned(segments, regimes, by_half),
            grades,
            [(variable, one) for variable, found in left.items() for one in found],
        ),
    )


def chosen(rows: Rows, which: NDArray[np.bool_] | NDArray[np.intp]) -> Rows:
    """Return rows of a mask or an index, an index with repeats too."""
    return replace(rows, **{one.name: getattr(rows, one.name)[which] for one in fields(rows)})


def _evaluated(rows: Rows, pd: Floats, seed: int) -> Evaluation:
    return evaluate(rows.y, pd, clusters=rows.clusters, level=LEVEL, replicates=REPLICATES, seed=seed)


def segment(part: Part, rows: Rows, pd: Floats, seed: int) -> Segment:
    """Return what a part of the rows shows."""
    own = chosen(rows, part.rows)
    area = clustered_auc(own.y, pd[part.rows], own.clusters, level=LEVEL)
    return Segment(part.name, area, _evaluated(own, pd[part.rows], seed))


def _groups(judged: Judging, places: pl.DataFrame, seed: int) -> dict[str, Segment]:
    """Groups that trained and groups that did not; on another portfolio nobody knows."""
    if not judged.same_portfolio:
        return {}
    names = np.where(judged.known_group, "known", "new").tolist()
    return {
        part.name: segment(part, judged.later_rows, judged.pd, seed) for part in parts_of(names, places) if _named(part)
    }


def _grades(
    judged: Judging, places: pl.DataFrame, correlation: float | None, seed: int
) -> tuple[tuple[GradeTest, ...], bool]:
    champion, rows = judged.champion, judged.later_rows
    held = [champion.grade(one) for one in judged.pd.tolist()]
    parts = parts_in_order(held, [one.name for one in champion.grades], places)
    names = [part.name for part in parts]
    of = np.empty(len(held), dtype=object)
    for part in parts:
        of[part.rows] = part.name
    if not parts:
        return (), True
    tested = grade_tests(
        rows.y,
        judged.pd,
        of,
        names=names,
        clusters=rows.clusters,
        default_correlation=correlation,
        seed=seed,
    )
    return tested, any("\n" in name for name in names)


def _regimes(places: pl.DataFrame) -> Iterator[Part]:
    """Each kind of shock whose rows, and whose rest, may be shown; then the rows under none."""
    kinds = sorted({kind for held in places["shocks"].to_list() for kind in held})
    masks = {kind: places["shocks"].list.contains(kind).to_numpy() for kind in kinds}
    masks["none"] = (places["shocks"].list.len() == 0).to_numpy()
    for kind, mask in masks.items():
        here, rest = places.filter(pl.Series(mask)), places.filter(pl.Series(~mask))
        if here.height and not few(here) and (rest.is_empty() or not few(rest)):
            yield Part(kind, mask)


def _left_out(
    judged: Judging,
    places: pl.DataFrame,
    portfolio: Portfolio,
    parted: Mapping[str, tuple[Part, ...]],
    most: int,
    tell: Told,
    seed: int,
) -> tuple[dict[str, tuple[LeftOut, ...]], str]:
    """Leave out branches and regions; regions only where they part the rows otherwise."""
    champion = judged.champion
    try:
        fit = refit_of(champion, seed=seed)
    except Refused as cause:
        return {}, str(cause)
    both = joined(judged.train_rows, judged.later_rows)
    before = placed(judged.train.frame, portfolio)
    later = np.arange(len(both.y)) >= len(judged.train)

    def refit(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Floats:
        tell(f"leave out: fitted on {int(train.sum())} rows")
        return fit(chosen(both, train)).pd(both.X[test])

    found: dict[str, tuple[LeftOut, ...]] = {}
    for variable in ("branch", "region"):
        parts = [part for part in parted.get(variable, ()) if _named(part)]
        if not parts:
            continue
        homes = pl.concat([before[variable], places[variable]]).fill_null(UNRECORDED).to_numpy().astype(str)
        found[variable] = leave_parts_out(
            both.y,
            both.clusters,
            homes,
            train=~later,
            later=later,
            refit=refit,
            names=_largest_and_newest([part.name for part in parts], variable, before, places, most),
            level=LEVEL,
            replicates=REPLICATES,
            seed=seed,
        )
    return found, ""


def _largest_and_newest(
    names: Sequence[str], variable: str, before: pl.DataFrame, later: pl.DataFrame, most: int
) -> list[str]:
    """The first `most` of names that are given largest first, with the newest in the place of the last."""
    if len(names) <= most:
        return list(names)
    seen = pl.concat([before, later]).group_by(variable).agg(pl.col("as_of").min())
    newest = seen.filter(pl.col(variable).is_in(list(names))).sort("as_of")[variable][-1]
    kept = list(names[:most])
    return kept if newest in kept else [*kept[:-1], newest]


def _alike(parts: Sequence[Part], others: Sequence[Part]) -> bool:
    return {part.rows.tobytes() for part in parts} == {part.rows.tobytes() for part in others}


def _gain(judged: Judging, seed: int) -> Figure | None:
    """AUC less that of the scorecard which the same rows and features make; None where the champion is one."""
    if judged.champion.model.kind == "woe_scorecard":
        return None
    try:
        card = scorecard_of(judged.champion, judged.train_rows, seed=seed)
    except Refused:
        return None
    if card is None:
        return None
    rows = judged.later_rows
    return auc_difference(
        rows.y, judged.pd, card.pd(rows.X), clusters=rows.clusters, level=LEVEL, replicates=REPLICATES, seed=seed
    )


def _cautioned(
    segments: Mapping[str, tuple[Segment, ...]], regimes: Sequence[Segment], periods: Sequence[Segment]
) -> Iterator[tuple[str, str, Figure, Evaluation]]:
    for variable, parts in (*segments.items(), ("regime", regimes), ("period", periods)):
        for one in parts:
            yield variable, one.name, one.auc, one.evaluation


def _all(parted: Mapping[str, tuple[Part, ...]], periods: Sequence[Part]) -> list[Part]:
    return [part for parts in (*parted.values(), periods) for part in parts]


def _named(part: Part) -> bool:
    return part.name not in (POOL, UNRECORDED)


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value


def _silent(step: str) -> None:
    """Tell nobody."""
