"""Where the service finds what it serves: read from the environment, once, at its start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from riskscore.service.limits import STRANGER, TOKEN
from riskscore.service.logs import Format


class Settings(BaseSettings):
    """The service's settings, each from an environment variable.

    Parameters
    ----------
    portfolio : Path or None
        ``RISKSCORE_PORTFOLIO``: the portfolio folder. Without one the service starts and is not ready.
    records : str
        ``RISKSCORE_RECORDS``: the database of scores, tokens and accesses, as an SQLAlchemy address.
    tracking_uri : str
        ``MLFLOW_TRACKING_URI``: the registry that names the champion.
    project : Path or None
        ``RISKSCORE_PROJECT``: the folder that holds ``serving/``; the starter where it is missing.
    recipe : str
        ``RISKSCORE_RECIPE``: the recipe of members' loans whose champion is served.
    also : tuple of str
        ``RISKSCORE_ALSO``: recipes served beside it where they have a champion, separated by commas: of communal banks,
        of producer associations, and of over-indebtedness, which stands beside a member's score.
    poll_seconds : float
        ``RISKSCORE_POLL_SECONDS``: how often champion and portfolio are looked at.
    secure_cookies : bool
        ``RISKSCORE_SECURE_COOKIES``: set where the service stands behind TLS; browsers then refuse to send the
        cookie in clear.
    oidc : Path or None
        ``RISKSCORE_OIDC``: the TOML file that describes the institution's identity provider, if it has one.
    requests_per_minute, burst : int
        ``RISKSCORE_REQUESTS_PER_MINUTE``, ``RISKSCORE_BURST``: how often a token may ask, and at once.
    stranger_requests_per_minute, stranger_burst : int
        ``RISKSCORE_STRANGER_REQUESTS_PER_MINUTE``, ``RISKSCORE_STRANGER_BURST``: the same of an address from which
        nobody known comes.
    limits : Path or None
        ``RISKSCORE_LIMITS``: the file in which worker processes agree on both; `riskscore serve` gives one. Without one
        every process counts for itself.
    data_warn_days : int
        ``RISKSCORE_DATA_WARN_DAYS``: where the portfolio's last day is longer ago, ``/readyz`` says *degraded*.
    data_limit_days : int or None
        ``RISKSCORE_DATA_LIMIT_DAYS``: where it is longer ago than this, ``/readyz`` says 503. Never, where left out.
    log_format : {"text", "json"}
        ``RISKSCORE_LOG_FORMAT``: lines for people, or one JSON object a line.
    """

    model_config = SettingsConfigDict(env_prefix="RISKSCORE_", extra="ignore", hide_input_in_errors=True)

    portfolio: Path | None = None
    records: str = "sqlite:///records.db"
    tracking_uri: str = Field(default="sqlite:///mlflow.db", validation_alias="MLFLOW_TRACKING_URI")
    project: Path | None = None
    recipe: str = "member_default"
    also: Annotated[tuple[str, ...], NoDecode] = ("group_default", "producer_default", "over_indebtedness")
    poll_seconds: float = Field(default=1.0, gt=0)
    secure_cookies: bool = False
    oidc: Path | None = None
    requests_per_minute: int = Field(default=TOKEN.per_minute, gt=0)
    burst: int = Field(default=TOKEN.burst, gt=0)
    stranger_requests_per_minute: int = Field(default=STRANGER.per_minute, gt=0)
    stranger_burst: int = Field(default=STRANGER.burst, gt=0)
    limits: Path | None = None
    data_warn_days: int = Field(default=7, ge=0)
    data_limit_days: int | None = Field(default=None, ge=0)
    log_format: Format = "text"

    @field_validator("also", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value
