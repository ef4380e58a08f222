"""What a member shows her committee of her own will: a form of her own page, which nobody else can send."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.errors import InvalidInput, NotFound
from riskscore.service import csrf
from riskscore.service.answers import body_of
from riskscore.service.callers import known, reached
from riskscore.service.forms import read_form
from riskscore.service.kinds import MEMBER
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.shown import FACTS, show


@dataclass(frozen=True, slots=True)
class Shown:
    """Showing something of one request, and taking it back."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route("/scores/{score_id}/shown", self.show, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Write down what she shows from now on, and lead back to that part of her page."""
        return await run_in_threadpool(self._show, request, await body_of(request))

    def _show(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        member = known(self.parts, request, "show", field=form.get(csrf.FIELD, ""))
        record = reached(self.parts, request, member, kind=MEMBER)
        chosen = [name for name in FACTS if form.get(name) == "yes"]
        try:
            show(self.parts.records.database, record, chosen, member, clock=self.parts.clock)
        except InvalidInput as error:
            raise invalid(error.faults) from error
        except NotFound as error:
            raise not_found() from error
        return RedirectResponse(f"/scores/{record.score_id}#shown", status_code=303)
