"""What the routes are made of: the desk in service, access, records, pages and metrics, put together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from riskscore.modelling.tracking import Registry
from riskscore.service.access import Access
from riskscore.service.database import now
from riskscore.service.metrics import Metrics
from riskscore.service.pages import Pages
from riskscore.service.records import Records
from riskscore.service.serializer import Serializer
from riskscore.service.state import State


def new_score_id() -> str:
    """Return a random id: it says nothing about subject, moment or score."""
    return f"s_{uuid4().hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the routes need.

    Parameters
    ----------
    state : State
    access : Access
    records : Records
    serializer : Serializer
    pages : Pages
    metrics : Metrics
    registry : Registry, optional
        Where models are looked up; without it nothing is computed again here, and no model is shown.
    secure_cookies : bool
        Send cookies over TLS only.
    new_id : callable
        Gives the next score's id.
    clock : callable
        Gives the present moment, UTC, as text.
    """

    state: State
    access: Access
    records: Records
    serializer: Serializer
    pages: Pages
    metrics: Metrics
    registry: Registry | None = None
    secure_cookies: bool = False
    new_id: Callable[[], str] = new_score_id
    clock: Callable[[], str] = now
