"""The policy in force, said in words: each rule with its limits, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from riskscore.indebtedness import LEVELS
from riskscore.modelling.toml_fields import exact
from riskscore.scoring import Policy
from riskscore.scoring.measures import LAYERS
from riskscore.scoring.rule_bands import RuleBand
from riskscore.scoring.rules import Rule
from riskscore.words import Format, InSpanish, Words


@dataclass(frozen=True, slots=True)
class RulePart:
    """A rule: its code, for whom it is, a line for each band, and who reads it."""

    code: str
    where: str
    bands: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """What ``policy.html`` shows, ready to be written out."""

    version: str
    risk: tuple[str, ...]
    levels: tuple[str, ...]
    matrix: tuple[tuple[str, tuple[str, ...]], ...]
    limits: tuple[str, ...]
    layers: tuple[tuple[str, tuple[RulePart, ...]], ...]


def policy_page(policy: Policy, words: Words) -> PolicyPage:
    """Return the page of a policy.

    Parameters
    ----------
    policy : Policy
    words : Words
    """
    form = words.form("", "")
    rows = () if policy.matrix is None else policy.matrix.rows
    starts = (0.0, *(row.pd_below for row in rows))
    return PolicyPage(
        version=words("policy.version", name=policy.name, version=policy.version),
        risk=tuple(
            words("policy.then", what=_risk(band.pd_from, band.pd_below, words, form), state=_state(band.state, words))
            for band in policy.bands
        ),
        levels=tuple(words(f"policy.level_{level.lower()}") for level in LEVELS),
        matrix=tuple(
            (
                _risk(start, row.pd_below, words, form),
                tuple(_state(row.states[level], words) for level in LEVELS),
            )
            for start, row in zip(starts, rows, strict=False)
        ),
        limits=tuple(_limits(policy, words, form)),
        layers=tuple(
            (words(f"policy.layer_{layer}"), tuple(_rule(rule, words, form) for rule in rules))
            for layer in LAYERS
            if (rules := [one for one in policy.rules if one.measure.layer == layer])
        ),
    )


def _risk(start: float, below: float, words: Words, form: Format) -> str:
    """Return a span of chances as people of a hundred."""
    ends = {"low": form.number(100 * start), "high": form.number(100 * below)}
    if start == 0.0:
        return words("policy.risk_below", **ends)
    return words("policy.risk_from" if below >= 1.0 else "policy.risk_between", **ends)


def _limits(policy: Policy, words: Words, form: Format) -> Iterator[str]:
    for place, limit in policy.thresholds.items():
        name = place.rpartition(".")[2]
        hundredths = place.startswith("indebtedness.")
        value = form.number(100 * limit.value) if hundredths else form.number(limit.value, int(limit.value % 1 > 0))
        yield _checked(words(f"limit.{name}", value=value), limit.verified, words)


def _rule(rule: Rule, words: Words, form: Format) -> RulePart:
    where = [
        words(f"policy.{name}_{value}") if name != "currency" else words("policy.currency", currency=value)
        for name in ("area", "cycle", "currency")
        if (value := getattr(rule.where, name)) is not None
    ]
    return RulePart(
        code=rule.code,
        where=" ".join(where),
        bands=tuple(_band(rule, band, words, form) for band in rule.bands),
        note=_checked(words(f"policy.read_by_{rule.audience}"), rule.verified, words),
    )


def _band(rule: Rule, band: RuleBand, words: Words, form: Format) -> str:
    """Return what is found within a band, in the rule's own words, and what it asks for."""
    key = f"rule.{rule.code}"
    text = rule.words.get(words.language, words.texts.get(key))
    if text is None and words.spanish is not None:
        return InSpanish(_band(rule, band, words.spanish, form))
    found = str(text).format(value=bounds_said(dict(band.bounds), rule.measure.kind, words, form)).rstrip(".")
    return words("policy.then", what=found, state=_state(band.state, words, exception=band.exception))


def bounds_said(written: Mapping[str, str], kind: str, words: Words, form: Format) -> str:
    """Return the bounds of a band, by side as they were written, as they are spoken."""
    bounds = {side: _bound(number, kind, words, form) for side, number in written.items()}
    if not bounds:
        return words("policy.any")
    if set(bounds) == {"at_least", "at_most"}:
        low, high = bounds["at_least"], bounds["at_most"]
        return low if low == high else words("policy.between", low=low, high=high)
    return words("policy.and").join(words(f"policy.{side}", number=number) for side, number in bounds.items())


def _bound(written: str, kind: str, words: Words, form: Format) -> str:
    """Return a bound as it is spoken: a share of a hundred, one amount for each of another, a number."""
    number = exact(written)
    if number is None:  # pragma: no cover - such a policy does not load
        return written
    shared = kind == "share" or any(sign in written for sign in "%/")
    value = float(100 * number if shared else number)
    said = form.number(value, 0 if value == round(value) else 1)
    if shared:
        return words("policy.of_100", number=said)
    return words("policy.ratio", number=said) if kind == "ratio" else said


def _state(state: str, words: Words, *, exception: bool = False) -> str:
    if exception:
        return words("policy.exception")
    return words("policy.ready" if state == "ready" else "policy.talk")


def _checked(said: str, verified: bool, words: Words) -> str:
    return said if verified else f"{said} {words('policy.unverified')}"
