"""Every rule that the policy may name has its words on the reports, in both languages."""

import pytest

from riskscore.project import starter_dir
from riskscore.scoring.policy import WHYS
from riskscore.words import Words


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_rule_has_its_words(language):
    words = Words.load(starter_dir() / "serving" / "reports" / "words", language)
    assert [code for code in WHYS if f"rule.{code}" not in words.texts] == []
