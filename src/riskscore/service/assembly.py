"""Putting the service together from its settings."""

from __future__ import annotations

import secrets
from pathlib import Path

from riskscore.project import Project
from riskscore.service.access import Access
from riskscore.service.app import Service
from riskscore.service.database import Database
from riskscore.service.metrics import Metrics
from riskscore.service.pages import Pages
from riskscore.service.readiness import DataLimits
from riskscore.service.records import Records
from riskscore.service.serializer import Serializer
from riskscore.service.settings import Settings
from riskscore.service.source import ChampionSource
from riskscore.service.state import DeskSource, State
from riskscore.service.turnstile import AT_ONCE, Turnstile


def assemble(settings: Settings, *, source: DeskSource | None = None, serving: Path | None = None) -> Service:
    """Return the service that `settings` describe.

    Parameters
    ----------
    settings : Settings
    source : DeskSource, optional
        Where desks come from; champion and portfolio of the settings where it is left out.
    serving : Path, optional
        The folder of policy, pages and words; that of the settings' project where it is left out.

    Raises
    ------
    InvalidInput
        If the records cannot be opened or the pages lack a text.
    """
    database = Database(settings.records)
    serving = serving or Project.open(settings.project).serving_dir
    metrics = Metrics()
    return Service(
        state=State(
            source or ChampionSource(settings, serving, cold=Turnstile(AT_ONCE, metrics.queued)),
            poll_seconds=settings.poll_seconds,
            on_swap=lambda _: metrics.swapped(),
        ),
        access=Access(database),
        records=Records(database),
        serializer=Serializer(database.secret("pseudonyms", secrets.token_hex(32))),
        pages=Pages(serving),
        metrics=metrics,
        secure_cookies=settings.secure_cookies,
        data_limits=DataLimits(settings.data_warn_days, settings.data_limit_days),
    )
