"""What of a training run is written to MLflow; `tracking` opens the runs and calls these."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskscore.modelling.artefact import Champion
    from riskscore.modelling.training import CandidateRun, TrainingRun


def log_parent(mlflow: Any, run: TrainingRun) -> None:
    """Write what the candidates of a run share into the active MLflow run."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    facts = run.facts
    dataset = MetaDataset(CodeDatasetSource(tags={}), name=run.recipe.outcome, digest=facts.fingerprint[:32])
    mlflow.log_input(dataset, context="training")
    mlflow.set_tags(
        {"recipe": run.recipe.name, "dataset": facts.fingerprint, "lock": facts.lock_sha256, "choice": run.choice.words}
    )
    mlflow.log_params({"seed": run.seed, **{name: str(getattr(facts, name)) for name in type(facts).__slots__}})
    mlflow.log_text(run.report, "report.md")
    mlflow.log_text(run.recipe.text, "recipe.toml")
    mlflow.log_text(run.lock.to_json(), "lock.json")


def log_candidate(mlflow: Any, run: TrainingRun, candidate: CandidateRun) -> Any:
    """Write a candidate's settings, figures, plots, card and model into the active run; return MLflow's ModelInfo."""
    from riskscore.evaluation import ranking_plot, reliability_plot

    model, later = candidate.developed.model, candidate.later
    mlflow.set_tags({"kind": candidate.kind, "dataset": run.facts.fingerprint, "lock": run.facts.lock_sha256})
    mlflow.log_params({**candidate.developed.settings, "a": model.a, "b": model.b})
    for test, evaluation in candidate.evaluations.items():
        figures = {f"{test}.{name}": figure.value for name, figure in evaluation.figures.items()}
        mlflow.log_metrics({**figures, f"{test}.n": evaluation.n, f"{test}.bads": evaluation.bads})
    mlflow.log_dict({name: one.to_dict() for name, one in candidate.evaluations.items()}, "evaluation.json")
    mlflow.log_dict({"gates": [gate.to_dict() for gate in candidate.gates]}, "gates.json")
    mlflow.log_text(candidate.card, "card.md")
    pd = model.pd(later.X) if candidate.later_pd is None else candidate.later_pd
    plots = {}
    # A curve of a dozen rows is a picture of chance.
    if candidate.evaluations["later"].too_few is None:
        plots["reliability"] = reliability_plot(later.y, pd, candidate.evaluations["later"].reliability)
        plots["ranking"] = ranking_plot(later.y, pd)
    for name, drawing in plots.items():
        mlflow.log_text(drawing.decode("utf-8"), f"plots/{name}.svg")
    return _log_model(mlflow, model.features, candidate.folder, run.facts.lock_sha256, run.facts.fingerprint)


def log_artefact(mlflow: Any, champion: Champion, folder: Path) -> Any:
    """Write what an artefact says of itself, and the artefact, into the active run; return MLflow's ModelInfo."""
    data, metrics = champion.metrics["data"], champion.metrics
    mlflow.set_tags(
        {
            "recipe": champion.recipe.name,
            "kind": champion.model.kind,
            "dataset": data["fingerprint"],
            "lock": data["lock_sha256"],
        }
    )
    mlflow.log_params({**data, "seed": metrics["seed"], "a": champion.model.a, "b": champion.model.b})
    for test, evaluation in metrics["evaluations"].items():
        figures = {f"{test}.{name}": one["value"] for name, one in evaluation["figures"].items()}
        mlflow.log_metrics({name: value for name, value in figures.items() if value is not None})
    mlflow.log_dict(metrics["evaluations"], "evaluation.json")
    mlflow.log_dict({"gates": metrics["gates"]}, "gates.json")
    mlflow.log_text(champion.card, "card.md")
    mlflow.log_text(champion.recipe.text, "recipe.toml")
    mlflow.log_text(champion.lock.to_json(), "lock.json")
    return _log_model(mlflow, champion.model.features, folder, data["lock_sha256"], data["fingerprint"])


def _log_model(mlflow: Any, features: tuple[str, ...], folder: Path, lock_sha256: str, fingerprint: str) -> Any:
    from importlib.metadata import version as installed_version

    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    # Every column is a double: a nullable integer would silently drop the signature.
    signature = ModelSignature(
        inputs=Schema([ColSpec("double", name) for name in features]), outputs=Schema([ColSpec("double", "pd")])
    )
    return mlflow.pyfunc.log_model(
        name="model",
        loader_module="riskscore.modelling.pyfunc",
        data_path=str(folder),
        signature=signature,
        pip_requirements=[f"riskscore=={installed_version('riskscore')}"],
        metadata={"lock_sha256": lock_sha256, "fingerprint": fingerprint},
    )


def version_tags(folder: Path) -> dict[str, str]:
    """Return the tags by which a registered version answers without its artefact being read."""
    from riskscore.modelling import artefact

    champion = artefact.load(folder)
    metrics = champion.metrics
    failed = [gate["words"] for gate in metrics["gates"] if not gate["passed"]]
    area = metrics["evaluations"]["later"]["figures"].get("auc", {}).get("value")
    return {
        "kind": champion.model.kind,
        "passed": "false" if failed else "true",
        "reasons": json.dumps(failed, ensure_ascii=False),
        "auc": "" if area is None else repr(area),
        "lock_sha256": metrics["data"]["lock_sha256"],
        "fingerprint": metrics["data"]["fingerprint"],
        "manifest_sha256": champion.manifest_sha256,
    }
