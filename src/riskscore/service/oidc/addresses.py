"""Addresses over which keys, codes and people go: nobody may listen, or change what is said, on the way."""

from __future__ import annotations

from urllib.parse import urlsplit

_HERE = ("127.0.0.1", "::1", "localhost")


def is_private(address: str, *, bare: bool = False) -> bool:
    """Tell whether `address` is one of https, or of http on this machine, without a password or a fragment in it.

    Parameters
    ----------
    address : str
    bare : bool
        It has to end with its host and port.

    Examples
    --------
    >>> [is_private(one) for one in ("https://a.example/x", "http://a.example/x", "http://127.0.0.1:8080/x")]
    [True, False, True]
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:  # such as a port that is no number
        return False
    written = address.isascii() and address.isprintable() and not set(address) & set(' "<>\\^`{|}')
    if not host or not written or "@" in parts.netloc or "#" in address or (bare and (parts.path or parts.query)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
