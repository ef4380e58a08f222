"""How often a token may ask, and how often an address that nobody knows anything of.

Whoever is known is limited by the token and never by the address: a whole branch may come from one.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass, field

from starlette.requests import Request

from riskscore.service.buckets import Buckets, Rate
from riskscore.service.problem import Problem

#: Of each token, and of each address that nobody knows, where no setting says otherwise.
TOKEN, STRANGER = Rate(per_minute=30_000, burst=1_000), Rate(per_minute=600, burst=300)

#: Attempts to sign in, an address: a person mistypes; who guesses 256 bits does not get far.
ATTEMPTS = Rate(per_minute=10, burst=10)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of every asker.

    Parameters
    ----------
    buckets : Buckets
    token : Rate
        Of each token.
    stranger : Rate
        Of each address, for requests in whose asker nobody was recognised.
    """

    buckets: Buckets = field(default_factory=Buckets)
    token: Rate = TOKEN
    stranger: Rate = STRANGER

    def known(self, token_id: str) -> None:
        """Count a request of a token.

        Raises
        ------
        Problem
            429 where it asked too often.
        """
        _refuse_after(self.buckets.take("token", token_id, self.token))

    def unknown(self, request: Request) -> None:
        """Count a request that nobody known made.

        Raises
        ------
        Problem
            429 where its address asked too often.
        """
        _refuse_after(self.buckets.take("address", address(request), self.stranger))

    def attempt(self, request: Request) -> None:
        """Count an attempt to sign in.

        Raises
        ------
        Problem
            429 where its address tried too often.
        """
        _refuse_after(self.buckets.take("attempt", address(request), ATTEMPTS))


def address(request: Request) -> str:
    """Return whom a request came from: an IPv4 address, or the network of an IPv6 one, of which a home has many."""
    host = request.client.host if request.client is not None else ""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if found.version == 4:
        return host
    return str(found.ipv4_mapped or ipaddress.ip_network((host.partition("%")[0], 64), strict=False))


def _refuse_after(seconds: float) -> None:
    if seconds:
        wait = str(math.ceil(seconds))
        raise Problem(
            429, "Too many requests", f"Wait {wait} s and send it again.", headers={"Retry-After": wait}, reason="often"
        )
