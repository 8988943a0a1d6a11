"""Routes of plugins, run as their fields are: attributed, bounded in time, and masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from colonnade import masking
from colonnade.boundary import attributed, bounded
from colonnade.composer import DEFAULT_BUDGET
from colonnade.errors import ClientError, Forbidden, Unauthenticated
from colonnade.http import Request, Response, current_request_id
from colonnade.masking import Fault
from colonnade.permissions import Principal
from colonnade.routes import Route
from colonnade.server.responses import encode, fault_response, response
from colonnade.telemetry.record import note_codes, working

if TYPE_CHECKING:
    from colonnade.context import Context

_STATUSES: Final = ((Unauthenticated, 401), (Forbidden, 403), (ClientError, 400))


async def answer_of(
    routes: Sequence[tuple[str, Route]],
    make_context: Callable[[str, Principal | None], Context],
    request: Request,
    *,
    body_bytes: int,
    budget: float = DEFAULT_BUDGET,
) -> Response:
    """What the plugins whose `routes` have this path answer, or why they do not, whatever the request holds.

    `body_bytes`: the longest body that is read; `budget`: seconds an answer may take.
    """
    request_id = request.request_id
    by_method = {method: found for found in routes for method in _methods(found[1])}
    if request.method not in by_method:
        allowed = ", ".join(by_method)
        fault = Fault("METHOD_NOT_ALLOWED", f"{routes[0][1].path} takes {allowed}")
        errors = encode({"errors": [fault.formatted(request_id)]})
        return response(405, errors, request_id, headers={"allow": allowed})
    plugin, route = by_method[request.method]
    if len(request.body) > body_bytes:
        fault = Fault("PAYLOAD_TOO_LARGE", f"a body has at most {body_bytes} bytes")
        return fault_response(413, fault, request_id)
    token = current_request_id.set(request_id)
    try:
        with working(plugin):
            return await bounded(route.path, budget, route.answer(make_context(request_id, None), request))
    except Exception as error:
        fault = masking.of_field(attributed(error, plugin))
        note_codes((fault.code,))
        return fault_response(_status(error, fault), fault, request_id)
    finally:
        current_request_id.reset(token)


def _methods(route: Route) -> Sequence[str]:
    return ("GET", "HEAD") if route.method == "GET" else (route.method,)


def _status(error: Exception, fault: Fault) -> int:
    found = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    return found or (503 if fault.retryable else 500)
