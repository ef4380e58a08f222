"""Applications, loans, schedules, payments and savings as tables, with the slips of any ledger.

Some payments are recorded days after they were made, and some are booked to the wrong loan and reversed. Neither
changes what became of a loan.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from riskscore.portfolio.tables import LEDGERS, PAYERS, TABLES
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.planted import COLLECTION_CALLS
from riskscore.simulator.repayment import NEVER, RESTRUCTURED, SAVINGS
from riskscore.simulator.tape import Tape, at

LATE_ENTRY, LATE_ENTRY_DAYS = 0.004, (2, 8)
WRONG_ENTRY = 0.0015
WRITE_OFF_AFTER = 180
GUARANTEE_AFTER = 31
PURPOSES = ("working_capital", "equipment", "materials", "other")
#: Collection calls by way of repayment, on the mean (good, arrears, covered, seized, left, restructured, relief).
CALLS = np.array([0.06, 5.0, 2.0, 2.5, 7.0, 3.0, 0.1])


def frames(tape: Tape, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return applications, loans, instalments, payments, loan events, savings and the planted calls."""
    asks, loans, dues = tape.table("applications"), tape.table("loans"), tape.table("instalments")
    bank_asks, bank_loans = tape.table("external_applications"), tape.table("external_loans")
    bank_dues = tape.table("external_instalments")
    first_ask, first_loan = len(asks["person"]), len(loans["person"])
    paid = _payments(dues, loans, bank_dues, first_loan, rng)
    return {
        "applications": pl.concat(
            [
                _applications(asks, 0, asks["person"], names("SG", asks["group"], 6), external=False),
                _applications(bank_asks, first_ask, None, names("CB", bank_asks["bank"], 5), external=True),
            ]
        ),
        "loans": pl.concat(
            [
                _loans(loans, 0, 0, loans["person"], names("SG", loans["group"], 6), external=False),
                _loans(bank_loans, first_loan, first_ask, None, names("CB", bank_loans["bank"], 5), external=True),
            ]
        ),
        "instalments": _instalments(dues, loans, bank_dues, bank_loans, first_loan),
        "payments": paid,
        "loan_events": _events(loans, bank_loans, first_loan),
        "savings": _savings(tape, dues, loans),
        "collection_calls": _calls(asks, loans, rng),
    }


def _applications(asks: dict[str, Any], first: int, person: Any, group: pl.Series, *, external: bool) -> pl.DataFrame:
    count = len(asks["cents"])
    none = np.full(count, -1)
    return framed(
        TABLES["applications"],
        id=names("A", first + np.arange(count)),
        event=asks["event"],
        known=asks["known"],
        member_id=names("M", none if person is None else person),
        group_id=group,
        product_id=words(("INT", "EXT"), np.full(count, int(external))),
        ledger=words(LEDGERS, np.full(count, int(external))),
        amount=money(asks["cents"]),
        term_days=pl.Series(asks["term"]),
        frequency=_frequency(asks["spacing"]),
        purpose=words(PURPOSES, none * 0 if external else asks["purpose"]),
        other_active_loans=pl.Series([None] * count, dtype=pl.Int64) if external else pl.Series(asks["declared"]),
    )


def _loans(
    loans: dict[str, Any], first: int, first_ask: int, person: Any, group: pl.Series, *, external: bool
) -> pl.DataFrame:
    count = len(loans["cents"])
    return framed(
        TABLES["loans"],
        id=names("L", first + np.arange(count)),
        event=at(loans["disbursed"], 9),
        known=at(loans["disbursed"], 18),
        application_id=names("A", first_ask + loans["application"]),
        member_id=names("M", np.full(count, -1) if person is None else person),
        group_id=group,
        product_id=words(("INT", "EXT"), np.full(count, int(external))),
        ledger=words(LEDGERS, np.full(count, int(external))),
        cycle_no=pl.Series(loans["cycle"]),
        amount=money(loans["cents"]),
        disbursed_on=dates(loans["disbursed"]),
        term_days=pl.Series(loans["term"]),
        frequency=_frequency(loans["spacing"]),
    )


def _frequency(spacing: Any) -> pl.Series:
    return words(("weekly", "fortnightly"), (spacing == 14).astype(np.int64))


def _instalments(
    dues: dict[str, Any], loans: dict[str, Any], bank_dues: dict[str, Any], bank_loans: dict[str, Any], first_loan: int
) -> pl.DataFrame:
    def rows(
        of: dict[str, Any], row: Any, due: Any, event: Any, known: Any, shift_id: int, shift_loan: int
    ) -> pl.DataFrame:
        return framed(
            TABLES["instalments"],
            id=names("I", shift_id + row, 8),
            event=event,
            known=known,
            loan_id=names("L", shift_loan + of["loan"][row]),
            number=pl.Series(of["number"][row]),
            due_on=dates(due),
            amount=money(of["cents"][row]),
            principal=money(of["principal"][row]),
        )

    every = np.arange(len(dues["loan"]))
    born = loans["disbursed"][dues["loan"]]
    moved = np.flatnonzero(dues["due"] != dues["due_rewritten"])
    rewritten = loans["rewritten"][dues["loan"][moved]]
    banks = np.arange(len(bank_dues["loan"]))
    bank_born = bank_loans["disbursed"][bank_dues["loan"]]
    return pl.concat(
        [
            rows(dues, every, dues["due"], at(born, 9), at(born, 18), 0, 0),
            rows(dues, moved, dues["due_rewritten"][moved], at(rewritten, 11), at(rewritten, 18), 0, 0),
            rows(bank_dues, banks, bank_dues["due"], at(bank_born, 9), at(bank_born, 18), len(every), first_loan),
        ]
    )


def _payments(
    dues: dict[str, Any], loans: dict[str, Any], bank_dues: dict[str, Any], first_loan: int, rng: np.random.Generator
) -> pl.DataFrame:
    got = dues["paid"] != NEVER
    loan = np.concatenate([dues["loan"][got], first_loan + bank_dues["loan"]])
    number = np.concatenate([dues["number"][got], bank_dues["number"]])
    cents = np.concatenate([dues["cents"][got], bank_dues["cents"]])
    payer = np.concatenate([dues["payer"][got], bank_dues["payer"]])
    day = np.concatenate([dues["paid"][got], bank_dues["paid"]])
    # The order of instalments is the order of payments within a day.
    event = at(day, 15) + number
    late = rng.random(len(day)) < LATE_ENTRY
    known = at(day + late * rng.integers(*LATE_ENTRY_DAYS, len(day)), 18)

    wrong = np.flatnonzero((rng.random(len(day)) < WRONG_ENTRY) & (number > 1))
    numbers = np.arange(len(day) + len(wrong))
    wrong_event = event[wrong] + 24 * 60 + 30
    wrong_known = at(day[wrong] + 1, 18)
    reversed_known = wrong_known + 24 * 60 * rng.integers(1, 4, len(wrong))

    def rows(row: Any, ident: Any, event: Any, known: Any, who: Any, *, undone: bool) -> pl.DataFrame:
        return framed(
            TABLES["payments"],
            id=names("P", ident, 8),
            event=event,
            known=known,
            loan_id=names("L", loan[row]),
            amount=money(cents[row]),
            payer=words(PAYERS, who),
            reversed=pl.Series(np.full(len(row), undone)),
        )

    every = np.arange(len(day))
    slip = numbers[len(day) :]
    return pl.concat(
        [
            rows(every, every, event, known, payer, undone=False),
            rows(wrong, slip, wrong_event, wrong_known, wrong * 0, undone=False),
            rows(wrong, slip, wrong_event, reversed_known, wrong * 0, undone=True),
        ]
    )


def _events(loans: dict[str, Any], bank_loans: dict[str, Any], first_loan: int) -> pl.DataFrame:
    way = loans["way"]
    every = np.arange(len(way))
    moved = np.flatnonzero(loans["rewritten"] >= 0)
    lost = np.flatnonzero(loans["leaves_debt"])
    banks = np.arange(len(bank_loans["cents"]))
    matures = bank_loans["disbursed"] + bank_loans["term"]
    called = np.flatnonzero(bank_loans["closes"] > matures + GUARANTEE_AFTER + 14)
    loan = np.concatenate([every, moved, lost, first_loan + banks, first_loan + called])
    day = np.concatenate(
        [
            loans["closes"],
            loans["rewritten"][moved],
            loans["closes"][lost] + WRITE_OFF_AFTER,
            bank_loans["closes"],
            matures[called] + GUARANTEE_AFTER + 7,
        ]
    )
    kind = np.concatenate([every * 0, moved * 0 + 1, lost * 0 + 2, banks * 0, called * 0 + 3])
    distress = (way == RESTRUCTURED)[moved]
    reason = np.full(len(loan), 2)
    reason[len(every) : len(every) + len(moved)] = np.where(distress, 0, 1)
    hour = np.where(kind == 1, 11, 17)
    return framed(
        TABLES["loan_events"],
        id=names("E", np.arange(len(loan))),
        event=at(day, 0) + hour * 60,
        known=at(day, 18),
        loan_id=names("L", loan),
        kind=words(("books_closed", "restructured", "written_off", "guarantee_called"), kind),
        reason=pl.Series(["distress", "relief", None], dtype=pl.String).gather(reason),
    )


def _savings(tape: Tape, dues: dict[str, Any], loans: dict[str, Any]) -> pl.DataFrame:
    moved = tape.table("savings")
    taken = np.flatnonzero((dues["payer"] == SAVINGS) & (dues["paid"] != NEVER))
    day = dues["paid"][taken]
    person = np.concatenate([moved["person"], loans["person"][dues["loan"][taken]]])
    return framed(
        TABLES["savings"],
        id=names("V", np.arange(len(person)), 8),
        event=np.concatenate([moved["event"], at(day, 15) + dues["number"][taken]]),
        known=np.concatenate([moved["known"], at(day, 18)]),
        member_id=names("M", person),
        kind=words(("deposit", "withdrawal", "seizure"), np.concatenate([moved["kind"], taken * 0 + 2])),
        amount=money(np.concatenate([moved["cents"], dues["cents"][taken]])),
    )


def _calls(asks: dict[str, Any], loans: dict[str, Any], rng: np.random.Generator) -> pl.DataFrame:
    calls = rng.poisson(CALLS[loans["way"]])
    rung = np.flatnonzero(calls > 0)
    asked = asks["event"][loans["application"][rung]]
    return framed(
        COLLECTION_CALLS,
        id=names("C", np.arange(len(rung))),
        event=asked - 24 * 60,
        known=asked,
        member_id=names("M", loans["person"][rung]),
        application_id=names("A", loans["application"][rung]),
        calls=pl.Series(calls[rung]),
    )
