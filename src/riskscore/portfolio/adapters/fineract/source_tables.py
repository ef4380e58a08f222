"""The tables and columns of Fineract that are read, and nothing else: no name, no phone, no address, no free text.

A column that is not `needed` may be missing from a fork; `follows` says what is lost then. Where a column names a
person or what is hers, `names` is the kind of pseudonym it becomes before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``utc`` is a stamp in UTC, converted to the institution's zone; ``local`` one in the core's own zone.
Kind = Literal["int", "money", "rate", "date", "utc", "local", "bool", "text"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column to read.

    Parameters
    ----------
    name : str
    kind : {"int", "money", "rate", "date", "utc", "local", "bool", "text"}
    needed : bool
        Without it the core cannot be read.
    names : str or None
        The kind of pseudonym.
    follows : str
        What is lost where it is missing; empty where another column says the same.
    also : tuple of str
        Names it had in other versions.
    """

    name: str
    kind: Kind = "int"
    needed: bool = False
    names: str | None = None
    follows: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table to read.

    Parameters
    ----------
    name : str
    columns : tuple of Wanted
    needed : bool
    follows : str
        What is lost where the table is missing.
    key : tuple of str
        By which it is read in batches; unique.
    """

    name: str
    columns: tuple[Wanted, ...]
    needed: bool = False
    follows: str = ""
    key: tuple[str, ...] = ("id",)


def _need(name: str, kind: Kind = "int", names: str | None = None) -> Wanted:
    return Wanted(name, kind, needed=True, names=names)


#: A key of its own that nothing else names.
KEY = Wanted("id", follows="the table is read in one piece")

_RECORDED = "rows are known at the end of the day of submission, else of the day they speak of"
CREATED = Wanted("created_on_utc", "utc", follows=_RECORDED)

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "m_office",
        (
            _need("id"),
            Wanted("parent_id", follows="branches have no region"),
            Wanted("name", "text", follows="branches are called by their number"),
            Wanted("opening_date", "date", follows="a branch counts as opened with its first loan"),
        ),
        needed=True,
    ),
    SourceTable(
        "m_staff",
        (_need("id", names="officer"), Wanted("office_id"), Wanted("joining_date", "date")),
        follows="no officers",
    ),
    SourceTable("m_code", (_need("id"), _need("code_name", "text")), follows="no words for purposes, reasons and sex"),
    SourceTable(
        "m_code_value",
        (_need("id"), _need("code_id"), _need("code_value", "text")),
        follows="no words for purposes, reasons and sex",
    ),
    SourceTable(
        "m_product_loan",
        (
            _need("id"),
            Wanted("name", "text", follows="products are called by their number"),
            Wanted("min_principal_amount", "money", follows="limits are those of the loans seen"),
            Wanted("max_principal_amount", "money", follows="limits are those of the loans seen"),
        ),
        follows="products are known by their loans only",
    ),
    SourceTable(
        "m_group",
        (
            _need("id", names="group"),
            Wanted("parent_id", names="group", follows="every group is a communal bank of its own"),
            _need("office_id"),
            Wanted("activation_date", "date", follows="a group counts as formed when it was submitted"),
            Wanted("submittedon_date", "date"),
            CREATED,
        ),
        needed=True,
    ),
    SourceTable(
        "m_client",
        (
            _need("id", names="member"),
            _need("office_id"),
            Wanted("activation_date", "date"),
            Wanted("submittedon_date", "date"),
            Wanted("gender_cv_id", follows="audits of fairness cannot look at sex"),
            Wanted("date_of_birth", "date", follows="audits of fairness cannot look at age"),
            Wanted("legal_form_enum", follows="every client counts as a person; no producer associations"),
            CREATED,
        ),
        needed=True,
    ),
    SourceTable(
        "m_group_client",
        (_need("group_id", names="group"), _need("client_id", names="member")),
        follows="today's members are not known; memberships come from the log, loans and meetings alone",
        key=("group_id", "client_id"),
    ),
    SourceTable(
        "m_loan",
        (
            _need("id", names="loan"),
            _need("client_id", names="member"),
            _need("group_id", names="group"),
            _need("product_id"),
            Wanted("loanpurpose_cv_id", follows="loans have no purpose"),
            _need("loan_status_id"),
            Wanted("loan_type_enum", follows="loans with a client are hers, those with a group alone the group's"),
            _need("currency_code", "text"),
            Wanted("principal_amount_proposed", "money", follows="the approved amount stands for the one asked for"),
            _need("principal_amount", "money"),
            Wanted("annual_nominal_interest_rate", "rate", follows="products have a rate of 0"),
            Wanted("interest_method_enum", follows="interest counts as on the declining balance"),
            _need("term_frequency"),
            _need("term_period_frequency_enum"),
            _need("repay_every"),
            _need("repayment_period_frequency_enum"),
            Wanted("number_of_repayments"),
            Wanted("grace_on_arrears_ageing"),
            Wanted("loan_counter", follows="cycles are counted from the loans seen"),
            _need("submittedon_date", "date"),
            _need("disbursedon_date", "date"),
            Wanted("closedon_date", "date"),
            Wanted("writtenoffon_date", "date"),
            Wanted("charged_off_on_date", "date"),
            Wanted(
                "last_closed_business_date", "date", follows="a lagging close of business cannot be named as a reason"
            ),
            Wanted("principal_outstanding_derived", "money", follows="balances cannot be reconciled"),
            Wanted("interest_outstanding_derived", "money", follows="balances cannot be reconciled"),
            CREATED,
        ),
        needed=True,
    ),
    SourceTable(
        "m_loan_repayment_schedule",
        (
            _need("id"),
            _need("loan_id", names="loan"),
            _need("installment"),
            _need("duedate", "date"),
            _need("principal_amount", "money"),
            _need("interest_amount", "money"),
            Wanted("interest_waived_derived", "money", follows="waived interest stays due"),
            CREATED,
        ),
        needed=True,
    ),
    SourceTable(
        "m_loan_repayment_schedule_history",
        (
            KEY,
            _need("loan_id", names="loan"),
            _need("version"),
            Wanted("loan_reschedule_request_id"),
            _need("installment"),
            _need("duedate", "date"),
            _need("principal_amount", "money"),
            _need("interest_amount", "money"),
            Wanted("created_on_utc", "utc"),
            Wanted("created_date", "local"),
        ),
        follows="a rewritten schedule has lost its first form",
    ),
    SourceTable(
        "m_loan_reschedule_request",
        (
            _need("id"),
            _need("loan_id", names="loan"),
            _need("status_enum"),
            Wanted("approved_on_date", "date"),
            Wanted("reschedule_reason_cv_id", follows="every restructuring counts as distress"),
        ),
        follows="restructured loans are known by their transactions only",
    ),
    SourceTable(
        "m_loan_transaction",
        (
            _need("id", names="transaction"),
            _need("loan_id", names="loan"),
            _need("transaction_type_enum"),
            _need("transaction_date", "date"),
            Wanted("submitted_on_date", "date", follows=_RECORDED),
            _need("amount", "money"),
            Wanted("fee_charges_portion_derived", "money", follows="fees paid count as instalments paid"),
            Wanted("penalty_charges_portion_derived", "money", follows="penalties paid count as instalments paid"),
            _need("is_reversed", "bool"),
            Wanted("reversed_on_date", "date", follows="reversals without a date are known by the rule below"),
            Wanted("last_modified_on_utc", "utc"),
            CREATED,
        ),
        needed=True,
    ),
    SourceTable(
        "m_loan_transaction_relation",
        (
            KEY,
            _need("from_loan_transaction_id", names="transaction"),
            _need("to_loan_transaction_id", names="transaction"),
            _need("relation_type_enum"),
        ),
        follows="replayed payments look like new ones beside a reversal",
    ),
    SourceTable(
        "m_loan_transaction_repayment_schedule_mapping",
        (
            KEY,
            _need("loan_transaction_id", names="transaction"),
            _need("loan_repayment_schedule_id"),
            Wanted("principal_portion_derived", "money"),
            Wanted("interest_portion_derived", "money"),
        ),
        follows="credits that are no payment (other than waived interest) cannot be laid on instalments",
    ),
    SourceTable(
        "m_loan_arrears_aging",
        (
            _need("loan_id", names="loan"),
            Wanted("principal_overdue_derived", "money"),
            Wanted("interest_overdue_derived", "money"),
            Wanted("overdue_since_date_derived", "date"),
        ),
        follows="the core's own arrears cannot be reconciled",
        key=("loan_id",),
    ),
    SourceTable(
        "m_loan_officer_assignment_history",
        (
            KEY,
            _need("loan_id", names="loan"),
            _need("loan_officer_id", names="officer"),
            _need("start_date", "date"),
        ),
        follows="groups have no officer: today's is not put on the past",
    ),
    SourceTable(
        "m_guarantor",
        (
            KEY,
            _need("loan_id", names="loan"),
            _need("type_enum"),
            Wanted("entity_id", names="member"),
            Wanted("is_active", "bool"),
        ),
        follows="no personal guarantees",
    ),
    SourceTable(
        "m_savings_account",
        (
            _need("id"),
            _need("client_id", names="member"),
            Wanted("currency_code", "text", follows="savings count as kept in the portfolio's currency"),
        ),
        follows="no savings",
    ),
    SourceTable(
        "m_savings_account_transaction",
        (
            _need("id", names="savings"),
            _need("savings_account_id"),
            _need("transaction_type_enum"),
            _need("transaction_date", "date"),
            _need("amount", "money"),
            _need("is_reversed", "bool"),
            Wanted("is_reversal", "bool"),
            Wanted("submitted_on_date", "date", follows=_RECORDED),
            Wanted("created_date", "local"),
            CREATED,
        ),
        follows="no savings",
    ),
    SourceTable(
        "m_calendar_instance",
        (_need("id"), _need("entity_id", names="group"), _need("entity_type_enum")),
        follows="no attendance",
    ),
    SourceTable(
        "m_meeting",
        (_need("id"), _need("calendar_instance_id"), _need("meeting_date", "date")),
        follows="no attendance",
    ),
    SourceTable(
        "m_client_attendance",
        (KEY, _need("client_id", names="member"), _need("meeting_id"), _need("attendance_type_enum")),
        follows="no attendance",
    ),
)

#: The log of commands is read by `commands`, since its ids stand in JSON.
COMMANDS = SourceTable(
    "m_portfolio_command_source",
    (
        KEY,
        _need("action_name", "text"),
        _need("entity_name", "text"),
        Wanted("group_id"),
        Wanted("client_id"),
        Wanted("resource_id"),
        _need("command_as_json", "text"),
        Wanted("status", needed=True, also=("processing_result_enum",)),
        Wanted("made_on_date_utc", "utc"),
        Wanted("made_on_date", "local"),
        Wanted("checked_on_date_utc", "utc"),
        Wanted("checked_on_date", "local"),
    ),
    follows="memberships are inferred from loans and meetings",
)

#: Looked at once, for the data date.
BUSINESS_DATE = SourceTable(
    "m_business_date",
    (_need("type", "text"), _need("date", "date")),
    follows="the data date is yesterday, unless --data-date says otherwise",
)

ALL: tuple[SourceTable, ...] = (*TABLES, COMMANDS, BUSINESS_DATE)
