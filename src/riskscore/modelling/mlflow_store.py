"""MLflow imported quietly, pointed at one address for a while, and its faults told as one of ours."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from riskscore.errors import RiskscoreError, Unreachable
from riskscore.modelling.registry_reach import REMEDY, require_listener, shown

#: So many characters of what a store says are passed on.
SAID = 200

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_UV_AUTO_DETECT": "false",
    # Its own patience with a server that does not answer is minutes.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="Addressed")


class Addressed(Protocol):
    """Something at an address of MLflow's."""

    uri: str


def answered(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Tell what the store says, or that it is away, as one fault without its stack."""

    @wraps(method)
    def asked(self: S, /, *arguments: P.args, **named: P.kwargs) -> T:
        try:
            return method(self, *arguments, **named)
        except RiskscoreError:
            raise
        except Exception as cause:
            if not _of_the_store(cause):
                raise
            first = str(cause).strip().partition("\n")[0][:SAID]
            raise Unreachable.of(f"registry {shown(self.uri)}", f"It does not do as asked: {first}", REMEDY) from cause

    return asked


def _of_the_store(error: Exception) -> bool:
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return isinstance(error, MlflowException | SQLAlchemyError | OSError)


def quiet_mlflow() -> Any:
    """Import MLflow quietly, without telemetry."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


@contextmanager
def pointed_at(uri: str) -> Iterator[Any]:
    """Point MLflow's fluent functions at an address for a while."""
    require_listener(uri)
    mlflow = quiet_mlflow()
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    # MLflow writes both addresses into the environment, where the next Registry would take them for the user's wish.
    said = {name: os.environ.get(name) for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")}
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    try:
        yield mlflow
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])
        for name, value in said.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
