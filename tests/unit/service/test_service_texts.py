"""What a person wrote is kept as it is, unless it would turn or break the lines that it stands in."""

from __future__ import annotations

import pytest

from riskscore.service.texts import text_faults


@pytest.mark.parametrize("odd", ["\0", "\a", "\x1b[31m", "\x7f", "\x85", "\ud800", "\u202e", "\u2067"])
def test_characters_that_are_none_are_refused_and_not_repeated(odd):
    (fault,) = text_faults("who", f"Comité{odd}1B", 80, "Name the committee.", needed=True)
    assert (fault.where, fault.what, odd in str(fault)) == ("who", "It holds characters that are none.", False)


@pytest.mark.parametrize("text", ["Comité de crédito", "Ñaupa\nK'uychi\tq", "村", "👩🏽\u200d🌾", "עברית"])
def test_every_script_is_kept(text):
    assert text_faults("who", text, 80, "Name the committee.", needed=True) == []
