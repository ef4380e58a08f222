"""Stays in a group, from the log and from signs."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.portfolio.adapters.fineract.commands import moves
from riskscore.portfolio.adapters.fineract.spells import SILENCE_DAYS, Sign, from_log, from_signs

TODAY = date(2025, 6, 30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


def told(versions: list) -> list[tuple[int, str, str | None, str, str]]:  # type: ignore[type-arg]
    return [
        (v.stay, str(v.valid_from), str(v.valid_to) if v.valid_to else None, str(v.known_at)[:16], v.provenance)
        for v in versions
    ]


def test_coming_leaving_and_coming_back() -> None:
    log = [(at("2024-01-02T10:00"), True), (at("2024-01-03T10:00"), True), (at("2024-05-01T09:00"), False),
           (at("2024-05-02T09:00"), False), (at("2024-09-01T08:00"), True)]  # fmt: skip
    assert told(from_log(log, [], True, TODAY)) == [
        (1, "2024-01-02", None, "2024-01-02 10:00", "command_log"),
        (1, "2024-01-02", "2024-05-01", "2024-05-01 09:00", "command_log"),
        (2, "2024-09-01", None, "2024-09-01 08:00", "command_log"),
    ]


def test_a_log_that_begins_with_her_leaving() -> None:
    log = [(at("2024-05-01T09:00"), False)]
    sign = Sign(day("2023-11-06"), at("2023-11-06T12:00"), day("2024-02-01"))
    assert told(from_log(log, [sign], False, TODAY)) == [
        (1, "2023-11-06", None, "2023-11-06 12:00", "inferred"),
        (1, "2023-11-06", "2024-05-01", "2024-05-01 09:00", "command_log"),
    ]
    assert from_log(log, [], False, TODAY) == []


def test_today_s_list_knows_better_from_today() -> None:
    inside = [(at("2024-01-02T10:00"), True)]
    assert told(from_log(inside, [], False, TODAY))[1:] == [
        (1, "2024-01-02", "2025-06-30", "2025-06-30 23:59", "inferred")
    ]
    outside = [*inside, (at("2024-05-01T09:00"), False)]
    assert told(from_log(outside, [], True, TODAY))[2:] == [(2, "2025-06-30", None, "2025-06-30 23:59", "inferred")]
    assert told(from_signs([], True, TODAY)) == [(1, "2025-06-30", None, "2025-06-30 23:59", "inferred")]
    assert from_log(outside, [], None, TODAY) == from_log(outside, [], False, TODAY)


def test_signs_make_a_stay_and_silence_ends_it() -> None:
    signs = [
        Sign(day("2024-01-08"), at("2024-01-08T09:00"), day("2024-03-04")),
        Sign(day("2024-05-06"), at("2024-05-06T09:00"), day("2024-05-06")),
        Sign(day("2024-09-02"), at("2024-09-02T09:00"), None),
    ]
    assert told(from_signs(signs, True, TODAY)) == [
        (1, "2024-01-08", None, "2024-01-08 09:00", "inferred"),
        (1, "2024-01-08", "2024-08-04", "2024-08-04 00:00", "inferred"),
        (2, "2024-09-02", None, "2024-09-02 09:00", "inferred"),
    ]


DAYS = st.dates(date(2024, 1, 1), date(2025, 6, 1))


@given(st.lists(st.tuples(DAYS, st.integers(0, 60), st.integers(0, 90) | st.none()), min_size=1, max_size=6), DAYS)
def test_signs_that_are_recorded_later_change_nothing_known_before(
    drawn: list[tuple[date, int, int | None]], cut: date
) -> None:
    def sign(start: date, lag: int, length: int | None) -> Sign:
        known = date.fromordinal(start.toordinal() + lag)
        end = None if length is None else date.fromordinal(start.toordinal() + length)
        return Sign(start, datetime.combine(known, datetime.min.time()), end)

    moment = datetime.combine(cut, datetime.min.time())
    signs = [sign(*one) for one in drawn]
    whole = [v for v in from_signs(signs, None, TODAY) if v.known_at < moment]
    before = [v for v in from_signs([s for s in signs if s.known_at < moment], None, TODAY) if v.known_at < moment]
    assert whole == before
    stays = {v.stay: v for v in from_signs(signs, None, TODAY)}
    for earlier, later in zip(list(stays.values()), list(stays.values())[1:], strict=False):
        assert earlier.valid_to is not None
        assert later.valid_from >= earlier.valid_to
    assert SILENCE_DAYS == 90


@pytest.mark.parametrize(
    ("entity", "action", "group", "client", "text", "expected"),
    [
        ("GROUP", "CREATE", 7, None, '{"clientMembers": 5}', [(5, 7, True)]),
        ("GROUP", "CREATE", 7, None, '{"name": "x"}', []),
        ("GROUP", "DISASSOCIATECLIENTS", 7, None, '{"clientMembers": [5]}', [(5, 7, False)]),
        ("GROUP", "TRANSFERCLIENTS", 7, None, '{"destinationGroupId": 8, "clients": [{"id": "5"}]}',
         [(5, 7, False), (5, 8, True)]),
        ("CLIENT", "CREATE", 7, 5, None, [(5, 7, True)]),
        ("CLIENT", "CREATE", None, 5, None, []),
        ("CLIENT", "ACCEPTTRANSFER", None, 5, '{"destinationGroupId": 8}', [(5, None, False), (5, 8, True)]),
        ("CLIENT", "PROPOSEANDACCEPTTRANSFER", None, 5, '{"destinationOfficeId": 2}', [(5, None, False)]),
    ],
)  # fmt: skip
def test_what_a_command_did(
    entity: str, action: str, group: int | None, client: int | None, text: str | None, expected: object
) -> None:
    assert moves(entity, action, group, client, text) == expected


@pytest.mark.parametrize("text", ["{", None, '{"clients": [{"id": 1}]}', '{"destinationGroupId": 8, "clients": [{}]}'])
def test_a_command_that_names_nobody_is_no_command(text: str | None) -> None:
    with pytest.raises((ValueError, KeyError)):
        moves("GROUP", "TRANSFERCLIENTS", 7, None, text)
