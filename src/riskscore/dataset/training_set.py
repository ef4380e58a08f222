"""What a model learns from: applications, what was known of them, and what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from riskscore import catalog
from riskscore.dataset.clusters import cluster_names
from riskscore.dataset.maturity import with_outcomes
from riskscore.dataset.over_indebtedness import OverIndebtednessRule, over_indebted_next
from riskscore.dataset.regimes import with_regimes
from riskscore.dataset.spine import Borrower, Ledger, Subject, applications, spine
from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.portfolio import Portfolio
from riskscore.portfolio.outcomes import group_outcomes, member_outcomes
from riskscore.portfolio.producer_outcomes import producer_outcomes

if TYPE_CHECKING:
    from riskscore.catalog import Lock


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """What a recipe may name as its outcome: whose loan, in which ledger, and where the labels come from.

    Labels that rest on the household are read off the facts of a lock, by a rule of the recipe's own.
    """

    subject: Subject
    ledger: Ledger
    labels: Callable[..., pl.DataFrame] = field(repr=False)
    borrower: Borrower | None = None
    of_household: bool = False

    def outcomes(self, portfolio: Portfolio, lock: Lock, household: OverIndebtednessRule | None = None) -> pl.DataFrame:
        """Return ``application_id, label, final_at`` of every application whose outcome is known."""
        if self.of_household:
            return self.labels(portfolio, lock, household or OverIndebtednessRule())
        return self.labels(portfolio)


def _given_labels(portfolio: Portfolio) -> pl.DataFrame:
    """Labels a source brought, the last version of each: for lenders whose schedules are not to be had."""
    return (
        portfolio.table("outcomes_given")
        .sort("id", "known_at")
        .unique("id", keep="last", maintain_order=True)
        .select("application_id", "label", final_at="known_at")
    )


OUTCOMES: dict[str, OutcomeRule] = {
    "member_internal": OutcomeRule("member", "internal", member_outcomes),
    "group_external": OutcomeRule("group", "external", group_outcomes, borrower="communal_bank"),
    "producer_external": OutcomeRule("group", "external", producer_outcomes, borrower="producer_association"),
    "member_given": OutcomeRule("member", "internal", _given_labels),
    "over_indebted_next": OutcomeRule("member", "internal", over_indebted_next, of_household=True),
}


@dataclass(frozen=True)
class TrainingSet:
    """Rows ready for fitting and for judging. Build one with `TrainingSet.build`.

    Parameters
    ----------
    frame : DataFrame
        The spine, every feature of the lock (Float64, missing = null), ``label`` (good, bad, indeterminate), ``bad``
        (0, 1, missing for the indeterminate), ``final_at``, ``cluster`` and ``regime``, ordered by moment and id.
    features : tuple of str
        The predictors, in the lock's order. Facts and protected columns are in the frame and not among them.
    outcome : str
    content_hash : str
        Of the portfolio.
    lock_sha256 : str
    """

    frame: pl.DataFrame = field(repr=False)
    features: tuple[str, ...]
    outcome: str
    content_hash: str
    lock_sha256: str

    @classmethod
    def build(
        cls,
        portfolio: Portfolio,
        lock: Lock,
        outcome: str = "member_internal",
        household: OverIndebtednessRule | None = None,
    ) -> Self:
        """Gather mature applications, their outcomes, their clusters and the values of every feature.

        Parameters
        ----------
        portfolio : Portfolio
        lock : Lock
            What is measured.
        outcome : str
            One of `OUTCOMES`.
        household : OverIndebtednessRule, optional
            The numbers of an outcome that rests on the household.

        Raises
        ------
        InvalidInput
            For an unknown outcome or contradictory labels.
        Refused
            Where no outcome is mature.
        """
        if outcome not in OUTCOMES:
            raise InvalidInput.of("outcome", f"{outcome!r} is not known.", f"Use one of {', '.join(OUTCOMES)}.")
        rule = OUTCOMES[outcome]
        asked = spine(portfolio, subject=rule.subject, ledger=rule.ledger, borrower=rule.borrower)
        mature = with_outcomes(asked, rule.outcomes(portfolio, lock, household), portfolio)
        named = with_regimes(
            mature.join(cluster_names(applications(portfolio)), on="bank_id", how="left", maintain_order="left"),
            portfolio,
        )
        added = ("label", "bad", "final_at", "cluster", "regime")
        labels = named.select("application_id", *added)
        valued = catalog.values(portfolio, lock, named.drop(added))
        return cls(
            frame=valued.join(labels, on="application_id", how="inner").sort("as_of", "application_id"),
            features=tuple(feature.name for feature in lock.predictors),
            outcome=outcome,
            content_hash=portfolio.manifest.content_hash,
            lock_sha256=lock.sha256,
        )

    def __len__(self) -> int:
        return self.frame.height

    @property
    def X(self) -> npt.NDArray[np.float64]:  # noqa: N802 - the notation of the trade
        """The predictors (n, k), NaN for missing."""
        if not self.features:
            return np.empty((len(self), 0))
        columns = [self.frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in self.features]
        return np.column_stack(columns)

    @property
    def bad(self) -> npt.NDArray[np.float64]:
        """1 for bad, 0 for everything else (n,): the indeterminate count as not bad wherever a frequency is told."""
        return self.frame["bad"].fill_null(0).cast(pl.Float64).to_numpy()

    @property
    def fit_rows(self) -> npt.NDArray[np.bool_]:
        """Which rows a model may be fitted on (n,): those that are good or bad."""
        return self.frame["bad"].is_not_null().to_numpy()

    @property
    def clusters(self) -> npt.NDArray[np.str_]:
        """The cluster of each row (n,)."""
        return self.frame["cluster"].to_numpy().astype(str)

    @property
    def regimes(self) -> npt.NDArray[np.str_]:
        """The times each row was asked for in (n,), see `with_regimes`; the year where the rows do not tell."""
        if "regime" not in self.frame.columns:
            return self.as_of.astype("datetime64[Y]").astype(str)
        return self.frame["regime"].to_numpy().astype(str)

    @property
    def as_of(self) -> npt.NDArray[np.datetime64]:
        """The moment of each row (n,), in microseconds."""
        return self.frame["as_of"].to_numpy().astype("datetime64[us]")

    @property
    def final_at(self) -> npt.NDArray[np.datetime64]:
        """When each row's outcome was known (n,), in microseconds."""
        return self.frame["final_at"].to_numpy().astype("datetime64[us]")

    @property
    def fingerprint(self) -> str:
        """sha256 over the portfolio's content, the lock, the outcome, and which rows with which labels these are."""
        digest = hashlib.sha256(f"{self.content_hash}\n{self.lock_sha256}\n{self.outcome}\n".encode())
        rows = self.frame.select("application_id", "as_of", "label", "final_at").sort("application_id")
        digest.update(rows.write_csv(include_header=False).encode())
        return digest.hexdigest()

    def with_rows(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Self:
        """Return the rows of a mask, or of an index, in the set's own order."""
        chosen = np.asarray(rows)
        mask = chosen if chosen.dtype == np.bool_ else np.isin(np.arange(len(self)), chosen)
        return replace(self, frame=self.frame.filter(pl.Series(mask)))

    def require(self, min_bads: int, *, where: str = "training set") -> None:
        """Refuse a set that nothing can be learnt from.

        Raises
        ------
        Refused
            With every reason: no rows to fit, fewer bads than `min_bads`, or a single class.
        """
        fitted = self.frame.filter(pl.col("bad").is_not_null())
        bads = int(fitted["bad"].cast(pl.Int64).sum())
        faults = []
        if fitted.is_empty():
            faults.append(Fault(where, "holds no row with a good or bad outcome.", "Use a longer history."))
        else:
            if bads in (0, fitted.height):
                only = "good" if bads == 0 else "bad"
                faults.append(
                    Fault(where, f"is {only} throughout: there is nothing to tell apart.", "Check the labels.")
                )
            if bads < min_bads:
                faults.append(
                    Fault(
                        where,
                        f"holds {bads} bads among {fitted.height} rows; the recipe asks for {min_bads}.",
                        "Use a longer history; until then the expert's judgement serves better than a fit.",
                    )
                )
        if faults:
            raise Refused(faults)
