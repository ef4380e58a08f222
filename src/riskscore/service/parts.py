"""What the routes are made of: the desk in service, access, records, pages and metrics, put together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from riskscore.modelling.tracking import Registry
from riskscore.service.access import Access
from riskscore.service.database import now
from riskscore.service.limits import Limits
from riskscore.service.metrics import Metrics
from riskscore.service.oidc.code_flow import CodeFlow
from riskscore.service.oidc.provider import Provider
from riskscore.service.pages import Pages
from riskscore.service.readiness import DataLimits
from riskscore.service.records import Records
from riskscore.service.refusals import Refusals
from riskscore.service.serializer import Serializer
from riskscore.service.sessions import Sessions
from riskscore.service.shelf import Shelf
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
    sessions : Sessions
    records : Records
    refusals : Refusals
    serializer : Serializer
    pages : Pages
    metrics : Metrics
    registry : Registry, optional
        Where models are looked up; without it nothing is computed again here, and no model is shown.
    shelf : Shelf
    limits : Limits
        How often somebody may ask.
    provider : Provider or None
        The institution's identity provider, if it has one.
    code_flow : CodeFlow or None
        The way to the provider's own page, if it knows this service.
    secure_cookies : bool
        Send cookies over TLS only.
    data_limits : DataLimits
        How old the portfolio's last day may be.
    new_id : callable
        Gives the next score's id.
    clock : callable
        Gives the present moment, UTC, as text.
    """

    state: State
    access: Access
    sessions: Sessions
    records: Records
    refusals: Refusals
    serializer: Serializer
    pages: Pages
    metrics: Metrics
    registry: Registry | None = None
    shelf: Shelf
    limits: Limits = field(default_factory=Limits)
    provider: Provider | None = None
    code_flow: CodeFlow | None = None
    secure_cookies: bool = False
    data_limits: DataLimits = field(default_factory=DataLimits)
    new_id: Callable[[], str] = new_score_id
    clock: Callable[[], str] = now
