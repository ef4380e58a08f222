"""Whether a champion still meets the people it was made on, and whether it would come out the same from others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.errors import Refused
from riskscore.evaluation import Drift, drift, fixed_bins
from riskscore.modelling.artefact import Champion
from riskscore.modelling.judging import Judging, judging
from riskscore.modelling.refitting import refit_of
from riskscore.modelling.validation.centres import Told
from riskscore.modelling.validation.parts import Part, parts_in_order
from riskscore.modelling.validation.places import placed
from riskscore.modelling.validation.population import applications_since
from riskscore.modelling.validation.refits import Refits, refits_of
from riskscore.modelling.validation.segments import Segment, segment
from riskscore.portfolio.cells import few
from riskscore.portfolio.overview import Overview, overview

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio

#: Refits on drawn clusters.
DRAWN = 12

#: Weeks on book at which vintages are compared.
WEEKS = (8, 16, 24, 36)

#: How a declaration names a feature that is the age of a fact, and the days of its unit.
AGES = {"_age_days": 1.0, "_months_old": 30.4375}


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """A column, or the score, over the quarters.

    Parameters
    ----------
    name : str
    latest : Drift
        All applications from the first test moment on against development.
    quarters : tuple of Drift
        Each against development.
    season : tuple of Drift or None
        Each against the same quarter a year before; None where there was none.
    """

    name: str
    latest: Drift
    quarters: tuple[Drift, ...]
    season: tuple[Drift | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        return {
            "name": self.name,
            "latest": self.latest.to_dict(),
            "quarters": [one.to_dict() for one in self.quarters],
            "season": [None if one is None else one.to_dict() for one in self.season],
        }


@dataclass(frozen=True, slots=True)
class Age:
    """How old a fact was when it was used, in days: its median in development and in each quarter; None if unknown."""

    name: str
    development: float | None
    quarters: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """A champion and the people it has met since its development.

    Parameters
    ----------
    champion : Champion
    content_hash : str
    data_date : date
    same_portfolio : bool
    first_test : datetime
    development, since : int
        Rows of development, and applications from the first test moment on, their outcome known or not.
    quarters : tuple of str
        Names of the quarters, "2025-1"; joined ones are parted by a line break.
    counts : tuple of int
        Applications of each.
    score : ColumnDrift
    columns : tuple of ColumnDrift
        The model's features, in its order.
    later : Segment
        All loans from the first test moment on whose outcome is final.
    calibration : tuple of Segment
        The same by quarter of application.
    ages : tuple of Age
    seasonal : bool
        Whether the season matters here: lines of business with lean months are recorded.
    overview : Overview or None
        Vintages by week on book and by calendar; None where `no_overview` says why.
    no_overview : str
    refits : Refits or None
        None where `not_refitted` says why.
    not_refitted : str
    """

    champion: Champion
    content_hash: str
    data_date: date
    same_portfolio: bool
    first_test: datetime
    development: int
    since: int
    quarters: tuple[str, ...]
    counts: tuple[int, ...]
    score: ColumnDrift
    columns: tuple[ColumnDrift, ...]
    later: Segment
    calibration: tuple[Segment, ...]
    ages: tuple[Age, ...]
    seasonal: bool
    overview: Overview | None
    no_overview: str
    refits: Refits | None
    not_refitted: str

    @property
    def moved(self) -> tuple[ColumnDrift, ...]:
        """Features that moved by more than chance and from 0.10, the most first."""
        return tuple(
            sorted(
                (one for one in self.columns if one.latest.verdict in ("watch", "shift")),
                key=lambda one: -one.latest.psi,
            )
        )

    def maturation(self) -> list[tuple[date, list[float | None]]]:
        """Return each vintage's share ever 15 days late by `WEEKS` on book: equal ages stand under one another.

        Along a row a vintage matures; down a column vintages of one age differ, and that is deterioration. None where a
        vintage is not that old yet.
        """
        if self.overview is None:
            return []
        table = self.overview.curves[15]
        found = []
        for (quarter,), rows in table.group_by("quarter", maintain_order=True):
            held = dict(zip(rows["week"].to_list(), rows["share"].to_list(), strict=True))
            if isinstance(quarter, date):
                found.append((quarter, [held.get(week) for week in WEEKS]))
        return found[-16:]

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
            "development": self.development,
            "since": self.since,
            "quarters": [one.replace("\n", "–") for one in self.quarters],
            "counts": list(self.counts),
            "score": self.score.to_dict(),
            "columns": [one.to_dict() for one in self.columns],
            "later": self.later.to_dict(),
            "calibration": [one.to_dict() for one in self.calibration],
            "ages": [asdict(one) for one in self.ages],
            "seasonal": self.seasonal,
            "maturation": {
                "weeks": list(WEEKS),
                "ever15": [{"quarter": quarter.isoformat(), "shares": shares} for quarter, shares in self.maturation()],
            },
            "no_overview": self.no_overview,
            "refits": None if self.refits is None else self.refits.to_dict(),
            "not_refitted": self.not_refitted,
        }


def stability(
    champion: Champion,
    portfolio: Portfolio,
    *,
    drawn: int = DRAWN,
    progress: Told | None = None,
    seed: int = 0,
) -> Stability:
    """Compare the people a champion meets with those of its development, quarter by quarter, and fit it again.

    Parameters
    ----------
    champion : Champion
    portfolio : Portfolio
    drawn : int
        Refits on clusters drawn with replacement.
    progress : callable, optional
        Told each step in a few words.

    Raises
    ------
    Refused
        As `riskscore.modelling.validation.validate`.
    """
    tell: Told = progress or (lambda step: None)
    tell("features and outcomes")
    judged = judging(champion, portfolio)
    places = placed(judged.later.frame, portfolio)
    if few(places):
        raise Refused.of(
            "portfolio",
            "The later applications are of too few people or banks: every figure would be about somebody.",
            "Wait for more outcomes.",
        )
    tell("applications since")
    asked = applications_since(champion, portfolio, judged.train.as_of.min().astype(datetime))
    before = asked.frame["as_of"] < judged.first_test
    since = asked.frame.filter(~before)
    named = _quarter(since["as_of"])
    parts = parts_in_order(named, sorted(set(named)), since)
    tell("drift")
    score, columns = _drifts(champion, judged, asked.frame, since, parts)
    later_named = _quarter(judged.later.frame["as_of"])
    settled = parts_in_order(later_named, sorted(set(later_named)), places)
    tell("vintages")
    seen, why = _overview(champion, portfolio)
    refits, refused = _refits(judged, drawn, tell, seed)
    sectors = portfolio.table("sectors")
    return Stability(
        champion=champion,
        content_hash=portfolio.manifest.content_hash,
        data_date=portfolio.manifest.data_date,
        same_portfolio=judged.same_portfolio,
        first_test=judged.first_test,
        development=len(judged.train),
        since=since.height,
        quarters=tuple(part.name for part in parts),
        counts=tuple(int(part.rows.sum()) for part in parts),
        score=score,
        columns=columns,
        later=segment(Part("all", np.ones(len(judged.later), dtype=bool)), judged.later_rows, judged.pd, seed),
        calibration=tuple(segment(part, judged.later_rows, judged.pd, seed) for part in settled),
        ages=_ages(judged.train.frame, since, parts),
        seasonal=bool(sectors["lean_months"].fill_null("").str.len_chars().gt(0).any()),
        overview=seen,
        no_overview=why,
        refits=refits,
        not_refitted=refused,
    )


def _quarter(moments: pl.Series) -> list[str]:
    return [f"{one.year}-{(one.month + 2) // 3}" for one in moments.to_list()]


def _drifts(
    champion: Champion, judged: Judging, asked: pl.DataFrame, since: pl.DataFrame, parts: Sequence[Part]
) -> tuple[ColumnDrift, tuple[ColumnDrift, ...]]:
    model = champion.model
    values = since.select(model.features).fill_null(np.nan).to_numpy().astype(np.float64)
    every = asked.select(model.features).fill_null(np.nan).to_numpy().astype(np.float64)
    quarters, groups = np.array(_quarter(asked["as_of"])), asked["cluster"].to_numpy()
    years_before = [_year_before(part, quarters) for part in parts]
    own = since["cluster"].to_numpy()
    trained = judged.train_rows

    def of(name: str, base: NDArray[Any], now: NDArray[Any], all_: NDArray[Any]) -> ColumnDrift:
        fixed = fixed_bins(base, trained.clusters)
        season = [
            drift(fixed.filled(all_[then], groups[then]), now[part.rows], own[part.rows]) if then.any() else None
            for part, then in zip(parts, years_before, strict=True)
        ]
        return ColumnDrift(
            name=name,
            latest=drift(fixed, now, own),
            quarters=tuple(drift(fixed, now[part.rows], own[part.rows]) for part in parts),
            season=tuple(None if one is None or one.verdict == "too_few" else one for one in season),
        )

    points = champion.recipe.scale.score
    score = of(
        "score", points(model.log_odds(trained.X)), points(model.log_odds(values)), points(model.log_odds(every))
    )
    return score, tuple(
        of(name, trained.X[:, column], values[:, column], every[:, column])
        for column, name in enumerate(model.features)
    )


def _year_before(part: Part, quarters: NDArray[Any]) -> NDArray[np.bool_]:
    names = [f"{int(name[:4]) - 1}{name[4:]}" for name in part.names]
    return np.isin(quarters, names)


def _ages(development: pl.DataFrame, since: pl.DataFrame, parts: Sequence[Part]) -> tuple[Age, ...]:
    found = []
    for name in development.columns:
        ending = next((ending for ending in AGES if name.endswith(ending)), None)
        if ending is None or development[name].drop_nulls().is_empty():
            continue
        if ending == "_months_old" and f"{name.removesuffix(ending)}_age_days" in development.columns:
            continue  # the same age in months
        unit = AGES[ending]

        def median(column: pl.Series, unit: float = unit) -> float | None:
            middle = column.drop_nulls().median()
            return None if middle is None else float(middle) * unit  # type: ignore[arg-type]

        quarters = tuple(median(since[name].filter(pl.Series(part.rows))) for part in parts)
        found.append(Age(name, median(development[name]), quarters))
    return tuple(found)


def _overview(champion: Champion, portfolio: Portfolio) -> tuple[Overview | None, str]:
    try:
        return overview(portfolio, ledger=champion.recipe.ledger), ""
    except (Refused, ValueError) as cause:
        return None, str(cause)


def _refits(judged: Judging, drawn: int, tell: Callable[[str], None], seed: int) -> tuple[Refits | None, str]:
    try:
        return refits_of(judged, refit_of(judged.champion), drawn=drawn, tell=tell, seed=seed), ""
    except Refused as cause:
        return None, str(cause)
