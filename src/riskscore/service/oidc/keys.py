"""The identity provider's public keys: read again now and then, and never because somebody sends many unknown ones."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

import jwt
from jwt import PyJWK

logger = logging.getLogger("riskscore.service")

#: Signatures that are taken. Nothing with a shared secret: the public key would be that secret.
ALGORITHMS = ("RS256", "ES256")

#: Seconds between two readings because of an unknown key; until keys are read again; until they are no longer trusted.
SOONEST, FRESH, LONGEST = 60.0, 3600.0, 86_400.0

#: Seconds to wait for the provider, and for another thread that is already asking it; longest answer, in bytes.
PATIENCE, _LONGEST_ANSWER = 5.0, 262_144

#: Shortest RSA key, in bits.
_SHORTEST_RSA = 2048


class Away(Exception):
    """The provider's keys cannot be read at the moment."""


class Keys:
    """The keys of a provider, by their id.

    Parameters
    ----------
    source : str
        An address, or a file's path.
    clock : callable
        Seconds that only rise.
    """

    def __init__(self, source: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._reading = threading.Lock()
        self._keys: Mapping[str, PyJWK] = {}
        self._read_at = self._tried_at = -float("inf")

    def key(self, name: str) -> PyJWK | None:
        """Return the key of this id, or None where the provider has none.

        Raises
        ------
        Away
            There is no such key here, or it is too old, and the provider did not answer when it was last asked.
        """
        self._look_again(name)
        if self._clock() - self._read_at > LONGEST:
            raise Away
        found = self._keys.get(name)
        if found is None and self._read_at < self._tried_at:
            raise Away
        return found

    def _look_again(self, name: str) -> None:
        if not self._due(name) or not self._reading.acquire(timeout=PATIENCE):
            return
        try:
            if self._due(name):  # another thread may have read them meanwhile
                self._tried_at = self._clock()
                self._keys = _usable(_fetch(self._source))
                self._read_at = self._tried_at
        except (OSError, HTTPException, ValueError) as error:
            logger.warning("The identity provider's keys cannot be read: %s", type(error).__name__)
        finally:
            self._reading.release()

    def _due(self, name: str) -> bool:
        now = self._clock()
        wanted = name not in self._keys or now - self._read_at > FRESH
        return wanted and now - self._tried_at >= SOONEST


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the address that was written down, and from no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def _fetch(source: str) -> Any:
    if "://" not in source:
        return json.loads(Path(source).read_bytes())
    content, until = b"", time.monotonic() + PATIENCE
    with _OPENER.open(source, timeout=PATIENCE) as answer:
        while piece := answer.read1(_LONGEST_ANSWER):
            content += piece
            if len(content) > _LONGEST_ANSWER or time.monotonic() > until:  # each piece may come in time, and all not
                raise ValueError("longer, or slower, than any set of keys")
    return json.loads(content)


def _usable(found: Any) -> dict[str, PyJWK]:
    """Return the keys that may check a signature; others of the set, such as those that encrypt, are passed over.

    Raises
    ------
    ValueError
        This is no set of keys, or none in it is of use.
    """
    listed = found.get("keys") if isinstance(found, dict) else None
    keys = {}
    for one in listed if isinstance(listed, list) else []:
        key = _key(one)
        if key is not None:
            keys[str(one["kid"])] = key
    if not keys:
        raise ValueError("no key that checks a signature")
    return keys


def _key(one: Any) -> PyJWK | None:
    if not isinstance(one, dict) or not isinstance(one.get("kid"), str) or one.get("use", "sig") != "sig":
        return None
    try:
        key = PyJWK(one)
    except jwt.PyJWTError:
        return None
    strong = key.key_type == "EC" or getattr(key.key, "key_size", 0) >= _SHORTEST_RSA
    return key if key.algorithm_name in ALGORITHMS and strong else None
