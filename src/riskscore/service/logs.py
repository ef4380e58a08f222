"""The log: lines for people, or one JSON object a line, each with the id of the request that it tells of."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from riskscore.service.request_id import CURRENT

Format = Literal["text", "json"]

#: Whoever else writes to the same output: in JSON their lines have to be JSON too.
_OTHERS = ("", "bentoml", "circus", "uvicorn", "uvicorn.error")


def set_up(shape: Format) -> None:
    """Send the service's log to standard output; where it is set up already, nothing happens.

    Parameters
    ----------
    shape : {"text", "json"}
    """
    logger = logging.getLogger("riskscore")
    if logger.handlers:
        return
    written = logging.StreamHandler(sys.stdout)
    written.setFormatter(_Json() if shape == "json" else _Text())
    logger.addHandler(written)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    # Of what goes wrong it warns besides raising it, in the server's words: a line may quote a value that was refused.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    if shape == "json":
        for name in _OTHERS:
            for handler in logging.getLogger(name).handlers:
                handler.setFormatter(_Json())


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(request_id)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = CURRENT.get()
        return super().format(record)


class _Json(logging.Formatter):
    """One object a line; `record.fields`, where a line has them, are fields of the object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "request_id": CURRENT.get(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
