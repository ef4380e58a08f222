"""Putting the service together from its settings."""

from __future__ import annotations

import secrets

from riskscore.modelling.tracking import Registry
from riskscore.project import Project
from riskscore.service.access import Access
from riskscore.service.app import Service
from riskscore.service.database import Database
from riskscore.service.metrics import Metrics
from riskscore.service.pages import Pages
from riskscore.service.records import Records
from riskscore.service.serializer import Serializer
from riskscore.service.settings import Settings
from riskscore.service.source import ChampionSource
from riskscore.service.state import DeskSource, State


def assemble(settings: Settings, *, source: DeskSource | None = None) -> Service:
    """Return the service that `settings` describe.

    Parameters
    ----------
    settings : Settings
    source : DeskSource, optional
        Where desks come from; champion and portfolio of the settings where it is left out.

    Raises
    ------
    InvalidInput
        If the records cannot be opened or the pages lack a text.
    """
    database = Database(settings.records)
    project = Project.open(settings.project)
    metrics = Metrics()
    return Service(
        state=State(
            source or ChampionSource(settings, project),
            poll_seconds=settings.poll_seconds,
            on_swap=lambda _: metrics.swapped(),
        ),
        access=Access(database),
        records=Records(database),
        serializer=Serializer(database.secret("pseudonyms", secrets.token_hex(32))),
        pages=Pages(project.serving_dir),
        metrics=metrics,
        registry=Registry(settings.tracking_uri),
        secure_cookies=settings.secure_cookies,
    )
