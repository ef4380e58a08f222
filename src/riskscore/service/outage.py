"""What is said while the database of records is away, full, or may not be written to.

Nothing was answered that is not on record: whoever asked may ask again. A decision is sent again under its key.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from riskscore.service.problem import Problem

#: Seconds after which it is worth another try.
RETRY_AFTER = 5


def outage(error: Exception) -> Problem | None:
    """Return the answer to a request that `error` of the database stopped; None where it is another kind of error."""
    away = isinstance(error, OperationalError | InterfaceError | InternalError | PoolTimeout)
    broken = isinstance(error, DBAPIError) and error.connection_invalidated and not isinstance(error, IntegrityError)
    if not away and not broken:
        return None
    return Problem(
        503,
        "The records cannot be written now",
        "Send it again in a moment, under the same Idempotency-Key if it has one; if it persists, tell who runs the "
        "service.",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


def kind(error: SQLAlchemyError) -> str:
    """Return the database's own name of an error, such as ``SQLITE_FULL``; its message may quote a value."""
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))
