"""Values that have the right type and still cannot be true: told by rules a column's declaration has no room for.

The rules of the ledgers are here; those of dates, of parts and wholes, and of decisions are in `periods`, `limits` and
`deciding`.

Left alone, each of these would be read in silence: an instalment under two ids doubles a member's debt, a loan of no
member has no outcome, a frequency nobody knows can never be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from riskscore.errors import Fault
from riskscore.frequency import FREQUENCIES
from riskscore.portfolio import deciding, limits, periods, sacrifices
from riskscore.portfolio.consistency import Frames, Rule, has, newest
from riskscore.portfolio.contracts import keys

#: Features look a month up as it stands between commas: a space or a zero before it would hide it in silence.
LEAN_MONTHS = r"^$|^([1-9]|1[0-2])(,([1-9]|1[0-2]))*$"


def contradiction_faults(frames: Frames) -> list[Fault]:
    """Return what the values of a portfolio say that cannot be so; frames as for `consistency_faults`."""
    return [fault for rule in RULES for fault in rule(frames)]


def ids_say_something(frames: Frames) -> Iterator[Fault]:
    """An id is not empty text."""
    for name, frame in frames.items():
        if has(frames, name, "id"):
            blank = frame.filter(pl.col("id").str.strip_chars() == "")
            if blank.height:
                yield Fault(f"{name}.id", f"is empty text in {blank.height:,} rows.", "Give every fact its id.")


def instalment_numbers(frames: Frames) -> Iterator[Fault]:
    """A loan has one instalment of each number."""
    if has(frames, "instalments", "id", "known_at", "loan_id", "number"):
        rows = newest(frames["instalments"])
        twice = rows.filter(pl.struct("loan_id", "number").is_duplicated())
        if twice.height:
            yield Fault(
                "instalments.number",
                f"stands twice in one loan ({keys(twice['id'])}).",
                "A rewritten schedule keeps the ids of its instalments; remove the copies.",
            )


def internal_has_member(frames: Frames) -> Iterator[Fault]:
    """What stands in the internal ledger is a member's; only a group's external loan has no member."""
    for name in ("applications", "loans"):
        if has(frames, name, "id", "ledger", "member_id"):
            nobody = frames[name].filter((pl.col("ledger") == "internal") & pl.col("member_id").is_null())
            if nobody.height:
                yield Fault(
                    f"{name}.member_id",
                    f"is missing in the internal ledger ({keys(nobody['id'])}).",
                    "Name the member; without her there is no outcome. A loan to the whole group is external.",
                )


def loan_of_application(frames: Frames) -> Iterator[Fault]:
    """An application has one loan, and both are of the same member."""
    if not has(frames, "loans", "id", "known_at", "application_id", "member_id"):
        return
    loans = newest(frames["loans"]).drop_nulls("application_id")
    shared = loans.filter(pl.col("application_id").is_duplicated())
    if shared.height:
        yield Fault(
            "loans.application_id",
            f"is that of another loan too ({keys(shared['id'])}).",
            "One loan answers one application; a second disbursement has an application of its own.",
        )
    if has(frames, "applications", "id", "known_at", "member_id"):
        asked = newest(frames["applications"]).select(application_id="id", asked_by="member_id")
        other = loans.join(asked, on="application_id").filter(pl.col("member_id").ne_missing(pl.col("asked_by")))
        if other.height:
            yield Fault(
                "loans.member_id",
                f"is not the member who applied ({keys(other['id'])}).",
                "Correct the member, or the application the loan names.",
            )


def product_frequencies(frames: Frames) -> Iterator[Fault]:
    """A product lists frequencies that the contract knows."""
    if has(frames, "products", "id", "frequencies"):
        listed = pl.col("frequencies").str.split(",").list.eval(pl.element().str.strip_chars())
        unknown = frames["products"].filter(~listed.list.eval(pl.element().is_in(FREQUENCIES)).list.all())
        if unknown.height:
            yield Fault(
                "products.frequencies",
                f"expected some of {', '.join(FREQUENCIES)}, comma-separated ({keys(unknown['id'])}).",
                "Map your codes to these; 'bimonthly' is either twice_a_month or every_two_months.",
            )


def lean_months(frames: Frames) -> Iterator[Fault]:
    """The lean months of a sector are numbers of months."""
    if has(frames, "sectors", "id", "lean_months"):
        odd = frames["sectors"].filter(~pl.col("lean_months").str.contains(LEAN_MONTHS))
        if odd.height:
            yield Fault(
                "sectors.lean_months",
                f"expected months from 1 to 12, comma-separated ({keys(odd['id'])}).",
                "Write '11,12,1' without spaces or zeros in front, or leave the text empty where income is even.",
            )


def one_price_series(frames: Frames) -> Iterator[Fault]:
    """The prices of a sector are of one market, in one unit and one currency: else they are no series."""
    if has(frames, "sector_prices", "id", "known_at", "sector_id", "market", "unit", "currency"):
        series = newest(frames["sector_prices"]).select("sector_id", "market", "unit", "currency").unique()
        several = series.filter(pl.col("sector_id").is_duplicated())["sector_id"].unique()
        if several.len():
            yield Fault(
                "sector_prices.sector_id",
                f"has prices of several markets, units or currencies ({keys(several)}).",
                "Keep the series of the market its people meet; what is sold elsewhere is a sector of its own.",
            )


def currency_codes(frames: Frames) -> Iterator[Fault]:
    """An amount in a currency of its own names it by code: '$', 'S/' and 'Bs' are each several."""
    for name, frame in frames.items():
        if has(frames, name, "id", "currency"):
            odd = frame.filter(~pl.col("currency").str.contains("^[A-Z]{3}$"))
            if odd.height:
                yield Fault(
                    f"{name}.currency",
                    f"is no ISO 4217 code ({keys(odd['id'])}).",
                    "Write PEN, BOB, USD or EUR; a sign such as $ or S/ may mean several.",
                )


RULES: tuple[Rule, ...] = (
    ids_say_something,
    instalment_numbers,
    internal_has_member,
    loan_of_application,
    product_frequencies,
    lean_months,
    one_price_series,
    currency_codes,
    *periods.RULES,
    *limits.RULES,
    *deciding.RULES,
    sacrifices.answers_of_sacrifices,
)
