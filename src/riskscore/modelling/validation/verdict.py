"""What a model may be used for, and for what not: decided from figures and their intervals, told in words elsewhere.

A *probability* may be read where order and level hold on the later rows: bad there as the PDs promise, within the
recipe's ranges or within chance. An *order* may be read where the level is off and the ranking holds. *Nothing* where
the ranking does not. Too few bads to say is an answer of its own, and no permission.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from riskscore.evaluation import Discrimination, Evaluation, Figure, GradeTest, LeftOut
from riskscore.modelling.recipe import GateSettings

Use = Literal["probability", "order", "nothing", "suspect", "too_few"]


@dataclass(frozen=True, slots=True)
class Caution:
    """A use that the figures do not support.

    Parameters
    ----------
    kind : str
        ``"level", "slope", "curve"`` (of all rows), ``"part_order"``, ``"part_level"``, ``"part_few"``,
        ``"grade"``, ``"left_out_order"``, ``"left_out_level"``, ``"left_out_few"``.
    variable, name : str
        Of what part; empty for all rows.
    value, low, high : float or None
        The figure that says so.
    """

    kind: str
    variable: str = ""
    name: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be read from the model, and what may not.

    Parameters
    ----------
    use : {"probability", "order", "nothing", "suspect", "too_few"}
        Suspect: the order is too good to be true.
    cautions : tuple of Caution
    """

    use: Use
    cautions: tuple[Caution, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"use": self.use, "cautions": [one.to_dict() for one in self.cautions]}


def verdict(
    settings: GateSettings,
    later: Evaluation,
    order: Discrimination,
    ici_by_chance: float,
    parts: Iterable[tuple[str, str, Figure, Evaluation]],
    grades: Sequence[GradeTest],
    left_out: Iterable[tuple[str, LeftOut]],
) -> Verdict:
    """Decide.

    Parameters
    ----------
    settings : GateSettings
        The recipe's bars.
    parts : iterable of (variable, name, AUC, Evaluation)
    left_out : iterable of (variable, LeftOut)
    """
    whole = _whole(settings, later, ici_by_chance)
    use: Use
    if later.too_few is not None or order.too_few:
        use = "too_few"
    elif order.auc.value > settings.leakage_auc:
        use = "suspect"
    elif order.auc.value < settings.min_auc:
        use = "nothing"
    else:
        use = "order" if whole else "probability"
    found = list(whole)
    for variable, name, area, part in parts:
        if part.too_few is not None:
            found.append(Caution("part_few", variable, name))
            continue
        if not _ranks(settings, area):
            found.append(_of("part_order", area, variable, name))
        if not _reaches(part.figures["observed_expected"], settings.observed_expected):
            found.append(_of("part_level", part.figures["observed_expected"], variable, name))
    found += [Caution("grade", "grade", one.name, one.rate, one.pd) for one in grades if one.light == "red"]
    for variable, left in left_out:
        found += _left(settings, variable, left)
    return Verdict(use, tuple(found))


def _whole(settings: GateSettings, later: Evaluation, ici_by_chance: float) -> list[Caution]:
    if later.too_few is not None:
        return []
    found = [
        _of(kind, later.figures[name])
        for kind, name, span in (
            ("level", "observed_expected", settings.observed_expected),
            ("slope", "slope", settings.slope),
        )
        if not _reaches(later.figures[name], span)
    ]
    bent = later.figures["ici"].value
    if bent > max(settings.max_ici, ici_by_chance):
        found.append(Caution("curve", value=bent))
    return found


def _left(settings: GateSettings, variable: str, left: LeftOut) -> list[Caution]:
    if left.evaluation is None or left.evaluation.too_few is not None:
        return [Caution("left_out_few", variable, left.name)]
    found = []
    if not _ranks(settings, left.auc):
        found.append(_of("left_out_order", left.auc, variable, left.name))
    level = left.evaluation.figures["observed_expected"]
    if not _reaches(level, settings.observed_expected):
        found.append(_of("left_out_level", level, variable, left.name))
    return found


def _ranks(settings: GateSettings, area: Figure) -> bool:
    """Whether an order is told from chance and may reach what the recipe asks."""
    return area.low > 0.5 and area.high >= settings.min_auc


def _reaches(figure: Figure, span: tuple[float, float]) -> bool:
    """Whether the figure's interval touches the range; a figure that cannot be given does not."""
    if math.isnan(figure.value):
        return False
    low, high = (end if not math.isnan(end) else figure.value for end in (figure.low, figure.high))
    return low <= span[1] and high >= span[0]


def _of(kind: str, figure: Figure, variable: str = "", name: str = "") -> Caution:
    value, low, high = (None if math.isnan(one) else one for one in (figure.value, figure.low, figure.high))
    return Caution(kind, variable, name, value, low, high)
