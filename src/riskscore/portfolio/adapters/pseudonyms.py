"""Pseudonyms: what names a person is replaced at ingestion, with a key that only the institution keeps.

A pseudonym is a keyed hash (HMAC-SHA256, RFC 2104) of the kind of thing and its identifier. The same key gives the
same pseudonym for ever, so a second ingestion updates the first; without the key nobody can go back, nor try out
identifiers one by one. The key is a file beside the institution's other secrets, never inside a portfolio.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

import polars as pl

from riskscore.errors import Fault, InvalidInput

KEY_BYTES = 32
#: Bytes after the prefix, written as 24 hexadecimal digits: a hundred million identifiers collide with a chance of one
#: in 10^13.
LENGTH = 12


class Pseudonyms:
    """Pseudonyms of one institution's key. Neither the key nor anything that leads to it is ever shown.

    Parameters
    ----------
    key : bytes
        At least 32 bytes.

    Raises
    ------
    InvalidInput
        Where the key is too short.

    Examples
    --------
    >>> names = Pseudonyms(bytes(range(32)))
    >>> names.of("member", 17) == names.of("member", "17") != names.of("group", "17")
    True
    >>> names.of("member", 17)[:2]
    'm_'
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise InvalidInput.of(
                "key", f"is shorter than {KEY_BYTES} bytes.", "Make one with --key FILE --new-key, once."
            )
        # In a closure, so that no repr, no vars and no log of this object holds the key.
        self._digest: Callable[[bytes], bytes] = lambda message: hmac.digest(key, message, "sha256")

    def __repr__(self) -> str:
        return f"Pseudonyms(key {self.key_id})"

    @classmethod
    def create(cls, path: Path | str) -> Pseudonyms:
        """Write a new random key to `path`, readable by its owner alone; a file that exists is never overwritten.

        Raises
        ------
        InvalidInput
            Where something stands at `path`: another key would give everyone another pseudonym.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise InvalidInput.of(
                str(path),
                "exists already.",
                "Leave --new-key out and it is used as it is: a new key gives everyone another pseudonym.",
            ) from error
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return cls.from_file(path)

    @classmethod
    def from_file(cls, path: Path | str) -> Pseudonyms:
        """Read the key at `path`.

        Raises
        ------
        InvalidInput
            Where the file is missing, can be read or written by others, or holds no key; all faults at once, none
            with anything of its content.
        """
        path = Path(path)
        try:
            mode = path.stat().st_mode
            text = path.read_bytes().strip()
        except OSError as error:
            raise InvalidInput.of(
                str(path),
                f"the key cannot be read ({error.strerror}).",
                "Name the file that holds the key; --new-key makes one, once.",
            ) from error
        faults = []
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            faults.append(
                Fault(str(path), "can be read or changed by others than its owner.", f"Run: chmod 600 {path}")
            )
        try:
            key = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            key = b""
        if len(key) < KEY_BYTES:
            faults.append(
                Fault(
                    str(path),
                    f"holds no key: expected at least {2 * KEY_BYTES} hexadecimal digits.",
                    "Restore it from your backup; a new key gives everyone another pseudonym.",
                )
            )
        if faults:
            raise InvalidInput(faults)
        return cls(key)

    @property
    def key_id(self) -> str:
        """A name for the key, 12 characters: two ingestions with the same id share their pseudonyms."""
        return self._hash("key id", "")[:12]

    def of(self, kind: str, identifier: str | int) -> str:
        """Return the pseudonym of one identifier.

        Parameters
        ----------
        kind : str
            What it names: ``"member"``, ``"group"``. Its first letter is the prefix; the same number of another kind
            has another pseudonym.
        identifier : str or int
            As the source writes it; an integer is its digits.
        """
        return f"{kind[0]}_{self._hash(kind, str(identifier))}"

    def column(self, kind: str, identifiers: pl.Series) -> pl.Series:
        """Return the pseudonyms of a whole column; missing stays missing.

        Parameters
        ----------
        kind : str
        identifiers : Series
            Text or integers; each distinct value is hashed once.
        """
        distinct = identifiers.drop_nulls().unique()
        if distinct.is_empty():
            return pl.Series(identifiers.name, [None] * len(identifiers), dtype=pl.String)
        names = pl.Series([self.of(kind, value) for value in distinct], dtype=pl.String)
        return identifiers.replace_strict(distinct, names, default=None, return_dtype=pl.String)

    def _hash(self, kind: str, identifier: str) -> str:
        return self._digest(f"{kind}\x1f{identifier}".encode())[:LENGTH].hex()
