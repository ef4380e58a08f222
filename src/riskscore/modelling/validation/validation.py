"""Everything that a validator asks of a champion, on the rows after its first test moment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from riskscore.errors import Refused
from riskscore.evaluation import (
    Evaluation,
    Figure,
    GradeTest,
    auc_difference,
    discrimination,
    grade_tests,
    hosmer_lemeshow,
    spiegelhalter,
)
from riskscore.modelling.artefact import Champion
from riskscore.modelling.gates import ici_by_chance
from riskscore.modelling.judging import Judging, judging
from riskscore.modelling.refitting import scorecard_of
from riskscore.modelling.validation.centres import Told, left_out
from riskscore.modelling.validation.findings import Validation
from riskscore.modelling.validation.parts import POOL, Part, parts_in_order, parts_of
from riskscore.modelling.validation.places import placed
from riskscore.modelling.validation.segments import LEVEL, REPLICATES, Segment, evaluated, segment
from riskscore.modelling.validation.verdict import verdict
from riskscore.portfolio.cells import few

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio

#: The most parts that are left out one by one.
MOST = 8

#: By what rows are parted.
SEGMENTS = ("cycle", "rural", "sector", "region", "branch")


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
    later, order = evaluated(rows, pd, seed), discrimination(rows.y, pd, rows.clusters, level=LEVEL, seed=seed)
    enough = later.too_few is None
    grades, joined_grades = _grades(judged, places, default_correlation, seed)
    parted = {
        "cycle": parts_of(rows.cycle.tolist(), places),
        **{name: parts_of(places[name].to_list(), places) for name in SEGMENTS if name != "cycle"},
    }
    there = {name: sum(part.named for part in parted[name]) for name in ("branch", "region")}
    if _alike(parted["region"], parted["branch"]):
        del parted["region"]  # each region is one branch: the same figures twice
    tell("segments and regimes")
    segments = {name: tuple(segment(part, rows, pd, seed) for part in parts) for name, parts in parted.items()}
    regimes = tuple(segment(part, rows, pd, seed) for part in _regimes(places))
    halves = places["half_year"].to_list()
    periods = parts_in_order(halves, sorted(set(halves)), places)
    chance = ici_by_chance(pd, rows.clusters, later.icc, seed=seed) if enough else math.nan
    left, refused = left_out(judged, places, portfolio, parted, most, tell, seed)
    tell("scorecard beside it")
    by_half = tuple(segment(part, rows, pd, seed) for part in periods)
    return Validation(
        champion=champion,
        content_hash=portfolio.manifest.content_hash,
        data_date=portfolio.manifest.data_date,
        same_portfolio=judged.same_portfolio,
        of_the_day=judged.kind.of_the_day,
        unanswered=judged.unanswered,
        grounds=judged.kind.grounds(champion),
        answers=judged.kind.answers(champion, portfolio, judged.later, rows),
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
            hosmer_lemeshow(rows.y, pd, rows.clusters),
            spiegelhalter(rows.y, pd, rows.clusters),
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


def _groups(judged: Judging, places: pl.DataFrame, seed: int) -> dict[str, Segment]:
    """Groups that trained and groups that did not; on another portfolio nobody knows."""
    if not judged.same_portfolio:
        return {}
    names = np.where(judged.known_group, "known", "new").tolist()
    return {
        part.name: segment(part, judged.later_rows, judged.pd, seed) for part in parts_of(names, places) if part.named
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


def _alike(parts: Sequence[Part], others: Sequence[Part]) -> bool:
    return {part.rows.tobytes() for part in parts} == {part.rows.tobytes() for part in others}


def _gain(judged: Judging, seed: int) -> Figure | None:
    """AUC less that of the scorecard which the same rows and features make; None where there is no such other."""
    if judged.champion.model.kind == "woe_scorecard" or not judged.kind.of_rows:
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


def _silent(step: str) -> None:
    """Tell nobody."""
