"""A core as Fineract keeps it, made up: one office, a centre with two groups, a group of its own, and their loans.

Stamps in UTC are four hours ahead of La Paz. Whatever names a person bears `CANARY`, so that a test can look for it.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

CANARY = "Zunilda Quispe"
ZONE = "America/La_Paz"
BUSINESS_DATE = date(2025, 6, 30)

SCHEMA = """
CREATE TABLE m_office (id BIGINT PRIMARY KEY, parent_id BIGINT, name VARCHAR(50), opening_date DATE);
CREATE TABLE m_staff (id BIGINT PRIMARY KEY, office_id BIGINT, joining_date DATE, display_name VARCHAR(100));
CREATE TABLE m_code (id INT PRIMARY KEY, code_name VARCHAR(100));
CREATE TABLE m_code_value (id INT PRIMARY KEY, code_id INT, code_value VARCHAR(100));
CREATE TABLE m_product_loan (id BIGINT PRIMARY KEY, name VARCHAR(100), min_principal_amount DECIMAL(19,6),
    max_principal_amount DECIMAL(19,6));
CREATE TABLE m_group (id BIGINT PRIMARY KEY, parent_id BIGINT, level_id INT, office_id BIGINT, staff_id BIGINT,
    activation_date DATE, submittedon_date DATE, display_name VARCHAR(100), created_on_utc {utc});
CREATE TABLE m_client (id BIGINT PRIMARY KEY, office_id BIGINT, status_enum INT, activation_date DATE,
    submittedon_date DATE, gender_cv_id INT, date_of_birth DATE, legal_form_enum INT, firstname VARCHAR(50),
    display_name VARCHAR(100), mobile_no VARCHAR(50), created_on_utc {utc});
CREATE TABLE m_group_client (group_id BIGINT, client_id BIGINT, PRIMARY KEY (group_id, client_id));
CREATE TABLE m_loan (id BIGINT PRIMARY KEY, account_no VARCHAR(20), client_id BIGINT, group_id BIGINT, glim_id BIGINT,
    product_id BIGINT, loan_officer_id BIGINT, loanpurpose_cv_id INT, loan_status_id INT, loan_type_enum INT,
    currency_code VARCHAR(3), principal_amount_proposed DECIMAL(19,6), principal_amount DECIMAL(19,6),
    annual_nominal_interest_rate DECIMAL(19,6), interest_method_enum INT, term_frequency INT,
    term_period_frequency_enum INT, repay_every INT, repayment_period_frequency_enum INT, number_of_repayments INT,
    grace_on_arrears_ageing INT, loan_counter INT, submittedon_date DATE, disbursedon_date DATE, closedon_date DATE,
    rejectedon_date DATE, withdrawnon_date DATE, writtenoffon_date DATE, rescheduledon_date DATE,
    charged_off_on_date DATE, last_closed_business_date DATE, principal_outstanding_derived DECIMAL(19,6),
    interest_outstanding_derived DECIMAL(19,6), is_npa BOOLEAN, created_on_utc {utc});
CREATE TABLE m_loan_repayment_schedule (id BIGINT PRIMARY KEY, loan_id BIGINT, installment INT, duedate DATE,
    principal_amount DECIMAL(19,6), interest_amount DECIMAL(19,6), interest_waived_derived DECIMAL(19,6),
    completed_derived BOOLEAN, created_on_utc {utc});
CREATE TABLE m_loan_repayment_schedule_history (id BIGINT PRIMARY KEY, loan_id BIGINT,
    loan_reschedule_request_id BIGINT, installment INT, duedate DATE, principal_amount DECIMAL(19,6),
    interest_amount DECIMAL(19,6), version INT);
CREATE TABLE m_loan_reschedule_request (id BIGINT PRIMARY KEY, loan_id BIGINT, status_enum INT, approved_on_date DATE,
    reschedule_reason_cv_id INT);
CREATE TABLE m_loan_transaction (id BIGINT PRIMARY KEY, loan_id BIGINT, transaction_type_enum INT,
    transaction_date DATE, submitted_on_date DATE, amount DECIMAL(19,6), fee_charges_portion_derived DECIMAL(19,6),
    penalty_charges_portion_derived DECIMAL(19,6), is_reversed BOOLEAN, reversed_on_date DATE, created_on_utc {utc});
CREATE TABLE m_loan_transaction_relation (id BIGINT PRIMARY KEY, from_loan_transaction_id BIGINT,
    to_loan_transaction_id BIGINT, relation_type_enum INT);
CREATE TABLE m_loan_transaction_repayment_schedule_mapping (id BIGINT PRIMARY KEY, loan_transaction_id BIGINT,
    loan_repayment_schedule_id BIGINT, principal_portion_derived DECIMAL(19,6), interest_portion_derived DECIMAL(19,6));
CREATE TABLE m_loan_arrears_aging (loan_id BIGINT PRIMARY KEY, principal_overdue_derived DECIMAL(19,6),
    interest_overdue_derived DECIMAL(19,6), total_overdue_derived DECIMAL(19,6), overdue_since_date_derived DATE);
CREATE TABLE m_loan_officer_assignment_history (id BIGINT PRIMARY KEY, loan_id BIGINT, loan_officer_id BIGINT,
    start_date DATE, end_date DATE);
CREATE TABLE m_guarantor (id BIGINT PRIMARY KEY, loan_id BIGINT, type_enum INT, entity_id BIGINT, is_active BOOLEAN,
    firstname VARCHAR(50));
CREATE TABLE m_savings_account (id BIGINT PRIMARY KEY, client_id BIGINT, group_id BIGINT, currency_code VARCHAR(3),
    account_balance_derived DECIMAL(19,6));
CREATE TABLE m_savings_account_transaction (id BIGINT PRIMARY KEY, savings_account_id BIGINT,
    transaction_type_enum INT, transaction_date DATE, submitted_on_date DATE, amount DECIMAL(19,6), is_reversed BOOLEAN,
    created_date {local});
CREATE TABLE m_calendar_instance (id BIGINT PRIMARY KEY, entity_id BIGINT, entity_type_enum INT);
CREATE TABLE m_meeting (id BIGINT PRIMARY KEY, calendar_instance_id BIGINT, meeting_date DATE);
CREATE TABLE m_client_attendance (id BIGINT PRIMARY KEY, client_id BIGINT, meeting_id BIGINT,
    attendance_type_enum INT);
CREATE TABLE m_business_date (id BIGINT PRIMARY KEY, type VARCHAR(100), date DATE);
CREATE TABLE m_portfolio_command_source (id BIGINT PRIMARY KEY, action_name VARCHAR(50), entity_name VARCHAR(50),
    group_id BIGINT, client_id BIGINT, resource_id BIGINT, command_as_json TEXT, made_on_date {local},
    made_on_date_utc {utc}, status INT);
"""

STAMPS = {
    "postgresql": {"utc": "TIMESTAMP(6) WITH TIME ZONE", "local": "TIMESTAMP(6)"},
    "mariadb": {"utc": "DATETIME(6)", "local": "DATETIME(6)"},
}

Row = dict[str, Any]


def utc(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def loan(
    ident: int, client: int | None, group: int | None, asked: str, out: str | None, amount: int, **more: Any
) -> Row:
    """Return a loan of weekly instalments, JLG, active, unless told otherwise; recorded at 13:00 UTC."""
    return {
        "id": ident,
        "account_no": f"00{ident}",
        "client_id": client,
        "group_id": group,
        "product_id": 1,
        "loan_status_id": 300,
        "loan_type_enum": 3,
        "currency_code": "BOB",
        "principal_amount_proposed": amount,
        "principal_amount": amount,
        "annual_nominal_interest_rate": 24,
        "interest_method_enum": 1,
        "term_frequency": 4,
        "term_period_frequency_enum": 1,
        "repay_every": 1,
        "repayment_period_frequency_enum": 1,
        "number_of_repayments": 4,
        "submittedon_date": day(asked),
        "disbursedon_date": day(out) if out else None,
        "principal_outstanding_derived": 0,
        "interest_outstanding_derived": 0,
        "created_on_utc": utc(f"{asked} 13:00"),
        **more,
    }


def due(ident: int, loan_id: int, number: int, on: str, principal: int, interest: int, **more: Any) -> Row:
    return {
        "id": ident,
        "loan_id": loan_id,
        "installment": number,
        "duedate": day(on),
        "principal_amount": principal,
        "interest_amount": interest,
        **more,
    }


def moved(ident: int, loan_id: int, kind: int, on: str, amount: int, known: str | None = None, **more: Any) -> Row:
    """Return a transaction, recorded at 15:00 UTC of its day unless told otherwise."""
    return {
        "id": ident,
        "loan_id": loan_id,
        "transaction_type_enum": kind,
        "transaction_date": day(on),
        "submitted_on_date": day((known or on)[:10]),
        "amount": amount,
        "is_reversed": False,
        "created_on_utc": utc(known or f"{on} 15:00"),
        **more,
    }


def command(ident: int, entity: str, action: str, at: str, said: Any, **more: Any) -> Row:
    return {
        "id": ident,
        "action_name": action,
        "entity_name": entity,
        "command_as_json": json.dumps(said),
        "made_on_date_utc": utc(at),
        "status": 1,
        **more,
    }


WEEKLY = ("2024-01-17", "2024-01-24", "2024-01-31", "2024-02-07")
MONTHLY = {
    "term_frequency": 3,
    "term_period_frequency_enum": 2,
    "repayment_period_frequency_enum": 2,
    "number_of_repayments": 3,
}
CLOSED = {"loan_status_id": 600}

# fmt: off
ROWS: dict[str, list[Row]] = {
    "m_office": [
        {"id": 1, "parent_id": None, "name": "La Paz", "opening_date": day("1991-01-01")},
        {"id": 2, "parent_id": 1, "name": "El Alto", "opening_date": day("1992-05-04")},
    ],
    "m_staff": [{"id": 5, "office_id": 2, "joining_date": day("2020-01-01"), "display_name": CANARY}],
    "m_code": [
        {"id": 3, "code_name": "LoanPurpose"},
        {"id": 4, "code_name": "Gender"},
        {"id": 23, "code_name": "LoanRescheduleReason"},
    ],
    "m_code_value": [
        {"id": 31, "code_id": 3, "code_value": "Capital de trabajo"},
        {"id": 41, "code_id": 4, "code_value": "Femenino"},
        {"id": 61, "code_id": 23, "code_value": "Dificultad de pago"},
        {"id": 62, "code_id": 23, "code_value": "Emergencia declarada"},
    ],
    "m_product_loan": [
        {"id": 1, "name": "Banca comunal", "min_principal_amount": 100, "max_principal_amount": 7000},
        {"id": 2, "name": "A grupos", "min_principal_amount": 500, "max_principal_amount": 20000},
    ],
    "m_group": [
        {"id": ident, "parent_id": parent, "level_id": level, "office_id": 2, "activation_date": day("2023-12-01"),
         "submittedon_date": day("2023-12-01"), "display_name": "Las Flores",
         "created_on_utc": utc("2023-12-01 14:00")}
        for ident, parent, level in ((10, None, 1), (11, 10, 2), (12, 10, 2), (20, None, 2))
    ],
    "m_client": [
        {"id": ident, "office_id": 2, "status_enum": 300, "activation_date": day("2023-12-15"),
         "submittedon_date": day("2023-12-15"), "gender_cv_id": 41 if form == 1 else None,
         "date_of_birth": day("1985-03-02") if form == 1 else None, "legal_form_enum": form, "firstname": CANARY,
         "display_name": CANARY, "mobile_no": CANARY, "created_on_utc": utc("2023-12-15 14:00")}
        for ident, form in ((101, 1), (102, 1), (103, 1), (104, 1), (105, 1), (106, 1), (107, 2), (108, 1), (109, 1),
                            (110, 1))
    ],
    # Bea (102) is gone from today's list.
    "m_group_client": [
        {"group_id": group, "client_id": client}
        for group, client in ((11, 101), (11, 103), (11, 106), (11, 109), (12, 104), (12, 105), (20, 108), (20, 110))
    ],
    "m_portfolio_command_source": [
        command(1, "GROUP", "CREATE", "2024-01-02 14:00", {"name": "Las Flores", "clientMembers": ["101", "102", 103]},
                resource_id=11),
        command(2, "GROUP", "ASSOCIATECLIENTS", "2024-01-03 14:00", {"clientMembers": [104, 105, 106]}, group_id=12),
        command(3, "GROUP", "DISASSOCIATECLIENTS", "2024-08-15 15:30", {"clientMembers": ["102"]}, group_id=11),
        # Asked for and refused by the checker.
        command(4, "GROUP", "DISASSOCIATECLIENTS", "2024-09-01 15:00", {"clientMembers": ["103"]}, group_id=11,
                status=3),
        command(5, "GROUP", "TRANSFERCLIENTS", "2025-01-10 13:00",
                {"destinationGroupId": "11", "clients": [{"id": "106"}]}, group_id=12),
        command(6, "CLIENT", "CREATE", "2025-02-01 03:00", {"firstname": CANARY, "groupId": 11}, group_id=11,
                client_id=109),
        command(7, "LOAN", "REPAYMENT", "2025-02-01 15:00", {"note": CANARY}, client_id=101),
    ],
    "m_loan": [
        # Ana: asked for 500, was given 400.
        loan(1, 101, 11, "2024-01-08", "2024-01-10", 400, principal_amount_proposed=500, loanpurpose_cv_id=31,
             closedon_date=day("2024-02-12"), loan_counter=1, **CLOSED),
        # Ana again; rescheduled in distress on 20 May.
        loan(2, 101, 11, "2024-03-01", "2024-03-04", 600, closedon_date=day("2024-07-20"), loan_counter=2,
             rescheduledon_date=day("2024-05-20"), **(MONTHLY | CLOSED)),
        # Bea: paid once, left, written off.
        loan(3, 102, 11, "2024-01-08", "2024-01-10", 400, loan_status_id=601, writtenoffon_date=day("2024-12-01"),
             closedon_date=day("2024-12-01")),
        # Carla: a penalty paid, an interest waived.
        loan(4, 103, 11, "2024-09-02", "2024-09-04", 400, closedon_date=day("2024-10-02"), **CLOSED),
        # Dora and Eva: children of a GLIM, and its parent.
        loan(5, 104, 12, "2025-05-02", "2025-05-05", 200, loan_type_enum=4, glim_id=1,
             principal_outstanding_derived=100, interest_outstanding_derived=5, **MONTHLY),
        loan(6, 105, 12, "2025-05-02", "2025-05-05", 200, loan_type_enum=4, glim_id=1,
             principal_outstanding_derived=200, interest_outstanding_derived=10, **MONTHLY),
        loan(7, None, 12, "2025-05-02", "2025-05-05", 400, loan_type_enum=4, glim_id=1,
             principal_outstanding_derived=300, interest_outstanding_derived=15, **MONTHLY),
        # Flor: JLG without a group.
        loan(8, 106, None, "2024-06-03", "2024-06-05", 400, closedon_date=day("2024-07-10"), **CLOSED),
        # A loan to a group alone, and one to a producer association.
        loan(9, None, 20, "2025-03-28", "2025-03-31", 1000, loan_type_enum=2, product_id=2, term_frequency=4,
             term_period_frequency_enum=2, repay_every=2, repayment_period_frequency_enum=2, number_of_repayments=2,
             principal_outstanding_derived=1000, interest_outstanding_derived=100, loan_officer_id=5),
        loan(10, 107, None, "2025-01-06", "2025-01-08", 2000, loan_type_enum=1, product_id=2, term_frequency=12,
             term_period_frequency_enum=2, number_of_repayments=1, principal_outstanding_derived=2000,
             interest_outstanding_derived=240),
        # Gina: of her group no log speaks.
        loan(11, 108, 20, "2024-02-01", "2024-02-05", 400, closedon_date=day("2024-03-04"), **CLOSED),
        # Hilda: refused.
        loan(12, 109, 11, "2025-03-03", None, 300, loan_status_id=500, rejectedon_date=day("2025-03-05")),
    ],
    "m_loan_repayment_schedule": [
        *(due(n, 1, n, on, 100, 5) for n, on in enumerate(WEEKLY, 1)),
        due(11, 2, 1, "2024-04-04", 200, 10),
        due(12, 2, 2, "2024-06-20", 200, 15),
        due(13, 2, 3, "2024-07-20", 200, 15),
        *(due(20 + n, 3, n, on, 100, 5) for n, on in enumerate(WEEKLY, 1)),
        *(due(30 + n, 4, n, on, 100, 5, interest_waived_derived=5 if n == 4 else None)
          for n, on in enumerate(("2024-09-11", "2024-09-18", "2024-09-25", "2024-10-02"), 1)),
        due(41, 5, 1, "2025-06-05", 100, 5),
        due(42, 5, 2, "2025-07-05", 100, 5),
        due(51, 6, 1, "2025-07-20", 100, 5),
        due(52, 6, 2, "2025-08-20", 100, 5),
        *(due(60 + n, 8, n, on, 100, 5)
          for n, on in enumerate(("2024-06-12", "2024-06-19", "2024-06-26", "2024-07-03"), 1)),
        due(71, 9, 1, "2025-04-30", 500, 50),
        due(72, 9, 2, "2025-07-30", 500, 50),
        due(81, 10, 1, "2025-12-31", 2000, 240),
        *(due(90 + n, 11, n, on, 100, 5)
          for n, on in enumerate(("2024-02-12", "2024-02-19", "2024-02-26", "2024-03-04"), 1)),
    ],
    # The first form of the schedules that were rewritten, each with the request that ended it.
    "m_loan_repayment_schedule_history": [
        *({**due(n, 2, n, on, 200, 10), "version": 1, "loan_reschedule_request_id": 1}
          for n, on in enumerate(("2024-04-04", "2024-05-04", "2024-06-04"), 1)),
        *({**due(10 + n, 6, n, on, 100, 5), "version": 1, "loan_reschedule_request_id": 2}
          for n, on in enumerate(("2025-06-05", "2025-07-05"), 1)),
    ],
    "m_loan_reschedule_request": [
        {"id": 1, "loan_id": 2, "status_enum": 200, "approved_on_date": day("2024-05-20"),
         "reschedule_reason_cv_id": 61},
        {"id": 2, "loan_id": 6, "status_enum": 200, "approved_on_date": day("2025-06-20"),
         "reschedule_reason_cv_id": 61},
        {"id": 3, "loan_id": 1, "status_enum": 300, "approved_on_date": None, "reschedule_reason_cv_id": 61},
    ],
    "m_loan_transaction": [
        moved(1, 1, 1, "2024-01-10", 400),
        moved(2, 1, 2, "2024-01-17", 105),
        # Reversed on 5 February.
        moved(3, 1, 2, "2024-01-24", 105, is_reversed=True, reversed_on_date=day("2024-02-05")),
        moved(4, 1, 2, "2024-02-05", 105),
        # Paid on 31 January, recorded on 10 February.
        moved(5, 1, 2, "2024-01-31", 105, "2024-02-10 15:00"),
        moved(6, 1, 2, "2024-02-12", 105),
        moved(11, 2, 1, "2024-03-04", 600),
        moved(12, 2, 2, "2024-04-04", 210),
        moved(13, 2, 2, "2024-06-20", 215),
        moved(14, 2, 2, "2024-07-20", 215),
        moved(21, 3, 1, "2024-01-10", 400),
        moved(22, 3, 2, "2024-01-17", 105),
        moved(23, 3, 6, "2024-12-01", 315),
        # Bea pays something back after the write-off.
        moved(24, 3, 8, "2025-02-03", 50),
        moved(31, 4, 1, "2024-09-04", 400),
        moved(32, 4, 2, "2024-09-11", 105),
        moved(33, 4, 2, "2024-09-18", 105),
        # 5 of it is a penalty.
        moved(34, 4, 2, "2024-09-27", 110, penalty_charges_portion_derived=5),
        moved(35, 4, 4, "2024-09-30", 5),
        moved(36, 4, 2, "2024-10-02", 100),
        moved(41, 5, 1, "2025-05-05", 200),
        moved(42, 5, 2, "2025-06-05", 105),
        moved(51, 6, 1, "2025-05-05", 200),
        moved(61, 8, 1, "2024-06-05", 400),
        # Replayed on 25 June, when a payment of the 12th was recorded.
        moved(62, 8, 2, "2024-06-19", 105, is_reversed=True, reversed_on_date=day("2024-06-25")),
        moved(63, 8, 2, "2024-06-12", 105, "2024-06-25 14:00"),
        moved(64, 8, 2, "2024-06-19", 105, "2024-06-25 14:00"),
        moved(65, 8, 2, "2024-06-26", 105),
        # Reversed, and nobody knows when.
        moved(66, 8, 2, "2024-07-03", 105, is_reversed=True),
        moved(67, 8, 2, "2024-07-10", 105),
        moved(71, 9, 1, "2025-03-31", 1000),
        moved(81, 10, 1, "2025-01-08", 2000),
        moved(91, 11, 1, "2024-02-05", 400),
        # Old rows without any time of recording.
        *({**moved(91 + n, 11, 2, on, 105), "created_on_utc": None, "submitted_on_date": None}
          for n, on in enumerate(("2024-02-12", "2024-02-19", "2024-02-26", "2024-03-04"), 1)),
    ],
    "m_loan_transaction_relation": [
        {"id": 1, "from_loan_transaction_id": 64, "to_loan_transaction_id": 62, "relation_type_enum": 3}
    ],
    "m_loan_arrears_aging": [
        {"loan_id": 9, "principal_overdue_derived": 500, "interest_overdue_derived": 50, "total_overdue_derived": 550,
         "overdue_since_date_derived": day("2025-04-30")},
    ],
    "m_loan_officer_assignment_history": [
        {"id": 1, "loan_id": 9, "loan_officer_id": 5, "start_date": day("2025-03-31"), "end_date": None}
    ],
    "m_guarantor": [
        {"id": 1, "loan_id": 2, "type_enum": 1, "entity_id": 103, "is_active": True, "firstname": CANARY},
        {"id": 2, "loan_id": 2, "type_enum": 3, "entity_id": None, "is_active": True, "firstname": CANARY},
    ],
    "m_savings_account": [{"id": 1, "client_id": 101, "group_id": None, "currency_code": "BOB"},
                          {"id": 2, "client_id": None, "group_id": 11, "currency_code": "BOB"}],
    "m_savings_account_transaction": [
        {"id": ident, "savings_account_id": account, "transaction_type_enum": kind, "transaction_date": day(on),
         "submitted_on_date": day(on), "amount": amount, "is_reversed": gone, "created_date": None}
        for ident, account, kind, on, amount, gone in (
            (1, 1, 1, "2024-01-17", 20, False),
            (2, 1, 1, "2024-01-24", 30, False),
            (3, 1, 2, "2024-02-20", 10, False),
            (4, 1, 1, "2024-02-21", 999, True),
            (5, 1, 3, "2024-03-31", 1, False),
            (6, 2, 1, "2024-03-31", 500, False),
        )
    ],
    "m_calendar_instance": [{"id": 1, "entity_id": 11, "entity_type_enum": 2}],
    "m_meeting": [{"id": n, "calendar_instance_id": 1, "meeting_date": day(on)} for n, on in enumerate(WEEKLY, 1)],
    "m_client_attendance": [
        {"id": 10 * client + meeting, "client_id": client, "meeting_id": meeting, "attendance_type_enum": kind}
        for client, kinds in ((101, (1, 5, 3, 1)), (102, (1, 2, 2, 4)))
        for meeting, kind in enumerate(kinds, 1)
    ],
    "m_business_date": [
        {"id": 1, "type": "BUSINESS_DATE", "date": BUSINESS_DATE},
        {"id": 2, "type": "COB_DATE", "date": day("2025-06-29")},
    ],
}
# fmt: on


def create(connection: sa.Connection) -> None:
    """Create every table."""
    stamps = STAMPS["postgresql" if connection.dialect.name == "postgresql" else "mariadb"]
    for statement in SCHEMA.format(**stamps).split(";"):
        if statement.strip():
            connection.execute(sa.text(statement))
    connection.commit()


def insert(connection: sa.Connection, table: str, *rows: Row) -> None:
    """Insert rows; a stamp loses its offset where the database has none."""
    aware = connection.dialect.name == "postgresql"
    for row in rows:
        plain = {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) and not aware else value
            for name, value in row.items()
        }
        connection.execute(sa.table(table, *(sa.column(name) for name in plain)).insert().values(plain))
    connection.commit()


def fill(connection: sa.Connection) -> None:
    """Create every table with its rows."""
    create(connection)
    for table, rows in ROWS.items():
        insert(connection, table, *rows)
