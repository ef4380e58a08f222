"""An opinion as it arrives over HTTP: every fault at once, and no value repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.days import read_day
from riskscore.service.intake import read_fields
from riskscore.service.opinions import REMEDIES, Opinion, OpinionBody, Written, faults_of, opine
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record, Records


def enter(records: Records, record: Record, asker: Grant, content: bytes, clock: Callable[[], str]) -> Written:
    """Write down the opinion that `content` tells of, about a score within the reach of `asker`.

    Raises
    ------
    Problem
        422 with every fault; 404 where the score was erased meanwhile.
    """
    fields, faults = read_fields(OpinionBody, REMEDIES, content)
    faults += read_day(fields, "written_on", REMEDIES["written_on"])
    unread = {fault.where for fault in faults}
    if "body" in unread:
        raise invalid(faults)
    unsaid: dict[str, Any] = {"would_approve": "", "written_on": date.min}
    opinion = Opinion(score_id=record.score_id, **(unsaid | fields))
    if faults:
        # Whether an amount is needed follows from what would be approved.
        untold = unread | ({"amount"} if "would_approve" in unread else set())
        faults += [fault for fault in faults_of(opinion, record, clock()) if fault.where not in untold]
        raise invalid(sorted(set(faults)))
    try:
        return opine(records.database, opinion, record, asker, clock=clock)
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except NotFound as error:
        raise not_found() from error
