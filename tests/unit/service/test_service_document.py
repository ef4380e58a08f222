"""The service keeps to its own OpenAPI document, whatever is sent."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from riskscore.service.buckets import Rate
from riskscore.service.desks import Desks
from riskscore.service.limits import Limits
from tests.unit.service.associations import bank_desk, producer_desk
from tests.unit.service.desks import PlainDesk, build
from tests.unit.service.identity import NOBODY, toml, with_provider

FOLDER = TemporaryDirectory(prefix="riskscore-document-")
DESKS = Desks.of(PlainDesk(), bank_desk(), producer_desk())
#: Whoever sends every route anything is soon told to wait, and then hears nothing else: that is a test of its own.
LIMITS = Limits(stranger=Rate(per_minute=60_000, burst=60_000))
HOUSE = with_provider(build(Path(FOLDER.name), DESKS, limits=LIMITS), toml(NOBODY, Path(FOLDER.name)))
OFFICER = HOUSE.headers("officer", "all")
#: What is too long is refused as well, before anything of it is read.
REFUSED = [400, 401, 403, 404, 405, 406, 408, 409, 413, 414, 415, 422, 428, 429, 431]
CONFIG = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", HOUSE.service.app(), config=CONFIG)


@pytest.mark.fuzz
@SCHEMA.parametrize()
@settings(max_examples=15, deadline=None)
def test_every_answer_is_one_the_document_names(case):
    # What only portfolio and records can tell, such as whether a recipe is served, is a fault of valid data: 422.
    excluded = [positive_data_acceptance]
    # A page's address may carry what others hang on to it (`?utm_source=`): it is passed over, not refused.
    if set(case.query or {}) - {one.name for one in case.operation.query}:
        excluded.append(negative_data_rejection)
    case.call_and_validate(headers=OFFICER, excluded_checks=excluded)
