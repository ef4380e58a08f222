"""`riskscore access`: who may ask the service, in what role, about whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from riskscore.cli import printing
from riskscore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from riskscore.service.access import Access
    from riskscore.service.sessions import Sessions

group = typer.Typer(help="Tokens: a role, and whom it reaches.", no_args_is_help=True)


def _access() -> Access:
    from riskscore.service.access import Access
    from riskscore.service.database import Database
    from riskscore.service.settings import Settings

    return Access(Database(Settings().records))


def _sessions() -> Sessions:
    from riskscore.service.database import Database
    from riskscore.service.sessions import Sessions
    from riskscore.service.settings import Settings

    return Sessions(Database(Settings().records))


@group.command(epilog="Example: `riskscore access grant officer branch:B001 --days 90`")
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
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="As `access list` or `access person` shows it.")],
) -> None:
    """End a token at once, or shut a person of the identity provider out, with the browser sessions of either."""
    _access().revoke(token_id)
    printing.line(f"{token_id} revoked")


@group.command(epilog="Example: `riskscore access restore o_5d0c81f2a94be730`")
def restore(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="Of a person; it begins with o_.")],
) -> None:
    """Let a person of the identity provider in again who was shut out. A token that was ended stays so."""
    if not _access().restore(token_id):
        raise NotFound.of("access", f"Nobody of this name is shut out: {token_id!r}.", "Check the name.")
    printing.line(f"{token_id} may come in again")


@group.command(epilog="Example: `riskscore access person 7d1c0e55`")
def person(
    subject: Annotated[str, typer.Argument(help="The claim `sub` that the identity provider has for her.")],
) -> None:
    """Print by which name records and logs know a person of the identity provider."""
    from riskscore.service.access import Access
    from riskscore.service.assembly import provider_of
    from riskscore.service.database import Database
    from riskscore.service.settings import Settings

    settings = Settings()
    database = Database(settings.records)
    provider = provider_of(settings, Access(database), database)
    if provider is None:
        raise InvalidInput.of("RISKSCORE_OIDC", "No identity provider is described.", "Name its TOML file there.")
    printing.line(provider.token_id(subject))


@group.command(epilog="Example: `riskscore access sessions`")
def sessions() -> None:
    """List every browser session that is open: whose, and since when."""
    printing.table(
        ("session", "token", "role", "opened", "last used", "ends"),
        (
            (one.session_id, one.token_id, one.role, one.opened_at[:16], one.seen_at[:16], one.expires_at[:16])
            for one in _sessions().list()
        ),
    )


@group.command(epilog="Example: `riskscore access end b_9f1c22ab03de`")
def end(
    session_id: Annotated[str, typer.Argument(metavar="SESSION_ID", help="As `access sessions` shows it.")],
) -> None:
    """End one browser session; the token it came from stays."""
    if not _sessions().end(session_id):
        raise NotFound.of("access", f"No session {session_id!r} is open.", "`riskscore access sessions` names all.")
    printing.line(f"{session_id} ended")


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
