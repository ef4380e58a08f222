"""A code is changed for an ID token at the provider's token endpoint: in a time, up to a length, and no further."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from functools import cache
from urllib.parse import quote_plus

import httpx

from riskscore.service.oidc.client import Client
from riskscore.service.oidc.keys import PATIENCE, Away
from riskscore.service.problem import unauthenticated

logger = logging.getLogger("riskscore.service")

#: Longest answer, in bytes: up to three tokens.
_LONGEST_ANSWER = 65_536

#: Why an endpoint refuses (RFC 6749, 5.2). Any other word may be anything, and is not logged.
_REFUSALS = ("invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


async def redeem(client: Client, code: str, verifier: str) -> str:
    """Return the ID token for a code.

    Raises
    ------
    Problem
        401 where the provider does not know the code, or not any more.
    Away
        The provider does not answer in time, or with nothing of use; the log says which in a word.
    """
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.back,
        "code_verifier": verifier,
    }
    try:
        secret = client.secret()
        if secret is None:
            fields["client_id"] = client.id
        async with asyncio.timeout(PATIENCE):  # of all together: an answer may also come byte by byte
            status, content = await _post(client.token, fields, _known(client.id, secret))
        said = json.loads(content)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
        logger.warning("No code can be changed for a token: %s", type(error).__name__)
        raise Away from None  # a message may quote what was sent
    told = said if isinstance(said, dict) else {}
    if status == 200 and isinstance(told.get("id_token"), str):
        return str(told["id_token"])
    if status == 400 and told.get("error") == "invalid_grant":
        raise unauthenticated("code")
    why = next((word for word in _REFUSALS if word == told.get("error")), "without a token")
    logger.warning("The token endpoint answered %d, %s", status, why)
    raise Away


def _known(client_id: str, secret: str | None) -> httpx.Auth | None:
    # Both as of a form first (RFC 6749, 2.3.1): a colon in the id would end it.
    return None if secret is None else httpx.BasicAuth(quote_plus(client_id), quote_plus(secret))


async def _post(address: str, fields: dict[str, str], known: httpx.Auth | None) -> tuple[int, bytes]:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    content = b""
    async with (
        httpx.AsyncClient(verify=_trusted(), timeout=PATIENCE, follow_redirects=False) as asking,
        asking.stream("POST", address, data=fields, headers=headers, auth=known) as answer,
    ):
        async for chunk in answer.aiter_raw():
            content += chunk
            if len(content) > _LONGEST_ANSWER:
                raise ValueError("longer than any answer with tokens")
    return answer.status_code, content


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom the machine trusts, as for the provider's keys."""
    return ssl.create_default_context()
