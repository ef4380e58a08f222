"""`riskscore check --policy`: the board's policy looked through before it serves."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typer

from riskscore.cli import printing


def check_policy(path: Path, *, as_json: bool) -> None:
    """Print every fault and warning of a policy; exit code 1 where there is a fault."""
    from riskscore.scoring.policy_lint import lint_policy

    found = lint_policy(path)
    policy = found.policy
    if as_json:
        lists = {name: [asdict(one) for one in getattr(found, name)] for name in ("faults", "warnings")}
        version = None if policy is None else policy.version
        printing.line(json.dumps({"file": str(path), "version": version, **lists}, ensure_ascii=False, indent=2))
    elif policy is None:
        printing.faults(one.as_fault() for one in found.faults)
    else:
        rows = 0 if policy.matrix is None else len(policy.matrix.rows)
        holds = (
            f"{len(policy.bands)} bands, {rows} rows of the matrix, {len(policy.thresholds)} numbers, "
            f"{len(policy.rules)} rules"
        )
        printing.line(f"{path}  no faults in {holds}; version {policy.version}")
        for one in found.warnings:
            printing.line(f"  warning  {one.as_fault()}")
    if policy is None:
        raise typer.Exit(1)
