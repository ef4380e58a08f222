"""Does the simulated institution look like real ones? Its yearly figures beside what three institutions reported.

    python experiments/mix_market/run.py [--members N] [--seed S] [--json FILE]

Reads ``mix_market/institutions_peru_bolivia.csv`` below the folder in RISKSCORE_DATA, or below ../shared/data. Where it
is absent, says so and ends.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.simulator import simulate

ROOT = Path(__file__).resolve().parents[2]
INSTITUTIONS = {
    "Pro Mujer - BOL": "Pro Mujer Bolivia",
    "Pro Mujer - PER": "Pro Mujer Peru",
    "FINCA - PER": "FINCA Peru",
}
YEAR_ENDS = tuple(datetime(year + 1, 1, 1) for year in range(2022, 2026))
SCENARIOS = ("normal", "el_nino", "recession")


@dataclass(frozen=True)
class Figure:
    """A reported figure: its name, its column in the source, and how it is written."""

    title: str
    column: str
    form: str


#: In the order of the table. Shares are fractions, balances US dollars.
FIGURES = (
    Figure("PAR30 (beyond 30 days), by amount", "par30", "percent"),
    Figure("PAR90 (beyond 90 days), by amount", "par90", "percent"),
    Figure("Written off in the year / portfolio", "writeoffratio", "percent"),
    Figure("Average balance per borrower, US$", "avgbalnc", "money"),
    Figure("Share of lending to groups", "share_grp", "percent"),
)

#: What is outstanding at a moment, loan by loan, as it was known then; producer associations are another business.
OUTSTANDING = """
SELECT s.ledger, s.loan_id, sum(s.principal)::DOUBLE AS balance,
       max(date_diff('day', s.due_on, (CAST($moment AS TIMESTAMP))::DATE) - 1) AS days_late
FROM settled_instalments s
WHERE s.event_at < $moment AND s.known_at <= $moment AND (s.known_until IS NULL OR $moment < s.known_until)
  AND (s.settled_at IS NULL OR s.settled_at >= $moment)
  AND s.loan_id NOT IN (SELECT loan_id FROM loan_events WHERE kind = 'written_off' AND known_at <= $moment)
  AND s.group_id NOT IN (SELECT id FROM groups WHERE kind = 'producer_association')
GROUP BY ALL
"""
WRITTEN_OFF = """
SELECT l.ledger, sum(s.principal)::DOUBLE AS lost
FROM loan_events e JOIN loans l ON l.id = e.loan_id JOIN settled_instalments s ON s.loan_id = e.loan_id
WHERE e.kind = 'written_off' AND e.known_at <= $moment AND e.known_at > $moment - INTERVAL 1 YEAR
  AND s.settled_at IS NULL AND s.known_until IS NULL
GROUP BY ALL
"""


def reported(data: Path) -> dict[str, dict[str, tuple[float, float]]]:
    """Return, by institution and column, the least and the greatest of the reported years."""
    rows = pl.read_csv(data, infer_schema_length=None, encoding="utf8-lossy", null_values=["NA", ""])
    ranges: dict[str, dict[str, tuple[float, float]]] = {}
    for code, name in INSTITUTIONS.items():
        mine = rows.filter(pl.col("mfiname") == code)
        ranges[name] = {
            figure.column: (float(values.min()), float(values.max()))
            for figure in FIGURES
            if (values := mine[figure.column].cast(pl.Float64).drop_nulls()).len()
        }
    return ranges


def simulated(portfolio: Portfolio, ledger: str) -> dict[str, tuple[float, float]]:
    """Return, by column, the least and the greatest of four year-ends of one ledger."""
    con = portfolio.connect()
    years: list[dict[str, float]] = []
    try:
        for moment in YEAR_ENDS:
            ask = {"moment": moment}
            open_ = pl.DataFrame(con.sql(OUTSTANDING, params=ask).to_arrow_table())
            lost = pl.DataFrame(con.sql(WRITTEN_OFF, params=ask).to_arrow_table())
            mine = open_.filter(pl.col("ledger") == ledger)
            borrowers = open_.filter(pl.col("ledger") == "internal").height
            total = mine["balance"].sum()
            years.append(
                {
                    "par30": mine.filter(pl.col("days_late") > 30)["balance"].sum() / total,
                    "par90": mine.filter(pl.col("days_late") > 90)["balance"].sum() / total,
                    "writeoffratio": lost.filter(pl.col("ledger") == ledger)["lost"].sum() / total,
                    "avgbalnc": total / borrowers,
                    "share_grp": 1.0,
                }
            )
    finally:
        con.close()
    return {name: (min(year[name] for year in years), max(year[name] for year in years)) for name in years[0]}


def written(span: tuple[float, float] | None, form: str) -> str:
    if span is None:
        return "not reported"
    low, high = span
    if form == "percent":
        return f"{100 * low:.1f} to {100 * high:.1f} %" if low != high else f"{100 * low:.0f} %"
    return f"{low:.0f} to {high:.0f}"


def verdict(span: tuple[float, float], others: list[tuple[float, float]]) -> str:
    """Say whether the simulated span lies in what any of the real institutions reported."""
    low, high = min(low for low, _ in others), max(high for _, high in others)
    if span[0] >= low and span[1] <= high:
        return "within"
    if span[1] < low or span[0] > high:
        return "below all" if span[1] < low else "above all"
    return "partly below" if span[0] < low else "partly above"


def table(columns: dict[str, dict[str, tuple[float, float]]], real: dict[str, dict[str, tuple[float, float]]]) -> str:
    every = {**columns, **real}
    first = max(len(figure.title) for figure in FIGURES)
    widths = {name: max(len(name), 15) for name in every}
    lines = ["  ".join(["figure".ljust(first), *(name.rjust(widths[name]) for name in every)])]
    for figure in FIGURES:
        cells = [written(every[name].get(figure.column), figure.form).rjust(widths[name]) for name in every]
        lines.append("  ".join([figure.title.ljust(first), *cells]))
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    data = Path(os.environ.get("RISKSCORE_DATA", ROOT.parent / "shared" / "data"))
    source = data / "mix_market" / "institutions_peru_bolivia.csv"
    if not source.is_file():
        print(f"skipped: no file {source}. Set RISKSCORE_DATA to the folder that holds mix_market/.")
        return 0
    real = reported(source)

    columns: dict[str, dict[str, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for scenario in SCENARIOS:
            portfolio = simulate(Path(folder) / scenario, members=chosen.members, seed=chosen.seed, scenario=scenario)
            columns[scenario] = simulated(portfolio, "external")
            if scenario == "normal":
                columns["normal, internal"] = simulated(portfolio, "internal")

    print(
        f"Simulated: {chosen.members} members, seed {chosen.seed}, the year-ends 2022 to 2025: loans of the institution"
    )
    print("to communal banks and, beside them, the members' loans (internal).")
    print("Reported: year-ends 2008 to 2014, least to greatest.\n")
    print(table(columns, real))
    print("\nAgainst the range over all three institutions:")
    verdicts = {}
    for figure in FIGURES:
        others = [spans[figure.column] for spans in real.values() if figure.column in spans]
        verdicts[figure.column] = {name: verdict(spans[figure.column], others) for name, spans in columns.items()}
        print(f"  {figure.title}: " + ", ".join(f"{name} {word}" for name, word in verdicts[figure.column].items()))
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"simulated": columns, "reported": real, "verdicts": verdicts}, indent=2) + "\n", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
