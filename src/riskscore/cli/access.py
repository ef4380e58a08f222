"""`riskscore access`: who may ask the service, in what role, about whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from riskscore.cli import printing
from riskscore.errors import InvalidInput

if TYPE_CHECKING:
    from riskscore.service.access import Access

group = typer.Typer(help="Tokens: a role, and whom it reaches.", no_args_is_help=True)


def _access() -> Access:
    from riskscore.service.access import Access
    from riskscore.service.database import Database
    from riskscore.service.settings import Settings

    return Access(Database(Settings().records))


@group.command(epilog="Example: `riskscore access grant officer branch:B03 --days 90`")
def grant(
    role: Annotated[
        str, typer.Argument(help="member, officer, committee, board, lender, assistant, analyst or auditor.")
    ],
    scope: Annotated[
        str, typer.Argument(help="all, branch:ID, group:ID, organisation:ID or self:ID, as the role allows.")
    ],
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until the token ends; never, if not given.")
    ] = None,
) -> None:
    """Make a token and print it. It is shown this once and stored nowhere: only its digest is kept."""
    kind, _, subject = scope.partition(":")
    if kind == "all" and subject:
        what = "The scope 'all' reaches everyone and takes no id."
        raise InvalidInput.of("scope", what, "Leave the id out, or use the scope that it belongs to.")
    valid_for = timedelta(days=days) if days is not None else None
    token, given = _access().grant(role, kind, subject or None, valid_for=valid_for)
    printing.line(token)
    printing.err.print(f"{given.token_id}: {given.role}, {scope}. Keep the line above: it cannot be shown again.")


@group.command(epilog="Example: `riskscore access link --next /scores/s_5f0c`")
def link(
    token: Annotated[
        str,
        typer.Option(envvar="RISKSCORE_TOKEN", prompt=True, hide_input=True, help="Asked for where it is not set."),
    ],
    target: Annotated[str, typer.Option("--next", help="The page it leads to, a path of the service.")] = "/",
    url: Annotated[str, typer.Option(help="Where the service answers.")] = "http://127.0.0.1:3000",
    minutes: Annotated[int, typer.Option(min=1, max=10_080, help="Until the link ends unused.")] = 15,
) -> None:
    """Print a link by which a browser enters once with a token's rights; the token itself is not in it."""
    key = _access().link(token.strip(), valid_for=timedelta(minutes=minutes))
    printing.line(f"{url.rstrip('/')}/enter?{urlencode({'key': key, 'next': target})}")


@group.command(epilog="Example: `riskscore access revoke t_9f1c22ab03de`")
def revoke(token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="As `access list` shows it.")]) -> None:
    """End a token at once, with the browser sessions that came from it."""
    _access().revoke(token_id)
    printing.line(f"{token_id} revoked")


@group.command(name="list", epilog="Example: `riskscore access list`")
def show() -> None:
    """List every token: its id, role, scope and dates; never the token itself."""
    printing.table(
        ("token", "role", "scope", "granted", "expires", "revoked"),
        (
            (
                given.token_id,
                given.role,
                given.scope_kind if given.scope_id is None else f"{given.scope_kind}:{given.scope_id}",
                given.granted_at[:16],
                (given.expires_at or "never")[:16],
                (given.revoked_at or "")[:16],
            )
            for given in _access().list()
        ),
    )
