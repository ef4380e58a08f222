"""How every route of the application is called: well, badly, and by whoever has no business there.

A route that is not in this table, or a method, fails `test_service_noninterference`: whoever adds one says here how it
is called. ``{word}`` stands for the word of an open page, ``{session}`` for the name of the caller's session,
``{decision}`` for what her committee decided, ``{private}`` for what an officer decided on her own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.unit.service.associations import BANK_BODY, PRODUCER_BODY
from tests.unit.service.desks import BODY


class Call(NamedTuple):
    """A path with its query, and a body: JSON under ``/v1``, a form elsewhere, bytes as they are."""

    path: str
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})


_HTML = {"Accept": "text/html"}
#: Of her bank: M1's, M2's, a withdrawn one of M1's; of another; of associations; of nobody.
_SCORES = ("s_1", "s_2", "s_0", "s_9", "b_1", "p_1", "unknown")
_WORD = {"csrf_token": "{word}"}

_OPINION = {"would_approve": "less", "amount": 400.0, "words": "Vendió poco.", "written_on": "2026-02-02"}
_DECISION = {
    "who": "Comité",
    "role": "committee",
    "amount_approved": 280.0,
    "currency": "PEN",
    "decided_on": "2026-02-02",
    "reason": "Se pusieron al día.",
}
_BARE = _DECISION | {"reason": None}
_SAME = {"Idempotency-Key": "same"}
_FILE = {"format": "riskscore-decisions-1", "group": "B1"}
_LINE = _DECISION | {"key": "k-file"}
_FORM_OPINION = _WORD | {"would_approve": "yes", "words": "Paga bien.", "written_on": "2026-02-02"}
_FORM_DECISION = _WORD | {
    "choice": "approve",
    "amount_approved": "280",
    "who": "Comité",
    "decided_on": "2026-02-02",
    "reason": "Se pusieron al día.",
    "key": "k-form",
}


def _posts(path: str, good: dict[str, Any], *bad: dict[str, Any]) -> tuple[Call, ...]:
    """Return a form sent well, with faults, and without the word of the page."""
    whole = [Call(path, one) for one in (_WORD | good, *(_WORD | good | change for change in bad))]
    return (*whole, Call(path, good))


#: By route as ``METHOD template``; ``HEAD`` goes with ``GET``.
TABLE: dict[str, tuple[Call, ...]] = {
    "GET /": (Call("/"), Call("/?lang=en")),
    "GET /enter": (Call("/enter"), Call("/enter?key=none&next=/groups/B1", headers=_HTML), Call("/enter?next=//x")),
    "GET /login": (Call("/login"), Call("/login?lang=en&next=/groups/B1", headers=_HTML)),
    "POST /login": (Call("/login", {"token": "rs_none", "next": "/groups/B1"}), Call("/login", b"token=%ff")),
    "GET /login/provider": (
        Call("/login/provider"),
        Call("/login/provider?lang=en&next=/groups/B1", headers=_HTML),
    ),
    "GET /login/provider/back": (
        Call("/login/provider/back?code=none&state=none"),
        Call("/login/provider/back?error=access_denied&state=none", headers=_HTML | {"Accept-Language": "en"}),
    ),
    "GET /sessions": (Call("/sessions?lang=es"), Call("/sessions?lang=en")),
    "GET /livez": (Call("/livez"),),
    "GET /healthz": (Call("/healthz"),),
    "GET /readyz": (Call("/readyz"),),
    "GET /metrics": (Call("/metrics"),),
    "GET /openapi.json": (Call("/openapi.json"),),
    "GET /docs.json": (Call("/docs.json"),),
    "GET /v1/scores/{score_id}": (
        *(Call(f"/v1/scores/{one}") for one in _SCORES),
        Call("/v1/scores/s_1", headers={"Accept-Language": "en", "X-Request-ID": "M0000041"}),
        Call("/v1/scores/s_1", headers={"If-None-Match": "*", "Range": "bytes=0-9"}),
    ),
    "GET /scores/{score_id}": (
        *(Call(f"/scores/{one}?lang=es", headers=_HTML) for one in _SCORES),
        *(Call(f"/scores/{one}?lang=en") for one in ("s_1", "s_2", "s_0")),
    ),
    "GET /v1/groups/{group_id}/sheet": tuple(
        Call(f"/v1/groups/{one}/sheet") for one in ("B1", "B9", "S1", "M1", "unknown")
    ),
    "GET /groups/{group_id}": (
        *(Call(f"/groups/B1?lang={one}", headers=_HTML) for one in ("es", "en")),
        *(Call(f"/groups/{one}", headers=_HTML) for one in ("B9", "unknown")),
    ),
    "GET /v1/scores/{score_id}/decisions/{decision_id}": tuple(
        Call(f"/v1/scores/{score}/decisions/{one}")
        for score, one in (("s_1", "{decision}"), ("s_1", "{private}"), ("s_2", "{private}"), ("s_0", "{private}"))
    ),
    "GET /v1/scores/{score_id}/objections": tuple(Call(f"/v1/scores/{one}/objections") for one in ("s_1", "s_9")),
    "GET /apply": (Call("/apply"), Call("/apply?lang=en", headers=_HTML)),
    "GET /v1/models": (Call("/v1/models"),),
    "GET /models": (Call("/models"), Call("/models?lang=en", headers=_HTML)),
    "GET /policy": (Call("/policy"), Call("/policy?lang=en", headers=_HTML)),
    "GET /v1/register": (Call("/v1/register"), Call("/v1/register?lang=en")),
    "GET /officer": (Call("/officer"), Call("/officer?part=none&page=0", headers=_HTML)),
    "GET /trail": (Call("/trail"), Call("/trail?kind=none", headers=_HTML)),
    "GET /trail/{score_id}": (Call("/trail/s_1"), Call("/trail/s_9", headers=_HTML)),
    "GET /v1/trail": (Call("/v1/trail"), Call("/v1/trail?before=x")),
    "POST /v1/scores": (
        Call("/v1/scores", BODY),
        Call("/v1/scores", BODY | {"subject": "M9"}),
        Call("/v1/scores", BANK_BODY),
        Call("/v1/scores", PRODUCER_BODY),
        Call("/v1/scores", {"amount": "much"}),
    ),
    "POST /v1/scores/batch": (Call("/v1/scores/batch", {"requests": [BODY]}), Call("/v1/scores/batch", {})),
    "POST /v1/scores/{score_id}/what-if": (
        *(Call(f"/v1/scores/{one}/what-if", {"amount": 300.0}) for one in ("s_1", "s_9", "b_1", "unknown")),
        Call("/v1/scores/s_1/what-if", {"amount": -1}),
    ),
    "POST /scores/{score_id}/what-if": _posts("/scores/s_1/what-if", {"amount": "300", "term_days": "120"}),
    "POST /scores/{score_id}/again": _posts("/scores/s_1/again", {"amount": "300", "term_days": "120"}),
    "POST /v1/scores/{score_id}/opinions": (
        *(Call(f"/v1/scores/{one}/opinions", _OPINION) for one in ("s_1", "s_0", "s_9", "b_1", "unknown")),
        Call("/v1/scores/s_1/opinions", _OPINION | {"amount": 350.0}),
        Call("/v1/scores/s_2/opinions", _OPINION | {"amount": 350.0}),
        Call("/v1/scores/s_1/opinions", {"would_approve": "never"}),
    ),
    "POST /v1/scores/{score_id}/told": (Call("/v1/scores/s_1/told"), Call("/v1/scores/s_9/told")),
    "POST /v1/scores/{score_id}/withdrawn": (Call("/v1/scores/s_1/withdrawn"), Call("/v1/scores/s_9/withdrawn")),
    "POST /v1/scores/{score_id}/decisions": (
        Call("/v1/scores/s_1/decisions", _DECISION, _SAME),
        Call("/v1/scores/s_1/decisions", _DECISION | {"amount_approved": 270.0}, _SAME),
        Call("/v1/scores/s_1/decisions", _BARE | {"amount_approved": 600.0}, {"Idempotency-Key": "whole"}),
        Call("/v1/scores/s_1/decisions", _BARE | {"amount_approved": 281.0}, {"Idempotency-Key": "more"}),
        Call("/v1/scores/s_1/decisions", _BARE, {"Idempotency-Key": "bare"}),
        Call("/v1/scores/s_1/decisions", _BARE | {"amount_approved": None}, {"Idempotency-Key": "put off"}),
        Call("/v1/scores/s_1/decisions", _DECISION | {"role": "officer", "currency": "BOB", "who": ""}),
        Call("/v1/scores/s_0/decisions", _DECISION, {"Idempotency-Key": "gone"}),
        Call("/v1/scores/s_9/decisions", _DECISION, {"Idempotency-Key": "far"}),
    ),
    "POST /v1/decisions/upload": (
        Call("/v1/decisions/upload", _FILE | {"decisions": [_LINE | {"score_id": "s_1"}]}),
        Call("/v1/decisions/upload", _FILE | {"decisions": [_LINE | {"score_id": "s_1", "amount_approved": 100.0}]}),
        Call("/v1/decisions/upload", _FILE | {"decisions": [_LINE | {"score_id": one} for one in ("s_0", "s_9")]}),
        Call("/v1/decisions/upload", {"format": "none"}),
    ),
    "POST /groups/{group_id}/opinions": _posts(
        "/groups/B1/opinions", _FORM_OPINION | {"score_id": "s_1"}, {"score_id": "s_0"}, {"would_approve": "less"}
    ),
    "POST /groups/{group_id}/decisions": _posts(
        "/groups/B1/decisions",
        _FORM_DECISION | {"score_id": "s_2"},
        {"amount_approved": "600", "key": "k-form-2"},
        {"reason": "", "key": "k-form-3"},
        {"choice": "", "who": ""},
        {"score_id": "s_0"},
    ),
    "POST /groups/{group_id}/requests": _posts("/groups/B1/requests", {"keys": "k"}),
    "POST /groups/{group_id}/told": _posts("/groups/B1/told", {"score_id": "s_1"}),
    "POST /groups/{group_id}/withdrawn": _posts("/groups/B1/withdrawn", {"score_id": "s_1"}),
    "POST /groups/{group_id}/files/committee": _posts("/groups/B1/files/committee", {}),
    "POST /groups/{group_id}/files/officer": _posts("/groups/B1/files/officer", {"passphrase": "a", "again": "b"}),
    "POST /groups/{group_id}/uploads": _posts("/groups/B1/uploads", {"file": "{}"}),
    "POST /v1/scores/{score_id}/objections": (
        Call("/v1/scores/s_1/objections", {"topic": "review", "text": "Que lo vea una persona."}, _SAME),
    ),
    "POST /v1/scores/{score_id}/objections/{objection_id}/answers": (
        Call("/v1/scores/s_1/objections/o_0/answers", {"answer": "Se vio."}, _SAME),
    ),
    "POST /scores/{score_id}/objections": _posts("/scores/s_1/objections", {"topic": "review", "text": "Mire."}),
    "POST /scores/{score_id}/objections/{objection_id}/answers": _posts(
        "/scores/s_1/objections/o_0/answers", {"answer": "Se vio."}
    ),
    "POST /scores/{score_id}/consents": _posts(
        "/scores/s_1/consents", {"purpose": "bureau", "given": "yes", "since": "2026-01-05"}
    ),
    "POST /scores/{score_id}/shown": _posts("/scores/s_1/shown", {"other_loans": "yes"}, {"savings": "no"}),
    "POST /apply": _posts("/apply", {"subject": "M1", "amount": "300", "term_days": "120"}),
    "POST /trail/{score_id}/replay": _posts("/trail/s_1/replay", {}),
    # The last two end the session that the others are sent with.
    "POST /sessions/{session_id}/end": (*_posts("/sessions/b_0/end", {}), Call("/sessions/{session}/end", _WORD)),
    "POST /leave": _posts("/leave", {}),
}

#: What a committee comes for: called in every state of its meeting, the rest once at the end.
MEETING = tuple(
    name
    for name in TABLE
    if name.split()[1]
    in {
        "/v1/scores/{score_id}",
        "/scores/{score_id}",
        "/v1/groups/{group_id}/sheet",
        "/groups/{group_id}",
        "/v1/scores/{score_id}/decisions/{decision_id}",
        "/v1/scores/{score_id}/opinions",
        "/v1/scores/{score_id}/decisions",
        "/v1/decisions/upload",
        "/groups/{group_id}/opinions",
        "/groups/{group_id}/decisions",
    }
)

#: At no route's address.
NOWHERE = (Call("/nowhere"), Call("/v1/nowhere"), Call("/scores/s_1/"), Call("/" + "x" * 2_100))

#: Headers and bodies that no route takes: of another kind, compressed, too long, and none that can be read.
UNREADABLE = (
    ({"Content-Type": "text/csv"}, b"subject\nM1\n"),
    ({"Content-Encoding": "gzip"}, b"{}"),
    ({}, b" " * 1_300_000),
    ({}, b"[" * 3_000),
    ({}, b'{"amount_approved": NaN}'),
    ({}, b'{"who": "\xff"}'),
)
