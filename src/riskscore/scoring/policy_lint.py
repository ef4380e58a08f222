"""A policy looked through before it serves: every fault with its line, and what is allowed and worth a look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from riskscore.errors import Fault, InvalidInput
from riskscore.modelling.toml_file import parse_toml, read_text
from riskscore.modelling.toml_lines import lines_of, nearest
from riskscore.scoring.policy import Policy
from riskscore.scoring.policy_warnings import warnings_of


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing found in a policy.

    Parameters
    ----------
    file : str
    line : int or None
        From 1; None where nothing of it is in the file.
    where : str
        The field, such as ``rules[3].bands[2].above``; empty where it is the file as a whole.
    what, remedy : str
    """

    file: str
    line: int | None
    where: str
    what: str
    remedy: str

    def as_fault(self) -> Fault:
        """Return it as commands print it, with file and line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return Fault(f"{place}: {self.where}" if self.where else place, self.what, self.remedy)


@dataclass(frozen=True, slots=True)
class PolicyLint:
    """What was found.

    Parameters
    ----------
    policy : Policy or None
        None where it has a fault and may not serve.
    faults : tuple of Remark
        In the order of the file.
    warnings : tuple of Remark
        Allowed and worth a look, as `warnings_of` finds them. None while there are faults.
    """

    policy: Policy | None
    faults: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def lint_policy(path: Path) -> PolicyLint:
    """Look a file through; what keeps it from being read at all is a fault of its own."""
    try:
        text = read_text(path)
        content = parse_toml(text, path.name)
    except InvalidInput as error:
        return PolicyLint(None, tuple(_unreadable(path, fault) for fault in error.faults), ())
    policy, found = Policy.gather(content)
    if found:
        return PolicyLint(None, _placed(path, text, found), ())
    return PolicyLint(policy, (), _placed(path, text, warnings_of(policy)))


def _placed(path: Path, text: str, found: list[Fault]) -> tuple[Remark, ...]:
    lines = lines_of(text)
    placed = [Remark(path.name, nearest(lines, one.where), one.where, one.what, one.remedy) for one in found]
    return tuple(sorted(placed, key=lambda one: one.line or 0))


def _unreadable(path: Path, fault: Fault) -> Remark:
    told = re.search(r"[Ll]ine (\d+)", fault.what)
    return Remark(path.name, int(told[1]) if told else None, "", fault.what, fault.remedy)
