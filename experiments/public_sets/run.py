"""Our scorecard and our trees among the alternatives, on public sets and on any set that a reader adds.

    python experiments/public_sets/run.py --data DIR --json FILE [--sets a,b] [--models a,b] [--seed N] [--workers N]
        [--repeats N] [--halves FILE]

Every ``*.csv.gz`` in DIR with a column ``bad`` (1 or 0) is a set. Each is halved N times and every model is fitted on
either half and judged on the other (Lessmann et al. 2015): N is 10 below 2,000 rows, 5 below 20,000, else 3.
Seconds and milliseconds are the processor's, of one process with one thread, so that a busy machine changes little.
With ``--halves`` every half is kept as a line of JSON, and a run that was stopped goes on where it was.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", OMP_WAIT_POLICY="passive")

import argparse
import gc
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from rivals import RIVALS, Floats, installed
from significance import verdicts

from riskscore import RiskscoreError
from riskscore.errors import Fault, InvalidInput
from riskscore.evaluation import auc, brier, h_measure
from riskscore.modelling.estimators import MonotoneTreesClassifier, ScorecardClassifier
from riskscore.modelling.estimators.coding import Coding
from riskscore.modelling.estimators.table import numbers_of, words_of

OURS: dict[str, Callable[[int], Any]] = {
    "riskscore scorecard": lambda seed: ScorecardClassifier(random_state=seed),
    "riskscore lightgbm": lambda seed: MonotoneTreesClassifier(random_state=seed),
}

#: How far contributions and base may be from the log-odds.
EXACT = 1e-9

#: Above it the library warns that something of the outcome may have come in.
LEAK_AUC = 0.90

#: Rows that are scored one at a time to see what one costs.
SINGLE_ROWS = 20


@dataclass(frozen=True)
class PublicSet:
    """One set: the raw columns (ours read them as they are), and the same cleaned for the rivals."""

    name: str
    raw: pl.DataFrame
    clean: pd.DataFrame
    bad: Floats
    left_out: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> PublicSet:
        name = path.name.removesuffix(".csv.gz")
        try:
            frame = pl.read_csv(path, infer_schema_length=None, null_values=["", "NA"])
        except (pl.exceptions.PolarsError, OSError) as cause:
            raise InvalidInput.of(
                name, f"It is no CSV in UTF-8 ({type(cause).__name__}).", "Write it again."
            ) from cause
        if "bad" not in frame.columns:
            raise InvalidInput.of(name, "It has no column 'bad'.", "Add one of 0 and 1, or take the file out.")
        bad = numbers_of(frame["bad"])
        if set(bad.unique()) != {0.0, 1.0}:
            raise InvalidInput.of(name, "Its column 'bad' is not of 0 and 1, both present.", "Give 1 for bad.")
        if min(bad.sum(), len(bad) - bad.sum()) < 2:
            raise InvalidInput.of(name, "One of its two labels stands once, so no halves.", "Give more rows.")
        table = frame.drop("bad")
        coding = Coding.of(table)
        raw = table.select(coding.kept)
        clean = raw.select(
            words_of(raw[one]).fill_null("(missing)") if one in coding.levels else numbers_of(raw[one])
            for one in coding.kept
        ).to_pandas()
        return cls(name, raw, clean, bad.to_numpy().astype(np.float64), dict(coding.left_out))

    def repeats(self, asked: int | None) -> int:
        return asked or (10 if len(self.bad) < 2_000 else 5 if len(self.bad) < 20_000 else 3)

    def halves(self, seed: int, count: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield (train, test), each half in both places, bads dealt evenly; the same for every model."""
        draw = np.random.default_rng(seed)
        for _ in range((count + 1) // 2):
            side = np.zeros(len(self.bad), dtype=bool)
            for label in (0.0, 1.0):
                rows = draw.permutation(np.flatnonzero(self.bad == label))
                side[rows[: len(rows) // 2]] = True
            yield np.flatnonzero(side), np.flatnonzero(~side)
            yield np.flatnonzero(~side), np.flatnonzero(side)


@dataclass(frozen=True)
class Fitted:
    """One model on one half, judged on the other."""

    set: str
    model: str
    half: int
    auc: float
    brier: float
    h: float
    fit_s: float
    row_ms: float
    gap: float | None = None
    failed: str | None = None


_READ: dict[str, PublicSet] = {}


def judged(path: Path, model: str, half: int, seed: int) -> Fitted:
    """Fit a model on one half of a set, in this process, and judge it on the other."""
    if str(path) not in _READ:
        _READ.clear()
        _READ[str(path)] = PublicSet.read(path)
    held = _READ[str(path)]
    train, test = list(held.halves(seed, half + 1))[half]
    try:
        predict, fit_s, gap, failed = *fitted(held, model, train, test, seed), None
    except Exception as cause:  # noqa: BLE001 - eight libraries, each with its own; one must not end hours of the others
        rate = float(held.bad[train].mean())
        predict, fit_s, gap, failed = (lambda rows: np.full(len(rows), rate)), 0.0, None, type(cause).__name__
    table = held.raw if model in OURS else held.clean
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pd_bad = np.clip(np.asarray(predict(_rows(table, test)), dtype=np.float64), 0.0, 1.0)
        took = []
        for one in [_rows(table, test[[number]]) for number in range(min(SINGLE_ROWS, len(test)))]:
            begun = time.process_time()
            predict(one)
            took.append(time.process_time() - begun)
    y = held.bad[test]
    gc.collect()
    return Fitted(
        held.name, model, half, auc(y, pd_bad), brier(y, pd_bad), h_measure(y, pd_bad), fit_s,
        1000.0 * float(np.median(took)), gap, failed,
    )  # fmt: skip


def _rows(table: pl.DataFrame | pd.DataFrame, which: NDArray[np.intp]) -> Any:
    return table[which] if isinstance(table, pl.DataFrame) else table.iloc[which]


def fitted(
    held: PublicSet, model: str, train: NDArray[np.intp], test: NDArray[np.intp], seed: int
) -> tuple[Callable[[Any], Any], float, float | None]:
    """Return what a model says of rows, the seconds it took to fit, and of ours how far it is from its explanation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.process_time()
        if model not in OURS:
            frame = held.clean.iloc[train].reset_index(drop=True)
            return RIVALS[model][0](frame, held.bad[train], seed), time.process_time() - begun, None
        estimator = OURS[model](seed).fit(held.raw[train], held.bad[train])
        took, rows = time.process_time() - begun, held.raw[test[:1000]]
        why = estimator.explain(rows)
        gap = float(np.abs(why.base + why.phi.sum(axis=1) - estimator.decision_function(rows)).max())
        return (lambda some: estimator.predict_proba(some)[:, 1]), took, gap


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of *.csv.gz with a column bad")
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="the rows of the table go there")
    parser.add_argument("--table", type=Path, metavar="FILE", help="the same as Markdown")
    parser.add_argument("--sets", metavar="a,b", help="only these")
    parser.add_argument("--models", metavar="a,b", help=f"only these of {', '.join([*OURS, *RIVALS])}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, metavar="N", help="instead of the protocol's: fewer for a look")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes, one thread each")
    parser.add_argument("--halves", type=Path, metavar="FILE", help="keep every half there, and go on from it")
    asked = parser.parse_args()
    try:
        paths, models = chosen(asked.data, asked.sets, asked.models)
        done = run(paths, models, asked.seed, asked.workers, asked.repeats, asked.halves)
    except RiskscoreError as error:
        print(error, file=sys.stderr)
        return 1
    rows = summed(done, models)
    asked.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    text = table(rows) + "\n" + verdicts(done, rows, {path.name.removesuffix(".csv.gz"): count(path) for path in paths})
    print(text)
    if asked.table:
        asked.table.write_text(text, "utf-8")
    return 0


def count(path: Path) -> int:
    return len(pl.read_csv(path, columns=["bad"], infer_schema_length=None))


def chosen(data: Path, sets: str | None, models: str | None) -> tuple[list[Path], list[str]]:
    """Return the files and the models asked for, saying which are passed over and why."""
    paths = {path.name.removesuffix(".csv.gz"): path for path in sorted(data.glob("*.csv.gz"))}
    names, known = (sets or ",".join(paths)).split(","), [*OURS, *RIVALS]
    wanted = models.split(",") if models else known
    faults = [
        Fault(one, "There is no such set.", f"Name some of {', '.join(paths)}.") for one in names if one not in paths
    ]
    faults += [
        Fault(one, "There is no such model.", f"Name some of {', '.join(known)}.") for one in wanted if one not in known
    ]
    if faults:
        raise InvalidInput(faults)
    for one in wanted:
        if one in RIVALS and not installed(one):
            print(f"{one} is not installed and is passed over: pip install 'riskscore[compare]'")
    whole = []
    for one in names:
        try:
            PublicSet.read(paths[one])
        except RiskscoreError as error:
            print(f"{one} is passed over. {'; '.join(f'{fault.what} {fault.remedy}' for fault in error.faults)}")
        else:
            whole.append(paths[one])
    if not whole:
        raise InvalidInput.of(
            str(data), "No set can be read.", "Give a folder of *.csv.gz with a column 'bad' of 0 and 1."
        )
    return whole, [one for one in wanted if one in OURS or installed(one)]


def run(
    paths: list[Path], models: list[str], seed: int, workers: int, repeats: int | None, kept: Path | None
) -> list[Fitted]:
    """Fit every model on every half of every set, the longest first, in processes of one thread each."""
    from rich.progress import Progress

    held = [PublicSet.read(path) for path in paths]
    tasks = []
    for path, one in zip(paths, held, strict=True):
        told = f"{one.name}: {len(one.bad)} rows, {one.bad.mean():.1%} bad, {one.raw.width} columns"
        print(f"{told}, N = {one.repeats(repeats)}")
        for name, why in one.left_out.items():
            print(f"  {name!r} is left out: {why}")
        tasks += [(path, model, half, seed) for half in range(2 * one.repeats(repeats)) for model in models]
    tasks.sort(key=lambda task: -next(len(one.bad) for one, path in zip(held, paths, strict=True) if path == task[0]))
    wanted = {(one.name, model, half) for one in held for model in models for half in range(2 * one.repeats(repeats))}
    lines = kept.read_text("utf-8").splitlines() if kept and kept.exists() else []
    done = [one for one in (Fitted(**json.loads(line)) for line in lines) if (one.set, one.model, one.half) in wanted]
    past = {(one.set, one.model, one.half) for one in done}
    tasks = [task for task in tasks if (task[0].name.removesuffix(".csv.gz"), task[1], task[2]) not in past]
    with Progress(transient=True) as progress, ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        bar = progress.add_task("halves", total=len(tasks))
        for future in as_completed([pool.submit(judged, *task) for task in tasks]):
            done.append(future.result())
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(done[-1])) + "\n")
            progress.advance(bar)
    for one in done:
        if one.failed:
            print(
                f"{one.model} could not be fitted on half {one.half} of {one.set} ({one.failed}): it says the bad rate"
            )
    far = [one for one in done if one.gap is not None and not one.gap <= EXACT]
    if far:
        raise InvalidInput(
            Fault(f"{one.set}, {one.model}", f"Contributions miss the log-odds by {one.gap:.1e}.", "Report it.")
            for one in far
        )
    explained = [one.gap for one in done if one.gap is not None]
    if explained:
        print(f"contributions and base met the log-odds in all {len(explained)} fits of ours (to {max(explained):.0e})")
    return sorted(done, key=lambda one: (one.set, models.index(one.model), one.half))


def summed(done: list[Fitted], models: list[str]) -> list[dict[str, Any]]:
    """Return one row a set and model: means over the halves, and the standard deviation of the AUC."""
    rows = []
    for name in dict.fromkeys(one.set for one in done):
        for model in models:
            some = [one for one in done if (one.set, one.model) == (name, model)]
            mean = {
                key: float(np.mean([getattr(one, key) for one in some])) for key in ("brier", "h", "fit_s", "row_ms")
            }
            areas = [one.auc for one in some]
            rows.append(
                {"set": name, "model": model, "auc": float(np.mean(areas)), "sd": float(np.std(areas, ddof=1)), **mean}
            )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as Markdown, with a word on any AUC above the alarm."""
    lines = ["| set | model | AUC | sd | Brier | H | fit s | row ms |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    best = {name: max(row["auc"] for row in rows if row["set"] == name) for name in {row["set"] for row in rows}}
    for row in rows:
        area = f"**{row['auc']:.4f}**" if row["auc"] == best[row["set"]] else f"{row['auc']:.4f}"
        lines.append(
            f"| {row['set']} | {row['model']} | {area} | {row['sd']:.4f} | {row['brier']:.4f} | {row['h']:.3f} "
            f"| {row['fit_s']:.1f} | {row['row_ms']:.2f} |"
        )
    alarmed = sorted({row["set"] for row in rows if row["auc"] > LEAK_AUC})
    if alarmed:
        lines += ["", f"AUC above {LEAK_AUC:.2f} on {', '.join(alarmed)}: a warning here, a closed gate in a recipe."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
