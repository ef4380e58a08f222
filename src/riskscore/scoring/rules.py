"""The rules of ``serving/policy.toml`` on a communal bank, its members and their loans, as data.

A rule measures one thing of a closed list, has bands with a state each, and can only tighten: the strictest rule
decides, so that one more rule never loosens. A rule answers on the group's sheet; no member's own recommendation
changes with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from string import Formatter

from riskscore.errors import Fault
from riskscore.modelling.toml_fields import Fields
from riskscore.scoring.measures import AUDIENCES, LAYERS, MEASURES, Audience, Cut, Measure, refusal
from riskscore.scoring.rule_bands import RuleBand, bands_of, rule_band_faults
from riskscore.words import LANGUAGES

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")

#: What a rule may be limited to, and how it is written.
_WHERE = {"area": re.compile("urban|rural"), "cycle": re.compile("first|later"), "currency": re.compile("[A-Z]{3}")}


@dataclass(frozen=True, slots=True)
class Where:
    """For whom a rule is meant; None is for all.

    Parameters
    ----------
    area : {"urban", "rural"} or None
        Of the communal bank's branch.
    cycle : {"first", "later"} or None
        Of the communal bank where the rule is about a group, else of the member.
    currency : str or None
        The portfolio's, ISO 4217; whoever measures an amount must name it.
    """

    area: str | None = None
    cycle: str | None = None
    currency: str | None = None

    def within(self, other: Where) -> bool:
        """Return whether whoever this is meant for is also meant by `other`."""
        pairs = ((getattr(self, one.name), getattr(other, one.name)) for one in fields(self))
        return all(theirs is None or mine == theirs for mine, theirs in pairs)

    def meets(self, other: Where) -> bool:
        """Return whether somebody is meant by both."""
        pairs = ((getattr(self, one.name), getattr(other, one.name)) for one in fields(self))
        return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    code : str
    measure : Measure
        Its layer is the rule's.
    where : Where
    bands : tuple of RuleBand
        Upwards, without gap or overlap.
    audience : {"committee", "officer"}
        Who reads its answer; an officer reads every rule.
    words : mapping of str to str
        What was found, by language; ``{value}`` is filled in.
    source : str
    verified : bool
        Whether somebody checked it for this institution.
    """

    code: str
    measure: Measure
    where: Where
    bands: tuple[RuleBand, ...]
    audience: Audience
    words: dict[str, str]
    source: str
    verified: bool

    def band_at(self, low: Cut) -> RuleBand:
        """Return the band of what lies just behind a cut, of a rule whose bands leave nothing out."""
        return next(band for band in self.bands if band.low <= low < band.high)


def rules_of(tables: Sequence[Fields]) -> tuple[Rule, ...]:
    """Read the tables ``[[rules]]``; every fault goes to the tables' list, and a file with one may not serve.

    What rules say together is for `riskscore.scoring.rules_together`.
    """
    rules: list[Rule] = []
    codes: dict[str, str] = {}
    for table in tables:
        before = len(table.faults)
        rule = _rule(table)
        rules.append(rule)
        if rule.code and rule.code in codes:
            table.fault("code", f"{rule.code} is also {codes[rule.code]}.", "Give each rule a code of its own.")
        codes.setdefault(rule.code, table.where)
        # What bands say together is judged where they can be read, whatever else is wrong with the rule.
        asked = tuple(f"{table.where}.{name}" for name in ("measure", "where", "bands"))
        if any(fault.where.startswith(asked) for fault in table.faults[before:]):
            continue
        table.faults.extend(
            rule_band_faults(rule.bands, rule.measure, f"{table.where}.bands") or _idle(rule, table.where)
        )
    return tuple(rules)


def _rule(table: Fields) -> Rule:
    code = table.text("code")
    if code and not _CODE.fullmatch(code):
        table.fault("code", f"{code!r} is no code.", "Write capitals and digits, like G01.")
    layer, measure = table.text("layer", among=LAYERS), _measure(table)
    audience: Audience = "committee" if table.text("audience", among=AUDIENCES) == "committee" else "officer"
    if measure is not None and layer in LAYERS and layer != measure.layer:
        table.fault("layer", f"{measure.name} is of the layer {measure.layer}.", f'Write "{measure.layer}".')
    if measure is not None and audience == "committee" and not measure.own:
        what = (
            f"{measure.name} is not for a committee: it is about one member, or rests on facts from outside the group."
        )
        table.fault("audience", what, 'Write "officer".')
    where = _where(table.table("where", needed=False))
    if measure is not None and measure.kind == "amount" and where.currency is None:
        table.fault("where.currency", "An amount without its currency says nothing.", 'Write it like "PEN".')
    bands = bands_of(table.tables("bands"), measure)
    words = {language: _words(table, language) for language in LANGUAGES}
    rule = Rule(
        code,
        measure or next(iter(MEASURES.values())),
        where,
        bands,
        audience,
        words,
        table.text("source"),
        table.flag("verified"),
    )
    table.done()
    return rule


def _measure(table: Fields) -> Measure | None:
    name = table.text("measure")
    if name in MEASURES or not name:
        return MEASURES.get(name)
    if (why := refusal(name)) is not None:
        table.fault("measure", why, "Take the rule out.")
    else:
        near = get_close_matches(name, MEASURES, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Use one of: {', '.join(MEASURES)}."
        table.fault("measure", f"{name!r} cannot be measured.", hint)
    return None


def _where(table: Fields) -> Where:
    given = {name: table.text(name) for name in table.content if name in _WHERE or refusal(name)}
    for name, value in given.items():
        if name not in _WHERE:
            table.fault(name, str(refusal(name)), "Take it out.")
        elif value and not _WHERE[name].fullmatch(value):
            told = 'three capitals, like "PEN"' if name == "currency" else _WHERE[name].pattern.replace("|", " or ")
            table.fault(name, f"{value!r} is not known.", f"Write {told}.")
    table.done()
    return Where(**{name: value for name, value in given.items() if name in _WHERE})


def _words(table: Fields, language: str) -> str:
    if language not in table.content:
        table.fault(language, "The words in this language are missing.", "Say in every language what was found.")
    text = table.text(language, default="-")
    try:
        places = [(name, spec or turned) for _, name, spec, turned in Formatter().parse(text) if name is not None]
    except ValueError:
        table.fault(language, "Its braces do not close.", "Write {value} where the figure stands.")
        return text
    strange = [name for name, formed in places if name != "value" or formed]
    if strange:
        table.fault(language, f"{{{strange[0]}}} is not filled in like this.", "Only {value} is filled in, as it is.")
    return text


def _idle(rule: Rule, where: str) -> list[Fault]:
    """Return that a rule never asks for a talk, or always does."""
    states = {band.state for band in rule.bands}
    if states == {"ready"}:
        return [Fault(f"{where}.bands", "It never asks for a talk.", "Give a band that does, or take the rule out.")]
    if states == {"talk_first"}:
        what = "It asks for a talk whatever is measured."
        return [Fault(f"{where}.bands", what, "Give a band that is ready, or take the rule out.")]
    return []
