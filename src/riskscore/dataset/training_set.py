"""What a model learns from: applications, what was known of them, and what became of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
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
from riskscore.portfolio.maturity_rule import BankRule, MaturityRule, MemberRule, ProducerRule
from riskscore.portfolio.outcomes import group_outcomes, member_outcomes
from riskscore.portfolio.producer_outcomes import producer_outcomes

if TYPE_CHECKING:
    from riskscore.catalog import Lock

#: The figures by which an outcome is told.
Figures = MaturityRule | OverIndebtednessRule


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """What a recipe may name as its outcome: whose loan, in which ledger, and where the labels come from.

    `figures` is the kind of rule that the labels are made by; None where the source brings them. Labels that rest on
    the household are read off the facts of a lock.
    """

    subject: Subject
    ledger: Ledger
    labels: Callable[..., pl.DataFrame] = field(repr=False)
    figures: type[Figures] | None = None
    borrower: Borrower | None = None

    @property
    def of_household(self) -> bool:
        """Whether the outcome is what becomes of the household, and not of the loan."""
        return self.figures is OverIndebtednessRule

    @property
    def standing(self) -> Figures | None:
        """The figures where a recipe states none."""
        return None if self.figures is None else self.figures()

    def outcomes(self, portfolio: Portfolio, lock: Lock | None, rule: Figures | None = None) -> pl.DataFrame:
        """Return ``application_id, label, final_at`` of every application whose outcome is known.

        Only what rests on the household needs the lock.

        Raises
        ------
        InvalidInput
            The rule is of another outcome.
        """
        if rule is not None and type(rule) is not self.figures:
            remedy = f"Give a {self.figures.__name__}." if self.figures else "Give none: its labels are the source's."
            raise InvalidInput.of("rule", f"A {type(rule).__name__} is of another outcome.", remedy)
        given = rule or self.standing
        if given is None:
            return self.labels(portfolio)
        return self.labels(portfolio, lock, given) if self.of_household else self.labels(portfolio, given)


def _given_labels(portfolio: Portfolio) -> pl.DataFrame:
    """Labels a source brought, the last version of each: for lenders whose schedules are not to be had."""
    return (
        portfolio.table("outcomes_given")
        .sort("id", "known_at")
        .unique("id", keep="last", maintain_order=True)
        .select("application_id", "label", final_at="known_at")
    )


OUTCOMES: dict[str, OutcomeRule] = {
    "member_internal": OutcomeRule("member", "internal", member_outcomes, MemberRule),
    "group_external": OutcomeRule("group", "external", group_outcomes, BankRule, "communal_bank"),
    "producer_external": OutcomeRule("group", "external", producer_outcomes, ProducerRule, "producer_association"),
    "member_given": OutcomeRule("member", "internal", _given_labels),
    "over_indebted_next": OutcomeRule("member", "internal", over_indebted_next, OverIndebtednessRule),
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
    rule : MemberRule, BankRule, ProducerRule, OverIndebtednessRule or None
        The figures of the outcome; None where the source brought the labels.
    """

    frame: pl.DataFrame = field(repr=False)
    features: tuple[str, ...]
    outcome: str
    content_hash: str
    lock_sha256: str
    rule: Figures | None = None

    @classmethod
    def build(
        cls,
        portfolio: Portfolio,
        lock: Lock,
        outcome: str = "member_internal",
        rule: Figures | None = None,
        *,
        final_after: datetime | None = None,
    ) -> Self:
        """Gather mature applications, their outcomes, their clusters and the values of every feature.

        Parameters
        ----------
        portfolio : Portfolio
        lock : Lock
            What is measured.
        outcome : str
            One of `OUTCOMES`.
        rule : MemberRule, BankRule, ProducerRule or OverIndebtednessRule, optional
            The figures that the outcome is told by (`Recipe.rule`); the standing ones where none is given.
        final_after : datetime, optional
            Only the rows whose outcome became final after this moment; values are computed of these alone.

        Raises
        ------
        InvalidInput
            For an unknown outcome, a rule of another outcome, or contradictory labels.
        Refused
            Where no outcome is mature, or none became so after `final_after`.
        """
        if outcome not in OUTCOMES:
            raise InvalidInput.of("outcome", f"{outcome!r} is not known.", f"Use one of {', '.join(OUTCOMES)}.")
        about = OUTCOMES[outcome]
        rule = rule or about.standing
        asked = spine(portfolio, subject=about.subject, ledger=about.ledger, borrower=about.borrower)
        mature = with_outcomes(asked, about.outcomes(portfolio, lock, rule), portfolio)
        if final_after is not None:
            mature = mature.filter(pl.col("final_at") > final_after)
            if mature.is_empty():
                raise Refused.of("outcomes", f"None became final after {final_after:%Y-%m-%d}.", "Wait for the next.")
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
            rule=rule,
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
        """sha256 over content, lock, outcome with its figures, and which rows with which labels these are."""
        figures = "" if self.rule is None else json.dumps(asdict(self.rule), sort_keys=True)
        digest = hashlib.sha256(f"{self.content_hash}\n{self.lock_sha256}\n{self.outcome}\n{figures}\n".encode())
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
