"""What the institution's board decided, as data: when a request is ready, and when to talk first.

Each rule answers one of two states, and the strictest answer wins, so that a rule added later can only tighten. No rule
refuses anybody: *conversar antes* sends people to a talk, and people decide. A number nobody has checked against its
source carries ``verified = false`` and is shown so.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from riskscore.errors import Fault, InvalidInput
from riskscore.indebtedness import Level, PolicyNumbers
from riskscore.modelling.toml_fields import Fields
from riskscore.modelling.toml_file import parse_toml, read_text
from riskscore.scoring.matrix import Matrix, matrix_faults, matrix_of
from riskscore.scoring.pd_bands import PdBand, band_faults, bands_of
from riskscore.scoring.rule_words import word_faults
from riskscore.scoring.rules import Rule, rules_of
from riskscore.scoring.rules_together import closed_faults, cover_faults, cycle_faults, pair_faults, sound

_WHERE = "policy.toml"

#: Every number of the file: its place, its bounds. Each is a table with value, verified and source.
_NUMBERS = {
    "indebtedness": {
        "cap": (0.01, 1.0),
        "haircut": (0.0, 1.0),
        "shock": (0.0, 1.0),
        "at_risk_above": (0.01, 10.0),
        "over_above": (0.01, 10.0),
        "peer_bad_rate": (0.0, 1.0),
        "probability_talk_from": (0.0, 1.0),
    },
    "progression": {"growth_max": (1.0, 10.0)},
    "data": {"budget_old_after_days": (1.0, 3650.0)},
}


#: Numbers that came with the matrix: a policy of before has neither.
_WITH_MATRIX = frozenset({"indebtedness.probability_talk_from"})


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number of the policy, where it comes from, and whether anybody checked."""

    value: float
    verified: bool
    source: str


@dataclass(frozen=True, slots=True)
class Why:
    """A rule that asked for a talk: its code and its sentence in both languages."""

    code: str
    es: str
    en: str


WHYS: dict[str, Why] = {
    why.code: why
    for why in (
        Why("pd_missing", "Faltan datos para estimar el riesgo.", "Facts are missing to estimate the risk."),
        Why(
            "pd_band",
            "El riesgo estimado está por encima del límite de la institución.",
            "The estimated risk is above the institution's limit.",
        ),
        Why(
            "indebtedness_unknown",
            "Falta saber sus ingresos, sus gastos o sus otras deudas.",
            "Her income, her costs or her other debts are not known.",
        ),
        Why(
            "above_cap",
            "Con este préstamo sus cuotas pasan el límite de la institución.",
            "With this loan her instalments pass the institution's limit.",
        ),
        Why(
            "over_indebted",
            "Con este préstamo sus cuotas serían más de lo que le sobra al mes.",
            "With this loan her instalments would be more than what is left over in a month.",
        ),
        Why(
            "pd_and_level",
            "El riesgo y las deudas, vistos juntos, piden conversar antes.",
            "Risk and debts, seen together, ask for a talk first.",
        ),
        Why(
            "likely_over_indebted",
            "Es probable que más adelante sus cuotas pasen de lo que le sobra.",
            "Her instalments may well come to be more than what is left over.",
        ),
        Why("growth", "Pide mucho más que en su préstamo anterior.", "She asks for much more than her last loan."),
    )
}


@dataclass(frozen=True)
class Policy:
    """The rules, loaded and checked as a whole.

    Parameters
    ----------
    name : str
    bands : tuple of PdBand
        From the safest to the riskiest, without gap or overlap, none looser than the one before it.
    matrix : Matrix or None
        What PD and level of indebtedness ask for together; None only in a policy from before there was one.
    thresholds : mapping of str to Threshold
        By ``section.name``.
    rules : tuple of Rule
        On the group, its members and their loans, for the group's sheet; none where the file has none.
    version : str
        The first 12 digits of the SHA-256 of the content: a comment changes nothing, a number changes it.
    """

    name: str
    bands: tuple[PdBand, ...]
    matrix: Matrix | None
    thresholds: Mapping[str, Threshold] = field(repr=False)
    rules: tuple[Rule, ...] = field(repr=False)
    version: str

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read ``serving/policy.toml``.

        Raises
        ------
        InvalidInput
            It is missing, no TOML, or breaks a rule: all faults at once.
        """
        path = Path(path)
        return cls.parse(read_text(path), where=path.name)

    @classmethod
    def parse(cls, text: str, *, where: str = _WHERE) -> Self:
        """Read a policy from its text, which faults call `where`; see `load`."""
        return cls._read(parse_toml(text, where), where, of_record=False)

    @classmethod
    def of_record(cls, text: str) -> Self:
        """Read the policy that a recorded score was answered with, by the rules of its time.

        A text without ``[[matrix]]`` is of the time before there was one: PD and level were not weighed together, and
        ``indebtedness.probability_talk_from``, which came with it, may be missing too. Such a text answers as it did
        then; no new score may rest on it. Nor is any text on record held to what was asked of policies later: of the
        cap beside ``over_above``, of words, and of rules beside others.

        Raises
        ------
        InvalidInput
            It breaks any other rule: all faults at once.
        """
        return cls._read(parse_toml(text, _WHERE), _WHERE, of_record=True)

    @classmethod
    def _read(cls, content: Mapping[str, Any], where: str, *, of_record: bool) -> Self:
        policy, faults = cls.gather(content, of_record=of_record)
        if faults:
            raise InvalidInput(Fault(f"{where}: {fault.where}", fault.what, fault.remedy) for fault in faults)
        return policy

    @classmethod
    def gather(cls, content: Mapping[str, Any], *, of_record: bool = False) -> tuple[Self, list[Fault]]:
        """Return a policy as far as it can be read, and every fault of it; with any fault it may not serve."""
        before_matrix = of_record and "matrix" not in content
        faults: list[Fault] = []
        top = Fields(content, "", faults)
        name = top.text("name")
        thresholds = {}
        for section, numbers in _NUMBERS.items():
            table = top.table(section)
            for key, (low, high) in numbers.items():
                if before_matrix and f"{section}.{key}" in _WITH_MATRIX and key not in table.content:
                    continue
                one = table.table(key, needed=section in content)
                if not isinstance(table.content.get(key), Mapping):  # what is missing whole is named once
                    thresholds[f"{section}.{key}"] = Threshold(low, False, "")
                    continue
                value = one.number("value", low, high)
                verified = one.content.get("verified")
                if not isinstance(verified, bool):
                    what = "It is missing." if verified is None else f"{verified!r} is neither true nor false."
                    one.fault("verified", what, "Write true or false: whether it was checked here.")
                for extra in sorted(set(one.content) - {"value", "verified", "source"}):
                    one.fault(extra, "There is no such field.", "Use value, verified and source.")
                thresholds[f"{section}.{key}"] = Threshold(value, verified is True, one.text("source"))
            table.done()
        bands = bands_of(top.tables("bands"))
        matrix = None if before_matrix else matrix_of(top.tables("matrix"))
        rules = rules_of(top.tables("rules")) if "rules" in content else ()
        top.done()
        # What parts say together is judged where each can be read, so that one slip hides nothing elsewhere.
        unread = {re.split(r"[.\[]", fault.where)[0] for fault in faults}
        if "bands" not in unread:
            faults += band_faults(bands)
        if matrix is not None and "matrix" not in unread:
            faults += matrix_faults(matrix)
        if "indebtedness" not in unread:
            low, high = (thresholds[f"indebtedness.{key}"].value for key in ("at_risk_above", "over_above"))
            if low >= high:
                faults.append(
                    Fault("indebtedness.at_risk_above", "It is not below over_above.", "Give less than over_above.")
                )
            elif not of_record and thresholds["indebtedness.cap"].value > high:
                what = f"It is above over_above: ceilings would be told that leave people over-indebted, past {high:g}."
                faults.append(Fault("indebtedness.cap.value", what, f"Give {high:g} or less."))
        if not of_record:
            faults += word_faults(rules, faults)
            faults += cycle_faults(sound(rules, faults))
        faults += pair_faults(sound(rules, faults))
        if not of_record:
            faults += closed_faults(sound(rules, faults)) + cover_faults(sound(rules, faults))
        plain = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        version = hashlib.sha256(plain.encode()).hexdigest()[:12]
        return cls(name, bands, matrix, thresholds, rules, version), faults

    def value(self, name: str) -> float:
        """Return a threshold's number, by ``section.name``."""
        return self.thresholds[name].value

    @cached_property
    def numbers(self) -> PolicyNumbers:
        """What the arithmetic of indebtedness needs."""
        names = ("cap", "haircut", "shock", "at_risk_above", "over_above")
        return PolicyNumbers(**{name: self.value(f"indebtedness.{name}") for name in names})

    @property
    def unverified(self) -> tuple[str, ...]:
        """Thresholds that nobody has checked against their source."""
        return tuple(name for name, threshold in self.thresholds.items() if not threshold.verified)

    def band(self, pd: float) -> PdBand:
        """Return the band of a probability; the last one includes 1."""
        for band in self.bands:
            if pd < band.pd_below:
                return band
        return self.bands[-1]

    @cached_property
    def talk_from(self) -> float:
        """The least probability that alone asks for a talk first; infinite where none does."""
        return next((band.pd_from for band in self.bands if band.state == "talk_first"), math.inf)

    def growth(self, product_growth: float | None) -> float:
        """Return the largest amount over the last one: the product's own limit or the policy's, the tighter."""
        own = self.value("progression.growth_max")
        return own if product_growth is None else min(own, product_growth)

    def whys(
        self,
        pd: float | None,
        *,
        above_cap: bool | None,
        amount: float,
        previous: float | None,
        growth: float,
        level: Level | None = None,
    ) -> tuple[Why, ...]:
        """Return every rule that asks for a talk first; none means ready.

        Parameters
        ----------
        pd : float or None
            Probability of bad from her own record, without her neighbours'; None where it could not be estimated.
        above_cap : bool or None
            Whether net indebtedness after the loan is above the cap; None where it is unknown.
        amount : float
            Asked for.
        previous : float or None
            Her last loan's amount; None for a first one.
        growth : float
            As `growth` gives it.
        level : str, optional
            Of indebtedness after the loan, for the matrix; `above_cap` alone is weighed without it, and under a policy
            from before there was a matrix.
        """
        codes = []
        if pd is None or math.isnan(pd):
            codes.append("pd_missing")
        elif self.band(pd).state == "talk_first":
            codes.append("pd_band")
        if above_cap is None:
            codes.append("indebtedness_unknown")
        elif above_cap:
            codes.append("above_cap")
        if level is not None and self.matrix is not None:
            riskiest = 1.0 if pd is None or math.isnan(pd) else pd
            if level == "OVER_INDEBTED":
                codes.append("over_indebted")
            elif self.matrix.state(riskiest, level) == "talk_first" and not codes:
                codes.append("pd_and_level")
        if previous is not None and amount > growth * previous + 1e-9:
            codes.append("growth")
        return tuple(WHYS[code] for code in codes)
