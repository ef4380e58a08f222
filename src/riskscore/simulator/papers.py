"""What is asked and looked up about a household beside its budget: the farming year, the bureau, and surveys."""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Ints
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.institution import SECTORS
from riskscore.simulator.tape import Tape, at

#: Of farming women, and of their budgets, those with a form of twelve months.
FARMERS_ASKED, FORMS = 0.25, 0.3
#: Income of a lean month over that of another one.
LEAN_INCOME = 0.25
CONSULTED = 0.5
BUREAU_LAG = (30, 45)
#: First day late of categories 1 to 4.
CATEGORY_FROM = np.array([9, 31, 61, 121])
SURVEYED = 0.10
#: Instrument, question, highest answer.
QUESTIONS = (
    ("peer_monitoring", "visits", 4.0),
    ("peer_monitoring", "knows_business", 4.0),
    ("sacrifices", "flag", 1.0),
)

_LEAN = np.array([[month in sector.lean_months for month in range(1, 13)] for sector in SECTORS])
_FARMING = np.array([sector.agricultural for sector in SECTORS])


def frames(tape: Tape, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return the farming years, the bureau's reports and the surveys."""
    return {
        "budget_months": _farming_years(tape, rng),
        "bureau_reports": _bureau(tape, rng),
        "surveys": _surveys(tape, rng),
    }


def _farming_years(tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """Twelve months from the one after the budget; they add up to twelve times the budget's month."""
    budgets, members = tape.look("budgets"), tape.look("members")
    asked = _FARMING[members["sector"]] & (rng.random(len(members["sector"])) < FARMERS_ASKED)
    form = np.flatnonzero(asked[budgets["person"]] & (rng.random(len(budgets["person"])) < FORMS))
    person, event = budgets["person"][form], budgets["event"][form]
    spent = (budgets["costs"] + budgets["household"])[form]
    earned = (budgets["revenue"] + np.maximum(0, budgets["other"]))[form]
    told = (event // (24 * 60)).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    month = told[:, None] + 1 + np.arange(12)
    lean = _LEAN[members["sector"][person][:, None], month % 12]
    weight = np.where(lean, LEAN_INCOME, 1.0) * rng.uniform(0.85, 1.15, month.shape)
    income = np.rint(12 * earned[:, None] * weight / weight.sum(axis=1, keepdims=True)).astype(np.int64)
    expenses = np.rint(spent[:, None] * rng.uniform(0.85, 1.15, month.shape)).astype(np.int64)
    row = np.repeat(np.arange(len(form)), 12)
    return framed(
        TABLES["budget_months"],
        id=names("BM", np.arange(len(row))),
        event=event[row],
        known=budgets["known"][form][row],
        member_id=names("M", person[row]),
        month=dates(month.ravel().astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)),
        income=money(income.ravel()),
        expenses=money(expenses.ravel()),
    )


def _month_end(day: Ints, later: int) -> Ints:
    """Return the last day of the month of each day, or of one some months later (earlier: below 0)."""
    month = day.astype("datetime64[D]").astype("datetime64[M]") + 1 + later
    return np.asarray(month.astype("datetime64[D]").astype(np.int64) - 1)


def _bureau(tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """One report for about half of the requests, adding up what the bureau had published of her debts by then.

    It covers the end of the month in which the last of those debts was seen, where that is 30 days old by the
    request; else, and for a woman without debts, a month end before it.
    """
    asks, debts = tape.look("applications"), tape.look("obligations")
    count = len(asks["person"])
    day = asks["event"] // (24 * 60)

    # A debt a bureau published was written for the first request after the day it speaks of.
    published = np.flatnonzero(debts["source"] == 1)
    far = 100_000
    order = np.argsort(asks["person"] * far + day, kind="stable")
    keys = (asks["person"] * far + day)[order]
    spoken = debts["event"][published] // (24 * 60)
    of = order[np.searchsorted(keys, debts["person"][published] * far + spoken)]
    seen = np.zeros(count, dtype=np.int64)
    np.maximum.at(seen, of, spoken)

    covers = _month_end(seen, 0)
    covers = np.where((seen > 0) & (covers <= day - BUREAU_LAG[0]), covers, _month_end(day - BUREAU_LAG[0], -1))
    lag = rng.integers(BUREAU_LAG[0], np.minimum(BUREAU_LAG[1], day - covers) + 1)
    counted = spoken <= covers[of]
    of, published = of[counted], published[counted]
    late = debts["late"][published]
    lenders = np.bincount(of, minlength=count)
    balance = np.bincount(of, weights=debts["balance"][published], minlength=count).astype(np.int64)
    worst = np.zeros(count, dtype=np.int64)
    np.maximum.at(worst, of, late)

    row = np.flatnonzero(rng.random(count) < CONSULTED)
    inquiries = rng.poisson(0.3 + 0.6 * lenders[row])
    return framed(
        TABLES["bureau_reports"],
        id=names("BR", np.arange(len(row))),
        event=at(covers[row] + 1, 0),
        known=at((covers + lag)[row], 8),
        member_id=names("M", asks["person"][row]),
        bureau=words(("central",), row * 0),
        covers_until=dates(covers[row]),
        published_on=dates((covers + lag)[row]),
        lenders=pl.Series(lenders[row]),
        balance=money(balance[row]),
        worst_category=pl.Series(np.searchsorted(CATEGORY_FROM, worst[row], side="right")),
        days_late=pl.Series(worst[row]),
        inquiries_3m=pl.Series(inquiries),
        covers_ngos=pl.Series(np.zeros(len(row), dtype=bool)),
    )


def _surveys(tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """A tenth of the women, some days before one of their requests.

    Of sacrifices the flag alone, never the answers. What they say of watching one another is by lot: here it causes
    nothing.
    """
    asks, told = tape.look("applications"), tape.look("truth")
    trouble = told["cause_trouble"] + 1.6 * (told["net_indebtedness"] > 1.0)
    chosen = rng.random(len(tape.look("members")["joined"])) < SURVEYED
    wave = np.flatnonzero(chosen[asks["person"]] & (rng.random(len(trouble)) < 0.4))
    count, questions = len(wave), len(QUESTIONS)
    known_business = rng.integers(0, 5, (count, 2)).astype(np.float64)
    flag = (rng.random(count) < np.minimum(0.95, 0.22 * np.exp(0.7 * trouble[wave]))).astype(np.float64)
    answers = np.column_stack([known_business, flag])
    row, which = np.repeat(np.arange(count), questions), np.tile(np.arange(questions), count)
    day = asks["event"][wave] // (24 * 60) - rng.integers(3, 40, count)
    return framed(
        TABLES["surveys"],
        id=names("SV", np.arange(len(row)), 6),
        event=at(day, 10)[row],
        known=at(day + 2, 18)[row],
        member_id=names("M", asks["person"][wave][row]),
        group_id=names("SG", asks["group"][wave][row], 6),
        instrument=words(tuple(q[0] for q in QUESTIONS), which),
        question=words(tuple(q[1] for q in QUESTIONS), which),
        answer=pl.Series(answers.ravel()),
        scale_max=pl.Series(np.array([q[2] for q in QUESTIONS])[which]),
    )
