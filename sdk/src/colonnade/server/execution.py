"""From a request to a response: one function for every way in."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import ExecutionResult, OperationType
from graphql import execute as execute_document  # pyright: ignore[reportUnknownVariableType]

from colonnade import masking
from colonnade.authentication import Authenticator, principal_of
from colonnade.errors import ConfigurationError, Unauthenticated
from colonnade.http import Request, Response, current_request_id
from colonnade.limits import Limits
from colonnade.masking import Fault
from colonnade.server.documents import Documents, RequestError, operation
from colonnade.server.negotiation import GRAPHQL_RESPONSE, JSON, response_type
from colonnade.server.parsing import read
from colonnade.server.refusal import Refusal
from colonnade.server.responses import encode, response

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Answer:
    """A response in the making, and what the log says of it."""

    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    operation: str | None = None
    kind: str | None = None

    def fail(self, status: int, errors: list[dict[str, Any]]) -> None:
        self.status = status
        self.body = {"errors": errors}

    @property
    def codes(self) -> list[str]:
        return sorted({error["extensions"]["code"] for error in self.body.get("errors", ())})


class Server:
    """Answers GraphQL over HTTP for one schema; any number of threads and event loops may share it.

    `make_context` gives each operation its context, and `authenticators` that context its principal. Whatever a request holds, `execute` returns a response:
    errors are typed, masked (`colonnade.masking`) and logged under the request's id.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        make_context: Callable[[Request], object],
        limits: Limits | None = None,
        authenticators: Sequence[Authenticator] = (),
    ) -> None:
        if schema.extensions or schema.directives:  # pyright: ignore[reportUnknownMemberType]
            raise ConfigurationError(
                "this server runs no Strawberry extensions or custom directives; remove them"
            )
        self.schema = schema
        self.limits = limits or Limits()
        self._make_context = make_context
        self._authenticators = authenticators
        self._documents = Documents(schema, self.limits)
        self._executor: Any = schema.execution_context_class  # pyright: ignore[reportUnknownMemberType]

    async def execute(self, request: Request) -> Response:
        """The response to `request`, whatever it holds."""
        started = time.perf_counter()
        if not request.request_id:
            request = replace(request, request_id=uuid.uuid4().hex)
        request_id = request.request_id
        token = current_request_id.set(request_id)
        try:
            answer = _Answer()
            body = await self._answer(request, answer)
            _log_operation(request, answer, started)
        finally:
            current_request_id.reset(token)
        return response(answer.status, body, request_id, media_type=answer.media_type, headers=answer.headers)

    async def _answer(self, request: Request, answer: _Answer) -> bytes:
        request_id = request.request_id
        try:
            answer.media_type = response_type(request.headers.get("accept"))
            await self._run(request, answer)
            return encode(answer.body)
        except Refusal as refusal:
            answer.headers = refusal.headers
            answer.fail(refusal.status, [Fault(refusal.code, refusal.message).formatted(request_id)])
        except RequestError as problem:
            # A client that asked for application/json cannot tell a 400 of ours from one of a proxy.
            status = 400 if answer.media_type == GRAPHQL_RESPONSE else 200
            errors = [masking.of_request(e, problem.code).formatted(request_id, e) for e in problem.errors]
            answer.fail(status, errors)
        except Exception:
            _log.exception("A request failed", extra={"fields": {"code": masking.INTERNAL}})
            answer.fail(500, [masking.internal().formatted(request_id)])
        return encode(answer.body)

    async def _run(self, request: Request, answer: _Answer) -> None:
        parameters = read(request, self.limits)
        document = self._documents.get(parameters.query)
        chosen = operation(document, parameters.operation_name)
        answer.operation = chosen.name.value if chosen.name else None
        answer.kind = chosen.operation.value
        if chosen.operation is OperationType.SUBSCRIPTION:
            raise Refusal(
                400, "SUBSCRIPTION_NOT_SUPPORTED", "subscriptions need a WebSocket (graphql-transport-ws)"
            )
        if request.method == "GET" and chosen.operation is not OperationType.QUERY:
            raise Refusal(405, "METHOD_NOT_ALLOWED", "a mutation needs POST", {"allow": "POST"})
        result = execute_document(
            self._documents.schema,
            document,
            variable_values=parameters.variables,
            operation_name=answer.operation,
            context_value=await self._context(request),
            executor_class=self._executor,
            operation_extensions=parameters.extensions,
        )
        answer.body = _body(await result if isawaitable(result) else result, request.request_id)

    async def _context(self, request: Request) -> object:
        context: Any = self._make_context(request)
        if self._authenticators:
            authorization = request.headers.get("authorization")
            try:
                context.principal = await principal_of(context, authorization, self._authenticators)
            except Unauthenticated as error:
                raise Refusal(401, error.code, str(error), {"www-authenticate": "Bearer"}) from error
        return context


def _body(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        raise RequestError(masking.BAD_USER_INPUT, errors)
    if not errors:
        return {"data": result.data}
    return {"errors": [masking.of_field(e).formatted(request_id, e) for e in errors], "data": result.data}


def _log_operation(request: Request, answer: _Answer, started: float) -> None:
    fields = {
        "method": request.method[:20],
        "status": answer.status,
        "operation": answer.operation and answer.operation[:100],
        "kind": answer.kind,
        "codes": answer.codes,
        "milliseconds": round((time.perf_counter() - started) * 1_000, 3),
    }
    _log.info("graphql", extra={"fields": fields})
