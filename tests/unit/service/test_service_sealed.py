"""What is closed with a passphrase opens with it, with nothing else, and is never the same twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag

from riskscore.errors import InvalidInput
from riskscore.service.sealed import ROUNDS, passphrase_faults, seal, unseal

PASSPHRASE = "cuatro palabras al azar"


def test_it_opens_with_its_passphrase_alone():
    sealed = seal("Año: S/ 7777", PASSPHRASE)
    assert sealed.rounds == ROUNDS == 600_000
    assert unseal(sealed, PASSPHRASE) == "Año: S/ 7777"
    for other in (PASSPHRASE + " ", PASSPHRASE.upper()):
        with pytest.raises(InvalidTag):
            unseal(sealed, other)


def test_nothing_is_closed_the_same_way_twice():
    one, two = seal("a", PASSPHRASE), seal("a", PASSPHRASE)
    assert one.salt != two.salt
    assert one.nonce != two.nonce
    assert one.closed != two.closed


def test_what_was_changed_does_not_open():
    sealed = seal("a" * 100, PASSPHRASE)
    with pytest.raises(InvalidTag):
        unseal(replace(sealed, closed="AAAA" + sealed.closed[4:]), PASSPHRASE)


@pytest.mark.parametrize("passphrase", ["", "a" * 40, "corta1234567", "ab" * 20, "x" * 195 + "abcdef"])
def test_a_weak_passphrase_closes_nothing(passphrase):
    with pytest.raises(InvalidInput) as caught:
        seal("a", passphrase)
    assert not passphrase or passphrase not in str(caught.value)
    assert passphrase_faults(PASSPHRASE) == []
