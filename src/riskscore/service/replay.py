"""A score computed again from what its record kept, compared with what was answered, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from riskscore.errors import NotFound
from riskscore.modelling import artefact
from riskscore.modelling.artefact import Champion
from riskscore.modelling.tracking import Registry
from riskscore.scoring import Policy, Scorer, ScoreRequest
from riskscore.service import bank_score, producer_score
from riskscore.service.chain import canonical
from riskscore.service.database import Database
from riskscore.service.frozen import thawed
from riskscore.service.household import BESIDE, tightened_again
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.records import Erased, Record, Records
from riskscore.service.settings import Settings

#: Parts of an answer that the first ones did not carry: where one lacks them there is nothing to compare.
ADDED_LATER = ("indebtedness.signals", "indebtedness.sacrifice")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the score of today is not the one that was answered."""

    where: str
    answered: Any
    computed: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay.

    Parameters
    ----------
    score_id, model_version : str
    policy_version : str or None
        None of an association, which no policy is held against.
    differences : tuple of Difference
        None where every bit is the same.
    erased : int
        Members behind a communal bank's score who were erased since; without them there is nothing to compute.
    """

    score_id: str
    model_version: str
    policy_version: str | None
    differences: tuple[Difference, ...]
    erased: int = 0

    @property
    def same(self) -> bool:
        """Whether it was computed again, and every bit is the same."""
        return not self.erased and not self.differences


def replay(score_id: str, settings: Settings | None = None) -> Replay | Erased:
    """Compute a recorded score again, with the model and the policy it was answered with.

    Of a score that was erased there is nothing to compute: what comes back says when that was.

    Parameters
    ----------
    score_id : str
    settings : Settings, optional
        Where records and registry are; the environment's where left out.

    Raises
    ------
    NotFound
        There is no such score.
    ArtefactError
        Its model's artefact cannot be loaded.
    """
    where = settings or Settings()
    records = Records(Database(where.records))
    record = records.get(score_id)
    if record is None:
        erased = records.erased(score_id)
        if erased is not None:
            return erased
        raise NotFound.of("records", f"There is no score {score_id!r}.", "Check the id, and RISKSCORE_RECORDS.")
    return replay_from(record, Registry(where.tracking_uri))


def replay_from(record: Record, registry: Registry) -> Replay:
    """Compute the score of `record` again with the models of `registry` that answered it.

    Raises
    ------
    ArtefactError
        A model's artefact cannot be loaded.
    Unreachable
        The registry does not answer.
    """

    def answered_by(told: Mapping[str, Any]) -> Champion:
        version = str(told["model_version"])
        return artefact.load(registry.folder(str(told["recipe"]), version), version=version)

    beside = record.score.get(BESIDE)
    return replay_record(record, answered_by(record.score), None if beside is None else answered_by(beside))


def replay_record(record: Record, champion: Champion, over_indebtedness: Champion | None = None) -> Replay:
    """Compute the score of `record` again with `champion`, which must be the one that answered it.

    Parameters
    ----------
    record : Record
    champion : Champion
    over_indebtedness : Champion, optional
        The one whose probability stands beside the score, where one does.
    """
    found = Replay(record.score_id, champion.version, record.score.get("policy_version"), ())
    erased = bank_score.erased(record.values, record.behind) if record.kind == COMMUNAL_BANK else 0
    if erased:
        return replace(found, erased=erased)
    again = _AGAIN[record.kind](record, champion, over_indebtedness)
    computed = json.loads(canonical({"score_id": record.score_id, **again}))
    return replace(found, differences=tuple(_differences("", record.score, computed)))


def _of_member(record: Record, champion: Champion, over_indebtedness: Champion | None) -> dict[str, Any]:
    snapshot = thawed(record, champion.lock)
    request = ScoreRequest(**{**record.request, "as_of": snapshot.as_of})
    score = Scorer(champion, Policy.of_record(record.context["policy"])).score(snapshot, request).to_dict()
    return score if over_indebtedness is None else tightened_again(score, over_indebtedness, record, request)


def _of_bank(record: Record, champion: Champion, _: Champion | None) -> dict[str, Any]:
    moment = datetime.fromisoformat(record.request["as_of"])
    return bank_score.again(champion, record.values, record.behind, bank_id=record.place.subject, moment=moment)


def _of_producer(record: Record, champion: Champion, _: Champion | None) -> dict[str, Any]:
    moment = datetime.fromisoformat(record.request["as_of"])
    return producer_score.again(champion, record.values, subject=record.place.subject, moment=moment)


_AGAIN = {MEMBER: _of_member, COMMUNAL_BANK: _of_bank, PRODUCER_ASSOCIATION: _of_producer}


def _differences(where: str, answered: Any, computed: Any) -> Iterator[Difference]:
    """Yield the leaves in which two JSON values differ; a float equals only the same float."""
    if isinstance(answered, dict) and isinstance(computed, dict):
        for name in sorted({*answered, *computed}):
            inner = f"{where}.{name}".lstrip(".")
            if name in answered or inner not in ADDED_LATER:
                yield from _differences(inner, answered.get(name), computed.get(name))
    elif isinstance(answered, list) and isinstance(computed, list) and len(answered) == len(computed):
        for place, (one, other) in enumerate(zip(answered, computed, strict=True)):
            yield from _differences(f"{where}[{place}]", one, other)
    elif answered != computed or type(answered) is not type(computed):
        yield Difference(where, answered, computed)
