"""What a member agreed to: for which purpose, since which day, and until when.

Consent is about her and not about one score, so that it is told before the first. It is an entry of the chain and is
erased with her records. Nobody is refused for want of it here: the page says that it is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import sqlalchemy as sa

from riskscore.errors import Fault, InvalidInput
from riskscore.service.access import Grant
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database, now
from riskscore.service.days import day_of

Purpose = Literal["assessment", "bureau"]

#: To look at her request with what she and her group told; to ask a bureau.
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class Consent:
    """How one purpose stands.

    Parameters
    ----------
    purpose : {"assessment", "bureau"}
    given : bool
        False where it was withdrawn.
    since : date
        The true day, by the institution's clock.
    role : str
        Whose token told of it.
    """

    purpose: str
    given: bool
    since: date
    role: str


def tell(
    database: Database,
    subject: str,
    consent: Consent,
    speaker: Grant,
    *,
    time_zone: str,
    clock: Callable[[], str] = now,
) -> None:
    """Write down that a member consented, or took it back; what stands already is not written again.

    Raises
    ------
    InvalidInput
        There is no such purpose, or the day lies ahead.
    """
    recorded_at = clock()
    today = day_of(recorded_at, time_zone)
    faults = []
    if consent.purpose not in PURPOSES:
        faults.append(Fault("purpose", "This is no purpose.", f"Use one of: {', '.join(PURPOSES)}."))
    if consent.since > today:
        faults.append(Fault("since", "This day lies ahead.", f"Give {today.isoformat()} or an earlier day."))
    if faults:
        raise InvalidInput(sorted(faults))
    content = {
        "purpose": consent.purpose,
        "given": consent.given,
        "since": consent.since.isoformat(),
        "role": speaker.role,
        "recorded_at": recorded_at,
        "token_id": speaker.token_id,
    }
    with database.chain() as connection:
        stands = _standing(connection, subject).get(consent.purpose)
        if stands is None or (stands["given"], stands["since"]) != (content["given"], content["since"]):
            append(connection, Statement("consent", content, subject))


def consents(database: Database, subject: str) -> tuple[Consent, ...]:
    """Return how each purpose stands of which anything was told."""
    with database.read() as connection:
        standing = _standing(connection, subject)
    return tuple(
        Consent(purpose, told["given"], date.fromisoformat(told["since"]), told["role"])
        for purpose in PURPOSES
        if (told := standing.get(purpose)) is not None
    )


def _standing(connection: sa.Connection, subject: str) -> dict[str, dict[str, Any]]:
    """Return what was told last of each purpose."""
    return {told["purpose"]: told for told in _told(connection, subject)}


def _told(connection: sa.Connection, subject: str) -> Iterator[dict[str, Any]]:
    rows = connection.execute(
        sa.select(CONTENTS.c.content)
        .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
        .where(ENTRIES.c.kind == "consent", CONTENTS.c.subject == subject, CONTENTS.c.content.is_not(None))
        .order_by(CONTENTS.c.sequence)
    )
    for row in rows.all():
        yield json.loads(row.content)
