"""The score of a producer association as plain values, and what has to be kept so that it comes out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from riskscore.modelling.artefact import Champion
from riskscore.scoring.producer_case import ProducerCase, answer_of
from riskscore.scoring.wording import of_100_producers
from riskscore.service.kinds import PRODUCER_ASSOCIATION

#: Name, among a record's values, of what its page shows beside the score (`riskscore.scoring.producer_facts`).
FACTS = "facts"


def producer_score(champion: Champion, case: ProducerCase, *, subject: str, moment: datetime) -> dict[str, Any]:
    """Return what is said of a case as JSON values.

    The recommendation is to talk first where an entry gate is not passed, or where nobody knows whether it is.
    """
    found = answer_of(champion, case)
    es, en = of_100_producers(found.pd)
    expert = round(100 * found.prior_share)
    closed = [gate for gate in found.gates if gate.answer != "passed"]
    conflict = found.conflict
    return {
        "recipe": champion.recipe.name,
        "subject_kind": PRODUCER_ASSOCIATION,
        "subject": subject,
        "as_of": moment.isoformat(),
        "pd": found.pd,
        "pd_interval": {"low": found.low, "high": found.high, "level": found.level},
        "natural_frequency": {"es": es, "en": en},
        "score": found.score,
        "grade": found.grade,
        "points": asdict(found.points),
        "dimensions": [asdict(one) for one in found.dimensions],
        "prior_share": found.prior_share,
        "effective_n": found.effective_n,
        "whose_word": {
            "es": f"De 100 partes de esta respuesta, {expert} son del experto y {100 - expert} de los datos.",
            "en": f"Of 100 parts of this answer, {expert} are the expert's and {100 - expert} the data's.",
        },
        "open_outcomes": list(found.open_outcomes),
        "conflict": {"found": conflict.found, "es": conflict.words("es"), "en": conflict.words("en")},
        "gates": [asdict(gate) for gate in found.gates],
        "reasons": [asdict(reason) for reason in found.reasons],
        "data_quality": {"missing": list(found.missing)},
        "recommendation": {
            "state": "talk_first" if closed else "ready",
            "why": [{"code": gate.name, "es": gate.es, "en": gate.en} for gate in closed],
        },
        "model_version": champion.version,
        "lock": champion.lock.sha256,
    }


def frozen(case: ProducerCase) -> dict[str, Any]:
    """Return as JSON values what `producer_score` needs besides champion, subject and moment."""
    return {"row": dict(case.row), "levels": dict(case.levels)}


def again(champion: Champion, kept: Mapping[str, Any], *, subject: str, moment: datetime) -> dict[str, Any]:
    """Return `producer_score` of what `frozen` kept, with the same champion the same to the last bit."""
    return producer_score(champion, ProducerCase(kept["row"], kept["levels"]), subject=subject, moment=moment)
