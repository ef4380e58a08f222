"""Runs, versions and the champion, kept in MLflow. With `mlflow_store` the only module that uses it.

The registered model has the recipe's name. A new version becomes the *challenger*; `Registry.promote` makes it the
*champion*, and refuses where its gates failed. The champions before it are kept in a stack, which `Registry.rollback`
goes back along.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscore.errors import ArtefactError, Fault, NotFound, Refused, Unreachable
from riskscore.modelling.mlflow_store import answered, pointed_at, quiet_mlflow
from riskscore.modelling.model_version import ModelVersion, model_version
from riskscore.modelling.registry_address import artifact_root, tracking_address
from riskscore.modelling.registry_reach import require_listener
from riskscore.modelling.run_log import artefact_tags, log_artefact, log_candidate, log_parent, version_tags

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

    from riskscore.modelling.training import TrainingRun

CHAMPION, CHALLENGER = "champion", "challenger"

#: Tag of a registered model: versions that were champion, the present one last.
STACK = "champions"

#: A stack longer than this forgets its beginning.
DEEPEST = 50


class Registry:
    """The runs and versions at one MLflow address.

    Parameters
    ----------
    uri : str, optional
        Of MLflow's store; else ``MLFLOW_TRACKING_URI``, else ``sqlite:///mlflow.db`` in the current folder. Beside a
        SQLite file the artefacts lie in ``mlartifacts``.
    """

    def __init__(self, uri: str | None = None) -> None:
        self.uri = tracking_address(uri)
        self._folders: dict[tuple[str, str], Path] = {}
        self._known_client: MlflowClient | None = None

    @property
    def _client(self) -> MlflowClient:
        if self._known_client is None:
            require_listener(self.uri)
            quiet_mlflow()
            from mlflow.tracking import MlflowClient

            self._known_client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
        return self._known_client

    @answered
    def reach(self) -> None:
        """Ask the store for nothing, so that a command learns at once that it is away.

        Raises
        ------
        InvalidInput
            Its address is none.
        Unreachable
            It does not answer.
        """
        self._client.search_registered_models(max_results=1)

    def log(self, run: TrainingRun) -> TrainingRun:
        """Log a training run with one nested run a candidate, and register the winner as challenger.

        Returns
        -------
        TrainingRun
            The same run, knowing its version.

        Raises
        ------
        Unreachable
            The store does not answer; the fault names the artefact's folder and how to register it later.
        """
        try:
            return self._logged(run)
        except Unreachable as cause:
            later = f"The model is whole in {run.folder}. Register it later: riskscore models register {run.folder}"
            raise Unreachable(Fault(fault.where, fault.what, later) for fault in cause.faults) from cause

    @answered
    def _logged(self, run: TrainingRun) -> TrainingRun:
        name = run.recipe.name
        with self._experiment(name) as mlflow:
            logged: dict[str, tuple[str, str, str]] = {}
            with mlflow.start_run(run_name=f"{name} {run.facts.data_date}") as parent:
                log_parent(mlflow, run)
                for candidate in run.candidates:
                    with mlflow.start_run(run_name=candidate.kind, nested=True) as child:
                        info = log_candidate(mlflow, run, candidate)
                        logged[candidate.kind] = (child.info.run_id, info.model_uri, info.model_id)
                mlflow.set_tag("winner", run.choice.kind)
                parent_id = parent.info.run_id
            tags = {**version_tags(run), "training_run": parent_id}
            version = self._versioned(name, logged[run.choice.kind], tags, run.choice.words)
        return replace(run, version=version)

    @answered
    def register(self, folder: str | Path) -> ModelVersion:
        """Register an artefact that lies in a folder, as challenger: a model whose store was away when it was trained.

        Raises
        ------
        ArtefactError
            The folder holds no artefact, or one that was changed.
        Unreachable
            The store does not answer.
        """
        from riskscore.modelling import artefact

        champion = artefact.load(folder)
        name = champion.recipe.name
        with (
            self._experiment(name) as mlflow,
            mlflow.start_run(run_name=f"{champion.model.kind}, from a folder") as run,
        ):
            info = log_artefact(mlflow, champion, Path(folder))
            logged = (run.info.run_id, info.model_uri, info.model_id)
            words = champion.metrics.get("findings", {}).get("choice", {}).get("words", "")
            version = self._versioned(name, logged, artefact_tags(champion), words)
        return self.show(name, version)

    def _versioned(self, name: str, logged: tuple[str, str, str], tags: dict[str, str], words: str) -> str:
        """Make a version of a logged model (its run, source and id), and make it the challenger."""
        run_id, source, model_id = logged
        self._registered(name)
        version = self._client.create_model_version(
            name, source, run_id=run_id, model_id=model_id, tags=tags, description=words
        )
        self._client.set_registered_model_alias(name, CHALLENGER, version.version)
        return str(version.version)

    @answered
    def champion(self, recipe: str) -> tuple[str, Path]:
        """Return the champion's version and the local folder of its artefact.

        One light query, and no more while the version stays: it may be asked every second.

        Raises
        ------
        NotFound
            The recipe has no champion.
        ArtefactError
            Its artefact cannot be fetched.
        """
        version = self._aliased(recipe, CHAMPION)
        if version is None:
            raise NotFound.of(
                recipe, "It has no champion.", f"Run `riskscore train {recipe} PORTFOLIO --promote` first."
            )
        return version, self.folder(recipe, version)

    @answered
    def folder(self, recipe: str, version: str) -> Path:
        """Return the local folder of a version's artefact, fetched once where the store is elsewhere."""
        key = (recipe, version)
        if key not in self._folders:
            self._folders[key] = self._fetched(recipe, version)
        return self._folders[key]

    @answered
    def promote(
        self, recipe: str, version: str | None = None, *, force: bool = False, reason: str = ""
    ) -> ModelVersion:
        """Make a version the champion; the challenger where none is named.

        Parameters
        ----------
        recipe : str
        version : str, optional
        force : bool
            Promote although gates failed. The version then says so for ever.
        reason : str
            Why, in words; needed with `force` where gates failed.

        Raises
        ------
        NotFound
            There is no such version, or no challenger.
        Refused
            Gates failed and it was not forced with a reason; each gate's own words.
        """
        chosen = self.show(recipe, version or self._needed(recipe, CHALLENGER))
        if not chosen.passed and not (force and reason.strip()):
            remedy = "Say why in words to promote it all the same." if force else "Train again, or keep the champion."
            raise Refused(Fault(f"{recipe} {chosen.version}", words, remedy) for words in chosen.reasons)
        if not chosen.passed:
            self._client.set_model_version_tag(recipe, chosen.version, "forced", reason.strip())
        present = self._aliased(recipe, CHAMPION)
        if present != chosen.version:
            before = [one for one in self._stack(recipe) if one != present]
            self._push(recipe, [*before, *([present] if present else []), chosen.version])
            self._client.set_registered_model_alias(recipe, CHAMPION, chosen.version)
        if self._aliased(recipe, CHALLENGER) == chosen.version:
            self._client.delete_registered_model_alias(recipe, CHALLENGER)
        return self.show(recipe, chosen.version)

    @answered
    def rollback(self, recipe: str) -> ModelVersion:
        """Make the champion before the present one champion again.

        Raises
        ------
        NotFound
            There is no champion, or none before it.
        """
        present = self._needed(recipe, CHAMPION)
        stack = [one for one in self._stack(recipe) if one != present]
        if not stack:
            raise NotFound.of(recipe, f"Before version {present} there was no champion.", "Promote another version.")
        self._client.set_registered_model_alias(recipe, CHAMPION, stack[-1])
        self._push(recipe, stack)
        return self.show(recipe, stack[-1])

    @answered
    def list(self, recipe: str) -> tuple[ModelVersion, ...]:
        """Return every version of a recipe, newest first; empty where there is none."""
        found = self._client.search_model_versions(f"name = '{recipe}'")
        aliases = self._aliases(recipe)
        versions = [model_version(one, aliases) for one in found]
        return tuple(sorted(versions, key=lambda one: int(one.version), reverse=True))

    @answered
    def show(self, recipe: str, version: str = CHAMPION) -> ModelVersion:
        """Return a version, named by its number or by ``"champion"`` or ``"challenger"``.

        Raises
        ------
        NotFound
            There is none.
        """
        number = self._needed(recipe, version) if version in (CHAMPION, CHALLENGER) else version
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_model_version(recipe, number)
        except MlflowException as cause:
            known = ", ".join(one.version for one in self.list(recipe)) or "none"
            raise NotFound.of(f"{recipe} {version}", "There is no such version.", f"There are: {known}.") from cause
        return model_version(found, self._aliases(recipe))

    def card(self, recipe: str, version: str = CHAMPION) -> str:
        """Return a version's model card, Markdown."""
        return (self.folder(recipe, self.show(recipe, version).version) / "card.md").read_text(encoding="utf-8")

    @answered
    def recipes(self) -> tuple[str, ...]:
        """Return the names of all registered recipes, sorted."""
        return tuple(sorted(model.name for model in self._client.search_registered_models()))

    @contextmanager
    def _experiment(self, name: str) -> Iterator[Any]:
        """Point MLflow at this store and at the experiment of that name, which is made where it is missing."""
        with pointed_at(self.uri) as mlflow, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of type hints in MLflow's own code, and the like
            if self._client.get_experiment_by_name(name) is None:
                self._client.create_experiment(name, artifact_location=artifact_root(self.uri))
            mlflow.set_experiment(name)
            yield mlflow

    def _registered(self, name: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(name)
        except MlflowException as cause:
            if cause.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _aliased(self, recipe: str, alias: str) -> str | None:
        client = self._client
        from mlflow.exceptions import MlflowException

        try:
            return str(client.get_model_version_by_alias(recipe, alias).version)
        except MlflowException as cause:
            if cause.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise

    def _needed(self, recipe: str, alias: str) -> str:
        version = self._aliased(recipe, alias)
        if version is None:
            raise NotFound.of(recipe, f"It has no {alias}.", "`riskscore models list` names the versions there are.")
        return version

    def _aliases(self, recipe: str) -> dict[str, tuple[str, ...]]:
        """Return version to aliases; MLflow's search leaves them out of its answers."""
        found: dict[str, tuple[str, ...]] = {}
        for alias in (CHAMPION, CHALLENGER):
            version = self._aliased(recipe, alias)
            if version is not None:
                found[version] = (*found.get(version, ()), alias)
        return found

    def _stack(self, recipe: str) -> tuple[str, ...]:
        return tuple(json.loads(self._client.get_registered_model(recipe).tags.get(STACK, "[]")))

    def _push(self, recipe: str, versions: Any) -> None:
        self._client.set_registered_model_tag(recipe, STACK, json.dumps(versions[-DEEPEST:]))

    def _fetched(self, recipe: str, version: str) -> Path:
        with pointed_at(self.uri) as mlflow:
            from mlflow.exceptions import MlflowException

            try:
                # A local store answers with its own folder, and copies nothing.
                model = Path(mlflow.artifacts.download_artifacts(f"models:/{recipe}/{version}"))
            except (MlflowException, OSError) as cause:
                raise ArtefactError.of(
                    f"{recipe} {version}", f"Its artefact cannot be fetched: {cause}", "Check the store, or roll back."
                ) from cause
        inside = [path.parent for path in (model / "data").glob("*/manifest.json")]
        if len(inside) != 1:
            raise ArtefactError.of(f"{recipe} {version}", "It holds no artefact.", "Roll back to the version before.")
        return inside[0]
