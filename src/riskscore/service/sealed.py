"""A text closed with a passphrase, so that a browser opens it again without a connection.

PBKDF2 with SHA-256 makes the key, AES-256 in GCM closes, with a salt and a nonce of its own each time; the page opens
with the browser's WebCrypto. What is closed cannot be changed without the passphrase either.
"""

from __future__ import annotations

import base64
import os
import zlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from riskscore.errors import Fault, InvalidInput

#: Rounds of PBKDF2, as OWASP's sheet on storing passwords has it for SHA-256.
ROUNDS = 600_000

#: Shortest passphrase, fewest different characters in it, and longest.
SHORTEST, DIFFERENT, LONGEST = 14, 6, 200

#: Says what was closed; it is not secret, and opening fails where it differs.
LABEL = b"riskscore meeting 1"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A closed text; all parts are base64, and none is secret."""

    salt: str
    nonce: str
    closed: str
    rounds: int = ROUNDS


def passphrase_faults(passphrase: str) -> list[Fault]:
    """Return what speaks against a passphrase; it is never repeated."""
    if SHORTEST <= len(passphrase) <= LONGEST and len(set(passphrase)) >= DIFFERENT:
        return []
    what = "The passphrase is too short, too long, or too even."
    remedy = f"Use {SHORTEST} to {LONGEST} characters, {DIFFERENT} of them different: four words drawn by lot do."
    return [Fault("passphrase", what, remedy)]


def seal(text: str, passphrase: str) -> Sealed:
    """Close `text`, compressed, with `passphrase`.

    Raises
    ------
    InvalidInput
        The passphrase is too weak.
    """
    faults = passphrase_faults(passphrase)
    if faults:
        raise InvalidInput(faults)
    salt, nonce = os.urandom(16), os.urandom(12)
    key = _key(passphrase, salt, ROUNDS)
    closed = AESGCM(key).encrypt(nonce, zlib.compress(text.encode(), 9), LABEL)
    return Sealed(*(base64.b64encode(part).decode() for part in (salt, nonce, closed)))


def unseal(sealed: Sealed, passphrase: str) -> str:
    """Open what `seal` closed; `cryptography.exceptions.InvalidTag` where the passphrase is another one."""
    salt, nonce, closed = (base64.b64decode(part) for part in (sealed.salt, sealed.nonce, sealed.closed))
    return zlib.decompress(AESGCM(_key(passphrase, salt, sealed.rounds)).decrypt(nonce, closed, LABEL)).decode()


def _key(passphrase: str, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=rounds).derive(passphrase.encode())
