"""A small made-up bank in CSV and its mapping, for tests that break one thing at a time."""

from __future__ import annotations

from pathlib import Path

GROUPS = """\
id,parent,formed
B1,,2024-01-02
G1,B1,2024-01-02
"""
MEMBERS = """\
id,group,joined
ana,G1,2024-01-02
bea,G1,2024-01-02
"""
LOANS = """\
id,member,amount,currency,lent,pays
L1,ana,300.00,PEN,2024-02-01,W
L2,bea,200.00,PEN,2024-02-01,M
"""
INSTALMENTS = """\
loan,number,due,amount
L1,1,2024-02-08,150.00
L1,2,2024-02-15,150.00
L2,1,2024-03-01,200.00
"""
PAYMENTS = """\
id,loan,paid,amount,currency
P1,L1,2024-02-08 10:00:00,150.00,PEN
P2,L2,2024-03-01 11:30:00,200.00,PEN
"""
FILES = {
    "groups.csv": GROUPS,
    "members.csv": MEMBERS,
    "loans.csv": LOANS,
    "instalments.csv": INSTALMENTS,
    "payments.csv": PAYMENTS,
}

MAPPING = '''\
[portfolio]
currency = "PEN"
country = "PE"
time_zone = "America/Lima"
data_date = 2024-04-30

[sources.groups]
file = "groups.csv"
key = ["id"]
columns = { id = "text", parent = "text", formed = "date" }

[sources.members]
file = "members.csv"
columns = { id = "text", group = "text", joined = "date" }

[sources.loans]
file = "loans.csv"
key = ["id"]
columns = { id = "text", member = "text", amount = "money", currency = "text", lent = "date", pays = "text" }

[sources.instalments]
file = "instalments.csv"
key = ["loan", "number"]
columns = { loan = "text", number = "int", due = "date", amount = "money" }

[sources.payments]
file = "payments.csv"
key = ["id"]
columns = { id = "text", loan = "text", paid = "timestamp", amount = "money", currency = "text" }

[views.promised]
sql = "SELECT instalments.*, lent FROM instalments LEFT JOIN loans ON loans.id = loan"

[views.borrowed]
sql = """
SELECT loans.*, circle
FROM loans LEFT JOIN (SELECT DISTINCT id AS member, "group" AS circle FROM members) USING (member)
"""

[tables.branches]
id = { constant = "lima" }
event_at = { constant = 2020-01-01 }
known_rule = "event"
name = { constant = "Lima" }
region = { constant = "Lima" }
rural = { constant = false }
opened_on = { constant = 2020-01-01 }

[tables.groups]
from = "groups"
id = "id"
event_at = "formed"
known_rule = "event"
kind = "CASE WHEN parent IS NULL THEN 'communal_bank' ELSE 'solidarity_group' END"
parent_id = "parent"
branch_id = { constant = "lima" }
formed_on = "formed"

[tables.members]
from = "members"
id = "id"
event_at = "joined"
known_rule = "event"
branch_id = { constant = "lima" }
joined_on = "joined"

[tables.memberships]
from = "members"
id = "id || '-' || line_no"
event_at = "joined"
known_rule = "event"
member_id = "id"
group_id = '"group"'
valid_from = "joined"

[tables.loans]
from = "borrowed"
id = "id"
event_at = "lent"
known_rule = "event"
member_id = "member"
group_id = "circle"
ledger = { constant = "internal" }
cycle_no = { constant = 1 }
amount = "amount"
currency = "currency"
disbursed_on = "lent"
term_days = { constant = 30 }
frequency = { from = "pays", codes = { W = "weekly", M = "monthly" } }

[tables.instalments]
from = "promised"
id = "loan || '-' || number"
event_at = "lent"
known_rule = "event"
loan_id = "loan"
number = "number"
due_on = "due"
amount = "amount"
principal = "amount"

[tables.payments]
from = "payments"
id = "id"
event_at = "paid"
known_rule = "event"
loan_id = "loan"
amount = "amount"
currency = "currency"
payer = { constant = "self" }
reversed = { constant = false }
'''


def write(folder: Path, mapping: str = MAPPING, **files: str) -> Path:
    """Write the bank into `folder`, with other text for the files named, and return the mapping's path."""
    for name, text in FILES.items():
        (folder / name).write_text(files.get(name.removesuffix(".csv"), text), "utf-8")
    path = folder / "mapping.toml"
    path.write_text(mapping, "utf-8")
    return path
