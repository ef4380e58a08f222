"""How far each product is from the true probabilities, by scenario and by what it had to learn from. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
from answer import Answer
from products import PRODUCTS
from scipy.special import logit

from riskscore.evaluation import auc

SCENARIOS = ("normal", "recession", "el_nino")
SIZES = (100, 1_000, 10_000)

#: Members of the institution that is learnt from, and of each that is asked about.
LEARN, ASK = 6_000, 4_000


def measured(product: str, seed: int) -> list[dict[str, object]]:
    """Return the rows of one product and one seed: every size, scenario and model."""
    with tempfile.TemporaryDirectory() as scratch:
        answers = PRODUCTS[product](Path(scratch), seed, sizes=SIZES, scenarios=SCENARIOS, learn=LEARN, ask=ASK)
        return [{"product": product, "seed": seed, **row(answer)} for answer in answers]


def row(answer: Answer) -> dict[str, object]:
    found: dict[str, object] = {
        "size": answer.size,
        "scenario": answer.scenario,
        "model": answer.model,
        "train_bads": answer.bads,
        "answers": answer.words,
    }
    if answer.pd is None:
        return found
    p, pd = answer.p, answer.pd
    return found | {
        "rows": len(p),
        "mean_truth": float(p.mean()),
        "mean_abs": float(np.abs(pd - p).mean()),
        "mean_abs_log_odds": float(
            np.abs(logit(np.clip(pd, 1e-6, 1 - 1e-6)) - logit(np.clip(p, 1e-6, 1 - 1e-6))).mean()
        ),
        "observed_expected": float(p.sum() / pd.sum()),
        "auc": float(auc(p, pd)) if np.ptp(pd) > 0 else 0.5,
        "auc_truth": float(auc(p, p)),
        "covered": None if answer.low is None else float(((p >= answer.low) & (p <= answer.high)).mean()),
    }


def log_odds(p: np.ndarray) -> np.ndarray:
    return np.asarray(logit(np.clip(p, 1e-6, 1 - 1e-6)))


FIGURES = ("mean_abs", "mean_abs_log_odds", "observed_expected", "auc", "auc_truth")


def table(rows: list[dict[str, object]]) -> str:
    """Return the means over the seeds, Markdown."""
    lines = [
        "| product | cycles | scenario | model | bads | mean \\|PD − p\\| | mean \\|log-odds − true\\| | O/E | AUC "
        "| AUC of the truth | true p in the interval |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    keys = dict.fromkeys((r["product"], r["size"], r["scenario"], r["model"]) for r in rows)
    for key in keys:
        own = [r for r in rows if (r["product"], r["size"], r["scenario"], r["model"]) == key]
        told = [r for r in own if "rows" in r]
        product, size, scenario, model = key
        bads = f"{np.mean([r['train_bads'] for r in own]):.0f}"
        head = f"| {product} | {size:,} | {scenario} | {model} | {bads} "
        if not told:
            lines.append(f"{head}| {own[0]['answers']} | | | | | |")
            continue
        cells = [f"{np.mean([r[name] for r in told]):.{3 if name != 'mean_abs' else 4}f}" for name in FIGURES]
        covered = [r["covered"] for r in told if r["covered"] is not None]
        share = f"{np.mean(covered):.0%}" if covered else ""
        said = ""
        if len(told) < len(own):
            refused = next(r["answers"] for r in own if "rows" not in r)
            said = f" ({len(told)} of {len(own)} seeds; else: {refused})"
        lines.append(f"{head}| {' | '.join(cells)} | {share}{said} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write every row to this file")
    parser.add_argument("--table", type=Path, help="write the means over the seeds to this file, Markdown")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--products", nargs="+", choices=sorted(PRODUCTS), default=list(PRODUCTS))
    options = parser.parse_args()
    started = time.monotonic()
    jobs = [(product, seed) for product in options.products for seed in range(1, options.seeds + 1)]
    # Spawned, not forked: a fork would inherit the locks of DuckDB's, Polars' and LightGBM's threads.
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        rows = [one for found in pool.map(measured, *zip(*jobs, strict=True)) for one in found]
    print(table(rows))
    print(f"{time.monotonic() - started:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if options.table:
        options.table.write_text(table(rows) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
