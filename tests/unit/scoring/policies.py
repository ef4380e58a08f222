"""Policies to be looked through: the starter, its numbers without its rules, and a rule to change."""

from __future__ import annotations

from pathlib import Path

from riskscore.scoring.policy_lint import lint_policy

TEXT = (Path(__file__).parents[3] / "serving" / "policy.toml").read_text(encoding="utf-8")
#: Bands, numbers and matrix of the starter; rules come after it.
BASE = TEXT[: TEXT.index("# Rules for the group's sheet")]

#: The share of members starting a business, at its usual bound. Its first line is line 1 of what is appended.
RULE = """[[rules]]
code = "G08"
layer = "group"
measure = "share_starting_business"
bands = [
  { at_most = "20 %", state = "ready" },
  { above = "20 %", state = "talk_first" },
]
audience = "officer"
es = "Empiezan un negocio {value} socias."
en = "Starting a business are {value} members."
source = "Minutes of 3 May."
verified = true
"""
BANDS = RULE[RULE.index("bands") : RULE.index("audience")]
FIRST = len(BASE.splitlines())


def lint(tmp_path: Path, text: str):
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return lint_policy(path)


def faults(tmp_path: Path, *rules: str) -> list[tuple[int, str, str]]:
    """Lines are counted from the first rule's own first line."""
    found = lint(tmp_path, BASE + "".join(rules))
    return [(one.line - FIRST, one.where, one.what) for one in found.faults]


def with_bands(*bands: str, measure: str = "share_starting_business", layer: str = "group") -> str:
    rule = RULE.replace("share_starting_business", measure).replace('layer = "group"', f'layer = "{layer}"')
    return rule.replace(BANDS, "bands = [\n" + "".join(f"  {{ {band} }},\n" for band in bands) + "]\n")


MEASURE = '"share_starting_business"'
READY, TALK = 'state = "ready"', 'state = "talk_first"'
