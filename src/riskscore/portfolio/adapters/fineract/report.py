"""The report of an ingestion: what was inferred, left out and missing, and our figures beside the core's.

It stands beside the portfolio, in ``<name>.ingest``, readable by its owner alone: ``report.md`` for people and
``reconciliation.csv``, loan by loan under pseudonyms.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskscore.errors import Fault
from riskscore.portfolio.adapters.fineract.findings import Finding
from riskscore.portfolio.adapters.fineract.reconciliation import REASONS, Reconciliation
from riskscore.portfolio.folder import Portfolio

_SORTS = ("inferred", "left out", "missing", "cannot be seen")
_FIGURES = ("loans", "outstanding", "core_outstanding", "overdue", "core_overdue")


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say of one ingestion.

    Attributes
    ----------
    portfolio : Portfolio
    source : str
        The database, without password.
    key_id : str
        Of the key of the pseudonyms.
    missing : sequence of Fault
        Tables and columns this core lacks, and what follows.
    findings : sequence of Finding
    reconciliation : Reconciliation
    """

    portfolio: Portfolio
    source: str
    key_id: str
    missing: Sequence[Fault]
    findings: Sequence[Finding]
    reconciliation: Reconciliation

    @property
    def in_order(self) -> list[Finding]:
        """The findings by sort, and within a sort as they were made."""
        return sorted(self.findings, key=lambda one: _SORTS.index(one.sort))

    def markdown(self) -> str:
        """Return the report as a page of Markdown."""
        return "\n".join(self._lines()) + "\n"

    def write(self) -> Path:
        """Write both files beside the portfolio and return their folder."""
        folder = self.portfolio.path.with_name(f"{self.portfolio.path.name}.ingest")
        folder.mkdir(mode=0o700, exist_ok=True)
        _put(folder / "report.md", self.markdown())
        _put(folder / "reconciliation.csv", self.reconciliation.loans.write_csv())
        return folder

    def _lines(self) -> Iterator[str]:
        manifest = self.portfolio.manifest
        yield f"# Ingestion of {self.source}"
        yield ""
        yield (
            f"{manifest.currency}, data up to {manifest.data_date}, local times of {manifest.time_zone}; "
            f"key of the pseudonyms {self.key_id}; content {manifest.content_hash[:12]}."
        )
        yield from _table(("table", "rows (versions)"), [(name, f"{rows:,}") for name, rows in manifest.rows.items()])
        if self.missing:
            yield "\n## What this core lacks\n"
            yield from (f"- `{one.where}` {one.what} {one.remedy}" for one in self.missing)
        for sort in _SORTS:
            found = [one for one in self.findings if one.sort == sort]
            if found:
                yield f"\n## {sort.capitalize()}\n"
                yield from (f"- `{one.subject}`{_rows(one.rows)}: {one.what}" for one in found)
        yield from self._reconciled()

    def _reconciled(self) -> Iterator[str]:
        found = self.reconciliation
        yield "\n## Our figures beside the core's\n"
        yield (
            f"PAR30: {_percent(found.ours.at_risk)} of what is outstanding "
            f"({_percent(found.ours.with_restructured)} with restructured loans, "
            f"{_percent(found.ours.with_write_offs)} with write-offs of 12 months). "
            f"By the core's own balances and arrears: {_percent(found.core_par30)}."
        )
        yield ""
        yield (
            f"What the core's report calls portfolio at risk: {_percent(found.core_report)}. It is overdue over "
            "outstanding principal whatever the days late, without loans to a group alone: an arrears rate, not PAR."
        )
        for title, column in (("product", "product"), ("reason for the difference", "reason")):
            rows = [
                (str(row[column]), f"{row['loans']:,}", *(f"{row[name]:,}" for name in _FIGURES[1:]))
                for row in found.by(column).iter_rows(named=True)
            ]
            yield from _table((title, *(name.replace("_", " ") for name in _FIGURES)), rows)
        yield ""
        present = set(found.loans["reason"])
        yield from (f"- *{reason}*: {words}" for reason, words in REASONS.items() if reason in present)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _rows(rows: int | None) -> str:
    return "" if rows is None else f" ({rows:,})"


def _percent(share: float | None) -> str:
    return "not computable" if share is None else f"{share:.2%}"


def _put(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.writing")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(aside, path)
