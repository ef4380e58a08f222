"""Where a person who came in can go on: her own pages, where no list leads to them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from riskscore.service.access import Grant
from riskscore.service.lately import Lately, lately
from riskscore.service.parts import Parts
from riskscore.service.roles import RIGHTS
from riskscore.words import Words

#: Scores that are named; a link to an older one still opens it.
MOST = 10

#: Scopes of one member and of one producer association: what was scored in them is theirs to open.
_OWN = ("self", "organisation")


def ways_on(parts: Parts, viewer: Grant, words: Words) -> tuple[tuple[str, str], ...]:
    """Return addresses of the viewer's own pages, the latest first, and their names: a meeting, or scores by day."""
    if viewer.scope_kind in _OWN:
        desk = parts.state.desk
        zone = ZoneInfo("UTC" if desk is None else desk.time_zone)
        form = words.form("", "")

        def named(one: Lately) -> str:
            at = datetime.fromisoformat(one.at).astimezone(zone)
            title = words("page.title", subject=one.place.subject)
            return words("notice.of_day", title=title, date=form.day(at.date().isoformat()), time=f"{at:%H:%M}")

        latest = lately(parts.records, viewer, "")[:MOST]
        return tuple((f"/scores/{quote(one.score_id)}", named(one)) for one in latest)
    bank = viewer.scope_id if viewer.scope_kind == "group" and "meet" in RIGHTS[viewer.role] else None
    if bank is None or parts.state.desk is None or parts.state.desk.bank(bank) is None:
        return ()
    return ((f"/groups/{quote(bank)}", words("meeting.title", group=bank)),)
