"""How MLflow loads a champion: by this module's name and the artefact's folder, so that nothing has to be pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskscore.modelling import artefact

if TYPE_CHECKING:
    import pandas as pd


class ChampionModel:
    """What ``mlflow.pyfunc.load_model`` returns: probabilities of bad for rows of feature values."""

    def __init__(self, champion: artefact.Champion) -> None:
        self.champion = champion

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one column ``pd``, in (0, 1), for rows with one column a feature; `params` has no meaning here."""
        import pandas

        columns = list(self.champion.model.features)
        values = model_input[columns].to_numpy(dtype=np.float64)
        return pandas.DataFrame({"pd": self.champion.model.pd(values)}, index=model_input.index)


def _load_pyfunc(data_path: str) -> ChampionModel:
    """Load an artefact, audited first; the name is MLflow's."""
    return ChampionModel(artefact.load(data_path))
