"""What this lender's tables hold beyond the library's contract, and how features read them.

A fact learnt later is a row of its own with clocks of its own: the file's one line for an earlier loan becomes a loan
(known when it was approved), a first payment (known when it came in) and a closing (known when it happened).
"""

from riskscore.catalog import Source
from riskscore.portfolio import Column, Table

OFFERS = Table(
    "offers",
    "What the lender's form said when a loan was asked for, beside amount and term.",
    (
        Column("member_id", "text", references="members"),
        Column("loan_number", "int", minimum=1, doc="How many loans this makes with the lender, this one included."),
        Column("amount", "money", minimum=0.01),
        Column("total_due", "money", minimum=0.01, doc="Amount with interest and fees."),
        Column("referred", "bool", doc="Whether another borrower referred her."),
    ),
)

FIRST_PAYMENTS = Table(
    "first_payments",
    "The first money that came in on a loan; event_at is when.",
    (
        Column("member_id", "text", references="members"),
        Column("loan_id", "text", references="loans"),
        Column("loan_disbursed_on", "date"),
        Column("first_due_on", "date", doc="When the first instalment was due."),
    ),
)

CLOSINGS = Table(
    "closings",
    "A loan paid in full; event_at is when.",
    (
        Column("member_id", "text", references="members"),
        Column("loan_id", "text", references="loans"),
        Column("loan_disbursed_on", "date"),
        Column("due_on", "date", doc="When the last instalment was due."),
    ),
)

Offers = Source(name="offers", table="offers", keys={"member": "member_id"})

EarlierLoans = Source(
    name="earlier_loans",
    table="loans",
    keys={"member": "member_id"},
    columns={"age_days": "date_diff('day', disbursed_on, as_of::DATE)"},
    cycle="disbursed_on",
)

FirstPayments = Source(
    name="first_payments",
    table="first_payments",
    keys={"member": "member_id"},
    columns={"days_late": "date_diff('day', first_due_on, event_at::DATE)"},
    cycle="loan_disbursed_on",
)

Closings = Source(
    name="closings",
    table="closings",
    keys={"member": "member_id"},
    columns={
        "days_over": "date_diff('day', due_on, event_at::DATE)",
        "days_ago": "date_diff('day', event_at::DATE, as_of::DATE)",
    },
    cycle="loan_disbursed_on",
)
