"""Forms that ask for a score, in the document."""

from __future__ import annotations

from typing import Any

from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.tables import TABLES
from riskscore.scoring.request import PURPOSES
from riskscore.service import consents
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.declared import BUDGET, DEBT, MOST_DEBTS
from riskscore.service.declared_months import MONTH
from riskscore.service.facts import row_model
from riskscore.service.openapi.pieces import NO_FORM, SCORE_ID, form_of, html_of, onward_of, operation

_AMOUNT = {"type": "number", "exclusiveMinimum": 0, "maximum": 1e12}
_DAYS = {"type": "integer", "minimum": 1, "maximum": 3660, "description": "Until the last instalment."}
_KEY = {
    "type": "string",
    "pattern": f"^{KEY_PATTERN}$",
    "description": "A random name of what is asked; sent again, it is scored once.",
}
_WRONG = "The page, with what has to be corrected. A body that is no form is answered as a problem."


def _household() -> dict[str, Any]:
    """Return what the form takes of budget and other debts: the columns of the contract."""
    rows = {name: row_model(TABLES[name]).model_json_schema()["properties"] for name in ("budgets", "obligations")}
    debts = {f"debt_{number}_{name}": rows["obligations"][name] for number in range(1, MOST_DEBTS + 1) for name in DEBT}
    told = {"type": "string", "description": "When she told it: 2026-01-31T09:30, the institution's local time."}
    return {f"budget_{name}": rows["budgets"][name] for name in BUDGET} | debts | {"told_at": told}


def _months() -> dict[str, Any]:
    """Return what the form takes of the months ahead: the columns of the contract, by the name of their fields."""
    columns = row_model(TABLES["budget_months"]).model_json_schema()["properties"]
    return {rf"^month_\d{{4}}_\d{{2}}_{name}$": columns[name] for name in MONTH}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    tried = {"amount": _AMOUNT, "term_days": _DAYS, "key": _KEY}
    application = {
        "subject": {"type": "string", "minLength": 1, "maxLength": 80},
        "amount": _AMOUNT,
        "term_days": _DAYS,
        "frequency": {"enum": list(FREQUENCIES)},
        "purpose": {"enum": list(PURPOSES)},
        "other_active_loans": {"type": "integer", "minimum": 0, "maximum": 1000},
        "key": _KEY,
    }
    needed = list(application)
    application |= {f"consent_{purpose}": {"enum": ["yes"]} for purpose in consents.PURPOSES} | _household()
    return {
        "/scores/{score_id}/what-if": {
            "parameters": [SCORE_ID],
            "post": operation(
                "Try another amount or term, by the form of the page.",
                {"200": html_of("The page, with the answer."), "422": html_of(_WRONG)},
                (401, 403, 404, 409, 413, 503),
                wrong=NO_FORM,
            )
            | {"requestBody": form_of(tried, ["amount", "term_days"])},
        },
        "/scores/{score_id}/again": {
            "parameters": [SCORE_ID],
            "post": operation(
                "Ask for a new score with another amount or term, by the form of the page.",
                {"303": onward_of("To the page of the new score."), "422": html_of(_WRONG)},
                (401, 403, 404, 413, 503),
                wrong=NO_FORM,
            )
            | {"requestBody": form_of(tried, ["amount", "term_days", "key"])},
        },
        "/apply": {
            "get": operation("The form of an application.", {"200": html_of("The form.")}, (401, 403, 503)),
            "post": operation(
                "Send an application, with budget, months of a harvest and other debts where she tells them; every "
                "fault comes back next to its field, also one that is found only when it is scored.",
                {
                    "200": html_of("Where a field `rows` says `add` or `drop_2`: the page, with a debt more or less."),
                    "303": onward_of("To the page of the score."),
                    "404": html_of(
                        "The page: there is no such member within reach, and what else has to be corrected."
                    ),
                    "422": html_of(_WRONG),
                },
                (401, 403, 413, 503),
                wrong=NO_FORM,
            )
            | {"requestBody": form_of(application, needed, _months())},
        },
    }
