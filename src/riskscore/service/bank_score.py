"""The score of a communal bank: its outlook as plain values, and what has to be kept so that it comes out again.

Of each member behind the request is kept how likely she falls, the number of her solidarity group, her loan, and the
cover counted on: apart from the score, in the order of their ids, so that hers can be handed over and erased
(`riskscore.service.behind_recorded`). No budget and no feature of a member is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.behind import Standing
from riskscore.modelling.communal_bank.structure import LEVEL
from riskscore.scoring.bank_cases import BankCase
from riskscore.scoring.communal_bank import outlook_of
from riskscore.scoring.wording import of_100_banks
from riskscore.service.kinds import COMMUNAL_BANK

#: What is kept of each member, by the names of the arrays.
_OF_EACH = ("pd", "group", "loan", "savings", "spare")

#: How many falls, or more, a chance is told for.
_FALLS = (1, 2, 3)


def bank_score(
    champion: Champion,
    case: BankCase,
    *,
    moment: datetime,
    asked: Mapping[str, Any],
    arrears: Mapping[str, int] | None,
) -> dict[str, Any]:
    """Return the outlook of a case as JSON values.

    Parameters
    ----------
    champion : Champion
    case : BankCase
    moment : datetime
        The moment it was asked about; an open request is judged as of it.
    asked : mapping
        The communal bank's own request: ``amount, currency, term_days, frequency, purpose``.
    arrears : mapping of str to int or None
        ``late`` of ``members`` with an instalment past its day; None where the record cannot tell of all.
    """
    found = outlook_of(champion, case)
    es, en = of_100_banks(found.pd)
    interval = None
    if found.pd_low is not None and found.pd_high is not None:
        interval = {"low": found.pd_low, "high": found.pd_high, "level": LEVEL}
    told = asdict(found)
    kept = ("members", "solidarity_groups", "expected_loss", "expected_in_arrears", "stops", "covers_falls")
    return {
        "recipe": champion.recipe.name,
        "subject_kind": COMMUNAL_BANK,
        "subject": found.bank_id,
        "as_of": moment.isoformat(),
        "basis": found.basis,
        "requested_at": found.as_of.isoformat(),
        "application_id": found.request_id,
        "asked": dict(asked),
        "pd": found.pd,
        "pd_interval": interval,
        "natural_frequency": {"es": es, "en": en},
        "pd_from": found.pd_from,
        "structural_pd": found.structural_pd,
        "prior_share": found.prior_share,
        "grade": found.grade,
        "order_judged": found.order_judged,
        **{name: told[name] for name in kept},
        "in_arrears": None if found.in_arrears is None else list(found.in_arrears),
        "at_least": {str(falls): found.at_least(falls) for falls in _FALLS},
        "waterfall": told["waterfall"],
        "cover": told["cover"],
        "arrears": None if arrears is None else dict(arrears),
        "recommendation": {"state": found.state},
        "model_version": found.model_version,
        "lock": champion.lock.sha256,
    }


def frozen(case: BankCase, asked: Mapping[str, Any], arrears: Mapping[str, int] | None) -> dict[str, Any]:
    """Return as JSON values what `bank_score` needs besides champion, moment and what `of_each` keeps."""
    return {
        "request_id": case.request_id,
        "basis": case.basis,
        "requested_at": case.as_of.isoformat(),
        "behind": len(case.ids),
        "members": {"savings_untold": case.members.savings_untold, "spare_untold": case.members.spare_untold},
        "row": dict(case.row),
        "asked": dict(asked),
        "arrears": None if arrears is None else dict(arrears),
    }


def of_each(case: BankCase) -> dict[str, dict[str, Any]]:
    """Return as JSON values what is kept of each member, by her id and in the order of the case."""
    rows = zip(*(getattr(case.members, name).tolist() for name in _OF_EACH), strict=True)
    return {member: dict(zip(_OF_EACH, row, strict=True)) for member, row in zip(case.ids, rows, strict=True)}


def erased(kept: Mapping[str, Any], behind: Mapping[str, Any]) -> int:
    """Return of how many members what `of_each` kept is there no longer."""
    return int(kept.get("behind", 0)) - len(behind)  # the first scores kept nothing apart


def together(kept: Mapping[str, Any], behind: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what `frozen` kept with the members' arrays among ``members``, where the first scores have them."""
    if "behind" not in kept:
        return dict(kept)
    arrays = {name: [row[name] for row in behind.values()] for name in _OF_EACH}
    return {**kept, "members": {**kept["members"], **arrays}}


def again(
    champion: Champion,
    kept: Mapping[str, Any],
    behind: Mapping[str, Mapping[str, Any]],
    *,
    bank_id: str,
    moment: datetime,
) -> dict[str, Any]:
    """Return `bank_score` of what `frozen` and `of_each` kept, with the same champion the same to the last bit."""
    members = together(kept, behind)["members"]
    standing = Standing(
        group=np.array(members["group"], dtype=np.int64),
        savings_untold=members["savings_untold"],
        spare_untold=members["spare_untold"],
        **{name: np.array(members[name], dtype=np.float64) for name in ("pd", "loan", "savings", "spare")},
    )
    case = BankCase(
        request_id=kept["request_id"],
        bank_id=bank_id,
        basis=kept["basis"],
        as_of=datetime.fromisoformat(kept["requested_at"]),
        members=standing,
        row=kept["row"],
    )
    return bank_score(champion, case, moment=moment, asked=kept["asked"], arrears=kept["arrears"])
