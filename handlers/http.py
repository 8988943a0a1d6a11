"""API Gateway's HTTP API: GraphQL straight from the event, everything else through Starlette."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from colonnade.masking import Fault, internal
from colonnade.server.endpoint import GRAPHQL, wants_page
from colonnade.server.negotiation import GRAPHQL_RESPONSE
from colonnade.server.responses import fault_response
from handlers import runtime
from handlers.events import Event, MalformedEvent, request_of, result_of

if TYPE_CHECKING:
    from handlers.development import Development

_DIRECT: Final = frozenset({"GET", "POST"})
# Mangum sends every other type in base64.
_TEXT_TYPES: Final = [
    "text/",
    "application/json",
    "application/javascript",
    "image/svg+xml",
    GRAPHQL_RESPONSE,
]

_log = logging.getLogger(__name__)


class HttpHandler:
    """Answers the events of an HTTP API for one application; each thread runs its own event loop.

    `development`: what a laptop adds for its own pages; a deployment has none.
    """

    def __init__(self, application: runtime.Application, development: Development | None = None) -> None:
        self._application = application
        self._development = development
        self._mangum: Callable[[Any, Any], dict[str, Any]] | None = None

    def __call__(self, event: Event, context: object = None) -> dict[str, Any]:
        """The result of one event, whatever it holds."""
        request_id = str(event["requestContext"].get("requestId", ""))
        try:
            request = request_of(event)
            shows_page = self._application.settings.graphiql and wants_page(request)
            if request.path == GRAPHQL and request.method in _DIRECT and not shows_page:
                return result_of(runtime.run(self._application.server.execute(request)))
            return self.through_starlette(event, context)
        except MalformedEvent as error:
            fault = Fault("BAD_REQUEST", f"the request cannot be read: {error}")
            return result_of(fault_response(400, fault, request_id))
        except Exception:
            _log.exception("An event failed", extra={"fields": {"requestId": request_id}})
            return result_of(fault_response(500, internal(), request_id))

    def through_starlette(self, event: Event, context: object = None) -> dict[str, Any]:
        """The result of one event by way of Mangum and Starlette, which are imported at the first such event."""
        runtime.thread_loop()  # Mangum takes the thread's current loop, and makes none
        if self._mangum is None:
            self._mangum = self._adapt()
        return self._mangum(event, context)

    def _adapt(self) -> Callable[[Any, Any], dict[str, Any]]:
        from mangum import Mangum  # noqa: PLC0415 - kept off the direct path

        from handlers.app import build_app  # noqa: PLC0415 - kept off the direct path

        return Mangum(
            build_app(self._application, self._development), lifespan="off", text_mime_types=_TEXT_TYPES
        )


@cache
def _handler() -> HttpHandler:
    return HttpHandler(runtime.application())


def handler(event: Event, context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    with runtime.invocation():
        return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which is not billed as a request and is kept in a snapshot
