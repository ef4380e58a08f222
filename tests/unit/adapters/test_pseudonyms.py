"""Pseudonyms: stable with the key, useless without it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms

KEY = bytes(range(32))


def test_the_same_key_gives_the_same_pseudonym_and_another_key_another() -> None:
    # echo -n $'member\x1f17' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f, its first 24 digits.
    assert Pseudonyms(KEY).of("member", 17) == Pseudonyms(KEY).of("member", "17") == "m_1fdc4fc4e1cd7810b8a21532"
    assert Pseudonyms(bytes(32)).of("member", 17) != Pseudonyms(KEY).of("member", 17)


def test_kinds_are_kept_apart() -> None:
    names = Pseudonyms(KEY)
    assert names.of("member", 17)[2:] != names.of("group", 17)[2:]
    assert names.of("member", "1")[2:] != names.of("membe", "r1")[2:]


def test_a_column_is_what_its_values_are_and_missing_stays_missing() -> None:
    names = Pseudonyms(KEY)
    found = names.column("member", pl.Series("client_id", [3, None, 5, 3]))
    assert found.name == "client_id"
    assert found.to_list() == [names.of("member", 3), None, names.of("member", 5), names.of("member", 3)]
    assert names.column("member", pl.Series("c", [None, None])).to_list() == [None, None]
    assert names.column("member", pl.Series("c", ["a", "b"])).to_list() == [names.of("member", x) for x in "ab"]


def test_a_new_key_is_its_owner_s_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    made = Pseudonyms.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Pseudonyms.from_file(path).of("member", 1) == made.of("member", 1)
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match="exists already"):
        Pseudonyms.create(path)
    assert path.read_bytes() == before


def test_a_key_that_others_can_read_or_that_is_too_short_is_refused_with_every_reason(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("c0ffee\n")
    path.chmod(0o640)
    with pytest.raises(InvalidInput) as caught:
        Pseudonyms.from_file(path)
    assert len(caught.value.faults) == 2
    assert "c0ffee" not in str(caught.value)
    assert "chmod 600" in caught.value.faults[0].remedy
    with pytest.raises(InvalidInput, match="cannot be read"):
        Pseudonyms.from_file(tmp_path / "none")
    with pytest.raises(InvalidInput, match="shorter than 32"):
        Pseudonyms(b"short")


def test_nothing_shown_leads_to_the_key() -> None:
    names = Pseudonyms(KEY)
    assert KEY.hex() not in repr(names) + str(vars(names)) + names.key_id
    assert names.key_id == Pseudonyms(KEY).key_id != Pseudonyms(bytes(32)).key_id
