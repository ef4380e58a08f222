"""What BentoML serves: `riskscore serve`, or `bentoml serve service:Riskscore` in this folder."""

from pathlib import Path

from riskscore.service.bento import bento_service

Riskscore = bento_service(serving=Path(__file__).parent)
