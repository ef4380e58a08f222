"""Putting the service together from its settings."""

from __future__ import annotations

import secrets
from pathlib import Path

from riskscore.modelling.tracking import Registry
from riskscore.project import Project
from riskscore.service.access import Access
from riskscore.service.app import Service
from riskscore.service.buckets import Buckets, Rate
from riskscore.service.database import Database
from riskscore.service.limits import Limits
from riskscore.service.metrics import Metrics
from riskscore.service.oidc.code_flow import CodeFlow
from riskscore.service.oidc.provider import Provider
from riskscore.service.oidc.settings import read_provider
from riskscore.service.pages import Pages
from riskscore.service.readiness import DataLimits
from riskscore.service.records import Records
from riskscore.service.refusals import Refusals
from riskscore.service.serializer import Serializer
from riskscore.service.sessions import Sessions
from riskscore.service.settings import Settings
from riskscore.service.shelf import Shelf
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
    access, records, registry = Access(database), Records(database), Registry(settings.tracking_uri)
    provider = provider_of(settings, access, database)
    return Service(
        state=State(
            source or ChampionSource(settings, serving, cold=Turnstile(AT_ONCE, metrics.queued)),
            poll_seconds=settings.poll_seconds,
            on_swap=lambda _: metrics.swapped(),
        ),
        access=access,
        sessions=Sessions(database),
        records=records,
        refusals=Refusals(records),
        serializer=Serializer(database.secret("pseudonyms", secrets.token_hex(32))),
        pages=Pages(serving),
        metrics=metrics,
        registry=registry,
        shelf=Shelf(registry, serving),
        limits=Limits(
            Buckets(settings.limits),
            token=Rate(settings.requests_per_minute, settings.burst),
            stranger=Rate(settings.stranger_requests_per_minute, settings.stranger_burst),
        ),
        provider=provider,
        code_flow=None if provider is None else code_flow_of(provider, access, database),
        secure_cookies=settings.secure_cookies,
        data_limits=DataLimits(settings.data_warn_days, settings.data_limit_days),
    )


def provider_of(settings: Settings, access: Access, database: Database) -> Provider | None:
    """Return the institution's identity provider, or None where the settings name none.

    Raises
    ------
    InvalidInput
        If its description cannot be read or does not hold together.
    """
    if settings.oidc is None:
        return None
    return Provider(read_provider(settings.oidc), access, database.secret("persons", secrets.token_hex(32)))


def code_flow_of(provider: Provider, access: Access, database: Database) -> CodeFlow | None:
    """Return the way to the provider's own page, or None where it knows no client."""
    if provider.client is None:
        return None
    return CodeFlow(provider.client, provider, access, database.secret("attempts", secrets.token_hex(32)))
