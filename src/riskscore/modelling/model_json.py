"""The shape that the JSON files of an artefact must have, checked value by value before a model is built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from riskscore.errors import Fault
from riskscore.modelling.communal_bank.faults import structural_faults
from riskscore.modelling.communal_bank.structural import COLUMN
from riskscore.modelling.expert.margin import shape_faults

_REMEDY = "Fetch the artefact again, or roll back to the version before it."


def model_faults(content: Any, *, has_booster: bool) -> list[Fault]:
    """Return every fault of ``model.json``; empty where a model can be built from it."""
    faults: list[Fault] = []

    def expect(fits: bool, where: str, what: str) -> None:
        if not fits:
            faults.append(Fault(f"model.json: {where}", what, _REMEDY))

    if not isinstance(content, dict):
        return [Fault("model.json", "It is no table.", _REMEDY)]
    fields = {"features", "families", "a", "b", "caps", "offsets", "scale", "margin"}
    expect(set(content) == fields, "fields", f"They are {sorted(content)}, expected {sorted(fields)}.")
    if set(content) != fields:
        return faults
    features = content["features"]
    named = isinstance(features, list) and features and all(isinstance(name, str) for name in features)
    expect(bool(named) and len(set(features)) == len(features), "features", "They are no list of different names.")
    if faults:
        return faults
    families = content["families"]
    expect(
        isinstance(families, dict) and set(families) == set(features) and _all_texts(families),
        "families",
        "They do not give every feature one family.",
    )
    expect(_number(content["a"]) and content["a"] > 0, "a", "The slope is no number above 0.")
    expect(_number(content["b"]), "b", "The intercept is no number.")
    caps = content["caps"]
    expect(
        isinstance(caps, dict) and all(_number(points) and points > 0 for points in caps.values()),
        "caps",
        "They are no numbers above 0.",
    )
    offsets = content["offsets"]
    expect(
        isinstance(offsets, dict)
        and all(isinstance(one, dict) and set(one) == {"value", "mean"} for one in offsets.values())
        and all(_number(number) for one in offsets.values() for number in one.values()),
        "offsets",
        "They are not value and mean.",
    )
    scale = content["scale"]
    expect(
        isinstance(scale, dict) and set(scale) == {"base", "odds", "pdo"} and all(map(_number, scale.values())),
        "scale",
        "It is not base, odds and pdo.",
    )
    margin = content["margin"]
    kind = margin.get("kind") if isinstance(margin, dict) else None
    if kind == "lightgbm":
        expect(has_booster, "margin", "There is no booster.txt beside it.")
        expect(set(margin) == {"kind", "stand_ins"}, "margin", "It is not kind and stand_ins.")
        stand_ins = margin.get("stand_ins")
        expect(
            isinstance(stand_ins, dict) and set(stand_ins) <= set(features) and all(map(_number, stand_ins.values())),
            "margin.stand_ins",
            "They are no numbers of features.",
        )
    elif kind == "woe_scorecard":
        expect(not has_booster, "margin", "A booster.txt lies beside a scorecard.")
        expect(_number(margin.get("alpha")), "margin.alpha", "It is no number.")
        _bins(margin.get("bins"), features, expect)
    elif kind == "expert_prior":
        expect(not has_booster, "margin", "A booster.txt lies beside a scorecard.")
        faults += shape_faults(margin)
    elif kind == "structural":
        expect(not has_booster, "margin", "A booster.txt lies beside a structural model.")
        expect(features == [COLUMN], "features", f"A structural model has {COLUMN!r} alone.")
        faults += structural_faults(margin, lambda member: model_faults(member, has_booster=False))
    else:
        expect(False, "margin.kind", f"{kind!r} is not known.")
    return faults


def structure_faults(content: Any) -> list[Fault]:
    """Return every fault of ``structure.json``, which holds what a structural model has as its margin."""
    if not isinstance(content, dict) or content.get("kind") != "structural":
        return [Fault("structure.json", "It is no structure of joint liability.", _REMEDY)]
    found = structural_faults(content, lambda member: model_faults(member, has_booster=False))
    return [
        Fault(one.where.replace("model.json: margin", "structure.json: margin"), one.what, one.remedy) for one in found
    ]


def reference_faults(content: Any) -> list[Fault]:
    """Return every fault of ``reference.json``."""

    def fault(where: str, what: str) -> Fault:
        return Fault(f"reference.json: {where}", what, _REMEDY)

    if not isinstance(content, dict) or set(content) != {"features", "bands", "metrics"}:
        return [fault("fields", "They are not features, bands and metrics.")]
    faults = []
    if not isinstance(content["metrics"], dict):
        faults.append(fault("metrics", "It is no table."))
    features = content["features"]
    if not isinstance(features, dict):
        faults.append(fault("features", "It is no table."))
        features = {}
    for name, one in features.items():
        if (
            not isinstance(one, dict)
            or set(one) != {"mean", "median", "low", "high", "missing_share", "safe_end"}
            or one["safe_end"] not in (None, "low", "high")
            or not all(value is None or _number(value) for key, value in one.items() if key != "safe_end")
            or not _number(one["missing_share"])
        ):
            faults.append(fault(name, "It is not mean, median, low, high, missing_share and safe_end."))
    faults += [fault("bands", what) for what in _band_faults(content["bands"])]
    return faults


def _band_faults(bands: Any) -> list[str]:
    fields = {"from_score", "to_score", "n", "bads", "clusters", "rate", "low", "high", "level"}
    if not isinstance(bands, list) or not bands:
        return ["There is none."]
    for band in bands:
        if not isinstance(band, dict) or set(band) != fields:
            return [f"One is not {', '.join(sorted(fields))}."]
        numbers = fields - {"from_score", "to_score"}
        if not all(_number(band[name]) for name in numbers) or not 0 <= band["low"] <= band["high"] <= 1:
            return ["One has no numbers, or an interval outside [0, 1]."]
        if not all(band[name] is None or _number(band[name]) for name in ("from_score", "to_score")):
            return ["One has no scores at its ends."]
    joins = [band["to_score"] for band in bands[:-1]] == [band["from_score"] for band in bands[1:]]
    if not joins or bands[0]["from_score"] is not None or bands[-1]["to_score"] is not None:
        return ["They do not cover every score once."]
    return []


def _bins(bins: Any, features: list[str], expect: Any) -> None:
    if not isinstance(bins, list) or [one.get("feature") for one in bins if isinstance(one, dict)] != features:
        expect(False, "margin.bins", "They are not one for each feature, in order.")
        return
    for one in bins:
        where = f"margin.bins.{one['feature']}"
        fields = {"feature", "splits", "woe", "missing_woe", "mean_woe", "beta", "good", "bad"}
        lists = ("splits", "woe", "good", "bad")
        fits = (
            set(one) == fields
            and all(isinstance(one[name], list) and all(map(_number, one[name])) for name in lists)
            and all(_number(one[name]) for name in ("missing_woe", "mean_woe", "beta"))
        )
        if not fits:
            expect(False, where, "A field is missing or no number.")
            continue
        expect(one["splits"] == sorted(set(one["splits"])), where, "Its splits do not ascend.")
        counts = {len(one["splits"]) + 1, len(one["woe"]), len(one["good"]) - 1, len(one["bad"]) - 1}
        expect(len(counts) == 1, where, "Its bins, WoE and counts are not of one length.")
        expect(one["beta"] <= 0, where, "Its coefficient is above 0: safer bins would raise the risk.")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _all_texts(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in values.values())
