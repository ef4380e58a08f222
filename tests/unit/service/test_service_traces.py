"""No span is made of a request: it would hold the address that was asked for, whoever collects it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio

from bentoml._internal.container import BentoMLContainer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from riskscore.service.bento import bento_service

spans, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
BentoMLContainer.tracer_provider.set(provider)
service = bento_service()
service.inject_config()
app, answers = service.to_asgi(), []


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message):
    answers.append(message)


scope = {
    "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": "", "state": {},
    "path": "/livez", "raw_path": b"/livez", "query_string": b"",
    "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2),
    "headers": [(b"traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01")],
}
asyncio.run(app(scope, receive, send))
print(answers[0]["status"], len(spans.get_finished_spans()))
"""


def test_not_even_of_a_request_that_asks_for_it(tmp_path):
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["200", "0"]
