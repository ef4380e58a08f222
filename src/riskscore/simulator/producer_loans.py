"""What the institution lends to producer associations: 50 % for equipment, 25 % working capital, 25 % materials.

Requests come in fours of one amount, two of them for equipment, so that the shares hold exactly. Equipment is repaid
month by month, the others at once after the harvest. A request, a loan and its parts have ids of their own beside
those of the village banks, whose rows stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from riskscore.portfolio.tables import LEDGERS, TABLES
from riskscore.simulator.arrays import Floats, Ints, sigmoid
from riskscore.simulator.asking import instalment_of, principal_of
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.producers import COUNT, Producers
from riskscore.simulator.scenario import DATA_DATE, START
from riskscore.simulator.tape import at

#: Requests: a whole number of fours.
REQUESTS = 48
PURPOSES = ("equipment", "equipment", "working_capital", "materials")
#: Days to maturity and number of instalments, by place in a four.
TERMS, PARTS = np.array([360, 540, 180, 240]), np.array([12, 18, 1, 1])
RATE = 0.015
AMOUNT = (1_500.0, 16_000.0)
#: Log-odds that a loan falls more than a month behind, for one of middling order.
TROUBLE = -2.1
GUARANTEE_AFTER = 45


@dataclass(frozen=True, slots=True)
class ProducerLoans:
    """The loans, one entry each; days from 1970-01-01, money in cents; matrices are loan by instalment.

    `p_bad` is the probability that a loan falls more than a month behind; no table shows it.
    """

    org: Ints
    asked: Ints
    cents: Ints
    given: Ints
    term: Ints
    parts: Ints
    due: Ints
    paid: Ints
    p_bad: Floats

    @property
    def application_ids(self) -> pl.Series:
        """The ids of their requests."""
        return names("AP", np.arange(REQUESTS), 4)

    @property
    def last(self) -> Ints:
        """The day on which each is paid in full."""
        return np.take_along_axis(self.paid, (self.parts - 1)[:, None], axis=1)[:, 0]

    def instalments(self) -> dict[str, Ints]:
        """Return every instalment as the tape holds those of communal banks."""
        row, column = np.nonzero(np.arange(self.due.shape[1]) < self.parts[:, None])
        return {
            "loan": row,
            "number": column + 1,
            "due": self.due[row, column],
            "paid": self.paid[row, column],
            "cents": instalment_of(self.cents, self.term, self.parts, RATE)[row],
            "principal": principal_of(self.cents, self.parts)[row, column],
        }


def lend(made: Producers, rng: np.random.Generator) -> ProducerLoans:
    """Draw who asks when and for how much, and how it is repaid."""
    place = np.arange(REQUESTS) % 4
    org = np.concatenate([rng.permutation(COUNT), rng.permutation(COUNT), rng.permutation(COUNT)])[:REQUESTS]
    asked = np.sort(START + 320 + rng.integers(0, DATA_DATE - START - 320 - 60, REQUESTS))
    cents = np.rint(rng.uniform(*AMOUNT, REQUESTS // 4) / 100).astype(np.int64).repeat(4) * 100_00
    given = asked + rng.integers(10, 30, REQUESTS)
    term, parts = TERMS[place], PARTS[place]
    number = np.arange(int(parts.max()))
    due = given[:, None] + (term // parts)[:, None] * (number + 1)
    p_bad = sigmoid(TROUBLE - 0.9 * made.order[org])
    falls = rng.random(REQUESTS) < p_bad
    onset = np.where(falls, (parts * rng.uniform(0.2, 0.9, REQUESTS)).astype(np.int64), parts)
    behind = rng.integers(35, 120, REQUESTS)
    some = rng.integers(0, 6, due.shape) * (rng.random(due.shape) < 0.3)
    delay = np.where(number >= onset[:, None], behind[:, None], some)
    return ProducerLoans(org, asked, cents, given, term, parts, due, np.maximum.accumulate(due + delay, axis=1), p_bad)


def frames(made: Producers, loans: ProducerLoans) -> dict[str, pl.DataFrame]:
    """Return rows to add to products, applications, loans, instalments, payments and loan events."""
    dues = loans.instalments()
    of, number = dues["loan"], dues["number"]
    return {
        "products": _product(),
        "applications": _applications(made, loans),
        "loans": _loans(made, loans),
        "instalments": framed(
            TABLES["instalments"],
            id=names("IP", np.arange(len(of)), 5),
            event=at(loans.given[of], 9),
            known=at(loans.given[of], 18),
            loan_id=names("LP", of, 4),
            number=pl.Series(number),
            due_on=dates(dues["due"]),
            amount=money(dues["cents"]),
            principal=money(dues["principal"]),
        ),
        "payments": framed(
            TABLES["payments"],
            id=names("PP", np.arange(len(of)), 5),
            event=at(dues["paid"], 15) + number,
            known=at(dues["paid"], 18),
            loan_id=names("LP", of, 4),
            amount=money(dues["cents"]),
            payer=words(("self",), of * 0),
            reversed=pl.Series(np.zeros(len(of), dtype=bool)),
        ),
        "loan_events": _events(loans.given + loans.term, loans.last),
    }


def _product() -> pl.DataFrame:
    opened = np.array([START])
    return framed(
        TABLES["products"],
        id=pl.Series(["PRO"]),
        event=at(opened, 0),
        known=at(opened, 18),
        name=pl.Series(["Préstamo a asociación de productores"]),
        ledger=pl.Series(["external"]),
        amount_min=money([500_00]),
        amount_max=money([40_000_00]),
        amount_step=money([100_00]),
        term_days_min=pl.Series([90]),
        term_days_max=pl.Series([720]),
        frequencies=pl.Series(["monthly,at_maturity"]),
        rate_per_30_days=pl.Series([RATE]),
        method=pl.Series(["flat"]),
        growth_max=pl.Series([None], dtype=pl.Float64),
    )


def _applications(made: Producers, loans: ProducerLoans) -> pl.DataFrame:
    place = np.arange(REQUESTS) % 4
    none = pl.Series([None] * REQUESTS, dtype=pl.Int64)
    return framed(
        TABLES["applications"],
        id=loans.application_ids,
        event=at(loans.asked, 10),
        known=at(loans.asked, 12),
        member_id=none.cast(pl.String),
        group_id=made.of(loans.org),
        product_id=words(("PRO",), place * 0),
        ledger=words(LEDGERS, place * 0 + 1),
        amount=money(loans.cents),
        term_days=pl.Series(loans.term),
        frequency=_frequency(loans.parts),
        purpose=words(PURPOSES, place),
        other_active_loans=none,
    )


def _loans(made: Producers, loans: ProducerLoans) -> pl.DataFrame:
    # Requests lie in the order of their days, so the number of a loan counts those of the same borrower before it.
    before = np.tril(loans.org[:, None] == loans.org, -1).sum(axis=1)
    return framed(
        TABLES["loans"],
        id=names("LP", np.arange(REQUESTS), 4),
        event=at(loans.given, 9),
        known=at(loans.given, 18),
        application_id=loans.application_ids,
        member_id=pl.Series([None] * REQUESTS, dtype=pl.String),
        group_id=made.of(loans.org),
        product_id=words(("PRO",), loans.org * 0),
        ledger=words(LEDGERS, loans.org * 0 + 1),
        cycle_no=pl.Series(before + 1),
        amount=money(loans.cents),
        disbursed_on=dates(loans.given),
        term_days=pl.Series(loans.term),
        frequency=_frequency(loans.parts),
    )


def _frequency(parts: Ints) -> pl.Series:
    return words(("monthly", "at_maturity"), (parts == 1).astype(np.int64))


def _events(matures: Ints, last: Ints) -> pl.DataFrame:
    """The close of each loan's books when it is paid, and the guarantee called where that takes too long."""
    called = np.flatnonzero(last > matures + GUARANTEE_AFTER)
    row = np.concatenate([np.arange(REQUESTS), called])
    day = np.concatenate([np.maximum(last, matures), matures[called] + GUARANTEE_AFTER])
    return framed(
        TABLES["loan_events"],
        id=names("EP", np.arange(len(row)), 4),
        event=at(day, 17),
        known=at(day, 18),
        loan_id=names("LP", row, 4),
        kind=words(("books_closed", "guarantee_called"), np.concatenate([matures * 0, called * 0 + 1])),
        reason=pl.Series([None] * len(row), dtype=pl.String),
    )
