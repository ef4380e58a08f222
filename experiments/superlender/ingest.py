"""From the lender's two files to a portfolio: what each line says, and when it could be known.

``loans.csv`` holds loans of one month with the lender's verdict; ``earlier_loans.csv`` the same borrowers' loans
before. Nobody here belongs to a group, so each borrower stands as a communal bank of one: the library keeps whole banks
together, and here that means whole borrowers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import DAYS_PER_MONTH
from riskscore.portfolio import TABLES, Portfolio, Table, write_portfolio

#: A verdict is read as known this many days after the last instalment was due. The file does not say; a rule has to.
VERDICT_DAYS = 30

MONEY = pl.Decimal(18, 2)
LOANS = {
    "customerid": pl.String, "systemloanid": pl.String, "loannumber": pl.Int64, "approveddate": pl.Datetime("us"),
    "creationdate": pl.Datetime("us"), "loanamount": pl.Float64, "totaldue": pl.Float64, "termdays": pl.Int64,
    "referredby": pl.String, "good_bad_flag": pl.String,
}  # fmt: skip
EARLIER = {
    "customerid": pl.String, "systemloanid": pl.String, "loannumber": pl.Int64, "approveddate": pl.Datetime("us"),
    "loanamount": pl.Float64, "termdays": pl.Int64, "closeddate": pl.Datetime("us"), "firstduedate": pl.Date,
    "firstrepaiddate": pl.Datetime("us"),
}  # fmt: skip
MAY_LACK = {"referredby", "closeddate", "firstrepaiddate"}


def ingest(source: Path, out: Path, tables: Mapping[str, Table] = TABLES) -> Portfolio:
    """Read the two files of folder `source` and write a portfolio at `out`.

    `tables` is the library's contract with the lender's own tables, which `features/sources.py` declares.
    """
    loans, earlier = read(source / "loans.csv", LOANS), read(source / "earlier_loans.csv", EARLIER)
    check(loans)
    earlier = earlier.join(loans.select("customerid"), on="customerid", how="semi")
    verdict_at = pl.col("approveddate") + pl.duration(days=pl.col("termdays") + VERDICT_DAYS)
    data_date = loans.select(verdict_at.max()).item().date()
    people = pl.concat([frame.select("customerid", "approveddate") for frame in (loans, earlier)])
    first_seen = people.group_by("customerid").agg(pl.col("approveddate").min()).sort("customerid")
    start = first_seen["approveddate"].min()
    loans = loans.with_columns(
        product=pl.format("{} days at {}", "termdays", (pl.col("totaldue") / pl.col("loanamount") - 1).round(4)),
        frequency=frequency(),
    )

    frames = {
        "branches": pl.DataFrame(
            {"id": ["phone"], "event_at": [start], "known_at": [start], "name": ["by telephone"], "region": ["Nigeria"],
             "rural": [False], "opened_on": [start.date()]}
        ),
        "groups": first_seen.select(
            id="customerid", event_at="approveddate", known_at="approveddate", kind=pl.lit("communal_bank"),
            branch_id=pl.lit("phone"), formed_on=pl.col("approveddate").dt.date(),
        ),
        "members": first_seen.select(
            id="customerid", event_at="approveddate", known_at="approveddate", branch_id=pl.lit("phone"),
            joined_on=pl.col("approveddate").dt.date(),
        ),
        "products": products(loans, start),
        "applications": loans.select(
            id=pl.format("application-{}", "systemloanid"), event_at="creationdate", known_at="approveddate",
            member_id="customerid", group_id="customerid", product_id="product", ledger=pl.lit("internal"),
            amount=money("loanamount"), currency=pl.lit("NGN"), term_days="termdays", frequency="frequency",
        ),
        "loans": pl.concat([
            borrowed(earlier, pl.lit(None, pl.String)),
            borrowed(loans, pl.format("application-{}", "systemloanid")),
        ]),
        "offers": loans.select(
            id="systemloanid", event_at="creationdate", known_at="approveddate", member_id="customerid",
            loan_number="loannumber", amount=money("loanamount"), total_due=money("totaldue"),
            referred=pl.col("referredby").is_not_null(),
        ),
        # Learnt when the money came, not when the loan was made: a row of its own, with its own clocks.
        "first_payments": earlier.filter(pl.col("firstrepaiddate").is_not_null()).select(
            id="systemloanid", event_at="firstrepaiddate", known_at="firstrepaiddate", member_id="customerid",
            loan_id="systemloanid", loan_disbursed_on=pl.col("approveddate").dt.date(), first_due_on="firstduedate",
        ),
        "closings": earlier.filter(pl.col("closeddate").is_not_null()).select(
            id="systemloanid", event_at="closeddate", known_at="closeddate", member_id="customerid",
            loan_id="systemloanid", loan_disbursed_on=pl.col("approveddate").dt.date(),
            due_on=pl.col("approveddate").dt.date() + pl.duration(days="termdays"),
        ),
        "outcomes_given": loans.select(
            id="systemloanid", event_at=verdict_at, known_at=verdict_at,
            application_id=pl.format("application-{}", "systemloanid"),
            label=pl.col("good_bad_flag").str.to_lowercase(),
        ),
    }  # fmt: skip
    return write_portfolio(
        out, frames, currency="NGN", country="NG", time_zone="Africa/Lagos", data_date=data_date,
        tables=tables,
    )  # fmt: skip


def read(path: Path, columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Read the columns that are used, as text first, so that every value that cannot be read is named at once."""
    if not path.is_file():
        raise InvalidInput.of(
            str(path), "There is no such file.", "Name a folder with loans.csv and earlier_loans.csv."
        )
    raw = pl.read_csv(path, infer_schema=False)
    lacking = [name for name in columns if name not in raw.columns]
    if lacking:
        raise InvalidInput(Fault(f"{path.name}: {name}", "The column is missing.", "Add it.") for name in lacking)
    faults, series = [], []
    for name, dtype in columns.items():
        values = raw[name]
        found = values.str.to_datetime(strict=False).cast(dtype) if dtype == pl.Datetime("us") else (
            values.str.to_date(strict=False) if dtype == pl.Date else values.cast(dtype, strict=False)
        )  # fmt: skip
        unreadable = found.is_null() & (values.is_not_null() if name in MAY_LACK else True)
        if unreadable.any():
            first = int(unreadable.arg_max() or 0) + 2
            what = f"{int(unreadable.sum())} values cannot be read, the first on line {first}."
            faults.append(Fault(f"{path.name}: {name}", what, f"Write them as {dtype}."))
        series.append(found.alias(name))
    if faults:
        raise InvalidInput(faults)
    return pl.DataFrame(series)


def check(loans: pl.DataFrame) -> None:
    """Refuse verdicts that are none, amounts that are none, and loans named twice; all at once."""
    wrong = {
        "good_bad_flag": (~pl.col("good_bad_flag").str.to_lowercase().is_in(["good", "bad"]), "Write Good or Bad."),
        "loanamount": (pl.col("loanamount") <= 0, "Write an amount above 0."),
        "termdays": (pl.col("termdays") <= 0, "Write a term above 0."),
        "systemloanid": (pl.col("systemloanid").is_duplicated(), "Keep one line a loan."),
    }
    faults = [
        Fault(f"loans.csv: {name}", f"{found} lines are wrong.", remedy)
        for name, (fault, remedy) in wrong.items()
        if (found := loans.filter(fault).height)
    ]
    if faults:
        raise InvalidInput(faults)


def frequency() -> pl.Expr:
    """Return how often instalments fall due: the first is due by day 30, so longer terms are monthly."""
    return pl.when(pl.col("termdays") > 30).then(pl.lit("monthly")).otherwise(pl.lit("at_maturity"))


def money(name: str) -> pl.Expr:
    """Return a column of the file as exact money."""
    return pl.col(name).round(2).cast(MONEY)


def borrowed(frame: pl.DataFrame, application: pl.Expr) -> pl.DataFrame:
    """Return the file's lines as loans of the contract, known when they were approved."""
    return frame.select(
        id="systemloanid", event_at="approveddate", known_at="approveddate", application_id=application,
        member_id="customerid", group_id="customerid", ledger=pl.lit("internal"), cycle_no="loannumber",
        amount=money("loanamount"), currency=pl.lit("NGN"), disbursed_on=pl.col("approveddate").dt.date(),
        term_days="termdays", frequency=frequency(),
    )  # fmt: skip


def products(loans: pl.DataFrame, start: object) -> pl.DataFrame:
    """Return the price list that the loans imply: one product for each term and cost."""
    terms = loans.group_by("product", "termdays", "frequency", maintain_order=True).agg(
        share=(pl.col("totaldue") / pl.col("loanamount") - 1).first(),
        amount_min=pl.col("loanamount").min(),
        amount_max=pl.col("loanamount").max(),
    )
    # A monthly loan's flat interest runs for a whole number of average months; one at maturity for its days.
    months = (pl.col("termdays") / DAYS_PER_MONTH + 0.5).floor()
    days = pl.when(pl.col("frequency") == "monthly").then(months * DAYS_PER_MONTH).otherwise(pl.col("termdays"))
    return terms.select(
        id="product", event_at=pl.lit(start), known_at=pl.lit(start), name="product", ledger=pl.lit("internal"),
        amount_min=money("amount_min"), amount_max=money("amount_max"), amount_step=pl.lit("1000").cast(MONEY),
        term_days_min="termdays", term_days_max="termdays", frequencies="frequency",
        rate_per_30_days=pl.col("share") * 30 / days, method=pl.lit("flat"), currency=pl.lit("NGN"),
    ).sort("id")  # fmt: skip
