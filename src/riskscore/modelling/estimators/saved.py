"""A fitted estimator as JSON: numbers and LightGBM's text, nothing that is executed when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from riskscore.errors import ArtefactError, RiskscoreError
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.estimators.averaged import AveragedTrees
from riskscore.modelling.estimators.coding import Coding
from riskscore.modelling.estimators.ordering import Ordered
from riskscore.modelling.margin import Margin
from riskscore.modelling.scorecard import Scorecard
from riskscore.modelling.trees import MonotoneTrees

FORMAT = 1
_AGAIN = "Save the estimator again."


def written(model: CalibratedModel, coding: Coding, rest: Mapping[str, Any]) -> str:
    """Return the text of a fitted estimator; `rest` holds its parameters, labels and what it left out.

    Raises
    ------
    ArtefactError
        Its margin is none that `read` would know.
    """
    content = {
        "format": FORMAT,
        **rest,
        "coding": coding.to_json(),
        "margin": _margin(model.margin),
        "a": model.a,
        "b": model.b,
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _margin(margin: Margin) -> dict[str, Any]:
    if isinstance(margin, Ordered):
        numbers = {str(column): list(one) for column, one in margin.numbers.items()}
        return {**_margin(margin.inner), "numbers": numbers}
    if isinstance(margin, AveragedTrees):
        members = [{"text": one.text, "stand_ins": dict(one.stand_ins)} for one in margin.members]
        return {"numbers": {}, "kind": margin.kind, "features": list(margin.features), "members": members}
    if isinstance(margin, Scorecard):
        return {"numbers": {}, **margin.to_json()}
    what = f"A margin of the kind {margin.kind!r} is not saved as JSON."
    raise ArtefactError.of("estimator", what, "Save a ScorecardClassifier or a MonotoneTreesClassifier.")


def read(text: str, family: str) -> tuple[CalibratedModel, Coding, dict[str, Any]]:
    """Return the model, the coding and the rest.

    Raises
    ------
    ArtefactError
        The text is not what `written` gives.
    """
    try:
        content = json.loads(text)
        if content.pop("format") != FORMAT:
            raise ArtefactError.of("estimator", "It is of another format.", _AGAIN)
        coding = Coding.from_json(content.pop("coding"))
        saved = content.pop("margin")
        inner: Margin
        if saved["kind"] == "lightgbm":
            names = tuple(saved["features"])
            inner = AveragedTrees(
                tuple(MonotoneTrees(names, one["text"], one["stand_ins"]) for one in saved["members"])
            )
        else:
            inner = Scorecard.from_json(saved)
        numbers = {int(column): tuple(one) for column, one in saved["numbers"].items()}
        margin = Ordered(coding.kept, numbers, inner)
        model = CalibratedModel(margin, dict.fromkeys(coding.kept, family), content.pop("a"), content.pop("b"))
    except (KeyError, TypeError, ValueError, AttributeError, RiskscoreError) as cause:
        if isinstance(cause, ArtefactError):
            raise
        raise ArtefactError.of(
            "estimator", f"The text is no saved estimator ({type(cause).__name__}).", _AGAIN
        ) from cause
    return model, coding, content
