"""From requests to values, log-odds and indebtedness: the whole way, for one request or for many at once.

Everything that scores goes through here, so that alone equals in a batch, and an offered change is computed as a real
request would be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from riskscore.catalog import formula_values, formulas_reading
from riskscore.catalog.relations import REQUEST
from riskscore.dataset import household
from riskscore.errors import ArtefactError
from riskscore.frequency import DAYS_PER_MONTH
from riskscore.indebtedness import LEVELS, Assessed, Columns, TermColumns, assess_columns
from riskscore.modelling.artefact import Champion
from riskscore.modelling.calibrated import Explanation
from riskscore.scoring.own_record import OwnRecord
from riskscore.scoring.policy import Policy, Why
from riskscore.scoring.products import Product
from riskscore.scoring.snapshot import Snapshot

Floats = NDArray[np.float64]


class OnSameTerms(NamedTuple):
    """The places of cases that ask for the same product, term and frequency."""

    rows: NDArray[np.int64]
    product: Product
    term_days: float
    frequency: str


@dataclass(frozen=True, eq=False)
class Cases:
    """Requests in columns; `places` are rows of the snapshot, `products` one each.

    `instead` holds values, one a case, that stand in for the snapshot's by feature name: what would be otherwise.
    """

    places: NDArray[np.int64]
    amount: Floats
    term_days: Floats
    frequency: Sequence[str]
    purpose: Sequence[str | None]
    other_active_loans: Floats
    products: Sequence[Product]
    instead: Mapping[str, Floats] = field(default_factory=dict)

    @cached_property
    def by_terms(self) -> tuple[OnSameTerms, ...]:
        """The cases of each product, term and frequency: what depends on nothing else is computed once for them."""
        rows: dict[tuple[str, float, str], list[int]] = {}
        for row, (product, days, frequency) in enumerate(
            zip(self.products, self.term_days.tolist(), self.frequency, strict=True)
        ):
            rows.setdefault((product.id, days, frequency), []).append(row)
        return tuple(
            OnSameTerms(np.asarray(own, dtype=np.int64), self.products[own[0]], days, frequency)
            for (_, days, frequency), own in rows.items()
        )

    @cached_property
    def term_columns(self) -> TermColumns:
        """What the terms of each case make of its loan."""
        price, per_month, step = np.empty((3, len(self.products)))
        for rows, product, term_days, frequency in self.by_terms:
            terms = product.terms(0.0, term_days, frequency)
            price[rows], per_month[rows], step[rows] = terms.price, terms.per_month, terms.amount_step
        return TermColumns(price, per_month, step)

    def of_product(self, read: Callable[[Product], float]) -> Floats:
        """Return what `read` gives for the product of each case (n,)."""
        column = np.empty(len(self.products))
        for alike in self.by_terms:
            column[alike.rows] = read(alike.product)
        return column

    @classmethod
    def joined(cls, parts: Sequence[Cases]) -> Cases:
        """Return the cases of all parts, one after another; what is otherwise is so in each of them."""
        return cls(
            places=np.concatenate([part.places for part in parts]),
            amount=np.concatenate([part.amount for part in parts]),
            term_days=np.concatenate([part.term_days for part in parts]),
            frequency=[one for part in parts for one in part.frequency],
            purpose=[one for part in parts for one in part.purpose],
            other_active_loans=np.concatenate([part.other_active_loans for part in parts]),
            products=[one for part in parts for one in part.products],
            instead={name: np.concatenate([part.instead[name] for part in parts]) for name in parts[0].instead},
        )

    def only(self, rows: NDArray[np.intp]) -> Cases:
        """Return the cases of some rows."""
        kept = rows.tolist()
        return Cases(
            places=self.places[rows],
            amount=self.amount[rows],
            term_days=self.term_days[rows],
            frequency=[self.frequency[row] for row in kept],
            purpose=[self.purpose[row] for row in kept],
            other_active_loans=self.other_active_loans[rows],
            products=[self.products[row] for row in kept],
            instead={name: column[rows] for name, column in self.instead.items()},
        )


@dataclass(frozen=True, eq=False)
class Computed:
    """What was found for each case.

    Parameters
    ----------
    X : ndarray (n, k)
        The model's columns.
    formulas : dict of str to ndarray (n,)
        Every feature that needed the request.
    log_odds, own_log_odds : ndarray (n,)
        Of bad; the second without the neighbours' record.
    explanation : Explanation or None
    outside : ndarray (n,)
        Monthly service of debts elsewhere; NaN where it is unknown (`riskscore.indebtedness.owed_elsewhere`).
    assessed : Assessed
    """

    X: Floats
    formulas: dict[str, Floats]
    log_odds: Floats
    own_log_odds: Floats
    explanation: Explanation | None
    outside: Floats
    assessed: Assessed

    def only(self, rows: NDArray[np.intp]) -> Computed:
        """Return what was found for some cases, without explanation."""
        return Computed(
            X=self.X[rows],
            formulas={name: column[rows] for name, column in self.formulas.items()},
            log_odds=self.log_odds[rows],
            own_log_odds=self.own_log_odds[rows],
            explanation=None,
            outside=self.outside[rows],
            assessed=self.assessed.only(rows),
        )

    @property
    def pd(self) -> Floats:
        """Probability of bad."""
        return np.asarray(expit(self.log_odds))


class Engine:
    """A champion and a policy, with the positions of everything they read."""

    def __init__(self, champion: Champion, policy: Policy) -> None:
        self.champion, self.policy = champion, policy
        lock, model = champion.lock, champion.model
        self.names = tuple(feature.name for feature in lock.features if feature.step != 5)
        self._position = {name: place for place, name in enumerate(self.names)}
        self._needed = [name for name in lock.formula_needs if name in self._position]
        self._columns = [column for column, name in enumerate(model.features) if name in self._position]
        self._places = [self._position[model.features[column]] for column in self._columns]
        self._from_formulas = [
            (column, name) for column, name in enumerate(model.features) if name not in self._position
        ]
        self.own_record = OwnRecord(model)

    def compute(self, snapshot: Snapshot, cases: Cases, *, explain: bool, in_bulk: bool = False) -> Computed:
        """Compute values, log-odds and indebtedness of the cases; `in_bulk` as in `CalibratedModel.explain`.

        Raises
        ------
        ArtefactError
            The snapshot was built with another lock than the champion's.
        """
        X, formulas = self.columns(snapshot, cases)
        explanation = self.champion.model.explain(X, in_bulk=in_bulk) if explain else None
        if explanation is not None:
            log_odds = explanation.log_odds
            own = self.own_record.without_group(log_odds, explanation.phi)
        else:
            log_odds, own = self.own_record.log_odds(X)
        every = self._household(snapshot, cases)
        return Computed(
            X=X,
            formulas=formulas,
            log_odds=log_odds,
            own_log_odds=own,
            explanation=explanation,
            outside=every.outside,
            assessed=assess_columns(every, cases.term_columns, self.policy.numbers),
        )

    def columns(self, snapshot: Snapshot, cases: Cases) -> tuple[Floats, dict[str, Floats]]:
        """Return the model's columns (n, k), and every formula's values (n,) by name.

        Raises
        ------
        ArtefactError
            The snapshot was built with another lock than the champion's.
        """
        lock = self.champion.lock
        if snapshot.lock_sha256 != lock.sha256:
            remedy = "Build the snapshot with the champion's lock."
            raise ArtefactError.of("snapshot", "Its values come from other definitions than the model's.", remedy)
        values = self._values(snapshot, cases)
        formulas = formula_values(lock, self._fields(values, cases), len(values), self._known(snapshot, cases))
        X = np.empty((len(values), len(self.champion.model.features)))
        X[:, self._columns] = values[:, self._places]
        for column, name in self._from_formulas:
            X[:, column] = formulas[name]
        return X, formulas

    def bearable(self, snapshot: Snapshot, cases: Cases) -> NDArray[np.bool_]:
        """Return which cases keep to cap and progression (n,): of any other, no risk however low makes it ready."""
        numbers = self.policy.numbers
        index = assess_columns(self._household(snapshot, cases), cases.term_columns, numbers).nii_post
        grown = cases.amount > self._growth(cases) * self._previous(snapshot, cases) + 1e-9
        return np.asarray((index <= numbers.cap + 1e-9) & ~grown)

    def whys(self, computed: Computed, cases: Cases, snapshot: Snapshot) -> list[tuple[Why, ...]]:
        """Return, for each case, the rules that ask for a talk first."""
        own, nii = expit(computed.own_log_odds).tolist(), computed.assessed.nii_post
        cap = self.policy.numbers.cap
        above = [None if np.isnan(index) else bool(index > cap + 1e-9) for index in nii.tolist()]
        previous = self._previous(snapshot, cases).tolist()
        return [
            self.policy.whys(
                pd,
                above_cap=over,
                amount=amount,
                previous=None if last != last else last,
                growth=growth,
                level=LEVELS[level],
            )
            for pd, over, amount, last, growth, level in zip(
                own,
                above,
                cases.amount.tolist(),
                previous,
                self._growth(cases).tolist(),
                computed.assessed.level.tolist(),
                strict=True,
            )
        ]

    def ceilings(self, computed: Computed, cases: Cases, snapshot: Snapshot) -> Floats:
        """Return min(capacity, progression, product), rounded down to the product's step.

        0 where that is under the product's least amount; NaN where capacity is unknown.
        """
        previous = self._previous(snapshot, cases)
        most = cases.of_product(lambda product: product.amount_max)
        least = cases.of_product(lambda product: product.amount_min)
        step = cases.term_columns.amount_step
        progression = np.where(np.isnan(previous), np.inf, self._growth(cases) * previous)
        lowest = np.minimum(np.minimum(computed.assessed.largest_amount, progression), most)
        rounded = np.floor(lowest / step + 1e-9) * step
        return np.where(rounded < least, 0.0, rounded)

    def fact(self, values: Floats, name: str) -> Floats:
        """Return a feature's column of snapshot values; all missing where the lock has none of that name."""
        place = self._position.get(name)
        return np.full(len(values), np.nan) if place is None else values[:, place]

    def _growth(self, cases: Cases) -> Floats:
        return cases.of_product(lambda product: self.policy.growth(product.growth_max))

    def _previous(self, snapshot: Snapshot, cases: Cases) -> Floats:
        return self._of_cases("previous_amount", snapshot, cases)

    def _of_cases(self, name: str, snapshot: Snapshot, cases: Cases) -> Floats:
        """Return one column of `_values`; all missing where the lock has none of that name."""
        place = self._position.get(name)
        if place is None:
            return np.full(len(cases.places), np.nan)
        return cases.instead.get(name, snapshot.values[cases.places, place])

    def _values(self, snapshot: Snapshot, cases: Cases) -> Floats:
        values = snapshot.values[cases.places]
        for name, column in cases.instead.items():
            if name in self._position:
                values[:, self._position[name]] = column
        return values

    def _known(self, snapshot: Snapshot, cases: Cases) -> dict[str, Floats]:
        """Return the formulas that hang on nothing that is asked, or is otherwise."""
        hang = formulas_reading(self.champion.lock.formulas, frozenset((*REQUEST, *cases.instead)))
        held = snapshot.formulas(self.champion.lock)
        return {name: column[cases.places] for name, column in held.items() if name not in hang}

    def _fields(self, values: Floats, cases: Cases) -> dict[str, NDArray[Any]]:
        """Return what the formulas read."""
        terms = cases.term_columns
        return {
            **{name: values[:, self._position[name]] for name in self._needed},
            "amount": cases.amount,
            "term_days": cases.term_days,
            "other_active_loans": cases.other_active_loans,
            "instalment_m": cases.amount * (terms.price * terms.per_month),
            "frequency": np.array(cases.frequency, dtype=object),
            "purpose": np.array(cases.purpose, dtype=object),
        }

    def _household(self, snapshot: Snapshot, cases: Cases) -> Columns:
        chance = self.policy.value("indebtedness.peer_bad_rate")
        others = snapshot.others[cases.places].astype(np.float64)
        uncovered = snapshot.others_uncovered[cases.places]
        spread = np.maximum(others, 1.0) * cases.term_days / DAYS_PER_MONTH
        return household(
            lambda name: self._of_cases(name, snapshot, cases),
            amount=cases.amount,
            other_active_loans=cases.other_active_loans,
            cover=chance * uncovered / spread,
            cover_one_stops=uncovered / np.maximum(others, 1.0) / spread,
        )
